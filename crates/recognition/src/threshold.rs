//! From which score on two impressions are taken for the same finger.

use crate::on_card::Score;

/// The card's threshold: records from this score on match.
pub const ON_CARD: Score = Score(100);

/// The host's threshold: templates from this score on match.
pub const HOST: f64 = 100.0;
