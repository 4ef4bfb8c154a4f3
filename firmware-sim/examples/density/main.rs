//! Where extracted minutiae lie, over a thousand prints, and whether they prefer the lines of a grid:
//!
//! ```text
//! cargo run --release -p negin-firmware-sim --example density -- PICTURE.png [REAL…]
//! ```
//!
//! The prints are four impressions each of 250 synthetic fingers, pressed as people press without help. REAL are folders
//! of real prints at 500 dpi, `<finger>_<impression>.png`. The picture: how many minutiae of the synthetic prints lie at
//! each pixel, its spectrum (no period in the middle of the upper edge, two pixels at the others; the darker the
//! stronger, and red what is above the bound), and the spectrum of the real prints' minutiae.
#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;

use image::{Rgb, RgbImage};
use negin_fingerprint::{CANONICAL_DPI, Image};
use negin_firmware_sim::finger::{Finger, Pressing};
use negin_recognition::bench::{PrintStatistics, Set, Spectrum, spectrum, turns};
use rayon::prelude::*;

const FINGERS: u64 = 250;
const IMPRESSIONS: u64 = 4;

/// Seeds of the fingers start here.
const FIRST_FINGER: u64 = 3_000_000;

/// The area of the synthetic prints' glass.
const AREA: (u32, u32) = (300, 400);

/// The area looked at of real prints.
const REAL_AREA: (u32, u32) = (300, 300);

/// The area looked at in the engine's own scale, where prints are smaller.
const INNER_AREA: (u32, u32) = (256, 320);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [picture, real @ ..] = &arguments[..] else {
        return Err("usage: density PICTURE.png [REAL…]".into());
    };
    let prints = synthetic_prints();
    let mut panels = vec![density(&prints), looked_at("synthetic", &prints, AREA)];
    if !real.is_empty() {
        panels.push(looked_at("real", &real_prints(real)?, REAL_AREA));
    }
    beside(&panels).save(picture)?;
    Ok(())
}

/// Tells of some prints whether their minutiae prefer a grid; the spectrum of where they lie.
fn looked_at(name: &str, prints: &[Print], area: (u32, u32)) -> RgbImage {
    let count: usize = prints.iter().map(|it| it.angles.len()).sum();
    println!("{} {name} prints, {count} minutiae", prints.len());
    let within = |of: fn(&Print) -> &Vec<(f32, f32)>, area: (u32, u32)| {
        let places = prints.iter().flat_map(of).copied();
        spectrum(places, f64::from(area.0), f64::from(area.1))
    };
    let found = within(|it| &it.places, area);
    told("positions", &found);
    told(
        "positions in the engine's scale",
        &within(|it| &it.inner, INNER_AREA),
    );
    let angles = prints.iter().flat_map(|it| &it.angles).copied();
    told("directions", &turns(angles));
    of_spectrum(&found)
}

fn told(name: &str, found: &Spectrum) {
    println!(
        "{name}: highest power {:.1} (periods {:.1} and {:.1}), bound {:.1}",
        found.peak, found.peak_at.0, found.peak_at.1, found.bound
    );
}

/// What of a print is looked at.
struct Print {
    /// Where its minutiae lie in the area.
    places: Vec<(f32, f32)>,
    /// Where they lie in the engine's scale.
    inner: Vec<(f32, f32)>,
    angles: Vec<f32>,
}

impl Print {
    fn of(image: &Image, area: (u32, u32)) -> Option<Self> {
        let print = PrintStatistics::of(image).ok()?;
        // The middle of a larger image, moved by a multiple of every block there may be.
        let room = |side: u32, area: u32| (side.saturating_sub(area) / 2 / 32 * 32) as f32;
        let left = room(print.template.width, area.0);
        let top = room(print.template.height, area.1);
        let minutiae = &print.template.minutiae;
        Some(Self {
            places: minutiae.iter().map(|m| (m.x - left, m.y - top)).collect(),
            angles: minutiae.iter().map(|m| m.angle).collect(),
            inner: print.inner,
        })
    }
}

fn synthetic_prints() -> Vec<Print> {
    let of_finger = |finger: u64| -> Vec<Print> {
        let grown = Finger::from_seed(FIRST_FINGER + finger);
        let impression = |n| grown.impression(&Pressing::random(finger * IMPRESSIONS + n));
        (0..IMPRESSIONS)
            .filter_map(|n| Print::of(&impression(n).image, AREA))
            .collect()
    };
    (0..FINGERS).into_par_iter().flat_map(of_finger).collect()
}

fn real_prints(folders: &[String]) -> Result<Vec<Print>, Box<dyn Error>> {
    let mut prints = Vec::new();
    for folder in folders {
        let set = Set::open(Path::new(folder), Set::IMAGES)?;
        let found = set.impressions.par_iter().filter_map(|it| {
            let image = Image::open(&it.path, CANONICAL_DPI).ok()?;
            Print::of(&image, REAL_AREA)
        });
        prints.extend(found.collect::<Vec<Print>>());
    }
    Ok(prints)
}

/// How many minutiae lie at each pixel.
fn density(prints: &[Print]) -> RgbImage {
    let mut counts = vec![0u32; (AREA.0 * AREA.1) as usize];
    for &(x, y) in prints.iter().flat_map(|it| &it.places) {
        if let Some(count) = counts.get_mut((y as u32 * AREA.0 + x as u32) as usize) {
            *count += 1;
        }
    }
    RgbImage::from_fn(AREA.0, AREA.1, |x, y| {
        let count = counts[(y * AREA.0 + x) as usize];
        Rgb([255 - (count * 60).min(255) as u8; 3])
    })
}

fn of_spectrum(found: &Spectrum) -> RgbImage {
    RgbImage::from_fn(found.width as u32, found.height as u32, |x, y| {
        let power = found.powers[y as usize * found.width + x as usize];
        let share = (power / found.bound).min(1.0);
        match power > found.bound {
            true => Rgb([220, 0, 0]),
            false => Rgb([255 - (255.0 * share) as u8; 3]),
        }
    })
}

fn beside(panels: &[RgbImage]) -> RgbImage {
    const GAP: u32 = 12;
    let width = panels.iter().map(|it| it.width() + GAP).sum::<u32>() - GAP;
    let height = panels.iter().map(RgbImage::height).max().unwrap_or(1);
    let mut all = RgbImage::from_pixel(width, height, Rgb([190, 200, 215]));
    let mut left = 0;
    for panel in panels {
        image::imageops::replace(&mut all, panel, i64::from(left), 0);
        left += panel.width() + GAP;
    }
    all
}
