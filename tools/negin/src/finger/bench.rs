//! `negin finger bench`: protocol ALL on folders of images.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use negin_fingerprint::{Image, compact};
use negin_recognition::bench::{Interval, Metrics, Report, Set};
use negin_recognition::{Prepared, bench, extract, on_card};
use serde_json::{Value, json};

use super::Error;
use super::error::write;
use crate::output::{Align, Progress, Style, Table, print_json};

/// How often the fingers are drawn anew for the intervals, and the seed of the first set's draws.
const DRAWS: usize = 1000;
const SEED: u64 = 1;

/// Options of `negin finger bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger bench fvc2002_db1_b fvc2004_db3_b\n  \
        negin finger bench fvc2002_db1_b --json --scores scores.csv\n  \
        negin finger bench fvc2002_db1_b --on-card\n\n\
        A folder's name is the set's; every pair of impressions of a finger is genuine, every pair across fingers an\n\
        impostor. What cannot be extracted counts as score 0. Intervals of 95 %: the fingers drawn anew 1000 times."
)]
pub struct BenchArgs {
    /// The folders
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Write every score, a line each: set,a,b,g|i,score
    #[arg(long, value_name = "FILE")]
    pub scores: Option<PathBuf>,
    /// Measure the comparison a card makes instead of the host's
    #[arg(long)]
    pub on_card: bool,
    /// Resolution of the images in dots an inch
    #[arg(long, default_value_t = 500, value_name = "DPI", value_parser = clap::value_parser!(u16).range(50..=5000))]
    pub dpi: u16,
}

pub(super) fn run(args: &BenchArgs, json: bool) -> Result<(), Error> {
    let sets = args
        .folders
        .iter()
        .map(|folder| Set::open(folder, Set::IMAGES))
        .collect::<Result<Vec<_>, _>>()?;
    let progress = Progress::new(sets.iter().map(|set| set.impressions.len() as u64).sum());
    let reports: Vec<Report> = sets
        .into_iter()
        .map(|set| measure(set, args, &progress))
        .collect();
    drop(progress);
    let reports: Vec<(Report, Draws)> = reports
        .into_iter()
        .zip(SEED..)
        .map(|(report, seed)| {
            let draws = report.resampled(DRAWS, seed);
            (report, draws)
        })
        .collect();
    if let Some(path) = &args.scores {
        let lines: String = reports.iter().map(|it| it.0.csv()).collect();
        write(path, lines.as_bytes())?;
    }
    if json {
        let mean_of = |of: fn(&Metrics) -> f64| (mean(&reports, of), mean_interval(&reports, of));
        let (mean, interval) = mean_of(|metrics| metrics.eer);
        let (fmr1000, fmr1000_interval) = mean_of(|metrics| metrics.fmr1000);
        let object = json!({
            "protocol": "ALL",
            "comparison": if args.on_card { "card" } else { "host" },
            "sets": reports.iter().map(to_json).collect::<Vec<_>>(),
            "mean_eer": mean,
            "mean_eer_percent": mean.map(|share| share * 100.0),
            "mean_eer_low": interval.map(|it| it.low),
            "mean_eer_high": interval.map(|it| it.high),
            "mean_fmr1000": fmr1000,
            "mean_fmr1000_low": fmr1000_interval.map(|it| it.low),
            "mean_fmr1000_high": fmr1000_interval.map(|it| it.high),
            "interval": { "share": 0.95, "draws": DRAWS, "seed": SEED },
            "scores": args.scores.as_ref().map(|path| path.display().to_string()),
        });
        return print_json(&object).map_err(Error::Output);
    }
    print!("{}", table(&reports).render(Style::stdout()));
    Ok(())
}

fn measure(set: Set, args: &BenchArgs, progress: &Progress) -> Report {
    let start = Instant::now();
    let clock = || start.elapsed();
    let told = |path: &Path, error: &dyn std::fmt::Display| {
        log::warn!("{}: {error}", path.display());
    };
    let read = |path: &Path| {
        progress.step();
        match Image::open(path, args.dpi) {
            Ok(image) => Some((path.to_owned(), image)),
            Err(error) => {
                told(path, &error);
                None
            }
        }
    };
    let template = |(path, image): (PathBuf, Image)| match extract(&image) {
        Ok(extraction) => Some(extraction.template),
        Err(error) => {
            told(&path, &error);
            None
        }
    };
    progress.say(&set.name);
    if args.on_card {
        let limits = compact::Limits::default();
        let record = |image| compact::encode(&template(image)?, &limits).ok();
        return bench::run(
            set,
            read,
            record,
            |a, b| f64::from(on_card::compare(a, b).0),
            &clock,
        );
    }
    let ready = |image| template(image).map(|template| Prepared::of(&template));
    bench::run(set, read, ready, |a, b| a.compare(b).score, &clock)
}

