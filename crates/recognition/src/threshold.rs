//! From which score on two impressions are taken for the same finger.
//!
//! The thresholds stand at false match rates that were counted on synthetic prints, never estimated beyond what was
//! counted: `crates/recognition/calibration.json` has the counts, the intervals, and how the rates differ by sensor
//! and by the number of minutiae. `firmware-sim`'s example `calibrate` makes them anew, to be run whenever extraction or
//! comparison change. No real print had a part in them.

use crate::on_card::Score;

/// The scores from which on at most one in so many comparisons of different fingers is accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// What it is called: `fmr-1e-3`.
    pub name: &'static str,
    /// The false match rate it stands for.
    pub fmr: f64,
    /// The host's score.
    pub host: f64,
    /// The card's score; `None` where too few comparisons were counted to tell.
    pub on_card: Option<Score>,
}

const fn at(name: &'static str, fmr: f64, host: f64, on_card: Option<u16>) -> Threshold {
    Threshold {
        name,
        fmr,
        host,
        on_card: match on_card {
            Some(score) => Some(Score(score)),
            None => None,
        },
    }
}

/// The thresholds by the rate they stand for, the most lenient first.
pub const BY_RATE: [Threshold; 4] = [
    at("fmr-1e-2", 1e-2, 44.0, Some(55)),
    at("fmr-1e-3", 1e-3, 62.0, Some(77)),
    at("fmr-1e-4", 1e-4, 82.0, Some(101)),
    at("fmr-1e-5", 1e-5, 104.0, None),
];

/// The threshold of a name.
pub fn named(name: &str) -> Option<&'static Threshold> {
    BY_RATE.iter().find(|it| it.name == name)
}

/// The threshold in force on a card: records from this score on match. Stricter than a false match rate of 0.1 % asks for
/// (0.04 % was counted): whoever holds a card may try more than once.
pub const ON_CARD: Score = Score(85);

/// The threshold in force on the host: templates from this score on match. Stricter than a false match rate of 0.1 % asks
/// for (0.04 % was counted), as the card's is.
pub const HOST: f64 = 70.0;
