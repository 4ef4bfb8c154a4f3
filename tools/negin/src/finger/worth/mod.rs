//! What `negin finger bench` measures besides: what the quality figure is worth, and what it is worth to enrol several
//! impressions.

mod measured;

use std::path::{Path, PathBuf};

use negin_fingerprint::{Template, compact};
use negin_recognition::Prepared;
use negin_recognition::bench::{
    Enrolment, Figures, Impression, Metrics, Rejection, Report, Set, rank_correlation, references,
    rejections,
};
use negin_recognition::enrol::consolidate;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{BenchArgs, Error};
use crate::output::{Align, Progress, Style, Table, print_json};
use measured::{Item, Measured, card_score, measure};

/// Share of the images that is turned away.
const WORST: f64 = 0.1;

/// Most minutiae of a reference.
const MOST: usize = 64;

/// Measures the sets and says both, as far as they are asked for.
pub(super) fn run(
    sets: Vec<Set>,
    args: &BenchArgs,
    progress: &Progress,
    json: bool,
) -> Result<(), Error> {
    let figures = args.quality.as_deref().map(figures).transpose()?;
    let measured: Vec<Measured> = sets
        .into_iter()
        .map(|set| measure(set, args, progress))
        .collect();
    let quality = match (&args.quality, &figures) {
        (Some(path), Some(figures)) => Some(Quality::of(&measured, path, figures)?),
        _ => None,
    };
    let enrolment = args
        .enrol
        .map(|count| Enrolled::of(&measured, usize::from(count), args.on_card));
    if json {
        let times = |set: &Measured| {
            json!({
                "set": set.report.set.name,
                "judge_ms": set.judge_ms(),
                "extract_ms": set.report.extract_ms,
            })
        };
        let object = json!({
            "comparison": if args.on_card { "card" } else { "host" },
            "times": measured.iter().map(times).collect::<Vec<_>>(),
            "quality": quality.as_ref().map(Quality::json),
            "enrolment": enrolment.as_ref().map(Enrolled::json),
        });
        return print_json(&object).map_err(Error::Output);
    }
    let style = Style::stdout();
    print!("{}", times(&measured).render(style));
    if let Some(quality) = quality {
        print!("\n{}", quality.table().render(style));
    }
    if let Some(enrolment) = enrolment {
        print!("\n{}", enrolment.table().render(style));
    }
    Ok(())
}

fn times(measured: &[Measured]) -> Table {
    let mut table = Table::new(&[
        ("set", Align::Left),
        ("judge ms", Align::Right),
        ("extract ms", Align::Right),
    ]);
    for set in measured {
        table.row([
            set.report.set.name.clone(),
            format!("{:.1}", set.judge_ms()),
            format!("{:.1}", set.report.extract_ms),
        ]);
    }
    table
}

/// Reads a file of figures.
fn figures(path: &Path) -> Result<Figures, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    Figures::parse(&text).map_err(|line| Error::Figures {
        path: path.to_owned(),
        line,
    })
}

/// Our figures and another's, of one set or of all.
struct Agreement {
    set: String,
    /// Rank correlation of the other's figure with ours, and with ours at first sight.
    full: Option<f64>,
    quick: Option<f64>,
    /// What rejecting by ours, by ours at first sight and by the other's does.
    ours: Option<Rejection>,
    judged: Option<Rejection>,
    theirs: Option<Rejection>,
}

/// What our quality figure is worth beside another.
struct Quality {
    rows: Vec<Agreement>,
}

impl Quality {
    fn of(measured: &[Measured], path: &Path, figures: &Figures) -> Result<Self, Error> {
        let ours = column(measured, |item| f64::from(item.quality));
        let judged = column(measured, |item| f64::from(item.judged.0));
        let theirs = measured
            .iter()
            .map(|it| of_report(&it.report, path, figures))
            .collect::<Result<Vec<_>, _>>()?;
        let reports: Vec<Report> = measured.iter().map(|it| it.report.clone()).collect();
        let reject = |figures: &[Vec<f64>]| {
            let (each, pooled) = rejections(&reports, figures, WORST);
            each.into_iter().chain([pooled]).collect::<Vec<_>>()
        };
        let agree = |own: &[Vec<f64>]| {
            let mut found: Vec<_> = own
                .iter()
                .zip(&theirs)
                .map(|(own, other)| rank_correlation(own, other))
                .collect();
            found.push(rank_correlation(&own.concat(), &theirs.concat()));
            found
        };
        let names = reports.iter().map(|report| report.set.name.clone());
        let correlated = agree(&ours).into_iter().zip(agree(&judged));
        let rejected = reject(&ours)
            .into_iter()
            .zip(reject(&judged))
            .zip(reject(&theirs));
        let rows = names
            .chain(["all together".to_owned()])
            .zip(correlated)
            .zip(rejected)
            .map(
                |((set, (full, quick)), ((ours, judged), theirs))| Agreement {
                    set,
                    full,
                    quick,
                    ours,
                    judged,
                    theirs,
                },
            )
            .collect();
        Ok(Self { rows })
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("quality: set", Align::Left),
            ("rank correlation", Align::Right),
            ("at first sight", Align::Right),
            ("FMR1000 %", Align::Right),
            ("less worst 10 % by ours", Align::Right),
            ("at first sight", Align::Right),
            ("by the other", Align::Right),
        ]);
        let correlation = |value: Option<f64>| value.map_or("-".into(), |it| format!("{it:.2}"));
        for row in &self.rows {
            table.row([
                row.set.clone(),
                correlation(row.full),
                correlation(row.quick),
                percent(row.ours.map(|it| it.all)),
                percent(row.ours.map(|it| it.rest)),
                percent(row.judged.map(|it| it.rest)),
                percent(row.theirs.map(|it| it.rest)),
            ]);
        }
        table
    }

    fn json(&self) -> Value {
        let of = |rejection: Option<Rejection>| rejection.map(|it| it.rest.fmr1000);
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "set": row.set,
                    "rank_correlation": row.full,
                    "rank_correlation_at_first_sight": row.quick,
                    "fmr1000": row.ours.map(|it| it.all.fmr1000),
                    "fmr1000_rejecting_by_ours": of(row.ours),
                    "fmr1000_rejecting_at_first_sight": of(row.judged),
                    "fmr1000_rejecting_by_the_other": of(row.theirs),
                })
            })
            .collect();
        json!({ "rejected": WORST, "sets": rows })
    }
}

