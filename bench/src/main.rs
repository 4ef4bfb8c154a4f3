//! `negin-bench DIR…`: extraction and comparison beside NBIS (the crate nbis-rs: mindtct and bozorth3), on the same
//! images, in one run, on one core.
//!
//! Every image is extracted by one engine and then by the other, and every pair compared likewise, so that whatever
//! else the machine does falls on both. Both begin with the bytes of the file and end with what their comparison takes:
//! ours a template made ready, which counts as extraction. Of each the median is told, and of the
//! ratios of every image and every pair the median with the interval that holds it with 95 % confidence (by order
//! statistics). Milliseconds are the machine's; the ratios are what is measured.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use negin_fingerprint::Image;
use negin_recognition::{Prepared, extract};
use serde_json::{Value, json};

/// Resolution of the images, in dots an inch.
const DPI: u16 = 500;

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match measure(&folders) {
        Ok(report) => {
            println!("{report:#}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("negin-bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn measure(folders: &[PathBuf]) -> Result<Value, String> {
    if folders.is_empty() {
        return Err("give folders of images as 'negin finger bench' takes them".to_owned());
    }
    let (mut extraction, mut comparison) = (Beside::default(), Beside::default());
    for folder in folders {
        let files = images(folder)?;
        let mut templates = Vec::new();
        for file in &files {
            let bytes = std::fs::read(file).map_err(|error| told(file, error))?;
            templates.extend(extract_both(&bytes, &mut extraction).map_err(|why| told(file, why))?);
        }
        for (i, (ours, theirs)) in templates.iter().enumerate() {
            for (other_ours, other_theirs) in &templates[i + 1..] {
                let (_, mine) = timed(|| ours.compare(other_ours));
                let (_, his) = timed(|| theirs.compare(other_theirs));
                comparison.add(mine, his);
            }
        }
    }
    Ok(json!({ "extraction": extraction.report(), "comparison": comparison.report() }))
}

fn told(file: &Path, reason: impl std::fmt::Display) -> String {
    format!("{}: {reason}", file.display())
}

fn images(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| told(folder, error))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .collect();
    files.sort();
    match files.len() {
        0 | 1 => Err(told(folder, "fewer than two images (.png)")),
        _ => Ok(files),
    }
}

/// Both templates; nothing where one of the engines finds none, which is no time to compare.
fn extract_both(
    bytes: &[u8],
    extraction: &mut Beside,
) -> Result<Option<(Prepared, nbis::Minutiae)>, String> {
    let (ours, mine) = timed(|| {
        let image = Image::decode(bytes, DPI).map_err(|error| error.to_string())?;
        let found = extract(&image).ok();
        Ok::<_, String>(found.map(|found| Prepared::of(&found.template)))
    });
    let (theirs, his) = timed(|| nbis::extract_minutiae(bytes, Some(DPI.into())));
    let theirs = theirs.map_err(|error| error.to_string())?;
    let Some(ours) = ours? else {
        return Ok(None);
    };
    extraction.add(mine, his);
    Ok(Some((ours, theirs)))
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = std::hint::black_box(work());
    (done, start.elapsed())
}

/// Times of both engines, for the same work.
#[derive(Default)]
struct Beside {
    ours: Vec<f64>,
    nbis: Vec<f64>,
    ratios: Vec<f64>,
}

impl Beside {
    fn add(&mut self, ours: Duration, nbis: Duration) {
        let [ours, nbis] = [ours, nbis].map(|time| 1e3 * time.as_secs_f64());
        self.ours.push(ours);
        self.nbis.push(nbis);
        self.ratios.push(nbis / ours);
    }

    fn report(mut self) -> Value {
        for values in [&mut self.ours, &mut self.nbis, &mut self.ratios] {
            values.sort_by(f64::total_cmp);
        }
        let count = self.ratios.len();
        let middle = |values: &[f64]| values.get(count / 2).copied();
        let away = (0.98 * (count as f64).sqrt()).ceil() as usize;
        let low = (count / 2).saturating_sub(away);
        let high = (count / 2 + away).min(count.saturating_sub(1));
        json!({
            "count": count,
            "ours_ms": middle(&self.ours),
            "nbis_ms": middle(&self.nbis),
            "times_faster": {
                "low": self.ratios.get(low),
                "median": middle(&self.ratios),
                "high": self.ratios.get(high),
            },
        })
    }
}
