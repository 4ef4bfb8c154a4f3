//! The finger minutiae record of INCITS 378-2004, and the profile of it that PIV cards hold (NIST SP 800-76-2 §4.2,
//! table 6).
//!
//! Written strictly, as the profile has it: 500 dpi, one view a finger, at most 128 minutiae in each, no extended data,
//! so that a record has 26 to 1574 bytes. Read leniently: every resolution, views of every quality, extended data, the
//! long form of the length, and the version as some write it are taken.

use std::f32::consts::TAU;

use crate::iso19794_2::ImpressionType;
use crate::record::{CANONICAL_RESOLUTION, Fields, pixels_at_500_dpi};
use crate::{Error, FingerPosition, Minutia, MinutiaKind, Template, normalize_angle};

const FORMAT: &[u8; 4] = b"FMR\0";
/// The version as the standard has it, and as it is found besides.
const VERSIONS: [&[u8; 4]; 2] = [b" 20\0", b"020\0"];
const HEADER_LENGTH: usize = 26;
/// Angles are counted in steps of two degrees.
const STEPS: u16 = 180;

/// Most minutiae of a view on a PIV card.
pub const MAX_MINUTIAE: usize = 128;

/// Most views on a PIV card: two fingers.
pub const MAX_VIEWS: usize = 2;

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

/// One view of a record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View {
    /// Which of the views of this finger, from 0.
    pub number: u8,
    /// How the impression was made; the codes are those of ISO/IEC 19794-2.
    pub impression: ImpressionType,
    /// Quality as written: 0 to 100, 254 not computed, 255 failed.
    pub quality: u8,
    /// Its minutiae, scaled to 500 dpi.
    pub template: Template,
}

/// A finger minutiae record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it comes from.
    pub origin: Origin,
    /// Four bits: what the scanner is certified for; 8 is the FBI's image quality specification.
    pub compliance: u8,
    /// Pixels a centimetre across, as written in the record.
    pub resolution_x: u16,
    /// Pixels a centimetre down, as written in the record.
    pub resolution_y: u16,
    /// The views.
    pub views: Vec<View>,
}

/// Encodes templates of different fingers as a PIV card's record, live-scan plain, each with its best 128 minutiae.
///
/// A quality is written in the five steps that the profile allows, rounded up; 0 as 254, not computed.
///
/// # Errors
/// [`Error::RecordField`] for more than two templates, two of one finger, an origin with a 0 in it, or a quality above
/// 100; [`Error::RecordOverflow`] where an image does not fit 16 bits or a minutia lies outside it.
pub fn encode(templates: &[Template], origin: Origin) -> Result<Vec<u8>, Error> {
    let mut fingers: Vec<_> = templates.iter().map(|template| template.finger).collect();
    fingers.sort_unstable_by_key(|finger| finger.code());
    fingers.dedup();
    if templates.len() > MAX_VIEWS || fingers.len() < templates.len() {
        return Err(Error::RecordField("number of views"));
    }
    if origin.owner == 0 || origin.product == 0 || !(1..0x1000).contains(&origin.equipment) {
        return Err(Error::RecordField("origin"));
    }
    // One size for all views: none of them is larger.
    let side = |side: fn(&Template) -> u32| {
        let longest = templates.iter().map(side).max().unwrap_or(1);
        u16::try_from(longest).map_err(|_| Error::RecordOverflow("image size"))
    };
    let (width, height) = (side(|t| t.width)?, side(|t| t.height)?);
    let mut views = Vec::new();
    for template in templates {
        encode_view(template, &mut views)?;
    }
    let length =
        u16::try_from(HEADER_LENGTH + views.len()).map_err(|_| Error::RecordOverflow("length"))?;
    let mut record = Vec::with_capacity(usize::from(length));
    record.extend_from_slice(FORMAT);
    record.extend_from_slice(VERSIONS[0]);
    for word in [
        length,
        origin.owner,
        origin.product,
        // Certified for the FBI's image quality specification, as the profile asks of a scanner.
        0x8000 | origin.equipment,
        width,
        height,
        CANONICAL_RESOLUTION,
        CANONICAL_RESOLUTION,
    ] {
        record.extend_from_slice(&word.to_be_bytes());
    }
    record.extend_from_slice(&[templates.len() as u8, 0]);
    record.extend_from_slice(&views);
    Ok(record)
}

fn encode_view(template: &Template, views: &mut Vec<u8>) -> Result<(), Error> {
    let quality = match template.quality {
        0 => 254,
        quality @ 1..=100 => quality.div_ceil(20) * 20,
        _ => return Err(Error::RecordField("quality")),
    };
    let mut minutiae: Vec<&Minutia> = template.minutiae.iter().collect();
    minutiae.sort_by_key(|minutia| std::cmp::Reverse(minutia.quality));
    minutiae.truncate(MAX_MINUTIAE);
    views.extend_from_slice(&[template.finger.code(), 0, quality, minutiae.len() as u8]);
    for minutia in minutiae {
        encode_minutia(minutia, template, views)?;
    }
    views.extend_from_slice(&0u16.to_be_bytes());
    Ok(())
}

fn encode_minutia(
    minutia: &Minutia,
    template: &Template,
    views: &mut Vec<u8>,
) -> Result<(), Error> {
    let coordinate = |value: f32, side: u32| {
        let limit = (side.min(0x4000) as f32 - 1.0).max(0.0);
        // Half a pixel past the edge is rounding, not a fault.
        if !(-0.5..=limit + 0.5).contains(&value) {
            return Err(Error::RecordOverflow("position of a minutia"));
        }
        Ok(value.round().clamp(0.0, limit) as u16)
    };
    let x = coordinate(minutia.x, template.width)? | u16::from(minutia.kind.code()) << 14;
    let y = coordinate(minutia.y, template.height)?;
    let angle = normalize_angle(minutia.angle) / TAU * f32::from(STEPS);
    let angle = (angle.round() as u16 % STEPS) as u8;
    views.extend_from_slice(&x.to_be_bytes());
    views.extend_from_slice(&y.to_be_bytes());
    // The profile leaves the quality of a single minutia out.
    views.extend_from_slice(&[angle, 0]);
    Ok(())
}