/// A figure of each impression; 0 where nothing could be extracted.
fn column(measured: &[Measured], of: impl Fn(&Item) -> f64) -> Vec<Vec<f64>> {
    let figure = |item: &Option<Item>| item.as_ref().map_or(0.0, &of);
    measured
        .iter()
        .map(|it| it.items.iter().map(figure).collect())
        .collect()
}

fn of_report(report: &Report, path: &Path, figures: &Figures) -> Result<Vec<f64>, Error> {
    let set = &report.set;
    set.impressions
        .iter()
        .map(|impression| {
            let image = impression.name();
            figures
                .of(&set.name, &image)
                .ok_or_else(|| Error::NoFigure {
                    path: PathBuf::from(path),
                    image: format!("{}/{image}", set.name),
                })
        })
        .collect()
}

/// What it is worth to enrol several impressions.
struct Enrolled {
    count: usize,
    /// The set, and the error rates with the first impression alone and with the first few as one reference.
    rows: Vec<(String, Option<Metrics>, Option<Metrics>)>,
}

impl Enrolled {
    fn of(measured: &[Measured], count: usize, on_card: bool) -> Self {
        let limits = compact::Limits::default();
        let compared = |set: &Measured, start: usize, together: usize| {
            let reference = |items: &[&Item]| {
                let items = items.iter().take(together);
                let templates: Vec<Template> = items.map(|item| item.template.clone()).collect();
                let reference = match &templates[..] {
                    [one] => one.clone(),
                    several => consolidate(several, MOST)?.template,
                };
                let minutiae = compact::encode(&reference, &limits).ok();
                Some((Prepared::of(&reference), minutiae))
            };
            references(
                &set.report.set,
                &set.items,
                (start, count),
                reference,
                |(reference, minutiae), probe| match on_card {
                    true => card_score(minutiae.as_deref(), probe.minutiae.as_deref()),
                    false => reference.compare(&probe.prepared).score,
                },
            )
        };
        let both = |set: &Measured, start| (compared(set, start, 1), compared(set, start, count));
        let first: Vec<_> = measured.par_iter().map(|set| both(set, 0)).collect();
        let most = |set: &Measured| {
            let finger = |it: &Impression| it.finger.clone();
            let mut fingers: Vec<String> = set.report.set.impressions.iter().map(finger).collect();
            fingers.dedup();
            set.report.set.impressions.len() / fingers.len().max(1)
        };
        let starts: Vec<(&Measured, usize)> = measured
            .iter()
            .flat_map(|set| (0..most(set)).map(move |start| (set, start)))
            .collect();
        let every: Vec<_> = starts
            .into_par_iter()
            .map(|(set, start)| both(set, start))
            .collect();
        let pooled = |found: &[(Enrolment, Enrolment)]| {
            (
                Enrolment::pooled(found.iter().map(|(one, _)| one)),
                Enrolment::pooled(found.iter().map(|(_, several)| several)),
            )
        };
        let together = [
            ("all together".to_owned(), pooled(&first)),
            ("and whichever are enrolled".to_owned(), pooled(&every)),
        ];
        let names = measured.iter().map(|it| it.report.set.name.clone());
        let rows = names
            .zip(first)
            .chain(together)
            .map(|(set, (one, several))| (set, one.metrics(), several.metrics()))
            .collect();
        Self { count, rows }
    }

    fn table(&self) -> Table {
        let together = format!("EER % with {}", self.count);
        let mut table = Table::new(&[
            ("enrolment: set", Align::Left),
            ("EER % with 1", Align::Right),
            ("FMR1000 %", Align::Right),
            (&together, Align::Right),
            ("FMR1000 %", Align::Right),
        ]);
        let eer = |of: &Option<Metrics>| {
            of.map_or_else(|| "-".to_owned(), |it| format!("{:.2}", it.eer * 100.0))
        };
        for (set, one, several) in &self.rows {
            table.row([
                set.clone(),
                eer(one),
                percent(*one),
                eer(several),
                percent(*several),
            ]);
        }
        table
    }

    fn json(&self) -> Value {
        let rates = |of: &Option<Metrics>| {
            of.map(|it| json!({ "eer": it.eer, "fmr1000": it.fmr1000, "zero_fmr": it.zero_fmr }))
        };
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|(set, one, several)| {
                json!({ "set": set, "first_alone": rates(one), "together": rates(several) })
            })
            .collect();
        json!({ "impressions": self.count, "sets": rows })
    }
}

fn percent(metrics: Option<Metrics>) -> String {
    metrics.map_or_else(|| "-".to_owned(), |it| format!("{:.2}", it.fmr1000 * 100.0))
}
