//! The finger minutiae record of ISO/IEC 19794-2:2005, clause 7 (`FMR`, version ` 20`).
//!
//! A record holds one or more views of 6-byte minutiae. Written strictly; read leniently where readers in the field
//! are: a wrong total length, set reserved bits, missing or short extended data and coordinates beyond the image
//! size are let pass, for the minutiae are still what they are.

use std::f32::consts::TAU;

use crate::record::{Fields, pixels_at_500_dpi};
use crate::{Error, FingerPosition, Minutia, MinutiaKind, Template, normalize_angle};

pub use crate::record::CANONICAL_RESOLUTION;

const MAGIC: &[u8; 8] = b"FMR\0 20\0";
const HEADER_LENGTH: usize = 24;
const VIEW_HEADER_LENGTH: usize = 4;
const MINUTIA_LENGTH: usize = 6;
/// Coordinates have 14 bits.
const MAX_COORDINATE: f32 = 16383.0;

/// How an impression was made (ISO/IEC 19794-2:2005, table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ImpressionType(
    /// The four-bit code: 0 live-scan plain, 1 live-scan rolled, 2 and 3 the same not live, 8 swipe.
    pub u8,
);

/// One view of a record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View {
    /// Which of the views of this finger, from 0.
    pub number: u8,
    /// How the impression was made.
    pub impression: ImpressionType,
    /// Its minutiae, scaled to 500 dpi.
    pub template: Template,
    /// Types and lengths of the extended data areas (ridge counts, cores and deltas), which are not interpreted.
    pub extended: Vec<(u16, usize)>,
}

/// A finger minutiae record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// Capture equipment: four bits of certification, twelve bits of device type.
    pub equipment: u16,
    /// Pixels a centimetre across, as written in the record.
    pub resolution_x: u16,
    /// Pixels a centimetre down, as written in the record.
    pub resolution_y: u16,
    /// The views.
    pub views: Vec<View>,
}

/// Encodes one template as a record of one live-scan plain view at 500 dpi.
///
/// # Errors
/// [`Error::RecordOverflow`] when there are more than 255 minutiae, when the image does not fit 16 bits, or when a
/// minutia lies outside the image; [`Error::RecordField`] for a quality above 100.
pub fn encode(template: &Template) -> Result<Vec<u8>, Error> {
    let side = |side: u32| u16::try_from(side).map_err(|_| Error::RecordOverflow("image size"));
    let (width, height) = (side(template.width)?, side(template.height)?);
    let count = u8::try_from(template.minutiae.len())
        .map_err(|_| Error::RecordOverflow("number of minutiae"))?;
    if template.quality > 100 {
        return Err(Error::RecordField("quality"));
    }
    let length = HEADER_LENGTH + VIEW_HEADER_LENGTH + template.minutiae.len() * MINUTIA_LENGTH + 2;
    let mut record = Vec::with_capacity(length);
    record.extend_from_slice(MAGIC);
    record.extend_from_slice(&(length as u32).to_be_bytes());
    record.extend_from_slice(&0u16.to_be_bytes());
    record.extend_from_slice(&width.to_be_bytes());
    record.extend_from_slice(&height.to_be_bytes());
    record.extend_from_slice(&CANONICAL_RESOLUTION.to_be_bytes());
    record.extend_from_slice(&CANONICAL_RESOLUTION.to_be_bytes());
    record.extend_from_slice(&[1, 0]);
    record.extend_from_slice(&[template.finger.code(), 0, template.quality, count]);
    for minutia in &template.minutiae {
        encode_minutia(minutia, width, height, &mut record)?;
    }
    record.extend_from_slice(&0u16.to_be_bytes());
    Ok(record)
}

fn encode_minutia(
    minutia: &Minutia,
    width: u16,
    height: u16,
    record: &mut Vec<u8>,
) -> Result<(), Error> {
    let coordinate = |value: f32, side: u16| {
        let limit = MAX_COORDINATE.min(f32::from(side) - 1.0);
        // Half a pixel past the edge is rounding, not a fault.
        if !(-0.5..=limit + 0.5).contains(&value) {
            return Err(Error::RecordOverflow("position of a minutia"));
        }
        Ok(value.round().clamp(0.0, limit.max(0.0)) as u16)
    };
    if minutia.quality > 100 {
        return Err(Error::RecordField("quality of a minutia"));
    }
    let x = coordinate(minutia.x, width)? | u16::from(minutia.kind.code()) << 14;
    let y = coordinate(minutia.y, height)?;
    let angle = ((normalize_angle(minutia.angle) / TAU * 256.0).round() as u16 & 0xFF) as u8;
    record.extend_from_slice(&x.to_be_bytes());
    record.extend_from_slice(&y.to_be_bytes());
    record.extend_from_slice(&[angle, minutia.quality]);
    Ok(())
}

/// Decodes a record with all its views.
///
/// # Errors
/// [`Error::RecordFormat`] when it is no such record, [`Error::RecordTruncated`] when it ends early,
/// [`Error::RecordField`] for a resolution of 0 or an unknown finger.
pub fn decode(bytes: &[u8]) -> Result<Record, Error> {
    let mut fields = Fields { bytes };
    if fields
        .take(MAGIC.len(), "header")
        .map_err(|_| Error::RecordFormat)?
        != MAGIC
    {
        return Err(Error::RecordFormat);
    }
    fields.take(4, "length")?;
    let equipment = fields.u16("capture equipment")?;
    let (width, height) = (fields.u16("width")?, fields.u16("height")?);
    let (resolution_x, resolution_y) = (fields.u16("resolution")?, fields.u16("resolution")?);
    if resolution_x == 0 || resolution_y == 0 {
        return Err(Error::RecordField("resolution"));
    }
    let scale = (
        pixels_at_500_dpi(resolution_x),
        pixels_at_500_dpi(resolution_y),
    );
    let size = (
        (f32::from(width) * scale.0).round() as u32,
        (f32::from(height) * scale.1).round() as u32,
    );
    let count = fields.u8("number of views")?;
    fields.take(1, "header")?;
    let mut record = Record {
        equipment,
        resolution_x,
        resolution_y,
        views: Vec::new(),
    };
    for _ in 0..count {
        record.views.push(decode_view(&mut fields, size, scale)?);
    }
    Ok(record)
}

