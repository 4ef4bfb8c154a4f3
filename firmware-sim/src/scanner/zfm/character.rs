//! Character files and templates, in a format of this module's own, as every maker has one.
//!
//! 512 bytes: `NZC1`, how many impressions (1 byte, 1 or 2), each of them the number of its minutiae (1 byte) and those
//! in compact card format; zeros; the 16-bit sum of all before it. A character file has one impression, a template two.

use negin_fingerprint::Image;
use negin_fingerprint::compact::{self, Limits};
use negin_recognition::on_card::{self, Score};
use negin_recognition::{Error, extract};

/// Bytes a character file has.
pub const LENGTH: usize = 512;

const MARK: &[u8; 4] = b"NZC1";

/// The impressions of a character file or template, each bare 3-byte minutiae.
#[derive(Clone, PartialEq, Eq)]
pub struct Character(Vec<Vec<u8>>);

impl Character {
    /// What can be read in an image.
    pub fn of_image(image: &Image) -> Result<Self, Error> {
        let extracted = extract(image)?;
        let limits = Limits {
            max: 60,
            ..Limits::default()
        };
        let minutiae = compact::encode(&extracted.template, &limits)?;
        Ok(Self(vec![minutiae.to_vec()]))
    }

    /// The template of two character files.
    pub fn merged(&self, other: &Self) -> Self {
        Self(
            [self, other]
                .into_iter()
                .filter_map(|each| each.0.first().cloned())
                .collect(),
        )
    }

    /// How well the best of their impressions match.
    pub fn compare(&self, other: &Self) -> Score {
        let pairs = self
            .0
            .iter()
            .flat_map(|one| other.0.iter().map(move |two| (one, two)));
        pairs
            .map(|(one, two)| on_card::compare(one, two))
            .max()
            .unwrap_or_default()
    }

    pub fn to_bytes(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..4].copy_from_slice(MARK);
        bytes[4] = self.0.len() as u8;
        let mut at = 5;
        for impression in &self.0 {
            bytes[at] = (impression.len() / 3) as u8;
            bytes[at + 1..at + 1 + impression.len()].copy_from_slice(impression);
            at += 1 + impression.len();
        }
        let sum = sum(&bytes);
        bytes[LENGTH - 2..].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    /// `None` where these bytes are no character file of this module.
    pub fn of_bytes(bytes: &[u8; LENGTH]) -> Option<Self> {
        let count = usize::from(bytes[4]);
        let whole = bytes[LENGTH - 2..] == sum(bytes).to_be_bytes();
        if &bytes[..4] != MARK || !(1..=2).contains(&count) || !whole {
            return None;
        }
        let mut rest = &bytes[5..LENGTH - 2];
        let mut impressions = Vec::new();
        for _ in 0..count {
            let (&minutiae, after) = rest.split_first()?;
            let (impression, after) = after.split_at_checked(3 * usize::from(minutiae))?;
            on_card::check(impression).ok()?;
            impressions.push(impression.to_vec());
            rest = after;
        }
        Some(Self(impressions))
    }
}

fn sum(bytes: &[u8; LENGTH]) -> u16 {
    bytes[..LENGTH - 2]
        .iter()
        .fold(0u16, |sum, &byte| sum.wrapping_add(byte.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finger::{Finger, Pressing, Sensor};

    #[test]
    fn fingers_come_back_and_are_told_apart() {
        let sensor = Sensor::new(256, 288, 500).unwrap();
        let fingers = [1, 2].map(Finger::from_seed);
        let print = |finger: &Finger, pressing| {
            let impression = finger.impression(&Pressing::good(pressing).on(sensor));
            Character::of_image(&impression.image).unwrap()
        };
        let (one, again) = (print(&fingers[0], 1), print(&fingers[0], 2));
        let other = print(&fingers[1], 3);
        let threshold = negin_recognition::threshold::ON_CARD;
        assert!(one.compare(&again) >= threshold);
        assert!(one.compare(&other) < threshold);
        let template = one.merged(&again);
        assert!(template.compare(&again) >= one.compare(&again));
        let bytes = template.to_bytes();
        assert!(Character::of_bytes(&bytes) == Some(template));
        for at in [0, 4, 5, 6, 300, 511] {
            let mut damaged = bytes;
            damaged[at] ^= 0x40;
            assert!(Character::of_bytes(&damaged).is_none(), "{at}");
        }
    }
}