/// Decodes a record with all its views.
///
/// # Errors
/// [`Error::RecordFormat`] when it is no such record, [`Error::RecordTruncated`] when it ends early,
/// [`Error::RecordField`] for a resolution of 0 or an unknown finger.
pub fn decode(bytes: &[u8]) -> Result<Record, Error> {
    let mut fields = Fields { bytes };
    let format = fields.take(8, "header").map_err(|_| Error::RecordFormat)?;
    if !VERSIONS
        .iter()
        .any(|version| format == [&FORMAT[..], &version[..]].concat())
    {
        return Err(Error::RecordFormat);
    }
    // A length of two bytes, or 0 and then one of four.
    if fields.u16("length")? == 0 {
        fields.take(4, "length")?;
    }
    let owner = fields.u16("product identifier")?;
    let product = fields.u16("product identifier")?;
    let equipment = fields.u16("capture equipment")?;
    let (width, height) = (fields.u16("width")?, fields.u16("height")?);
    let (resolution_x, resolution_y) = (fields.u16("resolution")?, fields.u16("resolution")?);
    if resolution_x == 0 || resolution_y == 0 {
        return Err(Error::RecordField("resolution"));
    }
    let frame = Frame {
        size: (width, height),
        scale: (
            pixels_at_500_dpi(resolution_x),
            pixels_at_500_dpi(resolution_y),
        ),
    };
    let count = fields.u8("number of views")?;
    fields.take(1, "header")?;
    let mut views = Vec::new();
    for _ in 0..count {
        views.push(frame.decode_view(&mut fields)?);
    }
    Ok(Record {
        origin: Origin {
            owner,
            product,
            equipment: equipment & 0x0FFF,
        },
        compliance: (equipment >> 12) as u8,
        resolution_x,
        resolution_y,
        views,
    })
}

struct Frame {
    size: (u16, u16),
    scale: (f32, f32),
}

impl Frame {
    fn decode_view(&self, fields: &mut Fields<'_>) -> Result<View, Error> {
        let finger = FingerPosition::from_code(fields.u8("finger position")?)
            .ok_or(Error::RecordField("finger position"))?;
        let packed = fields.u8("view number")?;
        let quality = fields.u8("quality")?;
        let count = usize::from(fields.u8("number of minutiae")?);
        let side = |side: u16, scale: f32| (f32::from(side) * scale).round() as u32;
        let mut template = Template::new(
            side(self.size.0, self.scale.0),
            side(self.size.1, self.scale.1),
            if quality <= 100 { quality } else { 0 },
            Vec::with_capacity(count),
        );
        template.finger = finger;
        for _ in 0..count {
            template.minutiae.push(self.decode_minutia(fields)?);
        }
        // Extended data, where there are any, are passed over; a record cut off just before them is whole enough.
        if let Ok(length) = fields.u16("extended data") {
            fields.take(usize::from(length), "extended data")?;
        }
        Ok(View {
            number: packed >> 4,
            impression: ImpressionType(packed & 0x0F),
            quality,
            template,
        })
    }

    fn decode_minutia(&self, fields: &mut Fields<'_>) -> Result<Minutia, Error> {
        let x = fields.u16("minutiae")?;
        let y = fields.u16("minutiae")?;
        let (angle, quality) = (fields.u8("minutiae")?, fields.u8("minutiae")?);
        Ok(Minutia {
            x: f32::from(x & 0x3FFF) * self.scale.0,
            y: f32::from(y & 0x3FFF) * self.scale.1,
            angle: f32::from(u16::from(angle) % STEPS) * TAU / f32::from(STEPS),
            kind: MinutiaKind::from_code((x >> 14) as u8).unwrap_or_default(),
            quality: if quality <= 100 { quality } else { 0 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!((record.origin, record.compliance), (ORIGIN, 8));
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
            assert_eq!(record.views[0].quality, written);
        }
    }

    #[test]
    fn every_cut_is_an_error_and_none_a_panic() {
        let fingers = [sample(FingerPosition::RightIndex, 300)];
        let bytes = encode(&fingers, ORIGIN).expect("fits");
        for cut in 0..bytes.len() - 2 {
            let error = decode(&bytes[..cut]).expect_err("cut short");
            assert!(
                matches!(error, Error::RecordTruncated(_) | Error::RecordFormat),
                "{cut}: {error}"
            );
        }
        assert!(decode(&bytes[..bytes.len() - 2]).is_ok());
    }

    #[test]
    fn what_is_found_besides_is_read() {
        let fingers = [sample(FingerPosition::RightIndex, 300)];
        let mut bytes = encode(&fingers, ORIGIN).expect("fits");
        bytes[4] = b'0';
        let mut long = bytes[..8].to_vec();
        long.extend_from_slice(&[0, 0, 0, 0, 0, 54]);
        long.extend_from_slice(&bytes[10..bytes.len() - 2]);
        long.extend_from_slice(&[0, 4, 1, 2, 3, 4]);
        let record = decode(&long).expect("valid");
        assert_eq!(record.views[0].template, fingers[0]);
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
        assert_eq!(decode(b"FMR\0 30\0"), Err(Error::RecordFormat));
    }
}
