//! No bytes from outside make a decoder panic, and what is written is read back equal up to the format's precision.

#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::f32::consts::TAU;

use negin_fingerprint::compact::{Limits, Order};
use negin_fingerprint::record::{
    Area, CaptureDate, Core, Delta, EndingPlace, Product, Quality, RidgeCount, RidgeCounts,
    SingularPoints,
};
use negin_fingerprint::{
    FingerPosition, Format, Image, Minutia, MinutiaKind, Record, Template, View, angle_difference,
    card_normal, compact, format,
};
use proptest::prelude::*;

const WIDTH: u16 = 400;
const HEIGHT: u16 = 500;

fn minutia() -> impl Strategy<Value = Minutia> {
    let place = (0f32..f32::from(WIDTH), 0f32..f32::from(HEIGHT), 0f32..TAU);
    (place, 0u8..3, 0u8..=100).prop_map(|((x, y, angle), kind, quality)| Minutia {
        x,
        y,
        angle,
        kind: MinutiaKind::from_code(kind).unwrap_or_default(),
        quality,
    })
}

fn template() -> impl Strategy<Value = Template> {
    let minutiae = proptest::collection::vec(minutia(), 0..255);
    (minutiae, 0u8..=100, 0u8..=10).prop_map(|(minutiae, quality, finger)| {
        let mut template = Template::new(u32::from(WIDTH), u32::from(HEIGHT), quality, minutiae);
        template.finger = FingerPosition::from_code(finger).unwrap_or_default();
        template
    })
}

/// A view with everything that a record can say besides its minutiae.
fn view() -> impl Strategy<Value = View> {
    let counts = proptest::collection::vec(any::<(u8, u8, u8)>(), 0..20);
    let places = proptest::collection::vec((0f32..399.0, 0f32..499.0, 0f32..TAU), 0..15);
    let area = proptest::collection::vec(any::<u8>(), 0..40);
    (template(), counts, places, area, any::<bool>()).prop_map(
        |(template, counts, places, area, angles)| {
            let minutiae = template.minutiae.len();
            let known = |it: &(u8, u8, u8)| usize::from(it.0.max(it.1)) <= minutiae;
            let mut view = View::of(template);
            view.extended.ridge_counts = Some(RidgeCounts {
                method: 1,
                counts: counts
                    .into_iter()
                    .filter(known)
                    .map(|(from, to, count)| RidgeCount { from, to, count })
                    .collect(),
            });
            view.extended.singular_points = Some(SingularPoints {
                cores: places
                    .iter()
                    .map(|&(x, y, angle)| Core {
                        x,
                        y,
                        angle: angles.then_some(angle),
                    })
                    .collect(),
                deltas: places
                    .iter()
                    .map(|&(x, y, angle)| Delta {
                        x,
                        y,
                        angles: angles.then_some([angle; 3]),
                    })
                    .collect(),
            });
            view.extended.areas = vec![Area {
                kind: 0x0221,
                content: area.into(),
            }];
            view.qualities = vec![Quality {
                score: view.template.quality,
                owner: 0x0042,
                algorithm: 7,
            }];
            view.device.equipment = 0x0ABC;
            view.device.compliance = 8;
            view.device.certificates = vec![(3, 1)];
            view.ending = EndingPlace::RidgeEnd;
            view.captured = Some(CaptureDate {
                year: 2026,
                month: 2,
                day: 28,
                hour: 23,
                minute: 59,
                second: 58,
                millisecond: 999,
            });
            view
        },
    )
}

/// Half a step of the formats' angles, in radians.
fn half_a_step(format: Format) -> f32 {
    let steps = match format {
        Format::Iso2005 | Format::Iso2011 | Format::IsoCard => 256.0,
        Format::Ansi2004 | Format::Ansi2009 => 180.0,
        _ => 64.0,
    };
    TAU / steps / 2.0 + 1e-4
}

/// Half a unit of the formats' places, in pixels.
fn half_a_unit(format: Format) -> f32 {
    let pixels = match format {
        Format::IsoCard => 1.0 / card_normal::UNITS_PER_PIXEL,
        Format::Compact => 1.0 / compact::UNITS_PER_PIXEL,
        _ => 1.0,
    };
    pixels / 2.0 + 1e-3
}

fn near(a: &Minutia, b: &Minutia, format: Format) -> bool {
    // What lies on the last pixel's far side goes down to it.
    let edge = if format.is_bare() { 0.0 } else { 0.5 };
    let distance = half_a_unit(format) + edge;
    (a.x - b.x).abs() <= distance
        && (a.y - b.y).abs() <= distance
        && angle_difference(a.angle, b.angle).abs() <= half_a_step(format)
        && a.kind == b.kind
        && (format.is_bare() || a.quality == b.quality)
}

