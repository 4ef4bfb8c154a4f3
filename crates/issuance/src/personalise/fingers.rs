//! The fingers of a record as a card gets them: which, and one template of all impressions of each.
//!
//! The rule: the same record and profile always give the same templates, bit for bit.

use negin_eid::piv::FingerReference;
use negin_fingerprint::{Image, Template};
use negin_recognition::enrol::consolidate;
use negin_recognition::extract;

use super::content::read;
use crate::Error;
use crate::order::Entry;
use crate::profile::Profile;
use crate::record::Record;
use crate::record::finger::Finger;

/// The finger of each reference, 96 first.
pub const REFERENCES: [FingerReference; 2] = [FingerReference::Primary, FingerReference::Secondary];

/// Most minutiae of a template; a card and a record of PIV take the surest of them.
const MOST: usize = 100;

/// The fingers of a record that a profile enrols, with the references they get: each one template, of all its
/// impressions that match each other, its finger and its quality told.
///
/// # Errors
/// [`Error::File`] for an image that cannot be read, [`Error::Fingerprint`] and [`Error::Recognition`] for one that gives
/// no template.
pub fn enrolled(
    entry: &Entry,
    record: &Record,
    profile: &Profile,
) -> Result<Vec<(FingerReference, Template)>, Error> {
    let wanted = &profile.fingers;
    let mut given: Vec<Template> = Vec::new();
    for position in &wanted.preference {
        let Some(finger) = record.fingers.iter().find(|it| it.position == *position) else {
            continue;
        };
        given.extend(template(entry, finger)?);
        let good = given.iter().filter(|it| it.quality >= wanted.min_quality);
        // Those of lesser preference could not change the choice any more.
        if good.count() >= usize::from(wanted.enrol) {
            break;
        }
    }
    let qualities: Vec<_> = given.iter().map(|it| (it.finger, it.quality)).collect();
    let chosen = wanted.choose(&qualities);
    let of = |position| given.iter().find(|it| it.finger == position).cloned();
    Ok(REFERENCES
        .into_iter()
        .zip(chosen.into_iter().filter_map(of))
        .collect())
}

/// One template of all images of a finger; `None` for one without images.
///
/// # Errors
/// As [`enrolled`].
pub(crate) fn template(entry: &Entry, finger: &Finger) -> Result<Option<Template>, Error> {
    let mut impressions = Vec::new();
    for file in &finger.images {
        let image = Image::decode(&read(entry, file)?, finger.dpi)?;
        let mut template = extract(&image)?.template;
        template.finger = finger.position;
        impressions.push(template);
    }
    Ok(reference(&impressions))
}

/// One template of the impressions of a finger.
pub(crate) fn reference(impressions: &[Template]) -> Option<Template> {
    Some(consolidate(impressions, MOST)?.template)
}
