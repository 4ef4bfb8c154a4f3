//! Where extracted minutiae lie, over a thousand prints, and whether they prefer the lines of a grid:
//!
//! ```text
//! cargo run --release -p negin-firmware-sim --example density -- FOLDER PICTURE.png [REAL…]
//! ```
//!
//! FOLDER is `calibrate`'s; prints that are not there yet are made. Of them are taken the first thousand on glass of
//! 15.2 × 20.3 mm. REAL are folders of real prints at 500 dpi, `<finger>_<impression>.png`. The picture: how many minutiae
//! lie at each pixel, its spectrum (no period in the middle of the upper edge, two pixels at the others; the darker the
//! stronger, and red what is above the bound), and the spectrum of the real prints' minutiae.
#![forbid(unsafe_code)]

#[allow(dead_code)]
#[path = "../calibrate/prints.rs"]
mod prints;

use std::error::Error;
use std::path::Path;

use image::{Rgb, RgbImage};
use negin_fingerprint::{CANONICAL_DPI, Image, Template};
use negin_recognition::bench::{PrintStatistics, Set, Spectrum, spectrum, turns};
use rayon::prelude::*;

/// Prints looked at, and the area they lie in.
const PRINTS: usize = 1000;
const AREA: (u32, u32) = (300, 400);

/// Fingers that have so many prints on such glass.
const FINGERS: usize = 1270;

/// The area looked at of real prints.
const REAL_AREA: (u32, u32) = (300, 300);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, picture, real @ ..] = &arguments[..] else {
        return Err("usage: density FOLDER PICTURE.png [REAL…]".into());
    };
    let fingers = prints::made(&Path::new(folder).join("prints"), FINGERS)?;
    let templates: Vec<&Template> = fingers
        .iter()
        .flat_map(|it| it.templates.iter().flatten())
        .filter(|it| (it.width, it.height) == AREA)
        .take(PRINTS)
        .collect();
    let minutiae: Vec<_> = templates.iter().flat_map(|it| &it.minutiae).collect();
    let places: Vec<(f32, f32)> = minutiae.iter().map(|m| (m.x, m.y)).collect();
    let found = spectrum(places.iter().copied(), f64::from(AREA.0), f64::from(AREA.1));
    println!(
        "{} synthetic prints, {} minutiae",
        templates.len(),
        places.len()
    );
    told("positions", &found);
    told("directions", &turns(minutiae.iter().map(|m| m.angle)));
    let mut panels = vec![density(&places), of_spectrum(&found)];
    if !real.is_empty() {
        let prints = real_prints(real)?;
        let places: Vec<(f32, f32)> = prints.iter().flat_map(|it| it.0.clone()).collect();
        let angles = prints.iter().flat_map(|it| it.1.clone());
        let inner: Vec<(f32, f32)> = prints.iter().flat_map(|it| it.2.clone()).collect();
        let area = (f64::from(REAL_AREA.0), f64::from(REAL_AREA.1));
        let found = spectrum(places.iter().copied(), area.0, area.1);
        println!("{} real prints, {} minutiae", prints.len(), places.len());
        told("positions", &found);
        told(
            "positions in the engine's scale",
            &spectrum(inner, 256.0, 256.0),
        );
        told("directions", &turns(angles));
        panels.push(of_spectrum(&found));
    }
    beside(&panels).save(picture)?;
    Ok(())
}

fn told(name: &str, found: &Spectrum) {
    println!(
        "{name}: highest power {:.1} (periods {:.1} and {:.1}), bound {:.1}",
        found.peak, found.peak_at.0, found.peak_at.1, found.bound
    );
}

/// Places in the area looked at, directions, and places in the engine's scale.
type Print = (Vec<(f32, f32)>, Vec<f32>, Vec<(f32, f32)>);

fn real_prints(folders: &[String]) -> Result<Vec<Print>, Box<dyn Error>> {
    let mut prints = Vec::new();
    for folder in folders {
        let set = Set::open(Path::new(folder), Set::IMAGES)?;
        let found = set.impressions.par_iter().filter_map(|it| {
            let image = Image::open(&it.path, CANONICAL_DPI).ok()?;
            let print = PrintStatistics::of(&image).ok()?;
            // The middle of a larger image, moved by a multiple of every block there may be.
            let room = |side: u32, area: u32| (side.saturating_sub(area) / 2 / 32 * 32) as f32;
            let left = room(print.template.width, REAL_AREA.0);
            let top = room(print.template.height, REAL_AREA.1);
            let minutiae = &print.template.minutiae;
            Some((
                minutiae.iter().map(|m| (m.x - left, m.y - top)).collect(),
                minutiae.iter().map(|m| m.angle).collect(),
                print.inner,
            ))
        });
        prints.extend(found.collect::<Vec<Print>>());
    }
    Ok(prints)
}

/// How many minutiae lie at each pixel.
fn density(places: &[(f32, f32)]) -> RgbImage {
    let mut counts = vec![0u32; (AREA.0 * AREA.1) as usize];
    for &(x, y) in places {
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
