//! Measures both comparisons alone, on folders of ISO/IEC 19794-2:2005 templates `<finger>_<impression>.iso`:
//! `cargo run --example templates -- FOLDER…`

use std::path::Path;
use std::time::Instant;

use negin_fingerprint::compact::{Limits, encode};
use negin_fingerprint::{Template, iso19794_2};
use negin_recognition::bench::{Report, Set, metrics, run};
use negin_recognition::{Error, compare, on_card};

fn main() -> Result<(), Error> {
    let start = Instant::now();
    let template = |path: &Path| -> Option<Template> {
        iso19794_2::decode_template(&std::fs::read(path).ok()?).ok()
    };
    let mut means = [[0.0; 2]; 2];
    let mut pooled = [(); 2].map(|()| (Vec::new(), Vec::new()));
    let folders: Vec<String> = std::env::args().skip(1).collect();
    for folder in &folders {
        let set = Set::open(folder.as_ref(), &["iso"])?;
        let host = run(
            set.clone(),
            template,
            Some,
            |a, b| compare(a, b).score,
            &|| start.elapsed(),
        );
        let on_card = |a: &zeroize::Zeroizing<Vec<u8>>, b: &zeroize::Zeroizing<Vec<u8>>| {
            f64::from(on_card::compare(a, b).0)
        };
        let card = run(
            set.clone(),
            template,
            |template| encode(&template, &Limits::default()).ok(),
            on_card,
            &|| start.elapsed(),
        );
        let measured = [(&host, "host"), (&card, "card")].into_iter();
        for ((report, name), (mean, pool)) in measured.zip(means.iter_mut().zip(&mut pooled)) {
            for line in &report.scores {
                let (genuine, impostor) = &mut *pool;
                if line.genuine { genuine } else { impostor }.push(line.score);
            }
            if let Some(metrics) = &report.metrics {
                mean[0] += metrics.eer * 100.0 / folders.len() as f64;
                mean[1] += metrics.fmr1000 * 100.0 / folders.len() as f64;
            }
            print(name, report);
        }
    }
    println!(
        "mean EER and FMR1000: host {:.2?}, card {:.2?}",
        means[0], means[1]
    );
    for (name, (genuine, impostor)) in ["host", "card"].iter().zip(&pooled) {
        if let Some(rates) = metrics(genuine, impostor) {
            println!(
                "{name}, one threshold for all: EER {:.2} FMR1000 {:.2} at {:.1}",
                rates.eer * 100.0,
                rates.fmr1000 * 100.0,
                rates.threshold_fmr1000
            );
        }
    }
    Ok(())
}

fn print(name: &str, report: &Report) {
    let Some(metrics) = &report.metrics else {
        return;
    };
    println!(
        "{:24} {name} EER {:5.2} FMR100 {:5.2} FMR1000 {:5.2} zero {:5.2} at {:4.0}, {:.2} ms",
        report.set.name,
        metrics.eer * 100.0,
        metrics.fmr100 * 100.0,
        metrics.fmr1000 * 100.0,
        metrics.zero_fmr * 100.0,
        metrics.threshold_fmr1000,
        report.compare_ms,
    );
}
