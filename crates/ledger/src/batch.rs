//! Several changes that happen together or not at all.

use crate::{CardRef, Draft, RecordId, Timestamp};

/// One change of a [`Batch`].
#[derive(Clone, Debug)]
pub enum Change {
    /// Append an entry.
    Append(Draft),
    /// Start the work on a record: it gets this card. Repeating it with the same card does nothing.
    StartWork {
        /// The record.
        record: RecordId,
        /// Its card.
        card: CardRef,
        /// When.
        time: Timestamp,
    },
    /// Note that a step is done; repeating it replaces what it produced.
    StepDone {
        /// The record.
        record: RecordId,
        /// The step's name.
        step: String,
        /// What it produced.
        data: Vec<u8>,
        /// When.
        time: Timestamp,
    },
    /// Forget the work on a record, if there is any.
    DropWork {
        /// The record.
        record: RecordId,
    },
}

/// Changes that [`Ledger::commit`](crate::Ledger::commit) makes in one transaction, in this order.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(crate) changes: Vec<Change>,
}

impl Batch {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// And this change.
    #[must_use]
    pub fn with(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// And this entry.
    #[must_use]
    pub fn append(self, draft: Draft) -> Self {
        self.with(Change::Append(draft))
    }

    /// And this step of the work on `record`.
    #[must_use]
    pub fn step_done(self, record: &RecordId, step: &str, data: &[u8], time: Timestamp) -> Self {
        self.with(Change::StepDone {
            record: record.clone(),
            step: step.to_owned(),
            data: data.to_vec(),
            time,
        })
    }
}
