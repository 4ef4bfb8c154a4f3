//! A ledger whose host dies, or whose disk is full, at one of its commits.

use negin_ledger::{
    Batch, CardNumber, Checkpoint, ChipId, CitizenTag, Duplicate, Entry, Error, Head, JoinReport,
    Ledger, Record, RecordId, Seat, SeatExport, SeatName, State, Timestamp, TrustedKeys,
    Verification, Work,
};

use crate::link::Death;

/// Passes everything on, until the commit at which the host dies or the disk is full. Nothing is committed afterwards.
pub struct MortalLedger<L> {
    inner: L,
    death: Option<Death>,
    commits: u64,
    dead: bool,
}

impl<L: Ledger> MortalLedger<L> {
    /// `inner`, whose host dies at a commit, counted from 0; never, where none is named.
    pub const fn new(inner: L, death: Option<Death>) -> Self {
        Self {
            inner,
            death,
            commits: 0,
            dead: false,
        }
    }

    /// Commits made.
    #[must_use]
    pub const fn commits(&self) -> u64 {
        self.commits
    }
}

impl<L: Ledger> Ledger for MortalLedger<L> {
    fn seat(&self) -> Option<&Seat> {
        self.inner.seat()
    }

    fn commit(&mut self, batch: Batch) -> Result<Vec<Entry>, Error> {
        if self.dead || self.death == Some(Death::Before(self.commits)) {
            self.dead = true;
            return Err(Error::DiskFull);
        }
        let entries = self.inner.commit(batch)?;
        self.dead = self.death == Some(Death::After(self.commits));
        self.commits += 1;
        if self.dead {
            Err(Error::DiskFull)
        } else {
            Ok(entries)
        }
    }

    fn checkpoint(&mut self, time: Timestamp) -> Result<Checkpoint, Error> {
        self.inner.checkpoint(time)
    }

    fn join(&mut self, exports: &[SeatExport], trusted: &TrustedKeys) -> Result<JoinReport, Error> {
        self.inner.join(exports, trusted)
    }

    fn export(&self, seat: &SeatName, first: u64) -> Result<SeatExport, Error> {
        self.inner.export(seat, first)
    }

    fn verify(&self, trusted: &TrustedKeys, kept: &[Checkpoint]) -> Result<Verification, Error> {
        self.inner.verify(trusted, kept)
    }

    fn heads(&self) -> Result<Vec<Head>, Error> {
        self.inner.heads()
    }

    fn entries_of(&self, record: &RecordId) -> Result<Vec<Entry>, Error> {
        self.inner.entries_of(record)
    }

    fn record(&self, record: &RecordId) -> Result<Option<Record>, Error> {
        self.inner.record(record)
    }

    fn records(&self, state: Option<State>) -> Result<Vec<Record>, Error> {
        self.inner.records(state)
    }

    fn records_of_citizen(&self, citizen: &CitizenTag) -> Result<Vec<Record>, Error> {
        self.inner.records_of_citizen(citizen)
    }

    fn record_of_card(&self, number: &CardNumber) -> Result<Option<Record>, Error> {
        self.inner.record_of_card(number)
    }

    fn record_of_chip(&self, chip: &ChipId) -> Result<Option<Record>, Error> {
        self.inner.record_of_chip(chip)
    }

    fn highest_card_number(&self, prefix: &str) -> Result<Option<CardNumber>, Error> {
        self.inner.highest_card_number(prefix)
    }

    fn duplicates(&self) -> Result<Vec<Duplicate>, Error> {
        self.inner.duplicates()
    }

    fn work(&self, record: &RecordId) -> Result<Option<Work>, Error> {
        self.inner.work(record)
    }

    fn work_on_chip(&self, chip: &ChipId) -> Result<Option<Work>, Error> {
        self.inner.work_on_chip(chip)
    }

    fn works(&self) -> Result<Vec<Work>, Error> {
        self.inner.works()
    }
}
