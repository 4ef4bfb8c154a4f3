//! Looking at every row.

use std::collections::HashSet;

use rusqlite::Connection;

use super::rows::{self, ENTRY, RECORD};
use super::{query, schema};
use crate::verify::{Fault, FaultKind, Verifier};
use crate::{Checkpoint, Error, RecordId, SeatName, TrustedKeys, Verification};

pub(super) fn verify(
    db: &Connection,
    trusted: &TrustedKeys,
    kept: &[Checkpoint],
) -> Result<Verification, Error> {
    let mut verifier = Verifier::new(trusted);
    storage(db, &mut verifier)?;
    let mut statement = db.prepare(&format!("SELECT {ENTRY} FROM entries ORDER BY sequence"))?;
    let mut stored = statement.query([])?;
    while let Some(row) = stored.next()? {
        match rows::entry(row) {
            Ok(entry) => {
                match entry
                    .record
                    .as_ref()
                    .map(|record| query::tag(db, record))
                    .transpose()
                {
                    Ok(tag) => verifier.entry(&entry, tag.flatten().as_ref()),
                    Err(_) => {
                        verifier.entry(&entry, None);
                        verifier.fault(Fault::of_entry(
                            &entry.seat,
                            entry.number,
                            FaultKind::Citizen,
                        ));
                    }
                }
            }
            Err(_) => verifier.fault(Fault {
                seat: row
                    .get::<_, String>(0)
                    .ok()
                    .and_then(|seat| SeatName::try_from(seat).ok()),
                number: row
                    .get::<_, i64>(1)
                    .ok()
                    .and_then(|number| u64::try_from(number).ok()),
                record: None,
                kind: FaultKind::Unreadable,
            }),
        }
    }
    index(db, &mut verifier)?;
    Ok(verifier.finish(kept))
}

/// SQLite's own check, and that the triggers which protect the entries are still there.
fn storage(db: &Connection, verifier: &mut Verifier<'_>) -> Result<(), Error> {
    let mut said = rows::all(db, "PRAGMA integrity_check(100)", [], |row| {
        Ok(row.get::<_, String>(0)?)
    })?;
    said.retain(|line| line != "ok");
    let held = rows::all(
        db,
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL",
        [],
        |row| Ok(row.get::<_, String>(0)?),
    )?;
    let lost = schema::STATEMENTS
        .iter()
        .filter(|statement| !held.iter().any(|sql| sql == *statement));
    said.extend(lost.map(|statement| {
        let name: Vec<&str> = statement.split_whitespace().skip(1).take(2).collect();
        format!("{} is not as it was made", name.join(" "))
    }));
    for line in said {
        verifier.fault(Fault::of_file(FaultKind::Storage(line)));
    }
    Ok(())
}

/// Holds the derived table against what the entries give.
fn index(db: &Connection, verifier: &mut Verifier<'_>) -> Result<(), Error> {
    let mut differs = Vec::new();
    let mut unseen: HashSet<RecordId> = verifier.histories().keys().cloned().collect();
    let mut statement = db.prepare(&format!("SELECT {RECORD} FROM records"))?;
    let mut stored = statement.query([])?;
    while let Some(row) = stored.next()? {
        // What cannot be read is found as a record that has entries and no state.
        let Ok(record) = rows::record(row) else {
            continue;
        };
        let same = verifier.histories().get(&record.id).is_some_and(|history| {
            let conflict = history.ends().len() > 1;
            history.status().is_some_and(|status| {
                (status.state, status.resume, &status.card, conflict)
                    == (record.state, record.resume, &record.card, record.conflict)
            })
        });
        unseen.remove(&record.id);
        if !same {
            differs.push(record.id);
        }
    }
    differs.extend(unseen);
    differs.sort_unstable();
    for record in differs {
        verifier.fault(Fault::of_record(&record, FaultKind::Index));
    }
    Ok(())
}
