//! What the formats of templates cost: each written and read back, beside the templates as they are in memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use negin_fingerprint::compact::Limits;
use negin_fingerprint::{Format, Template};
use negin_recognition::bench::{Metrics, Report, Set};
use serde_json::{Value, json};

use super::Error;
use super::bench::{BenchArgs, Measured, measure, of_file};
use crate::output::{Align, Progress, Style, Table, print_json};

/// The templates of a set, by their files; none where nothing could be extracted.
type Templates = HashMap<PathBuf, Option<Template>>;

pub(super) fn run(
    sets: Vec<Set>,
    args: &BenchArgs,
    progress: &Progress,
    json: bool,
) -> Result<(), Error> {
    let templates: Vec<(Set, Templates)> = sets
        .into_iter()
        .map(|set| (set.clone(), extracted(&set, args, progress)))
        .collect();
    let in_memory = reports(&templates, args, None);
    let formats: Vec<(Format, Vec<Report>)> = args
        .formats
        .iter()
        .map(|format| (*format, reports(&templates, args, Some(*format))))
        .collect();
    if json {
        let object = |name: &str, reports: &[Report]| {
            json!({
                "format": name,
                "sets": reports.iter().map(to_json).collect::<Vec<_>>(),
                "mean_eer": mean(reports, |metrics| metrics.eer),
                "mean_fmr1000": mean(reports, |metrics| metrics.fmr1000),
                "lost_eer": lost(reports, &in_memory),
            })
        };
        let object = json!({
            "protocol": "ALL",
            "comparison": args.comparison(),
            "in_memory": object("in memory", &in_memory),
            "formats": formats
                .iter()
                .map(|(format, reports)| object(format.name(), reports))
                .collect::<Vec<Value>>(),
        });
        return print_json(&object).map_err(Error::Output);
    }
    print!("{}", table(&in_memory, &formats).render(Style::stdout()));
    Ok(())
}

fn extracted(set: &Set, args: &BenchArgs, progress: &Progress) -> Templates {
    use rayon::prelude::*;
    progress.say(&set.name);
    let impressions = set.impressions.par_iter();
    impressions
        .map(|it| {
            progress.step();
            (it.path.clone(), of_file(&it.path, args))
        })
        .collect()
}

/// Compares the templates of every set, as they are or through a format.
fn reports(sets: &[(Set, Templates)], args: &BenchArgs, format: Option<Format>) -> Vec<Report> {
    let limits = Limits {
        max: args.max,
        ..Limits::default()
    };
    let through = |template: &Template| match format {
        None => Some(template.clone()),
        Some(format) => {
            let written = format.encode_template(template, &limits);
            let read = written.and_then(|bytes| format.decode(&bytes)?.into_template());
            read.inspect_err(|error| log::warn!("{error}")).ok()
        }
    };
    let of = |(set, templates): &(Set, Templates)| {
        let read = |path: &Path| templates.get(path)?.as_ref();
        measure(
            set.clone(),
            args,
            Measured {
                read: &read,
                template: &through,
            },
        )
    };
    sets.iter().map(of).collect()
}

/// The mean over the sets; none where one of them has none.
fn mean(reports: &[Report], of: impl Fn(&Metrics) -> f64) -> Option<f64> {
    let rates: Option<Vec<f64>> = reports
        .iter()
        .map(|report| report.metrics.as_ref().map(&of))
        .collect();
    rates.map(|rates| rates.iter().sum::<f64>() / rates.len().max(1) as f64)
}

/// A share in per cent.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.2}", share * 100.0))
}

/// Shares between 0 and 1.
fn to_json(report: &Report) -> Value {
    json!({
        "set": report.set.name,
        "eer": report.metrics.as_ref().map(|metrics| metrics.eer),
        "fmr1000": report.metrics.as_ref().map(|metrics| metrics.fmr1000),
        "failures": report.failures.len(),
    })
}

/// By how much the mean EER is above that in memory.
fn lost(reports: &[Report], in_memory: &[Report]) -> Option<f64> {
    let eer = |reports| mean(reports, |metrics| metrics.eer);
    Some(eer(reports)? - eer(in_memory)?)
}

fn table(in_memory: &[Report], formats: &[(Format, Vec<Report>)]) -> Table {
    let names: Vec<String> = in_memory
        .iter()
        .map(|report| format!("{} EER %", report.set.name))
        .collect();
    let mut columns = vec![("format", Align::Left)];
    columns.extend(names.iter().map(|name| (name.as_str(), Align::Right)));
    columns.extend([("mean", Align::Right), ("lost", Align::Right)]);
    let mut table = Table::new(&columns);
    let mut row = |name: &str, reports: &[Report]| {
        let mut row = vec![name.to_owned()];
        row.extend(
            reports
                .iter()
                .map(|report| percent(report.metrics.as_ref().map(|metrics| metrics.eer))),
        );
        row.push(percent(mean(reports, |metrics| metrics.eer)));
        row.push(percent(lost(reports, in_memory)));
        table.row(row);
    };
    row("in memory", in_memory);
    for (format, reports) in formats {
        row(format.name(), reports);
    }
    table
}
