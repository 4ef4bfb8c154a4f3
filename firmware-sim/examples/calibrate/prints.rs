//! The prints: made once, their templates kept.

use std::fmt::Write;
use std::io;
use std::path::Path;
use std::str::SplitWhitespace;
use std::sync::atomic::{AtomicUsize, Ordering};

use negin_fingerprint::{Minutia, MinutiaKind, Template};
use negin_firmware_sim::finger::{Finger, Pressing, Sensor};
use negin_recognition::extract;
use rayon::prelude::*;

/// Seeds of the fingers start here.
pub const FIRST_FINGER: u64 = 1_000_000;

/// Impressions of a finger.
pub const IMPRESSIONS: usize = 2;

/// The sensors: name, width and height in pixels, dots an inch. Finger n is pressed on sensor n modulo their number.
pub const SENSORS: [(&str, u32, u32, u16); 5] = [
    ("counter, 300 x 400 at 500 dpi", 300, 400, 500),
    ("U.are.U 4500, 384 x 290 at 512 dpi", 384, 290, 512),
    ("module, 256 x 288 at 500 dpi", 256, 288, 500),
    ("1000 dpi, 600 x 800", 600, 800, 1000),
    ("small, 192 x 256 at 500 dpi", 192, 256, 500),
];

/// A finger's templates; `None` where nothing could be extracted.
pub struct Prints {
    pub sensor: usize,
    pub templates: [Option<Template>; IMPRESSIONS],
}

/// The prints of so many fingers, from the folder as far as they are there.
pub fn made(folder: &Path, fingers: usize) -> io::Result<Vec<Prints>> {
    std::fs::create_dir_all(folder)?;
    let done = AtomicUsize::new(0);
    let one = |index: usize| -> io::Result<Prints> {
        let file = folder.join(index.to_string());
        let kept = std::fs::read_to_string(&file)
            .ok()
            .and_then(|text| read(&text));
        let templates = match kept {
            Some(templates) => templates,
            None => {
                let made = make(index);
                let unfinished = file.with_extension("part");
                std::fs::write(&unfinished, written(&made))?;
                std::fs::rename(unfinished, file)?;
                made
            }
        };
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(100) {
            eprintln!("{done} of {fingers} fingers");
        }
        let sensor = index % SENSORS.len();
        Ok(Prints { sensor, templates })
    };
    (0..fingers).into_par_iter().map(one).collect()
}

fn make(index: usize) -> [Option<Template>; IMPRESSIONS] {
    let finger = Finger::from_seed(FIRST_FINGER + index as u64);
    let (_, width, height, dpi) = SENSORS[index % SENSORS.len()];
    let sensor = Sensor::new(width, height, dpi).unwrap_or_default();
    std::array::from_fn(|n| {
        let pressing = Pressing::random((10 * index + n + 1) as u64).on(sensor);
        let image = finger.impression(&pressing).image;
        extract(&image).ok().map(|it| it.template)
    })
}

/// A line a template (width, height, quality, number of minutiae) or `-`, then a line a minutia; fractions by their bits.
fn written(templates: &[Option<Template>]) -> String {
    let mut text = String::new();
    for template in templates {
        let Some(it) = template else {
            text.push_str("-\n");
            continue;
        };
        let count = it.minutiae.len();
        let _ = writeln!(text, "{} {} {} {count}", it.width, it.height, it.quality);
        for m in &it.minutiae {
            let (x, y, angle) = (m.x.to_bits(), m.y.to_bits(), m.angle.to_bits());
            let kind = match m.kind {
                MinutiaKind::Ending => 1,
                MinutiaKind::Bifurcation => 2,
                MinutiaKind::Other => 0,
            };
            let _ = writeln!(text, "{x} {y} {angle} {kind} {}", m.quality);
        }
    }
    text
}

fn read(text: &str) -> Option<[Option<Template>; IMPRESSIONS]> {
    fn next<T: std::str::FromStr>(words: &mut SplitWhitespace<'_>) -> Option<T> {
        words.next()?.parse().ok()
    }
    let mut lines = text.lines();
    let mut templates = [const { None }; IMPRESSIONS];
    for template in &mut templates {
        let head = lines.next()?;
        if head == "-" {
            continue;
        }
        let words = &mut head.split_whitespace();
        let (width, height) = (next(words)?, next(words)?);
        let (quality, count) = (next(words)?, next::<usize>(words)?);
        let mut minutia = || {
            let words = &mut lines.next()?.split_whitespace();
            Some(Minutia {
                x: f32::from_bits(next(words)?),
                y: f32::from_bits(next(words)?),
                angle: f32::from_bits(next(words)?),
                kind: match next::<u8>(words)? {
                    1 => MinutiaKind::Ending,
                    2 => MinutiaKind::Bifurcation,
                    _ => MinutiaKind::Other,
                },
                quality: next(words)?,
            })
        };
        let minutiae = (0..count).map(|_| minutia()).collect::<Option<_>>()?;
        *template = Some(Template::new(width, height, quality, minutiae));
    }
    Some(templates)
}
