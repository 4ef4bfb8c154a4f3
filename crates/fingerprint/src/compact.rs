//! The compact card format: three bytes a minutia, as a card compares them (ISO/IEC 19794-2:2005, 8.2;
//! the same bytes in :2011, clause 9).
//!
//! X and Y in units of 0.1 mm from 0 to 255 (a window of 25.5 mm), then the kind in the two high bits and the
//! angle in the six low ones, 5.625° a step.

use std::f32::consts::TAU;

use zeroize::Zeroizing;

use crate::order::Place;
use crate::{Error, Minutia, MinutiaKind, Template, normalize_angle, window};

pub use crate::order::{Limits, Order, SortKey};

/// Bytes a minutia takes.
pub const MINUTIA_LENGTH: usize = 3;

/// Units of 0.1 mm a pixel at 500 dpi.
pub const UNITS_PER_PIXEL: f32 = 254.0 / 500.0;

/// Steps the full circle has.
pub const ANGLE_STEPS: u8 = 64;

/// Side of the card's window in pixels at 500 dpi.
const WINDOW: f32 = 255.0 / UNITS_PER_PIXEL;

/// Encodes a template for a card.
///
/// Where the image is larger than the card's window, the window goes where most of the quality is and what lies
/// outside is dropped. Where more minutiae are left than the card takes, those of the highest quality stay
/// ([`Limits`] says which among equals). They are then sorted as the card asks.
///
/// # Errors
/// [`Error::TooFewMinutiae`] when fewer than `limits.min` are left.
pub fn encode(template: &Template, limits: &Limits) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (left, top) = window::place(&template.minutiae, WINDOW);
    let inside = |m: &&Minutia| {
        (0.0..=WINDOW).contains(&(m.x - left)) && (0.0..=WINDOW).contains(&(m.y - top))
    };
    let chosen = limits.choose(template.minutiae.iter().filter(inside).collect())?;
    let mut encoded: Zeroizing<Vec<[u8; 3]>> = Zeroizing::new(
        chosen
            .iter()
            .map(|m| encode_minutia(m, left, top))
            .collect(),
    );
    limits.order.sort(&mut encoded, place);
    Ok(Zeroizing::new(encoded.as_flattened().to_vec()))
}

fn encode_minutia(minutia: &Minutia, left: f32, top: f32) -> [u8; 3] {
    let unit = |pixels: f32| (pixels * UNITS_PER_PIXEL).round().clamp(0.0, 255.0) as u8;
    let step =
        (normalize_angle(minutia.angle) / TAU * f32::from(ANGLE_STEPS)).round() as u8 % ANGLE_STEPS;
    [
        unit(minutia.x - left),
        unit(minutia.y - top),
        minutia.kind.code() << 6 | step,
    ]
}

fn place(minutia: &[u8; MINUTIA_LENGTH]) -> Place {
    let [x, y, packed] = *minutia;
    (u16::from(x), u16::from(y), packed & 0x3F)
}

/// Whether encoded minutiae are in the order that a card asks for.
pub fn is_in_order(bytes: &[u8], limits: &Limits) -> bool {
    let (minutiae, left) = bytes.as_chunks::<MINUTIA_LENGTH>();
    left.is_empty() && limits.order.holds(minutiae, place)
}

