//! The ledger in one SQLite file.
//!
//! The file is in rollback-journal mode with `synchronous = EXTRA`: a call that returned is on the disk, the directory
//! included, and the ledger is one file that can be copied when nobody writes. Several processes may have it open; a
//! writer waits for another up to [`Options::busy_timeout`].

mod append;
mod errors;
mod join;
mod open;
mod query;
mod rows;
mod schema;
mod verify;
mod work;

use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{
    Batch, CardNumber, Checkpoint, ChipId, CitizenTag, Duplicate, Entry, Error, Head, JoinReport,
    Ledger, Record, RecordId, Seat, SeatExport, SeatName, State, Timestamp, TrustedKeys,
    Verification, Work,
};

/// How a ledger's file is opened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options {
    /// How long a call waits for another process to finish writing before it fails with [`Error::Busy`].
    pub busy_timeout: Duration,
    /// The largest size of the file in bytes, rounded down to pages of 4096; beyond it [`Error::DiskFull`].
    pub quota: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(10),
            quota: None,
        }
    }
}

impl Options {
    /// With this much patience.
    #[must_use]
    pub const fn with_busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// With this largest size of the file, in bytes.
    #[must_use]
    pub const fn with_quota(mut self, bytes: u64) -> Self {
        self.quota = Some(bytes);
        self
    }
}

/// A ledger in one SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    db: Connection,
    seat: Option<Seat>,
    patience: Duration,
}

/// How long to wait before asking for the file again.
const PAUSE: Duration = Duration::from_millis(1);

impl SqliteLedger {
    /// Runs `write` in a transaction that holds the file from its start, so that what it reads stays true.
    fn write<T>(
        &mut self,
        write: impl FnOnce(&Transaction<'_>, &mut Seat) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let seat = self.seat.as_mut().ok_or(Error::NoSeat)?;
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = write(&transaction, seat)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Runs `read` on one unchanging view of the file.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let transaction = self.db.unchecked_transaction()?;
        let value = read(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// Begins a transaction that holds the file, waiting for it with even, short pauses: SQLite's own grow to 100 ms, and
/// another process that writes without a pause would starve this one.
fn begin(db: &Connection, patience: Duration) -> Result<Transaction<'_>, Error> {
    let mut pauses = patience.as_micros() / PAUSE.as_micros();
    db.busy_timeout(Duration::ZERO)?;
    let begun = loop {
        match Transaction::new_unchecked(db, TransactionBehavior::Immediate).map_err(Error::from) {
            Err(Error::Busy) if pauses > 0 => {
                pauses -= 1;
                std::thread::sleep(PAUSE);
            }
            begun => break begun,
        }
    };
    db.busy_timeout(patience)?;
    begun
}

impl Ledger for SqliteLedger {
    fn seat(&self) -> Option<&Seat> {
        self.seat.as_ref()
    }

    fn commit(&mut self, batch: Batch) -> Result<Vec<Entry>, Error> {
        self.write(|db, seat| append::batch(db, seat, batch))
    }

    fn checkpoint(&mut self, time: Timestamp) -> Result<Checkpoint, Error> {
        self.write(|db, seat| append::checkpoint(db, seat, time))
    }

    fn join(&mut self, exports: &[SeatExport], trusted: &TrustedKeys) -> Result<JoinReport, Error> {
        self.write(|db, _| join::join(db, exports, trusted))
    }

    fn export(&self, seat: &SeatName, first: u64) -> Result<SeatExport, Error> {
        self.read(|db| query::export(db, seat, first))
    }

    fn verify(&self, trusted: &TrustedKeys, kept: &[Checkpoint]) -> Result<Verification, Error> {
        self.read(|db| verify::verify(db, trusted, kept))
    }

    fn heads(&self) -> Result<Vec<Head>, Error> {
        query::heads(&self.db)
    }

    fn entries_of(&self, record: &RecordId) -> Result<Vec<Entry>, Error> {
        query::entries_of(&self.db, record)
    }

    fn record(&self, record: &RecordId) -> Result<Option<Record>, Error> {
        query::record(&self.db, record)
    }

    fn records(&self, state: Option<State>) -> Result<Vec<Record>, Error> {
        query::records(&self.db, state)
    }

    fn records_of_citizen(&self, citizen: &CitizenTag) -> Result<Vec<Record>, Error> {
        query::records_of_citizen(&self.db, citizen)
    }

    fn record_of_card(&self, number: &CardNumber) -> Result<Option<Record>, Error> {
        query::live_record_of_card(&self.db, number)
    }

    fn record_of_chip(&self, chip: &ChipId) -> Result<Option<Record>, Error> {
        query::live_record_of_chip(&self.db, chip)
    }

    fn highest_card_number(&self, prefix: &str) -> Result<Option<CardNumber>, Error> {
        query::highest_card_number(&self.db, prefix)
    }

    fn duplicates(&self) -> Result<Vec<Duplicate>, Error> {
        query::duplicates(&self.db)
    }

    fn work(&self, record: &RecordId) -> Result<Option<Work>, Error> {
        self.read(|db| work::of_record(db, record))
    }

    fn work_on_chip(&self, chip: &ChipId) -> Result<Option<Work>, Error> {
        self.read(|db| work::on_chip(db, chip))
    }

    fn works(&self) -> Result<Vec<Work>, Error> {
        self.read(work::all)
    }
}
