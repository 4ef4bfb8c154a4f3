//! `negin finger convert`.

use std::path::PathBuf;

use clap::Args;
use negin_fingerprint::Format;
use serde_json::json;

use super::error::write;
use super::template_args::{LimitArgs, ReadArgs, formats};
use super::{Error, input};
use crate::output::{Cell, Paint, Style, Table, print_json};

/// Options of `negin finger convert`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  negin finger convert vendor.fmr finger.iso --format iso2011\n  \
        negin finger convert finger.iso finger.card --format compact --max 40 --order polar\n  \
        negin finger convert finger.card finger.iso --as compact --format iso2005\n\n\
        What is read may err; what is written does not."
)]
pub struct ConvertArgs {
    /// The template
    pub from: PathBuf,
    /// Where the new one is written
    pub to: PathBuf,
    /// Its format
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub format: Format,
    /// How the template is read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// What is written for a card.
    #[command(flatten)]
    pub limits: LimitArgs,
}

pub(super) fn run(args: &ConvertArgs, json: bool) -> Result<(), Error> {
    let record = input::record(&args.from, args.read)?;
    let wrong = |source: negin_fingerprint::Error| Error::Print {
        path: args.from.clone(),
        source: source.into(),
    };
    let bytes = args
        .format
        .encode(&record, &args.limits.limits())
        .map_err(wrong)?;
    let written = args.format.decode(&bytes).map_err(wrong)?;
    write(&args.to, &bytes)?;
    let minutiae = |record: &negin_fingerprint::Record| -> Vec<usize> {
        let views = record.views.iter();
        views.map(|view| view.template.minutiae.len()).collect()
    };
    let (before, after) = (minutiae(&record), minutiae(&written));
    if json {
        let object = json!({
            "from": record.format.name(),
            "to": args.format.name(),
            "file": args.to.display().to_string(),
            "bytes": bytes.len(),
            "minutiae": {"before": before, "after": after},
            "deviations": record.deviations.iter().map(|it| it.text()).collect::<Vec<_>>(),
        });
        return print_json(&object).map_err(Error::Output);
    }
    let all = |counts: &[usize]| {
        let texts: Vec<String> = counts.iter().map(usize::to_string).collect();
        texts.join(", ")
    };
    let mut table = Table::facts([
        ("from", record.format.standard().to_owned()),
        ("to", args.format.standard().to_owned()),
        ("minutiae of each view before", all(&before)),
        ("minutiae of each view now", all(&after)),
        ("bytes", bytes.len().to_string()),
    ]);
    for deviation in &record.deviations {
        table.row([
            Cell::new("was not as the standard has it"),
            Cell::new(deviation.text()).painted(Paint::Bad),
        ]);
    }
    print!("{}", table.render(Style::stdout()));
    Ok(())
}
