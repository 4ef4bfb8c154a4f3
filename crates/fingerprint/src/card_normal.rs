//! The normal card format: five bytes a minutia (ISO/IEC 19794-2:2005, 8.1; the edition of 2011 has it no more).
//!
//! X and Y in units of 0.01 mm, 14 bits each, the kind in the two high bits of X; then the angle, 1.40625° a step.

use std::f32::consts::TAU;

use zeroize::Zeroizing;

use crate::order::{Limits, Place};
use crate::record::Deviation;
use crate::{Error, Format, Minutia, MinutiaKind, Record, Template, View, normalize_angle, window};

/// Bytes a minutia takes.
pub const MINUTIA_LENGTH: usize = 5;

/// Units of 0.01 mm a pixel at 500 dpi.
pub const UNITS_PER_PIXEL: f32 = 2540.0 / 500.0;

/// Coordinates have 14 bits: 163.83 mm.
const MAX_COORDINATE: u16 = 0x3FFF;

/// Steps the full circle has.
const ANGLE_STEPS: f32 = 256.0;

/// Encodes a template for a card, as [`crate::compact::encode`] does.
///
/// # Errors
/// [`Error::TooFewMinutiae`] when fewer than `limits.min` are left.
pub fn encode(template: &Template, limits: &Limits) -> Result<Zeroizing<Vec<u8>>, Error> {
    let side = f32::from(MAX_COORDINATE) / UNITS_PER_PIXEL;
    let (left, top) = window::place(&template.minutiae, side);
    let inside =
        |m: &&Minutia| (0.0..=side).contains(&(m.x - left)) && (0.0..=side).contains(&(m.y - top));
    let chosen = limits.choose(template.minutiae.iter().filter(inside).collect())?;
    let mut encoded: Zeroizing<Vec<[u8; MINUTIA_LENGTH]>> = Zeroizing::new(
        chosen
            .iter()
            .map(|minutia| encode_minutia(minutia, left, top))
            .collect(),
    );
    limits.order.sort(&mut encoded, place);
    Ok(Zeroizing::new(encoded.as_flattened().to_vec()))
}

fn encode_minutia(minutia: &Minutia, left: f32, top: f32) -> [u8; MINUTIA_LENGTH] {
    let unit = |pixels: f32| {
        (pixels * UNITS_PER_PIXEL)
            .round()
            .clamp(0.0, f32::from(MAX_COORDINATE)) as u16
    };
    let x = unit(minutia.x - left) | u16::from(minutia.kind.code()) << 14;
    let y = unit(minutia.y - top);
    let step = (normalize_angle(minutia.angle) / TAU * ANGLE_STEPS).round() as u16 % 256;
    let ([x0, x1], [y0, y1]) = (x.to_be_bytes(), y.to_be_bytes());
    [x0, x1, y0, y1, step as u8]
}

fn place(minutia: &[u8; MINUTIA_LENGTH]) -> Place {
    let [x0, x1, y0, y1, angle] = *minutia;
    let coordinate = |high, low| u16::from_be_bytes([high, low]) & MAX_COORDINATE;
    (coordinate(x0, x1), coordinate(y0, y1), angle)
}

/// Whether encoded minutiae are in the order that a card asks for.
pub fn is_in_order(bytes: &[u8], limits: &Limits) -> bool {
    let (minutiae, left) = bytes.as_chunks::<MINUTIA_LENGTH>();
    left.is_empty() && limits.order.holds(minutiae, place)
}

/// Decodes bare 5-byte minutiae into a template just large enough for them.
///
/// # Errors
/// [`Error::CompactLength`] when the length is no multiple of 5, [`Error::RecordField`] for the reserved kind 3.
pub fn decode(bytes: &[u8]) -> Result<Template, Error> {
    decode_record(bytes)?.into_template()
}

/// As [`decode`], with what was let pass.
pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, Error> {
    let (minutiae, []) = bytes.as_chunks::<MINUTIA_LENGTH>() else {
        return Err(Error::CompactLength(bytes.len()));
    };
    let mut template = Template::new(1, 1, 0, Vec::with_capacity(minutiae.len()));
    let mut deviations = Vec::new();
    for minutia in minutiae {
        let (x, y, angle) = place(minutia);
        if minutia[2] & 0xC0 != 0 && deviations.is_empty() {
            deviations.push(Deviation::Reserved);
        }
        let minutia = Minutia {
            x: f32::from(x) / UNITS_PER_PIXEL,
            y: f32::from(y) / UNITS_PER_PIXEL,
            angle: f32::from(angle) * TAU / ANGLE_STEPS,
            kind: MinutiaKind::from_code(minutia[0] >> 6)
                .ok_or(Error::RecordField("kind of minutia"))?,
            quality: 0,
        };
        template.width = template.width.max(minutia.x.floor() as u32 + 1);
        template.height = template.height.max(minutia.y.floor() as u32 + 1);
        template.minutiae.push(minutia);
    }
    Ok(Record {
        format: Format::IsoCard,
        product: None,
        views: vec![View::of(template)],
        deviations,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Order;

    #[test]
    fn units_are_hundredths_of_a_millimetre_and_256ths_of_a_turn() {
        let minutia = Minutia {
            x: 500.0,
            y: 250.0,
            angle: TAU / 4.0,
            kind: MinutiaKind::Bifurcation,
            quality: 80,
        };
        let template = Template::new(600, 400, 0, vec![minutia]);
        let bytes = encode(&template, &Limits::default()).expect("fits");
        assert_eq!(&bytes[..], &[0x80 | 0x09, 0xEC, 0x04, 0xF6, 64]);
        let read = decode(&bytes).expect("valid");
        assert_eq!(read.minutiae[0].kind, MinutiaKind::Bifurcation);
        assert!((read.minutiae[0].x - 500.0).abs() < 0.1);
        assert_eq!((read.width, read.height), (501, 251));
    }

    #[test]
    fn limits_and_order_are_kept() {
        let minutia = |x: f32, quality| Minutia {
            x,
            y: 20.0,
            quality,
            ..Minutia::default()
        };
        let minutiae = vec![minutia(30.0, 90), minutia(10.0, 80), minutia(20.0, 1)];
        let template = Template::new(100, 100, 0, minutiae);
        let limits = Limits {
            min: 2,
            max: 2,
            order: Order::ASCENDING_X_Y,
        };
        let bytes = encode(&template, &limits).expect("fits");
        assert!(is_in_order(&bytes, &limits));
        let read = decode(&bytes).expect("valid");
        let xs: Vec<f32> = read.minutiae.iter().map(|m| m.x.round()).collect();
        assert_eq!(xs, [10.0, 30.0]);
        let many = Limits { min: 4, ..limits };
        let error = encode(&template, &many).expect_err("too few");
        assert_eq!(error.key(), "fingerprint.too-few-minutiae");
    }

    #[test]
    fn wrong_bytes_are_told() {
        assert_eq!(decode(&[1; 7]), Err(Error::CompactLength(7)));
        let error = decode(&[0xC0, 0, 0, 0, 0]).expect_err("kind");
        assert_eq!(error.key(), "fingerprint.record-field");
        assert!(decode(&[]).expect("empty").minutiae.is_empty());
    }
}
