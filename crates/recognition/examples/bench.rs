//! Measures extraction and both comparisons on folders of images: `cargo run --example bench -- FOLDER…`

use std::time::Instant;

use negin_fingerprint::compact::{Limits, encode};
use negin_fingerprint::{CANONICAL_DPI, Image};
use negin_recognition::bench::{Set, run};
use negin_recognition::{extract, on_card};

fn main() -> Result<(), negin_recognition::Error> {
    let start = Instant::now();
    for folder in std::env::args().skip(1) {
        let set = Set::open(folder.as_ref(), Set::IMAGES)?;
        let counted = std::sync::Mutex::new(Vec::new());
        let card = run(
            set.clone(),
            |path| {
                let extraction = extract(&Image::open(path, CANONICAL_DPI).ok()?).ok()?;
                counted
                    .lock()
                    .ok()?
                    .push(extraction.template.minutiae.len());
                encode(&extraction.template, &Limits::default()).ok()
            },
            |a, b| f64::from(on_card::compare(a, b).0),
            &|| start.elapsed(),
        );
        let mut counts = counted.into_inner().unwrap_or_default();
        counts.sort_unstable();
        if let Some(m) = card.metrics {
            println!(
                "{} card EER {:.2} FMR100 {:.2} FMR1000 {:.2} zero {:.2} at {:.0}; extract {:.1} ms compare {:.3} ms; failures {}; minutiae {:?} {:?} {:?}",
                set.name,
                m.eer * 100.0,
                m.fmr100 * 100.0,
                m.fmr1000 * 100.0,
                m.zero_fmr * 100.0,
                m.threshold_fmr1000,
                card.extract_ms,
                card.compare_ms,
                card.failures.len(),
                counts.first(),
                counts.get(counts.len() / 2),
                counts.last(),
            );
        }
    }
    Ok(())
}
