//! `negin ship`: written cards leave for their office.

use std::path::Path;

use negin_keystore::OfficeCode;
use negin_ledger::{Draft, Event, Ledger, RecordId, State};
use serde_json::json;

use super::seat::OpenSeat;
use super::{App, now};
use crate::cli::ShipArgs;
use crate::output::{Exit, print_json};
use crate::problem::Problem;

/// Runs the command.
pub fn run(args: &ShipArgs, app: &App) -> Result<Exit, Problem> {
    let office: OfficeCode = args.office.parse()?;
    let mut seat = OpenSeat::open(&args.seat)?;
    let records: Vec<RecordId> = if args.record.is_empty() {
        let written = seat.ledger.records(Some(State::Written))?;
        written.into_iter().map(|record| record.id).collect()
    } else {
        let named = args.record.iter().map(|name| name.parse());
        named.collect::<Result<_, negin_ledger::Error>>()?
    };
    for record in &records {
        let draft = Draft::new(Event::Shipped, now())
            .record(record)
            .detail(json!({ "office": office.to_string() }));
        seat.ledger.append(draft)?;
    }
    let shipped: Vec<&str> = records.iter().map(RecordId::as_str).collect();
    if app.json {
        print_json(&json!({ "shipped": shipped, "office": office.to_string() }))
            .map_err(|error| Problem::file(Path::new("-"), &error))?;
    } else {
        for record in shipped {
            println!("{record}");
        }
    }
    Ok(Exit::Done)
}
