//! How good an impression is, 0 (worst) to 100 (best) as NFIQ 2 counts, and what to tell the person who presses.
//!
//! The rule: what can be seen before a print is filtered (`features`) is enough to [`judge`] a frame of a live
//! scanner; extraction adds how far the filter agreed with the image (`clarity`) and how many minutiae are likely
//! to be real (`minutia`). Both are one sum, brought to one scale (`score`). Whether the finger moves is seen
//! best from two frames (`motion`).

mod clarity;
mod features;
mod minutia;
mod motion;
mod score;

use negin_fingerprint::capture::FrameVerdict;
use negin_fingerprint::{Image, Minutia};

use crate::Error;
use crate::extract::{self, extract};

pub(crate) use clarity::Clarity;
pub(crate) use features::Features;
pub(crate) use minutia::{evidence, of_minutia};
pub use motion::{Judge, STILL};

/// What would make the next impression better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Advice {
    /// Nothing: the impression is as it should be.
    #[default]
    None,
    /// The skin is too dry, or the finger is pressed too lightly: moisten it, press harder.
    TooDry,
    /// The skin is too wet, or the finger is pressed too hard: dry it, press more lightly.
    TooWet,
    /// Too little of the finger lies on the scanner: lay it flat, in the middle.
    TooLittle,
    /// The finger moved: hold it still.
    Moved,
}

impl Advice {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::TooDry,
        Self::TooWet,
        Self::TooLittle,
        Self::Moved,
    ];

    /// The stable keys, one for each variant.
    pub const KEYS: &'static [&'static str] = &[
        "quality.none",
        "quality.too-dry",
        "quality.too-wet",
        "quality.too-little",
        "quality.moved",
    ];

    /// The stable key under which its texts are found.
    pub fn key(self) -> &'static str {
        match self {
            Self::None => "quality.none",
            Self::TooDry => "quality.too-dry",
            Self::TooWet => "quality.too-wet",
            Self::TooLittle => "quality.too-little",
            Self::Moved => "quality.moved",
        }
    }

    /// The stable word for it: its key without the room, e.g. `too-dry`.
    pub fn name(self) -> &'static str {
        self.key().trim_start_matches("quality.")
    }
}

/// What the figure is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    /// Area of print in square millimetres.
    pub area: f32,
    /// How much neighbouring ridges agree on their direction, mean over the print, 0 to 1.
    pub certainty: f32,
    /// How much of what is seen across the ridges is one wave, mean over the print, 0 to 1.
    pub regularity: f32,
    /// How far the periods of the ridges scatter about the print's own, as a share of it.
    pub scatter: f32,
    /// Balance of dark and light: 0 where ridges and valleys are equally wide, above where ridges fill the valleys
    /// (wet), below where they are thin or broken (dry).
    pub moisture: f32,
    /// Median contrast in grey levels.
    pub contrast: f32,
    /// How much less the ridges of one direction show than those across it, 0 for none: a finger that slid.
    pub smear: f32,
    /// How far the image agrees with what the filter made of it, mean over the print, 0 to 1; where it was filtered.
    pub clarity: Option<f32>,
    /// How many real minutiae are to be expected among those found; where they were extracted.
    pub minutiae: Option<f32>,
}

/// How good an impression is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assessment {
    /// 0 (worst) to 100 (best).
    pub score: u8,
    /// What would make the next one better.
    pub advice: Advice,
    /// What both come from.
    pub parts: Parts,
}

impl Assessment {
    /// Of a print whose minutiae are extracted.
    pub(crate) fn of_print(features: &Features, clarity: f32, minutiae: &[Minutia]) -> Self {
        let real: f32 = minutiae.iter().map(|m| f32::from(m.quality) / 100.0).sum();
        Self::of_parts(Parts {
            clarity: Some(clarity),
            minutiae: Some(real),
            ..Parts::from(features)
        })
    }

    fn of_parts(parts: Parts) -> Self {
        let score = score::score(&parts);
        Self {
            score,
            advice: score::advice(&parts, score),
            parts,
        }
    }
}

impl From<&Features> for Parts {
    fn from(features: &Features) -> Self {
        Self {
            area: features.area,
            certainty: features.certainty,
            regularity: features.regularity,
            scatter: features.scatter,
            moisture: features.skew,
            contrast: features.contrast,
            smear: features.smear,
            clarity: None,
            minutiae: None,
        }
    }
}

/// Judges an impression at first sight, without extraction: quick enough for every frame of a live scanner. Of frames
/// that follow each other a [`Judge`] also sees whether the finger moves.
///
/// # Errors
/// [`Error::TooSmall`] for an image below 4 mm a side, [`Error::Blank`] where there is no print, [`Error::Image`] where
/// the image's resolution cannot be brought to 500 dpi.
pub fn judge(image: &Image) -> Result<Assessment, Error> {
    let seen = extract::see(image)?;
    Ok(Assessment::of_parts(Parts::from(&Features::of(&seen))))
}

/// What to say to a scanner of a frame: its score, 0 where there is no print, and whether it is good enough, which is from
/// the score `enough` on where there is no advice to give.
pub fn verdict(image: &Image, enough: u8) -> FrameVerdict {
    match judge(image) {
        Ok(found) => FrameVerdict {
            score: found.score,
            enough: found.score >= enough && found.advice == Advice::None,
        },
        Err(_) => FrameVerdict {
            score: 0,
            enough: false,
        },
    }
}

/// Assesses an impression by all that can be seen in it, its minutiae too: what [`extract`] says of it. Where hardly any
/// minutiae can be read, by what there is without them.
///
/// # Errors
/// As [`judge`].
pub fn assess(image: &Image) -> Result<Assessment, Error> {
    match extract(image) {
        Ok(extraction) => Ok(extraction.assessment),
        Err(Error::TooFewMinutiae { found, .. }) => {
            let parts = Parts {
                clarity: Some(0.0),
                minutiae: Some(found as f32),
                ..judge(image)?.parts
            };
            Ok(Assessment::of_parts(parts))
        }
        Err(error) => Err(error),
    }
}
