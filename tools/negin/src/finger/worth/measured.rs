//! A set of images, measured: every pair compared, and of each image what else is asked of it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use negin_fingerprint::{Image, Template, compact};
use negin_recognition::bench::{self, Report, Set};
use negin_recognition::quality::judge;
use negin_recognition::{Prepared, extract, on_card};
use zeroize::Zeroizing;

use crate::finger::BenchArgs;
use crate::output::Progress;

/// What is kept of an impression.
pub(super) struct Item {
    pub template: Template,
    /// The same, ready to be compared.
    pub prepared: Prepared,
    /// What a card is given of it.
    pub minutiae: Option<Zeroizing<Vec<u8>>>,
    pub quality: u8,
    /// How good it is at first sight, and how many milliseconds it took to see that.
    pub judged: (u8, f64),
}

/// A set that was measured.
pub(super) struct Measured {
    pub report: Report,
    /// Of each impression of the set; `None` where nothing could be extracted.
    pub items: Vec<Option<Item>>,
}

impl Measured {
    /// Median milliseconds to judge a frame.
    pub fn judge_ms(&self) -> f64 {
        let mut times: Vec<f64> = self.items.iter().flatten().map(|it| it.judged.1).collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(0.0)
    }
}

/// Measures a set.
pub(super) fn measure(set: Set, args: &BenchArgs, progress: &Progress) -> Measured {
    let start = Instant::now();
    let clock = || start.elapsed();
    let told = |path: &Path, error: &dyn std::fmt::Display| {
        log::warn!("{}: {error}", path.display());
    };
    let read = |path: &Path| {
        progress.step();
        let image = Image::open(path, args.dpi)
            .inspect_err(|error| told(path, error))
            .ok()?;
        let before = clock();
        let score = judge(&image).map_or(0, |assessment| assessment.score);
        let time = (clock() - before).as_secs_f64() * 1000.0;
        Some((path.to_owned(), image, (score, time)))
    };
    let limits = compact::Limits::default();
    let item = |(path, image, judged): (PathBuf, Image, (u8, f64))| {
        let extraction = extract(&image)
            .inspect_err(|error| told(&path, error))
            .ok()?;
        Some(Item {
            minutiae: compact::encode(&extraction.template, &limits).ok(),
            quality: extraction.quality,
            prepared: Prepared::of(&extraction.template),
            template: extraction.template,
            judged,
        })
    };
    progress.say(&set.name);
    let compare = |a: &Item, b: &Item| match args.on_card {
        true => card_score(a.minutiae.as_deref(), b.minutiae.as_deref()),
        false => a.prepared.compare(&b.prepared).score,
    };
    let (report, items) = bench::run_keeping(set, read, item, compare, &clock);
    Measured { report, items }
}

/// The card's score of two records; 0 where there is none.
pub(super) fn card_score(a: Option<&Vec<u8>>, b: Option<&Vec<u8>>) -> f64 {
    match (a, b) {
        (Some(a), Some(b)) => f64::from(on_card::compare(a, b).0),
        _ => 0.0,
    }
}
