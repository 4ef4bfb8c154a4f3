//! `negin spoil`: a card that broke or was lost before delivery gives way to another.

use std::path::Path;

use negin_ledger::{Batch, Draft, Event, Ledger, RecordId};
use serde_json::json;

use super::seat::OpenSeat;
use super::{App, now};
use crate::cli::SpoilArgs;
use crate::output::{Exit, print_json};
use crate::problem::Problem;

/// Runs the command: all records or none.
pub fn run(args: &SpoilArgs, app: &App) -> Result<Exit, Problem> {
    let named = args.record.iter().map(|name| name.parse());
    let records: Vec<RecordId> = named.collect::<Result<_, negin_ledger::Error>>()?;
    let mut seat = OpenSeat::open(&args.seat)?;
    let mut batch = Batch::new();
    for record in &records {
        let draft = |event| Draft::new(event, now()).record(record);
        batch = batch.append(draft(Event::Spoiled));
        if !args.no_new_card {
            batch = batch.append(draft(Event::Queued));
        }
    }
    seat.ledger.commit(batch)?;
    let spoiled: Vec<&str> = records.iter().map(RecordId::as_str).collect();
    if app.json {
        print_json(&json!({ "spoiled": spoiled, "queued": !args.no_new_card }))
            .map_err(|error| Problem::file(Path::new("-"), &error))?;
    } else {
        for record in spoiled {
            println!("{record}");
        }
    }
    Ok(Exit::Done)
}
