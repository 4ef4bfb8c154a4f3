//! Who stands before a scanner: `finger=SEED[:PRESSING]`, `images=DIR`, or nobody.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use negin_fingerprint::{CANONICAL_DPI, Image};
use negin_firmware_sim::finger::{Finger, Sensor};
use negin_firmware_sim::scanner::{Glass, Hand, Print};

use super::spec::Spec;
use crate::trouble::Trouble;

const ENDINGS: [&str; 7] = ["png", "tif", "tiff", "bmp", "pgm", "jpg", "jpeg"];

/// Who stands before a scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody; 'negin-sim control' lays fingers on.
    Nobody,
    /// Somebody with the finger of a seed, pressed as another seed says, or otherwise each time.
    Finger(u64, Option<u64>),
    /// Somebody with the images of a folder, one after the other by their names.
    Images(PathBuf),
}

impl Standing {
    /// As a device's settings `finger` and `images` say.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of(spec: &Spec) -> Result<Self, String> {
        let finger = |text: &str| {
            let (seed, pressing) = match text.split_once(':') {
                Some((seed, pressing)) => (seed, Some(pressing.parse().ok()?)),
                None => (text, None),
            };
            Some(Self::Finger(seed.parse().ok()?, pressing))
        };
        match (spec.setting("finger"), spec.setting("images")) {
            (None, None) => Ok(Self::Nobody),
            (None, Some(folder)) => Ok(Self::Images(folder.into())),
            (Some(text), None) => finger(text).ok_or_else(|| {
                format!("finger is SEED or SEED:PRESSING, whole numbers, not '{text}'")
            }),
            (Some(_), Some(_)) => Err("either finger or images, not both".to_owned()),
        }
    }

    /// The glass of a sensor before which they stand.
    pub fn before(&self, sensor: Sensor) -> Result<Glass, Trouble> {
        let glass = Glass::new(sensor);
        Ok(match self {
            Self::Nobody => glass,
            Self::Finger(seed, pressing) => {
                let finger = Arc::new(Finger::from_seed(*seed));
                glass.with_hand(Hand::Again(Print::Finger(finger, *pressing)))
            }
            Self::Images(folder) => {
                let images = images(folder)?;
                glass.with_hand(Hand::OneByOne(
                    images.into_iter().map(Print::Image).collect(),
                ))
            }
        })
    }
}

fn images(folder: &Path) -> Result<Vec<Image>, Trouble> {
    let unreadable = |what: &Path, error: &dyn std::fmt::Display| {
        Trouble::new(
            format!("{} cannot be read: {error}", what.display()),
            "name a folder of images: PNG, TIFF, BMP, PGM or JPEG, 500 dpi.",
        )
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str());
            ending.is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
        })
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(unreadable(folder, &"there is no image in it"));
    }
    files
        .iter()
        .map(|file| Image::open(file, CANONICAL_DPI).map_err(|error| unreadable(file, &error)))
        .collect()
}
