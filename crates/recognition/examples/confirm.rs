//! What the thresholds, made on synthetic prints, accept and refuse on real ones:
//! `cargo run --release -p negin-recognition --example confirm -- FOLDER…`
//!
//! The folders hold images `<finger>_<impression>.<png|tif|bmp|pgm>` at 500 dpi. For each, for the thresholds in force and
//! those by rate: how many comparisons of different fingers reach the threshold, and how many of one finger do not.

use std::path::Path;
use std::time::Duration;

use negin_fingerprint::compact::{Limits, encode};
use negin_fingerprint::{CANONICAL_DPI, Image};
use negin_recognition::bench::{Report, Set, run};
use negin_recognition::threshold::{BY_RATE, HOST, ON_CARD};
use negin_recognition::{compare, extract, on_card};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let read = |path: &Path| Image::open(path, CANONICAL_DPI).ok();
    let template = |image: Image| Some(extract(&image).ok()?.template);
    let clock = || Duration::ZERO;
    let names = BY_RATE.map(|it| it.name).join(" | ");
    println!("| set | comparison | in force | {names} |\n|---|---|---|---|---|---|---|");
    for folder in std::env::args().skip(1) {
        let set = Set::open(folder.as_ref(), Set::IMAGES)?;
        let host = run(
            set.clone(),
            read,
            template,
            |a, b| compare(a, b).score,
            &clock,
        );
        let record = |image| encode(&template(image)?, &Limits::default()).ok();
        let card = run(
            set,
            read,
            record,
            |a, b| f64::from(on_card::compare(a, b).0),
            &clock,
        );
        line("host", &host, HOST, &BY_RATE.map(|it| it.host));
        let scores = BY_RATE.map(|it| it.on_card.map_or(f64::NAN, |it| f64::from(it.0)));
        line("card", &card, f64::from(ON_CARD.0), &scores);
    }
    Ok(())
}

/// Accepted of different fingers, then refused of one finger.
fn line(comparison: &str, report: &Report, in_force: f64, by_rate: &[f64]) {
    let at = |threshold: f64| {
        if threshold.is_nan() {
            return "-".to_owned();
        }
        let wrong = |genuine: bool| {
            let of = report.scores.iter().filter(|it| it.genuine == genuine);
            of.filter(|it| (it.score >= threshold) != genuine).count()
        };
        format!("{}, {}", wrong(false), wrong(true))
    };
    let by_rate: Vec<String> = by_rate.iter().map(|&it| at(it)).collect();
    println!(
        "| {} | {comparison} | {} | {} |",
        report.set.name,
        at(in_force),
        by_rate.join(" | ")
    );
}
