//! What was done to whom: an append-only ledger, one signed and numbered chain for each seat.
//!
//! The rules of this room:
//!
//! - A **seat** is a station or a counter. Its entries are numbered from 1, each names the hash of the one before it and
//!   is signed with the seat's P-256 key, so an entry altered, removed or moved is found and named ([`Ledger::verify`]).
//! - A chain alone cannot show that its end was cut off. A [`Checkpoint`] can: it is an entry that lists the heads of all
//!   chains its writer holds; kept elsewhere (printed, sent), it is held against the ledger later.
//! - An entry about a **record** also names the record's entries its writer had seen last ([`Entry::after`]). So entries
//!   of several offline seats have an order of cause, and joining their chains gives the same state in any order
//!   ([`History`]).
//! - No personal data in the clear. A citizen is a keyed [`CitizenTag`] made outside; the chain holds it salted anew for
//!   each entry, and only an index beside the chain knows the tag, to find a citizen's other records.
//! - Work in progress (which chip, which steps are done) lives in a **journal** beside the chains, may change, and is
//!   wiped in the same transaction that appends the record's [`Event::Written`].
//! - Everything one call changes, it changes in one transaction: after a crash at any instant all of it is there, or none.
//! - Time, salts and signatures come from outside ([`Seat`], [`Draft`]).
//!
//! ```
//! use negin_ledger::{CitizenTag, Draft, Event, Ledger, Seat, SqliteLedger, State, Timestamp, TrustedKeys};
//! use p256::ecdsa::{Signature, SigningKey, signature::Signer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::from_slice(&[7; 32])?;
//! let trusted = *key.verifying_key();
//! let mut salt = 0u8; // a seeded generator in earnest
//! let seat = Seat::new(
//!     "station-1".parse()?,
//!     trusted,
//!     Box::new(move |message| Ok(key.sign(message))),
//!     Box::new(move |bytes: &mut [u8]| { salt += 1; bytes.fill(salt) }),
//! );
//! let mut ledger = SqliteLedger::in_memory(seat)?;
//! let record: negin_ledger::RecordId = "order-7/0001".parse()?;
//! let now = Timestamp::from_unix_millis(1_760_000_000_000);
//! ledger.append(Draft::new(Event::Registered, now).record(&record).citizen(CitizenTag::from([9; 32])))?;
//! ledger.append(Draft::new(Event::Checked, now).record(&record))?;
//! assert_eq!(ledger.record(&record)?.map(|r| r.state), Some(State::Checked));
//!
//! let keys = TrustedKeys::from([("station-1".parse()?, trusted)]);
//! assert!(ledger.verify(&keys, &[])?.is_sound());
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

mod batch;
mod bytes;
mod checkpoint;
mod citizen;
mod entry;
mod error;
mod event;
mod export;
mod history;
mod ledger;
mod names;
mod seat;
mod sqlite;
mod time;
mod verify;
mod work;

pub use batch::{Batch, Change};
pub use bytes::{Digest, Salt, SealBytes};
pub use checkpoint::{Checkpoint, Head};
pub use citizen::{CitizenHash, CitizenTag};
pub use entry::{DETAIL_LIMIT, Draft, Entry};
pub use error::{EntryFault, Error};
pub use event::{Event, State};
pub use export::SeatExport;
pub use history::{History, Status};
pub use ledger::{Duplicate, JoinReport, Ledger, Record};
pub use names::{CardNumber, CardRef, ChipId, RecordId, SeatName};
pub use seat::{EntropyFn, Seat, SignFn, TrustedKeys};
pub use sqlite::{Options, SqliteLedger};
pub use time::Timestamp;
pub use verify::{Fault, FaultKind, Verification};
pub use work::{Step, Work};
