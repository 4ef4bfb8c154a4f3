//! `negin check`: quality control of an order, and its entry in the ledger.

use std::path::Path;

use negin_issuance::check::{self, Report};
use negin_issuance::credentials::Credentials;
use negin_issuance::entering::{Entered, enter};
use negin_issuance::order::Order;
use negin_issuance::record::calendar::Date;
use negin_keystore::FileKeyStore;
use negin_ledger::RecordId;
use rayon::prelude::*;
use serde_json::json;

use super::seat::{OpenSeat, open_ledger, profile};
use super::{App, now};
use crate::cli::CheckArgs;
use crate::messages;
use crate::output::{Align, Cell, Exit, Paint, Progress, Style, Table, print_json};
use crate::problem::Problem;

/// Today, in UTC.
pub fn today() -> Result<Date, Problem> {
    let seconds = now().unix_millis().div_euclid(1000);
    Date::from_unix(seconds, 0).map_err(|fault| Problem::from(negin_issuance::Error::Record(fault)))
}

/// Checks an order on all cores.
pub fn quality_control(
    order: &Order,
    profile: &negin_issuance::profile::Profile,
    today: Date,
) -> Report {
    let progress = Progress::new(order.entries.len() as u64);
    let reports = order
        .entries
        .par_iter()
        .map(|entry| {
            let report = check::check_record(entry, profile, today);
            progress.step();
            report
        })
        .collect();
    check::assemble(order, profile, today, reports)
}

/// Runs the command.
pub fn run(args: &CheckArgs, app: &App) -> Result<Exit, Problem> {
    let profile = profile(args.profile.as_deref())?;
    let order = Order::read(&args.order);
    let report = quality_control(&order, &profile, today()?);
    let orderly = report
        .findings
        .iter()
        .all(|finding| finding.severity() != negin_issuance::finding::Severity::Error);
    let entered = match (&args.seat.keys, &args.seat.ledger, &args.seat.seat) {
        (Some(keys), Some(ledger), Some(seat)) if orderly => {
            let keys = FileKeyStore::open(keys)?;
            let mut open = OpenSeat {
                ledger: open_ledger(&keys, ledger, seat)?,
                credentials: super::seat::read_credentials(
                    args.seat.keys.as_deref().unwrap_or(Path::new("")),
                )?,
                keys,
            };
            open.work(|seat, _: &Credentials| enter(seat, &report))?
        }
        _ => Vec::new(),
    };
    if app.json {
        let mut value = serde_json::to_value(&report).unwrap_or_default();
        value["entered"] = entered
            .iter()
            .map(|(id, outcome)| json!({ "record": id.as_str(), "state": word(*outcome) }))
            .collect();
        print_json(&value).map_err(|error| Problem::file(Path::new("-"), &error))?;
    } else {
        print!("{}", text(&report, &entered, app));
    }
    Ok(if report.accepted {
        Exit::Done
    } else {
        Exit::InputRefused
    })
}

fn word(entered: Entered) -> &'static str {
    match entered {
        Entered::Queued => "queued",
        Entered::Known(state) => state.as_str(),
        Entered::Rejected => "rejected",
        Entered::Unnamed => "not entered",
    }
}

fn text(report: &Report, entered: &[(RecordId, Entered)], app: &App) -> String {
    let mut table = Table::new(&[
        ("record", Align::Left),
        ("verdict", Align::Left),
        ("quality", Align::Right),
        ("ledger", Align::Left),
    ]);
    for (index, record) in report.records.iter().enumerate() {
        let verdict = match record.accepted {
            true => Cell::new("accepted").painted(Paint::Good),
            false => Cell::new("refused").painted(Paint::Bad),
        };
        let best = record.fingers.iter().map(|finger| finger.quality).max();
        let best = best.map_or_else(String::new, |quality| quality.to_string());
        let ledger = entered.get(index).map_or("", |(_, outcome)| word(*outcome));
        table.row([
            Cell::new(&record.name),
            verdict,
            Cell::new(best),
            Cell::new(ledger),
        ]);
    }
    let mut out = table.render(Style::stdout());
    let findings = report
        .findings
        .iter()
        .chain(report.records.iter().flat_map(|record| &record.findings));
    for finding in findings {
        let texts = messages::of_finding(app.language, finding);
        let place = match &finding.path {
            Some(path) => format!("{} {path}", finding.file),
            None => finding.file.clone(),
        };
        out += &format!(
            "\n{}: {place}\n  {}\n  {}\n  {}\n",
            finding.severity().as_str(),
            texts.what,
            texts.means,
            texts.next
        );
    }
    out
}
