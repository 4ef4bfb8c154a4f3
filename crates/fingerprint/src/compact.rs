//! The compact card format: three bytes a minutia, as a card compares them (ISO/IEC 19794-2:2005, 8.2).
//!
//! X and Y in units of 0.1 mm from 0 to 255 (a window of 25.5 mm), then the kind in the two high bits and the
//! angle in the six low ones, 5.625° a step.

use std::f32::consts::TAU;

use zeroize::Zeroizing;

use crate::{Error, Minutia, MinutiaKind, Template, normalize_angle, window};

/// Bytes a minutia takes.
pub const MINUTIA_LENGTH: usize = 3;

/// Units of 0.1 mm a pixel at 500 dpi.
pub const UNITS_PER_PIXEL: f32 = 254.0 / 500.0;

/// Steps the full circle has.
pub const ANGLE_STEPS: u8 = 64;

/// Side of the card's window in pixels at 500 dpi.
const WINDOW: f32 = 255.0 / UNITS_PER_PIXEL;

/// The order in which a card asks for its minutiae: bits 1 and 2 the direction, bits 3 to 5 the key
/// (ISO/IEC 19794-2:2005, 8.3; data object 82 of a BIT's B1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Order(pub u8);

/// By what minutiae are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// X first, then Y.
    XThenY,
    /// Y first, then X.
    YThenX,
    /// The angle.
    Angle,
    /// The distance from the centre of mass.
    Polar,
}

impl Order {
    /// No order asked for.
    pub const NONE: Self = Self(0x00);
    /// Ascending X, then Y.
    pub const ASCENDING_X_Y: Self = Self(0x05);
    /// Ascending Y, then X.
    pub const ASCENDING_Y_X: Self = Self(0x09);
    /// Ascending angle.
    pub const ASCENDING_ANGLE: Self = Self(0x0D);
    /// Ascending distance from the centre of mass.
    pub const ASCENDING_POLAR: Self = Self(0x11);

    /// The key and whether it descends; `None` where no (known) order is asked for.
    pub fn parts(self) -> Option<(SortKey, bool)> {
        let descending = match self.0 & 0x03 {
            1 => false,
            2 => true,
            _ => return None,
        };
        let key = match self.0 & 0x1C {
            0x04 => SortKey::XThenY,
            0x08 => SortKey::YThenX,
            0x0C => SortKey::Angle,
            0x10 => SortKey::Polar,
            _ => return None,
        };
        Some((key, descending))
    }

    /// Puts encoded minutiae into this order. Equal keys keep a fixed order (by their bytes).
    fn sort(self, minutiae: &mut [[u8; 3]]) {
        let Some((key, descending)) = self.parts() else {
            return;
        };
        let count = minutiae.len().max(1) as i64;
        let sum_x: i64 = minutiae.iter().map(|m| i64::from(m[0])).sum();
        let sum_y: i64 = minutiae.iter().map(|m| i64::from(m[1])).sum();
        let rank = |m: &[u8; 3]| -> i64 {
            match key {
                SortKey::XThenY => i64::from(m[0]) << 8 | i64::from(m[1]),
                SortKey::YThenX => i64::from(m[1]) << 8 | i64::from(m[0]),
                SortKey::Angle => i64::from(m[2] & 0x3F),
                SortKey::Polar => {
                    let (dx, dy) = (
                        i64::from(m[0]) * count - sum_x,
                        i64::from(m[1]) * count - sum_y,
                    );
                    dx * dx + dy * dy
                }
            }
        };
        minutiae.sort_by(|a, b| {
            let by_key = rank(a).cmp(&rank(b));
            (if descending { by_key.reverse() } else { by_key }).then(a.cmp(b))
        });
    }
}

/// What a card takes, from its BIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Fewest minutiae.
    pub min: u8,
    /// Most minutiae.
    pub max: u8,
    /// The order asked for.
    pub order: Order,
}

impl Default for Limits {
    /// No minimum, at most 60, no order.
    fn default() -> Self {
        Self {
            min: 0,
            max: 60,
            order: Order::NONE,
        }
    }
}

/// Encodes a template for a card.
///
/// Where the image is larger than the card's window, the window goes where most of the quality is and what lies
/// outside is dropped. Where more minutiae are left than the card takes, those of the highest quality stay
/// (among equals, those nearest to their centre). They are then sorted as the card asks.
///
/// # Errors
/// [`Error::TooFewMinutiae`] when fewer than `limits.min` are left.
pub fn encode(template: &Template, limits: &Limits) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (left, top) = window::place(&template.minutiae, WINDOW);
    let inside = |m: &&Minutia| {
        (0.0..=WINDOW).contains(&(m.x - left)) && (0.0..=WINDOW).contains(&(m.y - top))
    };
    let mut chosen: Vec<&Minutia> = template.minutiae.iter().filter(inside).collect();
    let count = chosen.len().max(1) as f32;
    let centre = (
        chosen.iter().map(|m| m.x).sum::<f32>() / count,
        chosen.iter().map(|m| m.y).sum::<f32>() / count,
    );
    let distance = |m: &Minutia| (m.x - centre.0).powi(2) + (m.y - centre.1).powi(2);
    chosen.sort_by(|a, b| {
        b.quality
            .cmp(&a.quality)
            .then(distance(a).total_cmp(&distance(b)))
    });
    chosen.truncate(usize::from(limits.max));
    if chosen.len() < usize::from(limits.min) {
        return Err(Error::TooFewMinutiae {
            found: chosen.len(),
            needed: usize::from(limits.min),
        });
    }
    let mut encoded: Zeroizing<Vec<[u8; 3]>> = Zeroizing::new(
        chosen
            .iter()
            .map(|m| encode_minutia(m, left, top))
            .collect(),
    );
    limits.order.sort(&mut encoded);
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
