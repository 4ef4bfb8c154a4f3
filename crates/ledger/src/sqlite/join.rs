//! Taking over other seats' chains as they are.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::{append, open, query, rows};
use crate::entry::genesis;
use crate::history::HistoryFault;
use crate::{
    CitizenTag, Entry, EntryFault, Error, JoinReport, RecordId, SeatExport, SeatName, TrustedKeys,
};

pub(super) fn join(
    db: &Connection,
    exports: &[SeatExport],
    trusted: &TrustedKeys,
) -> Result<JoinReport, Error> {
    let mut report = JoinReport::default();
    let mut fresh: Vec<&[Entry]> = Vec::new();
    for export in exports {
        let new = new_entries(db, export, trusted)?;
        report.known += (export.entries.len() - new.len()) as u64;
        report.joined += new.len() as u64;
        fresh.push(new);
    }
    let mut citizens = tags(exports);
    // An entry waits for those it follows, which may come in another seat's export: round until nothing moves.
    let mut touched = BTreeSet::new();
    loop {
        let mut moved = false;
        for queue in &mut fresh {
            while let Some((entry, rest)) = queue.split_first() {
                if !take(db, entry, &mut citizens)? {
                    break;
                }
                touched.extend(entry.record.clone());
                *queue = rest;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    if let Some(entry) = fresh.iter().find_map(|queue| queue.first()) {
        return Err(bad(entry, EntryFault::History));
    }
    for record in &touched {
        append::keep_record(db, record, &query::history(db, record)?)?;
    }
    report.conflicts = query::conflicts(db)?;
    report.duplicates = query::duplicates(db)?;
    Ok(report)
}

/// The entries of an export that are not held yet, after checking all of them but for their history.
fn new_entries<'a>(
    db: &Connection,
    export: &'a SeatExport,
    trusted: &TrustedKeys,
) -> Result<&'a [Entry], Error> {
    let seat = &export.seat;
    let key = trusted
        .get(seat)
        .ok_or_else(|| Error::UnknownSeat { seat: seat.clone() })?;
    open::register_seat(db, seat, key)?;
    let head = query::head(db, seat)?;
    let held = head.as_ref().map_or(0, |head| head.number);
    let mut previous = head.map_or_else(|| genesis(seat, key), |head| head.hash);
    let first = export
        .entries
        .first()
        .map_or(held + 1, |entry| entry.number);
    if first > held + 1 {
        return Err(Error::Gap {
            seat: seat.clone(),
            number: held + 1,
        });
    }
    let mut known = 0;
    for (expected, entry) in (first..).zip(&export.entries) {
        if entry.seat != *seat || entry.number == 0 {
            return Err(Error::Malformed {
                reason: "an entry of another seat, or without a number".to_owned(),
            });
        }
        if entry.number != expected {
            return Err(Error::Gap {
                seat: seat.clone(),
                number: expected,
            });
        }
        check(entry, key)?;
        if entry.number <= held {
            known += 1;
            let ours = query::entry(db, seat, entry.number)?.ok_or(Error::Damaged)?;
            if ours != *entry {
                return Err(Error::Fork {
                    seat: seat.clone(),
                    number: entry.number,
                });
            }
        } else if entry.previous != previous {
            // Its seat signed it, after something else than what that seat told us: a second chain under one key.
            return Err(if entry.number == held + 1 && held > 0 {
                Error::Fork {
                    seat: seat.clone(),
                    number: held,
                }
            } else {
                bad(entry, EntryFault::Link)
            });
        } else {
            previous = entry.hash;
        }
    }
    Ok(&export.entries[known..])
}

fn check(entry: &Entry, key: &p256::ecdsa::VerifyingKey) -> Result<(), Error> {
    if entry.computed_hash() != entry.hash {
        return Err(bad(entry, EntryFault::Hash));
    }
    if !entry.is_signed_by(key) {
        return Err(bad(entry, EntryFault::Signature));
    }
    Ok(())
}

/// Stores an entry if all it follows is here; says whether it did.
fn take(
    db: &Connection,
    entry: &Entry,
    citizens: &mut BTreeMap<&RecordId, CitizenTag>,
) -> Result<bool, Error> {
    if let Some(record) = &entry.record {
        let mut history = query::history(db, record)?;
        match history.add(entry) {
            Ok(()) => {}
            Err(HistoryFault::Unseen) => return Ok(false),
            Err(_) => return Err(bad(entry, EntryFault::Transition)),
        }
        if let (Some(hash), Some(tag)) = (&entry.citizen, citizens.get(record)) {
            if !hash.is_of(tag) {
                return Err(Error::Malformed {
                    reason: format!("the tag of record {record} is not its citizen's"),
                });
            }
            if query::tag(db, record)?.is_none() {
                append::keep_citizen(db, record, tag)?;
            }
        }
    }
    rows::insert(db, entry)?;
    Ok(true)
}

fn tags(exports: &[SeatExport]) -> BTreeMap<&RecordId, CitizenTag> {
    exports
        .iter()
        .flat_map(|export| &export.citizens)
        .map(|(record, tag)| (record, *tag))
        .collect()
}

fn bad(entry: &Entry, fault: EntryFault) -> Error {
    let seat: SeatName = entry.seat.clone();
    Error::BadEntry {
        seat,
        number: entry.number,
        fault,
    }
}
