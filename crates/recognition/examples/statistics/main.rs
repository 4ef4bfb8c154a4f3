//! Holds synthetic prints against real ones: what they look like to the extractor, and how they score.
//!
//! ```text
//! cargo run --release -p negin-recognition --example statistics -- FIGURE.svg SYNTHETIC… --against REAL…
//! ```
//!
//! The folders hold images `<finger>_<impression>.<png|tif|bmp|pgm>` at 500 dpi (`print_set` of `negin-firmware-sim`
//! writes synthetic ones). For each figure it prints the median of both and where 90 of 100 lie, and how far
//! the distributions are apart: the greatest difference of their cumulative shares, 0 for none, 1 for no value in common
//! (Kolmogorov and Smirnov). The picture shows distributions only, no print.

mod figure;

use std::error::Error;
use std::path::Path;

use negin_fingerprint::{CANONICAL_DPI, Image};
use negin_recognition::bench::{PrintStatistics, Set};
use negin_recognition::compare;
use rayon::prelude::*;

/// One figure of all prints of a group.
pub struct Figure {
    /// What it is, with its unit.
    pub name: &'static str,
    /// Of every print, minutia or pair.
    pub values: Vec<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut groups = arguments.splitn(2, |word| word == "--against");
    let (Some([picture, synthetic @ ..]), Some(real)) = (groups.next(), groups.next()) else {
        return Err("usage: statistics FIGURE.svg SYNTHETIC… --against REAL…".into());
    };
    let (synthetic, real) = (measured(synthetic)?, measured(real)?);
    println!(
        "{:26} {:>24} {:>24} {:>8}",
        "", "synthetic: median (5-95)", "real: median (5-95)", "apart"
    );
    for (ours, theirs) in synthetic.iter().zip(&real) {
        let line = |values: &[f64]| {
            let at = |share| quantile(values, share);
            format!("{:.3} ({:.3}-{:.3})", at(0.5), at(0.05), at(0.95))
        };
        println!(
            "{:26} {:>24} {:>24} {:8.2}",
            ours.name,
            line(&ours.values),
            line(&theirs.values),
            apart(&ours.values, &theirs.values)
        );
    }
    for (name, group) in [("synthetic", &synthetic), ("real", &real)] {
        if let Some(impostor) = group.last() {
            let at = |share| quantile(&impostor.values, share);
            println!(
                "highest impostor scores, {name}: one in 100 above {:.0}, one in 1000 above {:.0}, of {}",
                at(0.99),
                at(0.999),
                impostor.values.len()
            );
        }
    }
    std::fs::write(picture, figure::svg(&synthetic, &real))?;
    Ok(())
}

/// The figures of some sets together.
fn measured(folders: &[String]) -> Result<Vec<Figure>, Box<dyn Error>> {
    let mut prints = Vec::new();
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for folder in folders {
        let set = Set::open(Path::new(folder), Set::IMAGES)?;
        let found: Vec<(&str, PrintStatistics)> = set
            .impressions
            .par_iter()
            .filter_map(|it| {
                let image = Image::open(&it.path, CANONICAL_DPI).ok()?;
                Some((it.finger.as_str(), PrintStatistics::of(&image).ok()?))
            })
            .collect();
        eprintln!("{folder}: {} of {}", found.len(), set.impressions.len());
        for (i, (finger, print)) in found.iter().enumerate() {
            for (other, another) in &found[i + 1..] {
                let score = compare(&print.template, &another.template).score;
                let scores = if finger == other {
                    &mut genuine
                } else {
                    &mut impostor
                };
                scores.push(score);
            }
        }
        prints.extend(found.into_iter().map(|it| it.1));
    }
    let each = |of: &dyn Fn(&PrintStatistics) -> f32| -> Vec<f64> {
        prints.iter().map(|it| f64::from(of(it))).collect()
    };
    let nearest = prints.iter().flat_map(PrintStatistics::nearest);
    Ok([
        ("ridge period, px", each(&|it| it.period)),
        ("coherence of directions", each(&|it| it.coherence)),
        ("area, cm²", each(&|it| it.area)),
        ("minutiae", each(&|it| it.template.minutiae.len() as f32)),
        ("minutiae per cm²", each(&PrintStatistics::density)),
        ("share of endings", each(&PrintStatistics::endings)),
        ("nearest neighbour, px", nearest.map(f64::from).collect()),
        ("cores seen", each(&|it| it.cores as f32)),
        ("deltas seen", each(&|it| it.deltas as f32)),
        ("quality", each(&|it| f32::from(it.template.quality))),
        ("genuine score", genuine),
        ("impostor score", impostor),
    ]
    .map(|(name, values)| Figure { name, values })
    .into())
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    sorted
        .get((share * last).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

/// The greatest difference of the cumulative shares.
fn apart(one: &[f64], other: &[f64]) -> f64 {
    let below = |values: &[f64], at: f64| {
        values.iter().filter(|value| **value <= at).count() as f64 / values.len().max(1) as f64
    };
    let mut places = [one, other].concat();
    places.sort_by(f64::total_cmp);
    // Of very many values a thousand places tell enough.
    let step = (places.len() / 1000).max(1);
    places
        .iter()
        .step_by(step)
        .map(|&at| (below(one, at) - below(other, at)).abs())
        .fold(0.0, f64::max)
}