/// Decodes bare 3-byte minutiae into a template of the size of the card's window.
///
/// # Errors
/// [`Error::CompactLength`] when the length is no multiple of 3, [`Error::RecordField`] for the reserved kind 3.
pub fn decode(bytes: &[u8]) -> Result<Template, Error> {
    let (minutiae, []) = bytes.as_chunks::<MINUTIA_LENGTH>() else {
        return Err(Error::CompactLength(bytes.len()));
    };
    let side = WINDOW.ceil() as u32;
    let mut template = Template::new(side, side, 0, Vec::with_capacity(minutiae.len()));
    for &[x, y, packed] in minutiae {
        template.minutiae.push(Minutia {
            x: f32::from(x) / UNITS_PER_PIXEL,
            y: f32::from(y) / UNITS_PER_PIXEL,
            angle: f32::from(packed & 0x3F) * TAU / f32::from(ANGLE_STEPS),
            kind: MinutiaKind::from_code(packed >> 6)
                .ok_or(Error::RecordField("kind of minutia"))?,
            quality: 0,
        });
    }
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutia(x: f32, y: f32, degrees: f32, quality: u8) -> Minutia {
        Minutia {
            x,
            y,
            angle: degrees.to_radians(),
            kind: MinutiaKind::Ending,
            quality,
        }
    }

    fn template(minutiae: Vec<Minutia>) -> Template {
        Template::new(400, 400, 0, minutiae)
    }

    #[test]
    fn units_are_tenths_of_a_millimetre_and_64ths_of_a_turn() {
        let template = template(vec![minutia(500.0, 250.0, 90.0, 80)]);
        let bytes = encode(&template, &Limits::default()).expect("fits");
        assert_eq!(&bytes[..], &[254, 127, 1 << 6 | 16]);
        let full_turn = self::template(vec![minutia(0.0, 0.0, 359.0, 80)]);
        assert_eq!(
            encode(&full_turn, &Limits::default()).expect("fits")[2],
            1 << 6
        );
    }

    #[test]
    fn decoding_comes_within_half_a_unit() {
        let first = template(vec![
            minutia(33.0, 77.0, 200.0, 80),
            minutia(101.4, 390.0, 5.0, 10),
        ]);
        let limits = Limits {
            order: Order::ASCENDING_X_Y,
            ..Limits::default()
        };
        let second = decode(&encode(&first, &limits).expect("fits")).expect("valid");
        for (a, b) in first.minutiae.iter().zip(&second.minutiae) {
            assert!((a.x - b.x).abs() <= 1.0 && (a.y - b.y).abs() <= 1.0);
            assert!(crate::angle_difference(a.angle, b.angle).abs() <= TAU / 128.0 + 1e-4);
        }
    }

    #[test]
    fn the_best_stay_and_are_then_sorted() {
        let all = template(vec![
            minutia(300.0, 10.0, 0.0, 20),
            minutia(200.0, 20.0, 0.0, 90),
            minutia(100.0, 30.0, 0.0, 80),
        ]);
        let limits = Limits {
            min: 2,
            max: 2,
            order: Order::ASCENDING_X_Y,
        };
        let bytes = encode(&all, &limits).expect("fits");
        assert_eq!(bytes.len(), 6);
        assert_eq!((bytes[0], bytes[3]), (51, 102));
        let error = encode(
            &all,
            &Limits {
                min: 4,
                max: 60,
                order: Order::NONE,
            },
        )
        .expect_err("too few");
        assert_eq!(
            error,
            Error::TooFewMinutiae {
                found: 3,
                needed: 4
            }
        );
    }

    #[test]
    fn each_order_sorts_by_its_key() {
        let all = template(vec![
            minutia(10.0, 300.0, 180.0, 50),
            minutia(200.0, 200.0, 90.0, 50),
            minutia(390.0, 20.0, 10.0, 50),
            minutia(210.0, 150.0, 300.0, 50),
        ]);
        let sorted = |order: u8| {
            let limits = Limits {
                order: Order(order),
                ..Limits::default()
            };
            decode(&encode(&all, &limits).expect("fits")).expect("valid")
        };
        let rises = |values: Vec<f32>| values.windows(2).all(|pair| pair[0] <= pair[1]);
        assert!(rises(sorted(0x05).minutiae.iter().map(|m| m.x).collect()));
        assert!(rises(
            sorted(0x06).minutiae.iter().rev().map(|m| m.x).collect()
        ));
        assert!(rises(sorted(0x09).minutiae.iter().map(|m| m.y).collect()));
        assert!(rises(
            sorted(0x0D).minutiae.iter().map(|m| m.angle).collect()
        ));
        let centre = (202.5, 167.5);
        let polar = |m: &Minutia| (m.x - centre.0).hypot(m.y - centre.1);
        assert!(rises(sorted(0x11).minutiae.iter().map(polar).collect()));
        assert_eq!(Order(0x03).parts(), None);
        assert_eq!(Order(0x1D).parts(), None);
    }

    #[test]
    fn wrong_bytes_are_told() {
        assert_eq!(
            decode(&[1, 2, 3, 4]).expect_err("length"),
            Error::CompactLength(4)
        );
        assert_eq!(
            decode(&[1, 2, 0xC0]).expect_err("kind").key(),
            "fingerprint.record-field"
        );
        assert!(decode(&[]).expect("empty").minutiae.is_empty());
    }
}
