//! What the report shows of a comparison: the card answers yes or no, so the score of its algorithm is computed again
//! here, on what the card was given.

use negin_fingerprint::{Image, compact};
use negin_issuance::order::Entry;
use negin_issuance::personalise::enrolled;
use negin_issuance::profile::Profile;
use negin_issuance::record::Record;
use negin_recognition::{Extraction, on_card};
use zeroize::Zeroizing;

use crate::problem::Problem;

/// A finger as the scanner gave it.
pub struct Probe {
    /// The image.
    pub image: Image,
    /// What was extracted.
    pub extraction: Extraction,
}

/// The first impression of each finger that a card has a reference of, 96 first.
pub fn enrolled_impressions(
    entry: &Entry,
    record: &Record,
    profile: &Profile,
) -> Result<Vec<Probe>, Problem> {
    let mut impressions = Vec::new();
    for (_, template) in enrolled(entry, record, profile)? {
        let finger = record
            .fingers
            .iter()
            .find(|f| f.position == template.finger);
        if let Some(finger) = finger
            && let Some(file) = finger.images.first()
        {
            let image = Image::open(entry.path(file), finger.dpi)?;
            let extraction = negin_recognition::extract(&image)?;
            impressions.push(Probe { image, extraction });
        }
    }
    Ok(impressions)
}

/// The reference minutiae of each enrolled finger.
pub fn enrolled_minutiae(
    entry: &Entry,
    record: &Record,
    profile: &Profile,
) -> Result<Vec<Zeroizing<Vec<u8>>>, Problem> {
    enrolled(entry, record, profile)?
        .iter()
        .map(|(_, template)| Ok(compact::encode(template, &profile.fingers.limits)?))
        .collect()
}

/// The card's score of a probe against reference minutiae; 0 where the probe has too few.
pub fn score(reference: &[u8], probe: &Probe, profile: &Profile) -> u16 {
    match compact::encode(&probe.extraction.template, &profile.fingers.limits) {
        Ok(minutiae) => on_card::compare(reference, &minutiae).0,
        Err(_) => 0,
    }
}
