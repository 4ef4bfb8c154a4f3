use super::*;
use negin_fingerprint::{MinutiaKind, angle_difference};

/// FNV-1a, 64 bit.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
    })
}

/// Grey at a point of an image, bilinear.
fn grey(image: &Image, x: f32, y: f32) -> f32 {
    let (width, height) = (image.width() as usize, image.height() as usize);
    Grid::from_fn(width, height, |x, y| {
        f32::from(image.pixels()[y * width + x])
    })
    .at(x, y)
}

/// Mean grey from `from` to `to` px of `m` in the direction `angle`.
fn along(image: &Image, m: &Minutia, angle: f32, from: usize, to: usize) -> f32 {
    let (sin, cos) = angle.sin_cos();
    let sum: f32 = (from..=to)
        .map(|r| grey(image, m.x + r as f32 * cos, m.y - r as f32 * sin))
        .sum();
    sum / (to - from + 1) as f32
}

#[test]
fn one_seed_is_one_print_to_the_bit() {
    let sensor = Sensor::new(120, 160, 500).expect("a small sensor");
    let impression = Finger::from_seed(42).impression(&Pressing::random(5).on(sensor));
    let minutiae = impression
        .minutiae
        .iter()
        .flat_map(|m| [m.x.to_bits(), m.y.to_bits(), m.angle.to_bits()])
        .flat_map(u32::to_le_bytes);
    let pixels = impression.image.pixels().iter().copied();
    let print: Vec<u8> = pixels.chain(minutiae).collect();
    assert_eq!(format!("{:016x}", hash(&print)), "bcf83bbaff24ca75");
}

#[test]
fn minutiae_are_as_many_as_in_people() {
    for seed in 0..10 {
        let finger = Finger::from_seed(seed);
        let found = finger.impression(&Pressing::ideal()).minutiae;
        let ends = found
            .iter()
            .filter(|m| m.kind == MinutiaKind::Ending)
            .count();
        assert!(
            (28..=85).contains(&found.len()),
            "seed {seed}: {}",
            found.len()
        );
        assert!(
            ends * 5 > found.len() && ends * 5 < found.len() * 4,
            "seed {seed}: {ends} endings"
        );
    }
}

#[test]
fn true_minutiae_lie_where_ridges_end_and_fork() {
    let (mut right, mut all) = (0, 0);
    for seed in 20..26 {
        let finger = Finger::from_seed(seed);
        let Impression { image, minutiae } = finger.impression(&Pressing::ideal());
        for m in &minutiae {
            let ahead = along(&image, m, m.angle, 4, 8);
            let behind = along(&image, m, m.angle + std::f32::consts::PI, 4, 8);
            all += 1;
            right += usize::from(match m.kind {
                // An ending looks into its ridge and has a valley behind it; a fork the reverse.
                MinutiaKind::Ending => ahead + 40.0 < behind,
                _ => behind + 40.0 < ahead,
            });
        }
    }
    assert!(right * 100 >= all * 95, "{right} of {all}");
}

#[test]
fn the_same_minutiae_are_seen_in_every_impression() {
    let finger = Finger::from_seed(3);
    let still = finger.all_minutiae(&Pressing::ideal());
    let ideal = finger.impression(&Pressing::ideal()).image;
    for seed in 0..4 {
        let pressing = Pressing {
            // Only the place and the distortion: what is at a minutia must then look the same.
            noise: 0.0,
            scratches: 0,
            pressure: 0.0,
            moisture: 0.0,
            contrast: 1.0,
            ..Pressing::random(seed)
        };
        let image = finger.impression(&pressing).image;
        let moved = finger.all_minutiae(&pressing);
        let seen = finger.impression(&pressing).minutiae;
        assert!(seen.len() >= 8);
        let (mut alike, mut both) = (0, 0);
        for (there, here) in moved.iter().zip(&still) {
            if !seen.contains(there)
                || here.x < 10.0
                || here.y < 10.0
                || here.x > 290.0
                || here.y > 390.0
            {
                continue;
            }
            both += 1;
            let profile = |image: &Image, m: &Minutia| {
                along(image, m, m.angle, 4, 8)
                    < along(image, m, m.angle + std::f32::consts::PI, 4, 8)
            };
            alike += usize::from(profile(&image, there) == profile(&ideal, here));
        }
        assert!(
            both >= 8 && alike * 10 >= both * 9,
            "pressing {seed}: {alike} of {both}"
        );
    }
}

#[test]
fn different_fingers_share_no_constellation() {
    let of = |seed| {
        Finger::from_seed(seed)
            .impression(&Pressing::ideal())
            .minutiae
    };
    let (a, b) = (of(100), of(101));
    // The best overlay by any pair of minutiae still leaves most of them alone.
    let best = a
        .iter()
        .flat_map(|p| b.iter().map(move |q| (p, q)))
        .map(|(p, q)| {
            let (dx, dy) = (p.x - q.x, p.y - q.y);
            let near = |m: &&Minutia| {
                b.iter().any(|o| {
                    let (ex, ey) = (o.x + dx - m.x, o.y + dy - m.y);
                    ex * ex + ey * ey < 100.0 && angle_difference(o.angle, m.angle).abs() < 0.35
                })
            };
            a.iter().filter(near).count()
        })
        .max();
    assert!(
        best.is_some_and(|best| best * 2 < a.len()),
        "{best:?} of {}",
        a.len()
    );
}

#[test]
fn a_sensor_of_twice_the_resolution_sees_the_same_finger() {
    let finger = Finger::from_seed(9);
    let fine = Sensor::new(600, 800, 1000).expect("a fine sensor");
    let coarse = finger.impression(&Pressing::ideal());
    let fine = finger.impression(&Pressing::ideal().on(fine));
    assert_eq!(fine.image.width(), 600);
    assert_eq!(fine.minutiae, coarse.minutiae);
    let same = (0..400u32)
        .flat_map(|y| (0..300u32).map(move |x| (x, y)))
        .filter(|&(x, y)| {
            let a = coarse.image.pixels()[(y * 300 + x) as usize];
            let b = fine.image.pixels()[(2 * y * 600 + 2 * x) as usize];
            a.abs_diff(b) < 60
        })
        .count();
    assert!(same > 114_000, "{same} of 120000");
}

#[test]
fn an_empty_glass_shows_no_ridges() {
    let image = empty_glass(&Pressing::random(1));
    let darkest = image.pixels().iter().min();
    assert!(darkest.is_some_and(|&grey| grey > 150), "{darkest:?}");
}

#[test]
fn every_class_has_its_singular_points() {
    for (class, points) in PatternClass::ALL.into_iter().zip([0, 2, 2, 2, 4]) {
        let finger = Finger::with_class(class, 1);
        assert_eq!(finger.class(), class);
        assert_eq!(finger.singularities(&Pressing::ideal()).len(), points);
    }
}

#[test]
fn debug_shows_no_pixel_and_no_minutia() {
    let finger = Finger::from_seed(1);
    let impression = finger.impression(&Pressing::ideal());
    let shown = format!("{finger:?} {impression:?}");
    assert!(shown.len() < 200, "{shown}");
    assert!(
        shown.contains("minutiae: ") && !shown.contains('['),
        "{shown}"
    );
}
