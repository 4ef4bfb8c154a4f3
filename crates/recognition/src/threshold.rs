//! From which score on two impressions are taken for the same finger.
//!
//! Both constants stand where at most 0.1 % of the comparisons of different fingers would be accepted, on synthetic
//! prints: 330 fingers, two impressions each, pressed as people press without help; 108,570 comparisons of different
//! fingers, the first impression of each against the second of every other. `firmware-sim`'s example `calibrate`
//! makes them anew, to be run whenever extraction or comparison change:
//!
//! | comparison | score at FMR 0.1 % | FNMR there, of 330 | FMR at the threshold | highest score of different fingers |
//! |---|---|---|---|---|
//! | host | 66.2 | 3.0 % | 0.07 % | 133 |
//! | card, 60 minutiae at most | 83 | 3.0 % | 0.09 % | 148 |
//!
//! No real print had a part in them.

use crate::on_card::Score;

/// The card's threshold: records from this score on match.
pub const ON_CARD: Score = Score(85);

/// The host's threshold: templates from this score on match.
pub const HOST: f64 = 70.0;