/// The error rates of a set with its fingers drawn anew, time after time.
type Draws = Vec<Option<Metrics>>;

fn mean(reports: &[(Report, Draws)], of: impl Fn(&Metrics) -> f64) -> Option<f64> {
    let rates: Option<Vec<f64>> = reports
        .iter()
        .map(|(report, _)| report.metrics.as_ref().map(&of))
        .collect();
    rates.map(|rates| rates.iter().sum::<f64>() / rates.len().max(1) as f64)
}

fn interval(draws: &Draws, of: impl Fn(&Metrics) -> f64) -> Option<Interval> {
    Interval::of(draws.iter().flatten().map(of))
}

/// The interval of the mean: every set's fingers drawn for themselves.
fn mean_interval(reports: &[(Report, Draws)], of: impl Fn(&Metrics) -> f64) -> Option<Interval> {
    let each = (0..DRAWS).filter_map(|draw| {
        let rates: Option<Vec<f64>> = reports
            .iter()
            .map(|(_, draws)| draws.get(draw)?.as_ref().map(&of))
            .collect();
        let rates = rates?;
        Some(rates.iter().sum::<f64>() / rates.len().max(1) as f64)
    });
    Interval::of(each)
}

/// Rates are shares between 0 and 1; times are medians in milliseconds.
fn to_json((report, draws): &(Report, Draws)) -> Value {
    let eer = interval(draws, |metrics| metrics.eer);
    let fmr1000 = interval(draws, |metrics| metrics.fmr1000);
    let genuine = report.scores.iter().filter(|line| line.genuine).count();
    json!({
        "set": report.set.name,
        "impressions": report.set.impressions.len(),
        "failures_to_extract": report.failures.len(),
        "genuine": genuine,
        "impostor": report.scores.len() - genuine,
        "eer": report.metrics.map(|metrics| metrics.eer),
        "eer_percent": report.metrics.map(|metrics| metrics.eer * 100.0),
        "eer_low": eer.map(|it| it.low),
        "eer_high": eer.map(|it| it.high),
        "fmr100": report.metrics.map(|metrics| metrics.fmr100),
        "fmr1000": report.metrics.map(|metrics| metrics.fmr1000),
        "fmr1000_low": fmr1000.map(|it| it.low),
        "fmr1000_high": fmr1000.map(|it| it.high),
        "zero_fmr": report.metrics.map(|metrics| metrics.zero_fmr),
        "extract_ms": report.extract_ms,
        "compare_ms": report.compare_ms,
    })
}

fn table(reports: &[(Report, Draws)]) -> Table {
    let mut table = Table::new(&[
        ("set", Align::Left),
        ("EER %", Align::Right),
        ("95 %", Align::Left),
        ("FMR100 %", Align::Right),
        ("FMR1000 %", Align::Right),
        ("95 %", Align::Left),
        ("zeroFMR %", Align::Right),
        ("extract ms", Align::Right),
        ("compare ms", Align::Right),
        ("not extracted", Align::Right),
    ]);
    let percent = |rate: Option<f64>| {
        rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.2}", rate * 100.0))
    };
    let between = |found: Option<Interval>| {
        found.map_or_else(String::new, |it| {
            format!("{:.2} to {:.2}", it.low * 100.0, it.high * 100.0)
        })
    };
    for (report, draws) in reports {
        let rate = |of: fn(&Metrics) -> f64| percent(report.metrics.as_ref().map(of));
        let interval = |of: fn(&Metrics) -> f64| between(interval(draws, of));
        table.row([
            report.set.name.clone(),
            rate(|metrics| metrics.eer),
            interval(|metrics| metrics.eer),
            rate(|metrics| metrics.fmr100),
            rate(|metrics| metrics.fmr1000),
            interval(|metrics| metrics.fmr1000),
            rate(|metrics| metrics.zero_fmr),
            format!("{:.1}", report.extract_ms),
            format!("{:.2}", report.compare_ms),
            report.failures.len().to_string(),
        ]);
    }
    if reports.len() > 1 {
        let rate = |of: fn(&Metrics) -> f64| percent(mean(reports, of));
        let interval = |of: fn(&Metrics) -> f64| between(mean_interval(reports, of));
        table.row([
            "mean".to_owned(),
            rate(|metrics| metrics.eer),
            interval(|metrics| metrics.eer),
            rate(|metrics| metrics.fmr100),
            rate(|metrics| metrics.fmr1000),
            interval(|metrics| metrics.fmr1000),
            rate(|metrics| metrics.zero_fmr),
        ]);
    }
    table
}
