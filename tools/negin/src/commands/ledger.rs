//! `negin ledger`: what the ledger says, and whether it can be believed.

use std::path::Path;

use negin_keystore::FileKeyStore;
use negin_ledger::{Ledger, SqliteLedger};
use serde_json::json;

use super::App;
use super::seat::trusted;
use crate::cli::LedgerCommand;
use crate::output::{Align, Exit, Paint, Style, Table, print_json};
use crate::problem::Problem;

/// Runs the command.
pub fn run(command: &LedgerCommand, app: &App) -> Result<Exit, Problem> {
    match command {
        LedgerCommand::List { ledger } => list(ledger, app),
        LedgerCommand::Verify { ledger, keys } => verify(ledger, keys, app),
    }
}

fn list(file: &Path, app: &App) -> Result<Exit, Problem> {
    let records = SqliteLedger::open_read_only(file)?.records(None)?;
    if app.json {
        let records: Vec<_> = records
            .iter()
            .map(|record| {
                json!({
                    "record": record.id.as_str(),
                    "state": record.state.as_str(),
                    "card": record.card.as_ref().map(|card| card.number.as_str()),
                    "chip": record.card.as_ref().map(|card| card.chip.to_string()),
                    "conflict": record.conflict,
                })
            })
            .collect();
        return printed(&json!({ "records": records }));
    }
    let mut table = Table::new(&[
        ("record", Align::Left),
        ("state", Align::Left),
        ("card", Align::Left),
        ("chip", Align::Left),
    ]);
    for record in records {
        let (number, chip) = record.card.map_or_else(Default::default, |card| {
            (card.number.to_string(), card.chip.to_string())
        });
        table.row([
            record.id.to_string(),
            record.state.to_string(),
            number,
            chip,
        ]);
    }
    print!("{}", table.render(Style::stdout()));
    Ok(Exit::Done)
}

fn verify(file: &Path, keys: &Path, app: &App) -> Result<Exit, Problem> {
    let keys = FileKeyStore::open(keys)?;
    let ledger = SqliteLedger::open_read_only(file)?;
    let verification = ledger.verify(&trusted(&keys)?, &[])?;
    let sound = verification.is_sound();
    let faults: Vec<String> = verification.faults.iter().map(|f| f.to_string()).collect();
    let exit = if sound { Exit::Done } else { Exit::Refused };
    if app.json {
        printed(&json!({ "sound": sound, "entries": verification.entries, "faults": faults }))?;
        return Ok(exit);
    }
    let style = Style::stdout();
    let verdict = if sound {
        style.paint(Paint::Good, "sound")
    } else {
        style.paint(Paint::Bad, "not sound")
    };
    println!("{} entries: {verdict}", verification.entries);
    for fault in faults {
        println!("  {fault}");
    }
    Ok(exit)
}

fn printed(value: &serde_json::Value) -> Result<Exit, Problem> {
    print_json(value).map_err(|error| Problem::file(Path::new("-"), &error))?;
    Ok(Exit::Done)
}