/// Decodes the first view of a record.
///
/// # Errors
/// As [`decode`]; [`Error::RecordField`] when there is no view.
pub fn decode_template(bytes: &[u8]) -> Result<Template, Error> {
    decode(bytes)?
        .views
        .into_iter()
        .next()
        .map(|view| view.template)
        .ok_or(Error::RecordField("number of views"))
}

fn decode_view(
    fields: &mut Fields<'_>,
    size: (u32, u32),
    scale: (f32, f32),
) -> Result<View, Error> {
    let finger = FingerPosition::from_code(fields.u8("finger position")?)
        .ok_or(Error::RecordField("finger position"))?;
    let packed = fields.u8("view number")?;
    // 254 and 255 are used in the field for 'failed' and 'not known'.
    let quality = Some(fields.u8("quality")?)
        .filter(|&quality| quality <= 100)
        .unwrap_or(0);
    let count = usize::from(fields.u8("number of minutiae")?);
    let mut template = Template::new(size.0, size.1, quality, Vec::with_capacity(count));
    template.finger = finger;
    for _ in 0..count {
        let x = fields.u16("minutiae")?;
        let y = fields.u16("minutiae")?;
        let (angle, quality) = (fields.u8("minutiae")?, fields.u8("minutiae")?);
        template.minutiae.push(Minutia {
            x: f32::from(x & 0x3FFF) * scale.0,
            y: f32::from(y & 0x3FFF) * scale.1,
            angle: f32::from(angle) * TAU / 256.0,
            kind: MinutiaKind::from_code((x >> 14) as u8).unwrap_or_default(),
            quality: if quality <= 100 { quality } else { 0 },
        });
    }
    let extended = decode_extended(fields);
    Ok(View {
        number: packed >> 4,
        impression: ImpressionType(packed & 0x0F),
        template,
        extended,
    })
}

/// The areas of the extended data block, as far as they are whole; nothing when the block is missing.
fn decode_extended(fields: &mut Fields<'_>) -> Vec<(u16, usize)> {
    let mut areas = Vec::new();
    let Ok(length) = fields.u16("extended data") else {
        return areas;
    };
    let available = usize::from(length).min(fields.bytes.len());
    let Ok(block) = fields.take(available, "extended data") else {
        return areas;
    };
    let mut block = Fields { bytes: block };
    while let (Ok(kind), Ok(length)) = (block.u16("area"), block.u16("area")) {
        let content = usize::from(length).saturating_sub(4);
        if block.take(content, "area").is_err() {
            break;
        }
        areas.push((kind, content));
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Template {
        let minutia = |x, y, step: u8, kind| Minutia {
            x,
            y,
            angle: f32::from(step) * TAU / 256.0,
            kind,
            quality: 77,
        };
        let minutiae = vec![
            minutia(10.0, 20.0, 0, MinutiaKind::Ending),
            minutia(299.0, 399.0, 255, MinutiaKind::Bifurcation),
            minutia(150.0, 7.0, 100, MinutiaKind::Other),
        ];
        let mut template = Template::new(300, 400, 66, minutiae);
        template.finger = FingerPosition::LeftMiddle;
        template
    }

    #[test]
    fn a_record_comes_back_as_it_went() {
        let bytes = encode(&sample()).expect("fits");
        assert_eq!(bytes.len(), 24 + 4 + 18 + 2);
        assert_eq!(decode_template(&bytes).expect("valid"), sample());
        assert_eq!(
            encode(&decode_template(&bytes).expect("valid")).expect("fits"),
            bytes
        );
    }

    #[test]
    fn every_cut_is_an_error_and_none_a_panic() {
        let bytes = encode(&sample()).expect("fits");
        for cut in 0..bytes.len() - 2 {
            let error = decode(&bytes[..cut]).expect_err("cut short");
            assert!(
                matches!(error, Error::RecordTruncated(_) | Error::RecordFormat),
                "{cut}: {error}"
            );
        }
        assert!(
            decode(&bytes[..bytes.len() - 2]).is_ok(),
            "missing extended data passes"
        );
    }

    #[test]
    fn other_resolutions_are_scaled_to_500_dpi() {
        let mut bytes = encode(&sample()).expect("fits");
        bytes[18..22].copy_from_slice(&[0x01, 0x8A, 0x01, 0x8A]); // 394 pixels a centimetre: 1,000 dpi
        let template = decode_template(&bytes).expect("valid");
        assert_eq!((template.width, template.height), (150, 200));
        assert!((template.minutiae[0].x - 5.0).abs() < 0.01);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut outside = sample();
        outside.minutiae[0].x = 301.0;
        assert_eq!(
            encode(&outside).expect_err("outside").key(),
            "fingerprint.record-overflow"
        );
        let mut many = sample();
        many.minutiae = vec![many.minutiae[0]; 256];
        assert_eq!(
            encode(&many).expect_err("too many"),
            Error::RecordOverflow("number of minutiae")
        );
        assert_eq!(
            decode(b"FMR\0 30\0").expect_err("2011"),
            Error::RecordFormat
        );
        assert_eq!(decode(b"FMR").expect_err("short"), Error::RecordFormat);
    }
}
