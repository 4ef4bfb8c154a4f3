//! `negin finger bench`: protocol ALL on folders of images or templates.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use negin_fingerprint::{Format, Template, compact, format};
use negin_recognition::bench::{Interval, Metrics, Report, Set};
use negin_recognition::{Prepared, bench, extract, on_card};
use serde_json::{Value, json};

use super::error::write;
use super::input::{Found, ImageArgs, found};
use super::template_args::{ReadArgs, formats};
use super::{Error, bench_formats, worth};
use crate::output::{Align, Progress, Style, Table, print_json};

/// How often the fingers are drawn anew for the intervals, and the seed of the first set's draws.
const DRAWS: usize = 1000;
const SEED: u64 = 1;

/// Options of `negin finger bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger bench fvc2002_db1_b fvc2004_db3_b\n  \
        negin finger bench fvc2002_db1_b --json --scores scores.csv\n  \
        negin finger bench fvc2002_db1_b --on-card\n  \
        negin finger bench fvc2002_db1_b --format iso2005,ansi2009,compact\n  \
        negin finger bench fvc2002_db1_b --quality nfiq2.csv --enrol 3\n  \
        negin finger bench vendor_templates\n\n\
        A folder's name is the set's; every pair of impressions of a finger is genuine, every pair across fingers an\n\
        impostor. What cannot be extracted counts as score 0. A folder without images is one of templates, whatever\n\
        their files' extension. Intervals of 95 %: the fingers drawn anew 1000 times."
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
    /// Write the templates in these formats and read them back, and say what each costs
    #[arg(long = "format", value_name = "FORMAT", value_delimiter = ',', value_parser = formats(), conflicts_with = "scores")]
    pub formats: Vec<Format>,
    /// Most minutiae of a card's format; the best stay
    #[arg(long, default_value_t = 255, value_name = "N", requires = "formats")]
    pub max: u8,
    /// Say what the quality figure is worth, beside another one: lines set,image,figure
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scores", "formats"])]
    pub quality: Option<PathBuf>,
    /// Say what it is worth to enrol N impressions of each finger together
    #[arg(long, value_name = "N", conflicts_with_all = ["scores", "formats"], value_parser = clap::value_parser!(u8).range(2..=20))]
    pub enrol: Option<u8>,
    /// Resolution of the images in dots an inch
    #[arg(long, default_value_t = 500, value_name = "DPI", value_parser = clap::value_parser!(u16).range(50..=5000))]
    pub dpi: u16,
    /// How templates are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

impl BenchArgs {
    pub(super) fn comparison(&self) -> &'static str {
        if self.on_card { "card" } else { "host" }
    }
}

pub(super) fn run(args: &BenchArgs, json: bool) -> Result<(), Error> {
    let sets = args
        .folders
        .iter()
        .map(|folder| open(folder, args.read))
        .collect::<Result<Vec<_>, _>>()?;
    let progress = Progress::new(sets.iter().map(|set| set.impressions.len() as u64).sum());
    if !args.formats.is_empty() {
        return bench_formats::run(sets, args, &progress, json);
    }
    if args.quality.is_some() || args.enrol.is_some() {
        return worth::run(sets, args, &progress, json);
    }
    let read = |path: &Path| {
        progress.step();
        Some((path.to_owned(), read(path, args)?))
    };
    let template = |(path, found): (PathBuf, Found)| template(&path, found);
    let reports: Vec<Report> = sets
        .into_iter()
        .map(|set| {
            progress.say(&set.name);
            let measured = Measured {
                read: &read,
                template: &template,
            };
            measure(set, args, measured)
        })
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
            "comparison": args.comparison(),
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

/// The images of a folder; where it has none its templates, which are told by how they begin, or by `--as`.
fn open(folder: &Path, told: ReadArgs) -> Result<Set, Error> {
    let is_record = |path: &Path| {
        let mut start = Vec::new();
        let opened = std::fs::File::open(path).and_then(|it| it.take(4).read_to_end(&mut start));
        opened.is_ok() && format::is_record(&start)
    };
    match Set::open(folder, Set::IMAGES) {
        Err(negin_recognition::Error::EmptySet(_)) => Ok(Set::open_where(folder, |path| {
            told.bare.is_some() || is_record(path)
        })?),
        other => Ok(other?),
    }
}

fn read(path: &Path, args: &BenchArgs) -> Option<Found> {
    let image = ImageArgs {
        dpi: args.dpi,
        raw: None,
    };
    let found = found(path, &image, args.read);
    found.inspect_err(|error| log::warn!("{error}")).ok()
}

fn template(path: &Path, found: Found) -> Option<Template> {
    let image = match found {
        Found::Template(template) => return Some(template),
        Found::Image(image) => image,
    };
    let extracted = extract(&image);
    let extracted = extracted.inspect_err(|error| log::warn!("{}: {error}", path.display()));
    Some(extracted.ok()?.template)
}

/// The template of a file; none, and said, where there is none.
pub(super) fn of_file(path: &Path, args: &BenchArgs) -> Option<Template> {
    template(path, read(path, args)?)
}

/// How a template comes of a file; the time of its second part is measured.
pub(super) struct Measured<'a, I> {
    pub read: &'a (dyn Fn(&Path) -> Option<I> + Sync),
    pub template: &'a (dyn Fn(I) -> Option<Template> + Sync),
}

/// Compares every pair of a set, as the host does or as a card.
pub(super) fn measure<I>(set: Set, args: &BenchArgs, measured: Measured<'_, I>) -> Report {
    let Measured { read, template } = measured;
    let start = Instant::now();
    let clock = || start.elapsed();
    if args.on_card {
        let limits = compact::Limits::default();
        let record = |read| compact::encode(&template(read)?, &limits).ok();
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
