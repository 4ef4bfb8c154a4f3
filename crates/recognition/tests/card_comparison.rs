//! The card's comparison on made-up minutiae: what it must tell apart, whatever the extraction.

use std::f32::consts::TAU;

use negin_fingerprint::compact::{Limits, Order, encode};
use negin_fingerprint::{Minutia, MinutiaKind, Template, normalize_angle};
use negin_recognition::{on_card, threshold};
use proptest::prelude::*;

/// Numbers from a seed, 0 to 1.
fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 24) as f32
    }
}

/// Minutiae of no finger, scattered over a print's size.
fn scattered(seed: u64, count: usize) -> Template {
    let mut next = numbers(seed);
    let minutiae = (0..count)
        .map(|_| Minutia {
            x: 100.0 + 220.0 * next(),
            y: 80.0 + 300.0 * next(),
            angle: TAU * next(),
            kind: if next() < 0.5 {
                MinutiaKind::Ending
            } else {
                MinutiaKind::Bifurcation
            },
            quality: 1 + (99.0 * next()) as u8,
        })
        .collect();
    Template::new(420, 460, 70, minutiae)
}

/// Another impression: turned about its middle, shifted, a few minutiae missing, all a little off.
fn pressed_again(template: &Template, seed: u64, turn: f32, missing: usize) -> Template {
    let mut next = numbers(seed);
    let (s, c) = turn.sin_cos();
    let (dx, dy) = (20.0 * next() - 10.0, 20.0 * next() - 10.0);
    let mut again = template.clone();
    again.minutiae.drain(..missing.min(again.minutiae.len()));
    for m in &mut again.minutiae {
        let (x, y) = (m.x - 210.0, m.y - 230.0);
        m.x = 210.0 + x * c + y * s + dx + 4.0 * (next() - 0.5);
        m.y = 230.0 + y * c - x * s + dy + 4.0 * (next() - 0.5);
        m.angle = normalize_angle(m.angle + turn + 0.2 * (next() - 0.5));
    }
    again
}

fn record(template: &Template) -> Vec<u8> {
    let limits = Limits {
        order: Order::ASCENDING_X_Y,
        ..Limits::default()
    };
    encode(template, &limits)
        .map(|record| record.to_vec())
        .unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn another_impression_is_accepted(seed in 1u64..1_000_000, turn in -0.6f32..0.6, missing in 0usize..10) {
        let enrolled = scattered(seed, 40);
        let again = pressed_again(&enrolled, seed ^ 0x5555, turn, missing);
        let score = on_card::compare(&record(&enrolled), &record(&again));
        prop_assert!(score >= threshold::ON_CARD, "{score:?}");
    }

    #[test]
    fn another_finger_is_refused(seed in 1u64..1_000_000, count in 20usize..60) {
        let score = on_card::compare(&record(&scattered(seed, 40)), &record(&scattered(seed ^ 0xAAAA_0000, count)));
        prop_assert!(score < threshold::ON_CARD, "{score:?}");
    }

    #[test]
    fn crowded_records_open_nothing(seed in 1u64..1_000_000, spots in 1usize..16) {
        // Every direction at a few spots, so that something might fit everywhere.
        let mut next = numbers(seed);
        let crowd: Vec<u8> = (0..spots)
            .flat_map(|_| {
                let (x, y) = ((60.0 + 110.0 * next()) as u8, (50.0 + 130.0 * next()) as u8);
                (0..64 / spots).flat_map(move |k| [x, y, 0x40 | (k * spots) as u8]).collect::<Vec<u8>>()
            })
            .collect();
        let score = on_card::compare(&record(&scattered(seed, 40)), &crowd);
        prop_assert!(score < threshold::ON_CARD, "{score:?}");
    }
}

#[test]
fn few_minutiae_are_worth_little() {
    let whole = scattered(3, 40);
    let mut few = whole.clone();
    few.minutiae.truncate(4);
    assert!(on_card::compare(&record(&whole), &record(&few)) < threshold::ON_CARD);
    assert_eq!(on_card::compare(&[], &record(&whole)), on_card::Score(0));
    assert_eq!(
        on_card::compare(&[1, 2], &record(&whole)),
        on_card::Score(0)
    );
}
