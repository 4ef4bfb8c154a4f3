//! What every store of the ledger must do, written against the trait alone.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

#[path = "../common/mod.rs"]
mod common;
mod joining;
mod records;

use common::{record, seat};
use negin_ledger::{Ledger, SqliteLedger, State};

fn ledger(name: &str) -> Box<dyn Ledger> {
    Box::new(SqliteLedger::in_memory(seat(name)).unwrap())
}

fn state(ledger: &dyn Ledger, n: u32) -> State {
    ledger.record(&record(n)).unwrap().unwrap().state
}
