//! The profile of INCITS 378-2004 that PIV cards hold (NIST SP 800-76-2 §4.2, table 6).
//!
//! 500 dpi, one view a finger, at most 128 minutiae in each, no extended data and no quality of single minutiae, so that
//! a record has 26 to 1574 bytes.

use zeroize::{Zeroize, Zeroizing};

use super::v2004::encode_of_device;
use crate::record::{Product, Quality};
use crate::{Error, Format, Record, Template};

/// Most minutiae of a view on a PIV card.
pub const MAX_MINUTIAE: usize = 128;

/// Most views on a PIV card: two fingers.
pub const MAX_VIEWS: usize = 2;

/// The word for a quality that is not known.
const NOT_COMPUTED: u8 = 254;

/// What is said of the software and the scanner behind a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// CBEFF product identifier: its owner, as registered, not 0.
    pub owner: u16,
    /// The owner's number of the product, not 0.
    pub product: u16,
    /// The scanner's number, 12 bits, not 0.
    pub equipment: u16,
}

/// Encodes templates of different fingers as a PIV card's record, live-scan plain, each with its best 128 minutiae.
///
/// A quality is written in the five steps that the profile allows, rounded up; 0 as 254, not computed.
///
/// # Errors
/// [`Error::RecordField`] for more than two templates, two of one finger, an origin with a 0 in it, or a quality above
/// 100; [`Error::RecordOverflow`] where an image does not fit 16 bits or a minutia lies outside it.
pub fn encode(templates: &[Template], origin: Origin) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut fingers: Vec<_> = templates.iter().map(|template| template.finger).collect();
    fingers.sort_unstable_by_key(|finger| finger.code());
    fingers.dedup();
    if templates.len() > MAX_VIEWS || fingers.len() < templates.len() {
        return Err(Error::RecordField("number of views"));
    }
    if origin.owner == 0 || origin.product == 0 || !(1..0x1000).contains(&origin.equipment) {
        return Err(Error::RecordField("origin"));
    }
    let mut record = Record::of(Format::Ansi2004, templates.iter().map(best));
    record.product = Some(Product {
        owner: origin.owner,
        product: origin.product,
    });
    for view in &mut record.views {
        let score = match view.template.quality {
            0 => NOT_COMPUTED,
            quality @ 1..=100 => quality.div_ceil(20) * 20,
            _ => return Err(Error::RecordField("quality")),
        };
        view.qualities = vec![Quality::of_score(score)];
    }
    // Certified for the FBI's image quality specification, as the profile asks of a scanner.
    encode_of_device(&record, 0x8000 | origin.equipment)
}

/// The best minutiae of a template, their qualities left out as the profile has it.
fn best(template: &Template) -> Template {
    let mut best = template.clone();
    best.minutiae
        .sort_by_key(|minutia| std::cmp::Reverse(minutia.quality));
    for minutia in best.minutiae.iter_mut().skip(MAX_MINUTIAE) {
        minutia.zeroize();
    }
    best.minutiae.truncate(MAX_MINUTIAE);
    best.minutiae.iter_mut().for_each(|it| it.quality = 0);
    best
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::super::decode;
    use super::*;
    use crate::{FingerPosition, Minutia, MinutiaKind};

    const ORIGIN: Origin = Origin {
        owner: 0x1234,
        product: 1,
        equipment: 7,
    };

    fn sample(finger: FingerPosition, side: u32) -> Template {
        let minutia = |x, y, step: u8, kind| Minutia {
            x,
            y,
            angle: f32::from(step) * TAU / 180.0,
            kind,
            quality: 0,
        };
        let minutiae = vec![
            minutia(10.0, 20.0, 0, MinutiaKind::Ending),
            minutia(side as f32 - 1.0, 199.0, 179, MinutiaKind::Bifurcation),
            minutia(150.0, 7.0, 100, MinutiaKind::Other),
        ];
        let mut template = Template::new(side, 200, 60, minutiae);
        template.finger = finger;
        template
    }

    #[test]
    fn two_fingers_come_back_as_they_went() {
        let fingers = [
            sample(FingerPosition::RightIndex, 300),
            sample(FingerPosition::LeftIndex, 300),
        ];
        let bytes = encode(&fingers, ORIGIN).expect("fits");
        assert_eq!(bytes.len(), 26 + 2 * (4 + 3 * 6 + 2));
        assert_eq!(bytes[..10], *b"FMR\0 20\0\x00\x4A");
        let record = decode(&bytes).expect("valid");
        assert_eq!(record.deviations, []);
        let product = record.product.expect("told");
        assert_eq!((product.owner, product.product), (0x1234, 1));
        let device = &record.views[0].device;
        assert_eq!((device.equipment, device.compliance), (7, 8));
        let read: Vec<_> = record.views.iter().map(|v| v.template.clone()).collect();
        assert_eq!(read, fingers);
        assert_eq!(encode(&read, ORIGIN).expect("fits"), bytes);
    }

    #[test]
    fn never_more_than_the_profile_has_room_for() {
        let mut finger = sample(FingerPosition::RightThumb, 300);
        let kept = finger.minutiae[0];
        finger.minutiae = vec![kept; 200];
        finger.minutiae[150].quality = 90;
        finger.minutiae[150].x = 33.0;
        let mut other = finger.clone();
        other.finger = FingerPosition::LeftThumb;
        let bytes = encode(&[finger, other], ORIGIN).expect("fits");
        assert_eq!(bytes.len(), 1574);
        let record = decode(&bytes).expect("valid");
        assert_eq!(record.views[1].template.minutiae.len(), MAX_MINUTIAE);
        assert_eq!(record.views[0].template.minutiae[0].x, 33.0);
        assert_eq!(encode(&[], ORIGIN).expect("no finger").len(), 26);
    }

    #[test]
    fn qualities_in_five_steps() {
        for (quality, written) in [(0, 254), (1, 20), (20, 20), (21, 40), (60, 60), (99, 100)] {
            let mut finger = sample(FingerPosition::RightIndex, 300);
            finger.quality = quality;
            let record = decode(&encode(&[finger], ORIGIN).expect("fits")).expect("valid");
            assert_eq!(record.views[0].qualities[0].score, written);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let finger = sample(FingerPosition::RightIndex, 300);
        let twice = [finger.clone(), finger.clone()];
        let three = [
            finger.clone(),
            sample(FingerPosition::LeftIndex, 300),
            sample(FingerPosition::LeftThumb, 300),
        ];
        for wrong in [&twice[..], &three] {
            assert_eq!(
                encode(wrong, ORIGIN),
                Err(Error::RecordField("number of views"))
            );
        }
        let nobody = Origin { owner: 0, ..ORIGIN };
        assert_eq!(
            encode(std::slice::from_ref(&finger), nobody),
            Err(Error::RecordField("origin"))
        );
        let mut outside = finger;
        outside.minutiae[0].x = 301.0;
        assert!(matches!(
            encode(&[outside], ORIGIN),
            Err(Error::RecordOverflow(_))
        ));
    }
}
