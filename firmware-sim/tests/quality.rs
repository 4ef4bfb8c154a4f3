//! What the engine says of the quality of synthetic prints, of which everything is known.
#![allow(clippy::unwrap_used)]

use negin_fingerprint::{Image, Minutia, angle_difference};
use negin_firmware_sim::finger::{Finger, Pressing, Sensor, empty_glass};
use negin_recognition::quality::{Advice, Judge, assess, judge};
use negin_recognition::{Error, extract};

fn fingers() -> impl Iterator<Item = Finger> {
    (900..906).map(Finger::from_seed)
}

/// The image as a sensor sees a finger that slides while it is taken, by so many pixels to the right.
fn smeared(image: &Image, length: usize) -> Image {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let pixels = (0..width * height)
        .map(|i| {
            let (x, row) = (i % width, &image.pixels()[i / width * width..]);
            let sum: usize = (0..length)
                .map(|k| usize::from(row[(x + k).min(width - 1)]))
                .sum();
            (sum / length) as u8
        })
        .collect();
    Image::new(image.width(), image.height(), image.dpi(), pixels).unwrap()
}

#[test]
fn the_advice_is_what_was_wrong() {
    let mut told = [[0; 2]; 4];
    for finger in fingers() {
        let good = Pressing::good(finger.seed());
        let of = |pressing: &Pressing| judge(&finger.impression(pressing).image).unwrap();
        let fine = of(&good);
        let worse = [
            (fine, Advice::None),
            (
                of(&Pressing {
                    moisture: -1.0,
                    pressure: -1.0,
                    noise: 14.0,
                    ..good
                }),
                Advice::TooDry,
            ),
            (
                of(&Pressing {
                    contact: (58.0, 66.0),
                    ..good
                }),
                Advice::TooLittle,
            ),
            (
                judge(&smeared(&finger.impression(&good).image, 11)).unwrap(),
                Advice::Moved,
            ),
        ];
        // No finger here is as wet as to spoil its print; the balance shows it all the same.
        let wet = of(&Pressing {
            moisture: 1.0,
            pressure: 1.0,
            ..good
        });
        assert!(wet.parts.moisture > fine.parts.moisture + 0.2);
        assert!(wet.score < fine.score);
        for (told, (found, wanted)) in told.iter_mut().zip(worse) {
            told[usize::from(found.advice == wanted)] += 1;
            println!("{wanted:?}: {found:?}");
            assert!(
                wanted == Advice::None || found.score < fine.score,
                "{wanted:?}: {} of {}",
                found.score,
                fine.score
            );
        }
    }
    // One print in six may be told otherwise.
    assert!(told.iter().all(|[other, _]| *other <= 1), "{told:?}");
}

#[test]
fn two_frames_tell_whether_a_finger_moves() {
    for finger in fingers().take(3) {
        let pressing = Pressing::good(1);
        let frame = |shift: f32, seed: u64| {
            let shift = (pressing.shift.0 + shift, pressing.shift.1);
            let pressing = Pressing {
                shift,
                seed,
                ..pressing
            };
            finger.impression(&pressing).image
        };
        let mut eye = Judge::new();
        let glass = empty_glass(&pressing);
        assert_eq!(eye.frame(&glass).unwrap_err(), Error::Blank);
        assert_eq!(eye.frame(&frame(0.0, 1)).unwrap().advice, Advice::None);
        assert_eq!(eye.frame(&frame(0.0, 2)).unwrap().advice, Advice::None);
        assert_eq!(eye.frame(&frame(4.0, 3)).unwrap().advice, Advice::Moved);
        assert_eq!(eye.frame(&frame(4.0, 4)).unwrap().advice, Advice::None);
        eye.forget();
        assert_eq!(eye.frame(&frame(0.0, 5)).unwrap().advice, Advice::None);
    }
}

#[test]
fn what_is_seen_at_first_sight_is_near_what_extraction_says() {
    let (mut off, mut count) = (0, 0);
    for finger in fingers() {
        for seed in 0..3 {
            let image = finger.impression(&Pressing::random(seed)).image;
            let (quick, full) = (judge(&image).unwrap(), assess(&image).unwrap());
            assert_eq!(extract(&image).unwrap().quality, full.score);
            off += i32::from(quick.score.abs_diff(full.score));
            count += 1;
        }
    }
    assert!(off <= 8 * count, "{off} over {count} prints");
}

#[test]
fn the_figure_is_the_same_at_any_resolution() {
    let finger = Finger::from_seed(900);
    let pressing = Pressing::good(3);
    let fine = Sensor::new(600, 800, 1000).unwrap();
    let one = judge(&finger.impression(&pressing).image).unwrap();
    let two = judge(&finger.impression(&pressing.on(fine)).image).unwrap();
    assert!(
        one.score.abs_diff(two.score) <= 6,
        "{} and {}",
        one.score,
        two.score
    );
    assert!((one.parts.area / two.parts.area - 1.0).abs() < 0.05);
}

#[test]
fn a_minutia_is_as_likely_real_as_its_quality_says() {
    let (mut found, mut real, mut promised) = ([0.0; 2], [0.0; 2], [0.0; 2]);
    for finger in fingers() {
        for seed in 0..4 {
            let impression = finger.impression(&Pressing::random(seed));
            let truth = &impression.minutiae;
            let is_real = |m: &Minutia| {
                truth.iter().any(|t| {
                    (m.x - t.x).hypot(m.y - t.y) < 10.0
                        && angle_difference(m.angle, t.angle).abs() < 0.5
                })
            };
            for minutia in &extract(&impression.image).unwrap().template.minutiae {
                let sure = usize::from(minutia.quality >= 80);
                found[sure] += 1.0;
                promised[sure] += f64::from(minutia.quality) / 100.0;
                real[sure] += f64::from(u8::from(is_real(minutia)));
            }
        }
    }
    for sure in 0..2 {
        assert!(found[sure] > 100.0);
        let (promised, real) = (promised[sure] / found[sure], real[sure] / found[sure]);
        assert!((promised - real).abs() < 0.1, "{promised} and {real}");
    }
}
