//! What stands in an order twice and may stand there once: a citizen, a portrait, a finger's image.
//!
//! The rule: pictures are compared by a digest of their pixels, so that the same picture in another
//! file format is still the same.

use std::collections::BTreeMap;

use negin_fingerprint::Image;
use sha2::{Digest, Sha256};

use super::RecordReport;
use crate::fault::Fault;

/// A picture's digest, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    digest: [u8; 32],
    file: String,
    finger: Option<u8>,
}

impl Picture {
    pub(super) fn of_photo(file: &str, pixels: &[u8]) -> Self {
        Self {
            digest: Sha256::digest(pixels).into(),
            file: file.to_owned(),
            finger: None,
        }
    }

    pub(super) fn of_finger(finger: u8, file: &str, image: &Image) -> Self {
        let digest = Sha256::new()
            .chain_update(image.width().to_be_bytes())
            .chain_update(image.height().to_be_bytes())
            .chain_update(image.pixels());
        Self {
            digest: digest.finalize().into(),
            file: file.to_owned(),
            finger: Some(finger),
        }
    }
}

/// Notes each thing that stands in the order twice at all the records that have it.
pub(super) fn check(records: &mut [RecordReport]) {
    national_numbers(records);
    pictures(records);
}

fn national_numbers(records: &mut [RecordReport]) {
    let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        if let Some(number) = &record.national_number {
            owners.entry(number.to_string()).or_default().push(index);
        }
    }
    for owners in owners.values() {
        for (owner, other) in pairs(owners) {
            let Some(other) = records.get(other).map(|record| record.name.clone()) else {
                continue;
            };
            if let Some(record) = records.get_mut(owner) {
                record.at(
                    "$.national_number",
                    Fault::NationalNumberDuplicate { other },
                );
            }
        }
    }
}

/// Whether a finger's image, and its digest.
type Content = (bool, [u8; 32]);

fn pictures(records: &mut [RecordReport]) {
    let mut places: BTreeMap<Content, Vec<(usize, Picture)>> = BTreeMap::new();
    for (index, record) in records.iter_mut().enumerate() {
        for picture in std::mem::take(&mut record.pictures) {
            places
                .entry((picture.finger.is_some(), picture.digest))
                .or_default()
                .push((index, picture));
        }
    }
    for places in places.values() {
        let indices: Vec<usize> = (0..places.len()).collect();
        for (place, other) in pairs(&indices) {
            let (Some((owner, picture)), Some((_, other))) = (places.get(place), places.get(other))
            else {
                continue;
            };
            let other = other.file.clone();
            let fault = match picture.finger {
                Some(finger) => Fault::FingerDuplicate { finger, other },
                None => Fault::PhotoDuplicate { other },
            };
            if let Some(record) = records.get_mut(*owner) {
                record.of_file(&picture.file, fault);
            }
        }
    }
}

/// Each item with the first of the others; nothing for one item alone.
fn pairs(items: &[usize]) -> Vec<(usize, usize)> {
    match items {
        [first, second, rest @ ..] => [(*first, *second), (*second, *first)]
            .into_iter()
            .chain(rest.iter().map(|item| (*item, *first)))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_many_is_paired() {
        assert_eq!(pairs(&[]), []);
        assert_eq!(pairs(&[4]), []);
        assert_eq!(pairs(&[4, 7, 9]), [(4, 7), (7, 4), (9, 4)]);
    }
}
