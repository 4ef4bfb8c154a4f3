//! That what is written is what was checked.
//!
//! The rule: quality control takes a digest of the record and of every file it names, the ledger keeps it with
//! 'checked', and personalisation takes it again before it touches a card. The images are in the digest, so that nobody
//! gets from it to a record by guessing. And a record stays the citizen's under whom it was registered, whatever its
//! file says now.

use std::io;

use negin_ledger::{CitizenTag, Event, Ledger, RecordId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::order::Entry;
use crate::record::Record;

/// The field of a detail that holds the digest.
const CONTENT: &str = "content";

/// The digest of a record and its files, in hexadecimal.
///
/// # Errors
/// What the system says of a file.
pub(crate) fn digest(entry: &Entry, record: &Record) -> io::Result<String> {
    let mut digest = Sha256::new_with_prefix(b"negin.record.v1");
    let mut take = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    take(record.to_json()?.as_bytes());
    take(&entry.read(&record.photo)?);
    for image in record.fingers.iter().flat_map(|finger| &finger.images) {
        take(&entry.read(image)?);
    }
    Ok(hex::encode(digest.finalize()))
}

/// Refuses a record that the ledger knows as another citizen's.
///
/// # Errors
/// [`negin_ledger::Error::Citizen`], [`Error::Ledger`].
pub(crate) fn is_of(
    ledger: &dyn Ledger,
    record: &RecordId,
    citizen: &CitizenTag,
) -> Result<(), Error> {
    let own = ledger.records_of_citizen(citizen)?;
    if own.iter().any(|own| own.id == *record) {
        return Ok(());
    }
    let record = record.clone();
    Err(negin_ledger::Error::Citizen { record }.into())
}

/// `detail` with this digest in it.
pub(crate) fn with(mut detail: Value, digest: &str) -> Value {
    detail[CONTENT] = json!(digest);
    detail
}

/// The digest that was kept last for this record.
///
/// # Errors
/// [`Error::Ledger`].
pub(crate) fn kept(ledger: &dyn Ledger, record: &RecordId) -> Result<Option<String>, Error> {
    let entries = ledger.entries_of(record)?;
    Ok(entries
        .iter()
        .rev()
        .filter(|entry| matches!(entry.event, Event::Checked | Event::Noted))
        .find_map(|entry| Some(entry.detail_value().get(CONTENT)?.as_str()?.to_owned())))
}
