//! No image and no template makes the engine panic; what is no print is told.

use negin_fingerprint::{Image, Minutia, MinutiaKind, Template};
use negin_recognition::{Error, compare, extract, on_card};
use proptest::prelude::*;

#[allow(clippy::expect_used)]
fn image(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> Image {
    let pixels = (0..width * height)
        .map(|i| pixel(i % width, i / width))
        .collect();
    Image::new(width, height, 500, pixels).expect("a valid size")
}

fn noise(x: u32, y: u32) -> u8 {
    let mut state = u64::from(x) << 32 | u64::from(y) | 1 << 63;
    for _ in 0..3 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    (state >> 24) as u8
}

#[test]
fn blank_images_are_blank() {
    for level in [0, 127, 255] {
        assert_eq!(
            extract(&image(300, 400, |_, _| level)).expect_err("blank"),
            Error::Blank
        );
    }
    assert_eq!(
        extract(&image(300, 400, |x, _| 200 + (x / 30) as u8)).expect_err("a gradient"),
        Error::Blank
    );
}

#[test]
fn noise_stripes_and_blots_give_no_good_print() {
    for (name, picture) in [
        ("noise", image(300, 300, noise)),
        (
            "checks",
            image(
                300,
                300,
                |x, y| if (x / 20 + y / 20) % 2 == 0 { 0 } else { 255 },
            ),
        ),
        (
            "blot",
            image(300, 300, |x, y| {
                if x.abs_diff(150) + y.abs_diff(150) < 80 {
                    0
                } else {
                    255
                }
            }),
        ),
    ] {
        if let Ok(extraction) = extract(&picture) {
            assert!(
                extraction.quality < 40,
                "{name} has quality {}",
                extraction.quality
            );
        }
    }
}

#[test]
fn small_images_are_told_and_none_panics() {
    for width in (1..100).step_by(7) {
        for height in [1, 2, 3, 5, 16, 79, 80, 81, 120] {
            let result = extract(&image(width, height, noise));
            if width.min(height) < 80 {
                assert_eq!(
                    result.expect_err("too small"),
                    Error::TooSmall { width, height }
                );
            }
        }
    }
    assert!(extract(&image(8000, 1, noise)).is_err());
}

#[test]
fn any_size_comes_back() {
    // Level ridges with an ending or a fork every 40 pixels, so that there is a print wherever there is room for one.
    let ridges = |width: u32, height: u32| {
        let spots = |side: u32| (0..side / 40).map(|i| 40.0 * f64::from(i) + 21.5);
        let signs = [1.0, -1.0].into_iter().cycle();
        let spots: Vec<(f64, f64, f64)> = spots(width)
            .flat_map(|x| spots(height).map(move |y| (x, y)))
            .zip(signs)
            .map(|((x, y), sign)| (x, y, sign))
            .collect();
        move |x: u32, y: u32| {
            let turned = |(at_x, at_y, sign): &(f64, f64, f64)| {
                sign * (f64::from(y) - at_y).atan2(f64::from(x) - at_x)
            };
            let phase = 0.7 * f64::from(y) + spots.iter().map(turned).sum::<f64>();
            (127.0 + 110.0 * phase.sin()) as u8 ^ (noise(x, y) >> 4)
        }
    };
    let within = |width: u32, height: u32| {
        let Ok(found) = extract(&image(width, height, ridges(width, height))) else {
            return false;
        };
        let (right, bottom) = (width as f32, height as f32);
        let minutiae = &found.template.minutiae;
        assert!(
            minutiae
                .iter()
                .all(|m| (0.0..right).contains(&m.x) && (0.0..bottom).contains(&m.y))
        );
        true
    };
    for side in 1..=64 {
        for other in [1, 2, 3, side, 64, 79] {
            assert!(!within(side, other) && !within(other, side));
        }
    }
    let sizes = [
        (80, 80),
        (81, 83),
        (95, 127),
        (96, 128),
        (97, 129),
        (80, 700),
        (700, 80),
        (2000, 80),
        (83, 2000),
        (601, 433),
    ];
    let read = sizes
        .iter()
        .filter(|(width, height)| within(*width, *height))
        .count();
    assert!(read >= 5, "of most sizes something is read: {read}");
}

#[test]
fn any_resolution_comes_back() {
    for dpi in [50, 51, 96, 250, 499, 501, 512, 569, 1000, 1200, 4999, 5000] {
        let side = (u32::from(dpi) * 120 / 500).max(1);
        let pixels = (0..side * side)
            .map(|i| noise(i % side, i / side))
            .collect();
        let image = Image::new(side, side, dpi, pixels).expect("a valid size");
        if let Ok(found) = extract(&image) {
            assert!(
                found.template.width.abs_diff(120) < 12,
                "{dpi}: {}",
                found.template.width
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_picture(width in 80u32..140, height in 80u32..140, period in 2u32..30, seed in any::<u32>()) {
        let picture = image(width, height, |x, y| {
            let wave = ((x * (seed % 7) + y * (seed % 5)) / period) % 2 * 180;
            (wave as u8).wrapping_add(noise(x ^ seed, y) / 3)
        });
        if let Ok(extraction) = extract(&picture) {
            for m in &extraction.template.minutiae {
                prop_assert!((0.0..width as f32).contains(&m.x) && (0.0..height as f32).contains(&m.y));
                prop_assert!((0.0..std::f32::consts::TAU).contains(&m.angle) && (1..=100).contains(&m.quality));
            }
        }
    }

    #[test]
    fn any_records(a in proptest::collection::vec(any::<u8>(), 0..200), b in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(on_card::compare(&a, &b), on_card::compare(&b, &a));
    }

    #[test]
    fn records_of_any_minutiae(
        a in proptest::collection::vec((any::<u8>(), any::<u8>(), 0u8..0xC0), 0..=64),
        b in proptest::collection::vec((any::<u8>(), any::<u8>(), 0u8..0xC0), 0..=64),
    ) {
        let record = |minutiae: &[(u8, u8, u8)]| -> Vec<u8> { minutiae.iter().flat_map(|m| [m.0, m.1, m.2]).collect() };
        let (one, other) = (record(&a), record(&b));
        let score = on_card::compare(&one, &other);
        prop_assert_eq!(score, on_card::compare(&other, &one));
        let mut turned = a.clone();
        turned.reverse();
        prop_assert_eq!(score, on_card::compare(&record(&turned), &other));
    }

    #[test]
    fn any_templates(points in proptest::collection::vec((any::<f32>(), any::<f32>(), any::<f32>()), 0..80)) {
        let minutiae = points
            .iter()
            .map(|&(x, y, angle)| Minutia { x, y, angle, kind: MinutiaKind::Other, quality: 0 })
            .collect();
        let template = Template::new(300, 300, 0, minutiae);
        prop_assert!(compare(&template, &template).score.is_finite());
    }
}
