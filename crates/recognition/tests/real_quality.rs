//! The quality figure on real prints, where the data is: beside NFIQ 2, and for what it is there for.

mod shared_data;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use negin_fingerprint::{CANONICAL_DPI, Image};
use negin_recognition::bench::{Figures, Report, Set, rank_correlation, rejections, run_keeping};
use negin_recognition::quality::judge;
use negin_recognition::{compare, extract};

/// Share of the images that is turned away.
const WORST: f64 = 0.1;

fn shared() -> Option<PathBuf> {
    let data = shared_data::folder()?;
    (data.join("fvc").is_dir() && data.join("nfiq2/fvc_scores.csv").is_file()).then_some(data)
}

#[test]
#[allow(clippy::expect_used)]
fn the_figure_agrees_with_nfiq_2_and_turns_the_right_images_away() {
    let Some(data) = shared() else {
        println!("not run: the folders shared/data/fvc and shared/data/nfiq2 are not there");
        return;
    };
    let text = std::fs::read_to_string(data.join("nfiq2/fvc_scores.csv")).expect("readable");
    let nfiq = Figures::parse(&text).expect("figures");
    let start = Instant::now();
    let mut reports: Vec<Report> = Vec::new();
    let mut ours: Vec<Vec<f64>> = Vec::new();
    let mut quick: Vec<Vec<f64>> = Vec::new();
    let mut theirs: Vec<Vec<f64>> = Vec::new();
    for name in [
        "fvc2000_db1_b",
        "fvc2002_db1_b",
        "fvc2002_db3_b",
        "fvc2004_db1_b",
        "fvc2004_db3_b",
    ] {
        let set = Set::open(&data.join("fvc").join(name), Set::IMAGES).expect("a set");
        let times = Mutex::new(Vec::new());
        let (report, items) = run_keeping(
            set,
            |path| Image::open(path, CANONICAL_DPI).ok(),
            |image| {
                let before = start.elapsed();
                let judged = judge(&image).map_or(0, |found| found.score);
                let took = (start.elapsed() - before).as_secs_f64() * 1000.0;
                times.lock().expect("no panic").push(took);
                let extraction = extract(&image).ok()?;
                Some((extraction.template, extraction.quality, judged))
            },
            |a, b| compare(&a.0, &b.0).score,
            &|| start.elapsed(),
        );
        let figure = |of: &dyn Fn(&(_, u8, u8)) -> u8| -> Vec<f64> {
            let of = |item: &Option<_>| item.as_ref().map_or(0.0, |it| f64::from(of(it)));
            items.iter().map(of).collect()
        };
        ours.push(figure(&|it| it.1));
        quick.push(figure(&|it| it.2));
        let other = |it: &negin_recognition::bench::Impression| nfiq.of(name, &it.name());
        let own: Vec<Option<f64>> = report.set.impressions.iter().map(other).collect();
        theirs.push(own.into_iter().map(|it| it.expect("scored")).collect());
        let mut times = times.into_inner().expect("no panic");
        times.sort_by(f64::total_cmp);
        println!(
            "{name}: judged in {:.1} ms an image",
            times[times.len() / 2]
        );
        reports.push(report);
    }
    let agree = |own: &[Vec<f64>]| rank_correlation(&own.concat(), &theirs.concat());
    let (full, first) = (
        agree(&ours).expect("varies"),
        agree(&quick).expect("varies"),
    );
    let left = |figures: &[Vec<f64>]| {
        let (each, pooled) = rejections(&reports, figures, WORST);
        let rates = each.iter().flatten().map(|it| it.rest.fmr1000);
        let mean = rates.sum::<f64>() / each.len() as f64;
        (mean, pooled.expect("comparisons").rest.fmr1000)
    };
    let (own, quick, other) = (left(&ours), left(&quick), left(&theirs));
    println!(
        "rank correlation with NFIQ 2: {full:.2}, at first sight {first:.2}; FMR1000 without the worst tenth, mean of the \
         sets and all together: by ours {:.2} % and {:.2} %, at first sight {:.2} % and {:.2} %, by NFIQ 2 {:.2} % and \
         {:.2} %",
        100.0 * own.0,
        100.0 * own.1,
        100.0 * quick.0,
        100.0 * quick.1,
        100.0 * other.0,
        100.0 * other.1,
    );
    assert!(full >= 0.6 && first >= 0.6, "{full} and {first}");
    assert!(own.0 <= other.0 && own.1 <= other.1);
}
