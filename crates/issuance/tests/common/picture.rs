//! Pictures for the tests: portraits that are none, and ridges that an engine takes for a finger.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use negin_fingerprint::Image;

/// A colourful picture of that size as JPEG.
pub fn portrait(width: u32, height: u32, seed: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        Rgb([
            (x * 255 / width) as u8,
            (y * 255 / height) as u8,
            ((x / 8 + y / 8) % 2 * 60) as u8 ^ seed,
        ])
    });
    encode(&picture.into(), ImageFormat::Jpeg)
}

/// An even grey picture of that size as JPEG.
pub fn grey(width: u32, height: u32) -> Vec<u8> {
    let picture = GrayImage::from_pixel(width, height, Luma([128]));
    encode(&picture.into(), ImageFormat::Jpeg)
}

pub fn encode(picture: &image::DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

type Prints = BTreeMap<(u64, i8, i8), Arc<Vec<u8>>>;

/// [`finger`] as a PNG file, each made once.
pub fn finger_png(seed: u64, shift: (i8, i8)) -> Arc<Vec<u8>> {
    static MADE: Mutex<Prints> = Mutex::new(BTreeMap::new());
    let key = (seed, shift.0, shift.1);
    if let Some(png) = MADE.lock().unwrap().get(&key) {
        return Arc::clone(png);
    }
    let shift = (f64::from(shift.0), f64::from(shift.1));
    let png = Arc::new(finger(seed, shift).to_png().unwrap());
    MADE.lock().unwrap().insert(key, Arc::clone(&png));
    png
}

/// Ridges of nine pixels a period, with a minutia at each dislocation of their phase. One seed, one
/// 'finger'; `shift` moves it on the scanner.
pub fn finger(seed: u64, shift: (f64, f64)) -> Image {
    const SIDE: u32 = 300;
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let tilt = random() * TAU;
    let centre = (110.0 + 80.0 * random(), 330.0 + 60.0 * random());
    let mut dislocations: Vec<(f64, f64, f64)> = Vec::new();
    while dislocations.len() < 34 {
        let (x, y) = (30.0 + 240.0 * random(), 30.0 + 240.0 * random());
        let sign = if random() < 0.5 { 1.0 } else { -1.0 };
        let far = |(a, b, _): &(f64, f64, f64)| (a - x).hypot(b - y) > 24.0;
        if dislocations.iter().all(far) {
            dislocations.push((x, y, sign));
        }
    }
    let grey = |x: u32, y: u32| {
        let (x, y) = (f64::from(x) - shift.0, f64::from(y) - shift.1);
        let arcs = (x - centre.0).hypot(y - centre.1) * TAU / 9.0;
        let turns: f64 = dislocations
            .iter()
            .map(|(a, b, sign)| sign * (y - b).atan2(x - a))
            .sum();
        let value = 128.0 + 110.0 * (arcs + tilt + turns).cos();
        value.round() as u8
    };
    let pixels = (0..SIDE)
        .flat_map(|y| (0..SIDE).map(move |x| (x, y)))
        .map(|(x, y)| grey(x, y))
        .collect();
    Image::new(SIDE, SIDE, 500, pixels).unwrap()
}