fn records() -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(|format| !format.is_bare())
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400), version in 0usize..4) {
        let _ = Image::decode(&bytes, 500);
        let mut headed = b"FMR\0".to_vec();
        headed.extend_from_slice([b" 20\0", b"020\0", b"030\0", b"035\0"][version]);
        headed.extend_from_slice(&bytes);
        for bytes in [&bytes, &headed] {
            let _ = format::decode(bytes);
            for format in Format::ALL {
                // What can be read can be written again, strictly, unless it does not fit.
                let Ok(record) = format.decode(bytes) else { continue };
                for other in Format::ALL {
                    if let Ok(written) = other.encode(&record, &Limits::default()) {
                        prop_assert_eq!(other.check(&written), Ok(()));
                    }
                }
            }
        }
    }

    #[test]
    fn any_template_comes_back(template in template()) {
        let limits = Limits { max: 255, ..Limits::default() };
        for format in Format::ALL {
            let bytes = format.encode_template(&template, &limits).expect("fits");
            prop_assert_eq!(format.check(&bytes), Ok(()));
            let read = format.decode(&bytes).expect("decodes").into_template().expect("a view");
            prop_assert_eq!(read.minutiae.len(), template.minutiae.len());
            if !format.is_bare() {
                prop_assert_eq!((read.width, read.height), (template.width, template.height));
                prop_assert_eq!((read.finger, read.quality), (template.finger, template.quality));
                for (a, b) in template.minutiae.iter().zip(&read.minutiae) {
                    prop_assert!(near(a, b, format), "{}", format.name());
                }
            } else {
                // Bare minutiae come in another order: each has its own.
                let mut left: Vec<&Minutia> = read.minutiae.iter().collect();
                for minutia in &template.minutiae {
                    let place = left.iter().position(|other| near(minutia, other, format));
                    prop_assert!(place.is_some(), "{}", format.name());
                    left.swap_remove(place.unwrap_or(0));
                }
            }
            // Once read, nothing more is lost.
            let again = format.encode_template(&read, &limits).expect("fits");
            if format.is_bare() {
                let read = format.decode(&again).expect("decodes").into_template().expect("a view");
                prop_assert_eq!(read.minutiae.len(), template.minutiae.len());
            } else {
                prop_assert_eq!(&again[..], &bytes[..]);
                prop_assert_eq!(format::decode(&bytes).expect("decodes").format, format);
            }
        }
    }

    #[test]
    fn any_record_comes_back(views in proptest::collection::vec(view(), 1..4)) {
        for format in records() {
            let mut record = Record::of(format, []);
            record.views = views.clone();
            record.product = Some(Product { owner: 5, product: 6 });
            let bytes = format.encode(&record, &Limits::default()).expect("fits");
            prop_assert_eq!(format.check(&bytes), Ok(()));
            let read = format.decode(&bytes).expect("decodes");
            prop_assert_eq!(read.views.len(), views.len());
            for (a, b) in record.views.iter().zip(&read.views) {
                prop_assert!(a.extended.ridge_counts == b.extended.ridge_counts);
                prop_assert_eq!(a.extended.areas.len(), b.extended.areas.len());
                prop_assert!(a.extended.areas == b.extended.areas);
                let points = |view: &View| view.extended.singular_points.clone().expect("there");
                let (old, new) = (points(a), points(b));
                prop_assert_eq!((old.cores.len(), old.deltas.len()), (new.cores.len(), new.deltas.len()));
                for (old, new) in old.cores.iter().zip(&new.cores) {
                    prop_assert!((old.x - new.x).abs() <= 0.51 && (old.y - new.y).abs() <= 0.51);
                    let turned = old.angle.zip(new.angle).map(|(a, b)| angle_difference(a, b).abs());
                    prop_assert!(turned.unwrap_or(0.0) <= half_a_step(format));
                    prop_assert_eq!(old.angle.is_some(), new.angle.is_some());
                }
                prop_assert_eq!(a.qualities[0].score, b.qualities[0].score);
                if format == Format::Iso2011 {
                    prop_assert_eq!((a.captured, a.ending), (b.captured, b.ending));
                    prop_assert_eq!(&a.device.certificates, &b.device.certificates);
                } else {
                    prop_assert_eq!((b.device.equipment, b.device.compliance), (0x0ABC, 8));
                }
            }
            let again = format.encode(&read, &Limits::default()).expect("fits");
            prop_assert_eq!(&again[..], &bytes[..]);
            prop_assert_eq!(format::decode(&bytes).expect("decodes").format, format);
        }
    }

    #[test]
    fn a_card_gets_no_more_than_it_takes_in_its_order(template in template(), max in 0u8..=255, order in 0usize..9) {
        let limits = Limits { min: 0, max, order: Order::NAMED[order].1 };
        let bytes = compact::encode(&template, &limits).expect("no minimum");
        prop_assert_eq!(bytes.len() / 3, template.minutiae.len().min(usize::from(max)));
        prop_assert!(compact::is_in_order(&bytes, &limits));
        prop_assert!(compact::decode(&bytes).is_ok());
        let bytes = card_normal::encode(&template, &limits).expect("no minimum");
        prop_assert_eq!(bytes.len() / 5, template.minutiae.len().min(usize::from(max)));
        prop_assert!(card_normal::is_in_order(&bytes, &limits));
    }

    #[test]
    fn the_worst_go_first(template in template(), max in 1u8..60) {
        let limits = Limits { max, ..Limits::default() };
        // Quality tells them apart in the bytes no more: their places do.
        let kept = card_normal::decode(&card_normal::encode(&template, &limits).expect("fits")).expect("valid");
        let mut qualities: Vec<u8> = template.minutiae.iter().map(|m| m.quality).collect();
        qualities.sort_unstable_by(|a, b| b.cmp(a));
        let worst = qualities.get(usize::from(max) - 1).copied().unwrap_or(0);
        let better = template.minutiae.iter().filter(|m| m.quality > worst);
        for minutia in better {
            prop_assert!(kept.minutiae.iter().any(|other| near(minutia, other, Format::IsoCard)));
        }
    }
}
