//! What can go wrong, each kind under its stable key.

use std::path::PathBuf;

use crate::{Event, RecordId, SeatName, State};

/// Why an entry offered to a ledger, or found in one, is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryFault {
    /// Its hash is not the hash of its content.
    Hash,
    /// Its signature is not its seat's.
    Signature,
    /// It does not follow the entry before it.
    Link,
    /// It names an entry of its record that nobody holds.
    History,
    /// What it says could not happen then.
    Transition,
}

/// An error of the ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no file there.
    #[error("no ledger at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is a file already, where a new ledger was to be made.
    #[error("{} exists already", path.display())]
    Exists {
        /// Where it was to be made.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("the file is not a Negin ledger")]
    NotALedger,
    /// The file cannot be read as the database it was.
    #[error("the ledger's file is damaged")]
    Damaged,
    /// A later version wrote the file.
    #[error("the ledger has schema {found}, this version knows up to {known}")]
    NewerSchema {
        /// The file's schema version.
        found: i64,
        /// The newest this version knows.
        known: i64,
    },
    /// The file or its folder may not be written.
    #[error("the ledger may only be read")]
    ReadOnly,
    /// Another process held the file for too long.
    #[error("another process holds the ledger")]
    Busy,
    /// No room to write; nothing was written.
    #[error("no room on the ledger's disk; nothing was written")]
    DiskFull,
    /// The system's storage failed in another way.
    #[error("the ledger's storage failed (code {code}): {message}")]
    Storage {
        /// SQLite's extended result code; 0 where it has none.
        code: i32,
        /// What it said.
        message: String,
    },
    /// The ledger was opened without a seat.
    #[error("the ledger was opened without a seat and cannot be written to")]
    NoSeat,
    /// The seat is known here with another key.
    #[error("seat {seat} is known here with another key")]
    SeatKey {
        /// The seat.
        seat: SeatName,
    },
    /// The seat's signer gave no signature, or not one of the seat's key.
    #[error("the signer of seat {seat} gave no valid signature: {reason}")]
    Signer {
        /// The seat.
        seat: SeatName,
        /// What it said.
        reason: String,
    },
    /// A name has the wrong length or characters.
    #[error("not a valid name of a {what}")]
    InvalidName {
        /// What it was to name.
        what: &'static str,
    },
    /// An entry's detail is not what may stand in a ledger.
    #[error("the detail of an entry {reason}")]
    Detail {
        /// The rule it breaks.
        reason: &'static str,
    },
    /// An entry about a record names none, or a checkpoint was drafted by hand.
    #[error("an entry '{event}' cannot be drafted this way")]
    Draft {
        /// The event.
        event: Event,
    },
    /// No such record.
    #[error("no record {record}")]
    UnknownRecord {
        /// The record.
        record: RecordId,
    },
    /// The record is not in a state where this can happen.
    #[error("record {record} is {}, which '{event}' cannot follow", from.map_or("new", State::as_str))]
    IllegalTransition {
        /// The record.
        record: RecordId,
        /// Its state; `None` for a record not registered.
        from: Option<State>,
        /// What was to happen.
        event: Event,
    },
    /// The citizen has another live record.
    #[error("the citizen of record {record} has the live record {live}")]
    DuplicateCitizen {
        /// The record that was to become live.
        record: RecordId,
        /// The one that is.
        live: RecordId,
    },
    /// The record is registered without its citizen, or with another one than before.
    #[error("record {record} needs its own citizen's tag")]
    Citizen {
        /// The record.
        record: RecordId,
    },
    /// The chip or the card number belongs to another record.
    #[error("the chip or the number of this card belongs to record {holder}")]
    CardInUse {
        /// Whose card it is.
        holder: RecordId,
    },
    /// The entry names another card than the record has, or none where one is needed.
    #[error("not the card of record {record}")]
    CardMismatch {
        /// The record.
        record: RecordId,
    },
    /// No personalisation of this record is in progress.
    #[error("no work in progress on record {record}")]
    NoWork {
        /// The record.
        record: RecordId,
    },
    /// Personalisation of this record is in progress: at another seat, or with another card.
    #[error("work on record {record} is in progress at seat {seat}, with its own card")]
    WorkInProgress {
        /// The record.
        record: RecordId,
        /// Where.
        seat: SeatName,
    },
    /// No key is trusted for this seat.
    #[error("no trusted key for seat {seat}")]
    UnknownSeat {
        /// The seat.
        seat: SeatName,
    },
    /// Two different entries of one seat have the same number.
    #[error("seat {seat} has two different entries {number}")]
    Fork {
        /// The seat.
        seat: SeatName,
        /// The number.
        number: u64,
    },
    /// Entries between what is held and what is offered are missing.
    #[error("entry {number} of seat {seat} is missing")]
    Gap {
        /// The seat.
        seat: SeatName,
        /// The first missing number.
        number: u64,
    },
    /// An offered entry is no good; nothing was taken over.
    #[error("entry {number} of seat {seat} is not acceptable: {fault:?}")]
    BadEntry {
        /// The seat.
        seat: SeatName,
        /// The entry's number.
        number: u64,
        /// Why.
        fault: EntryFault,
    },
    /// The text is no export of a seat, or no checkpoint.
    #[error("not an export of a ledger: {reason}")]
    Malformed {
        /// What the parser met.
        reason: String,
    },
}

impl Error {
    /// All keys that [`key`](Self::key) gives.
    pub const KEYS: &[&str] = &[
        "ledger.missing",
        "ledger.exists",
        "ledger.not-a-ledger",
        "ledger.damaged",
        "ledger.newer-schema",
        "ledger.read-only",
        "ledger.busy",
        "ledger.disk-full",
        "ledger.storage",
        "ledger.no-seat",
        "ledger.seat-key",
        "ledger.signer",
        "ledger.invalid-name",
        "ledger.detail",
        "ledger.draft",
        "ledger.unknown-record",
        "ledger.illegal-transition",
        "ledger.duplicate-citizen",
        "ledger.citizen",
        "ledger.card-in-use",
        "ledger.card-mismatch",
        "ledger.no-work",
        "ledger.work-in-progress",
        "ledger.unknown-seat",
        "ledger.fork",
        "ledger.gap",
        "ledger.bad-entry",
        "ledger.malformed",
    ];

    /// The stable key under which a person finds what this means and what to do.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "ledger.missing",
            Self::Exists { .. } => "ledger.exists",
            Self::NotALedger => "ledger.not-a-ledger",
            Self::Damaged => "ledger.damaged",
            Self::NewerSchema { .. } => "ledger.newer-schema",
            Self::ReadOnly => "ledger.read-only",
            Self::Busy => "ledger.busy",
            Self::DiskFull => "ledger.disk-full",
            Self::Storage { .. } => "ledger.storage",
            Self::NoSeat => "ledger.no-seat",
            Self::SeatKey { .. } => "ledger.seat-key",
            Self::Signer { .. } => "ledger.signer",
            Self::InvalidName { .. } => "ledger.invalid-name",
            Self::Detail { .. } => "ledger.detail",
            Self::Draft { .. } => "ledger.draft",
            Self::UnknownRecord { .. } => "ledger.unknown-record",
            Self::IllegalTransition { .. } => "ledger.illegal-transition",
            Self::DuplicateCitizen { .. } => "ledger.duplicate-citizen",
            Self::Citizen { .. } => "ledger.citizen",
            Self::CardInUse { .. } => "ledger.card-in-use",
            Self::CardMismatch { .. } => "ledger.card-mismatch",
            Self::NoWork { .. } => "ledger.no-work",
            Self::WorkInProgress { .. } => "ledger.work-in-progress",
            Self::UnknownSeat { .. } => "ledger.unknown-seat",
            Self::Fork { .. } => "ledger.fork",
            Self::Gap { .. } => "ledger.gap",
            Self::BadEntry { .. } => "ledger.bad-entry",
            Self::Malformed { .. } => "ledger.malformed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_listed_once_and_in_this_room() {
        let mut sorted = Error::KEYS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), Error::KEYS.len());
        assert!(Error::KEYS.iter().all(|key| key.starts_with("ledger.")));
        for error in [
            Error::DiskFull,
            Error::NotALedger,
            Error::Draft {
                event: Event::Checkpoint,
            },
        ] {
            assert!(Error::KEYS.contains(&error.key()));
        }
    }
}
