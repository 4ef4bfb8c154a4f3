//! Whoever writes past the ledger is found, whatever they touch.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

mod common;

use std::path::Path;

use common::*;
use negin_ledger::{Draft, Entry, Event, Fault, FaultKind, Ledger, SealBytes, SqliteLedger};
use p256::ecdsa::Signature;
use proptest::prelude::*;
use rusqlite::{Connection, params};
use serde_json::json;

/// A ledger with two seats: five entries of the station, two of the counter, a note and a checkpoint.
fn made(path: &Path) -> Vec<Entry> {
    let mut ledger = SqliteLedger::create(path, seat("station-1")).unwrap();
    let mut entries = advance(&mut ledger, 1, Event::Shipped).unwrap();
    ledger.set_seat(seat("counter-7")).unwrap();
    entries.push(
        ledger
            .append(
                draft(Event::Noted, 1)
                    .card(card(1))
                    .detail(json!({"score": 12})),
            )
            .unwrap(),
    );
    entries.push(
        ledger
            .append(draft(Event::Delivered, 1).detail(json!({"finger": 96, "score": 41})))
            .unwrap(),
    );
    entries.push(ledger.checkpoint(at(9)).unwrap().entry().clone());
    entries.push(
        ledger
            .append(Draft::new(Event::Noted, at(10)).detail(json!({"shift": "closed"})))
            .unwrap(),
    );
    entries
}

/// Opens the file with the triggers lifted, and puts them back afterwards.
fn past_the_triggers(path: &Path, change: impl FnOnce(&Connection)) {
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    let mut statement = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap();
    let triggers: Vec<(String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (name, _) in &triggers {
        db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    change(&db);
    for (_, sql) in &triggers {
        db.execute_batch(sql).unwrap();
    }
}

fn faults(path: &Path) -> Vec<Fault> {
    let keys = trusted(&["station-1", "counter-7"]);
    SqliteLedger::open_read_only(path)
        .unwrap()
        .verify(&keys, &[])
        .unwrap()
        .faults
}

fn names(fault: &Fault, entry: &Entry) -> bool {
    fault.seat.as_ref() == Some(&entry.seat) && fault.number == Some(entry.number)
}

/// A copy of the ledger to tamper with.
fn copy(folder: &Path, made: &Path) -> std::path::PathBuf {
    let path = folder.join("copy.sqlite");
    std::fs::copy(made, &path).unwrap();
    path
}

#[test]
fn every_field_of_every_entry() {
    let folder = folder();
    let original = folder.path().join("ledger.sqlite");
    let entries = made(&original);
    assert_eq!(faults(&original), []);
    let mut tried = 0;
    for entry in &entries {
        let other_seat = if entry.seat.as_str() == "station-1" {
            "counter-7"
        } else {
            "station-1"
        };
        let changes = [
            format!("number = number + 100, seat = '{other_seat}'"),
            "number = number + 100".to_owned(),
            "time = time + 1".to_owned(),
            "event = CASE event WHEN 'noted' THEN 'checked' ELSE 'noted' END".to_owned(),
            "event = 'invented'".to_owned(),
            "record = coalesce(record, '') || 'x'".to_owned(),
            "record = CASE WHEN record IS NULL THEN 'x' END".to_owned(),
            "card_number = coalesce(card_number, '') || 'x'".to_owned(),
            "chip = CAST(coalesce(chip, x'') || x'00' AS BLOB)".to_owned(),
            "citizen_salt = x'00112233445566778899AABBCCDDEEFF', citizen_hash = coalesce(citizen_hash, zeroblob(32))".to_owned(),
            "citizen_hash = zeroblob(32), citizen_salt = coalesce(citizen_salt, zeroblob(16))".to_owned(),
            "citizen_hash = x'00'".to_owned(),
            "after = CAST(after || zeroblob(32) AS BLOB)".to_owned(),
            "after = CASE WHEN length(after) = 0 THEN previous ELSE x'' END".to_owned(),
            "detail = detail || ' '".to_owned(),
            "previous = zeroblob(32)".to_owned(),
            "hash = zeroblob(32)".to_owned(),
            "signature = zeroblob(64)".to_owned(),
            "signature = x'00'".to_owned(),
        ];
        for change in &changes {
            let path = copy(folder.path(), &original);
            past_the_triggers(&path, |db| {
                let sql = format!("UPDATE entries SET {change} WHERE seat = ?1 AND number = ?2");
                let changed = db
                    .execute(&sql, params![entry.seat.as_str(), entry.number as i64])
                    .unwrap();
                assert_eq!(changed, 1);
            });
            let found = faults(&path);
            // An entry moved to another place is missing from its own.
            assert!(
                found
                    .iter()
                    .any(|fault| names(fault, entry) || is_moved(fault, entry)),
                "{entry:?} {change}: {found:?}"
            );
            assert!(
                !found
                    .iter()
                    .any(|fault| matches!(fault.kind, FaultKind::Storage(_))),
                "{found:?}"
            );
            tried += 1;
        }
    }
    assert_eq!(tried, entries.len() * 19);
}

fn is_moved(fault: &Fault, entry: &Entry) -> bool {
    fault.kind == FaultKind::Altered && fault.number == Some(entry.number + 100)
}

#[test]
fn the_twin_of_a_signature() {
    let folder = folder();
    let path = folder.path().join("ledger.sqlite");
    let entry = made(&path).remove(2);
    let signature = Signature::from_slice(entry.signature.as_bytes()).unwrap();
    let (r, s) = signature.split_scalars();
    let twin = Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
    use p256::ecdsa::signature::hazmat::PrehashVerifier;
    assert!(
        key("station-1")
            .verifying_key()
            .verify_prehash(entry.hash.as_bytes(), &twin)
            .is_ok()
    );
    past_the_triggers(&path, |db| {
        db.execute(
            "UPDATE entries SET signature = ?1 WHERE sequence = 3",
            [twin.to_bytes().as_slice()],
        )
        .unwrap();
    });
    let found = faults(&path);
    assert_eq!(found.len(), 1);
    assert!(names(&found[0], &entry) && found[0].kind == FaultKind::Signature);
}

#[test]
fn entries_removed_moved_doubled_or_replaced() {
    let folder = folder();
    let original = folder.path().join("ledger.sqlite");
    let entries = made(&original);
    let cases: &[(&str, usize, FaultKind)] = &[
        ("DELETE FROM entries WHERE seat = 'station-1' AND number = 3", 2, FaultKind::Missing),
        ("DELETE FROM entries WHERE seat = 'station-1' AND number IN (1, 2)", 1, FaultKind::Missing),
        // The station's last two: its chain looks whole, the counter's checkpoint knows better.
        ("DELETE FROM entries WHERE seat = 'station-1' AND number IN (4, 5)", 4, FaultKind::Missing),
        ("DELETE FROM entries WHERE seat = 'counter-7' AND number = 1", 5, FaultKind::Missing),
        (
            "UPDATE entries SET sequence = -1 WHERE sequence = 2; UPDATE entries SET sequence = 2 WHERE sequence = 4;
             UPDATE entries SET sequence = 4 WHERE sequence = -1",
            1,
            FaultKind::Moved,
        ),
        (
            "UPDATE entries SET number = -1 WHERE sequence = 2; UPDATE entries SET number = 2 WHERE sequence = 3;
             UPDATE entries SET number = 3 WHERE sequence = 2",
            1,
            FaultKind::Altered,
        ),
        ("UPDATE entries SET number = -4 WHERE sequence = 4", 3, FaultKind::Missing),
    ];
    for (sql, at, kind) in cases {
        let path = copy(folder.path(), &original);
        past_the_triggers(&path, |db| db.execute_batch(sql).unwrap());
        let found = faults(&path);
        assert!(
            found
                .iter()
                .any(|fault| names(fault, &entries[*at]) && fault.kind == *kind),
            "{sql}: {found:?}"
        );
    }
}

#[test]
fn an_entry_rewritten_with_another_key() {
    let folder = folder();
    let path = folder.path().join("ledger.sqlite");
    let mut entry = made(&path).remove(2);
    entry.detail = r#"{"forged":true}"#.to_owned();
    entry.hash = entry.computed_hash();
    use p256::ecdsa::signature::Signer;
    let signature: Signature = key("forger").sign(&entry.encoding());
    entry.signature = SealBytes::from_slice(&signature.normalize_s().to_bytes()).unwrap();
    past_the_triggers(&path, |db| {
        let values = params![
            entry.detail,
            entry.hash.as_bytes().as_slice(),
            entry.signature.as_bytes().as_slice()
        ];
        db.execute(
            "UPDATE entries SET detail = ?1, hash = ?2, signature = ?3 WHERE sequence = 3",
            values,
        )
        .unwrap();
    });
    let found = faults(&path);
    assert!(
        found
            .iter()
            .any(|fault| names(fault, &entry) && fault.kind == FaultKind::Signature)
    );
    assert!(
        found
            .iter()
            .any(|fault| fault.number == Some(4) && fault.kind == FaultKind::Link)
    );
}

#[test]
fn what_was_derived_from_the_entries() {
    let folder = folder();
    let original = folder.path().join("ledger.sqlite");
    made(&original);
    for (sql, kind) in [
        ("UPDATE records SET state = 'shipped'", FaultKind::Index),
        ("UPDATE records SET state = 'invented'", FaultKind::Index),
        ("UPDATE records SET card_number = 'IR9'", FaultKind::Index),
        ("UPDATE records SET conflict = 1", FaultKind::Index),
        ("DELETE FROM records", FaultKind::Index),
        (
            "INSERT INTO records VALUES ('ghost', 'delivered', NULL, NULL, NULL, 0)",
            FaultKind::Index,
        ),
        ("UPDATE citizens SET tag = zeroblob(32)", FaultKind::Citizen),
        ("UPDATE citizens SET tag = x'00'", FaultKind::Citizen),
    ] {
        let path = copy(folder.path(), &original);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let found = faults(&path);
        assert!(
            !found.is_empty() && found.iter().all(|fault| fault.kind == kind),
            "{sql}: {found:?}"
        );
    }
}

#[test]
fn a_seat_without_a_trusted_key_is_named() {
    let folder = folder();
    let path = folder.path().join("ledger.sqlite");
    made(&path);
    let ledger = SqliteLedger::open_read_only(&path).unwrap();
    let found = ledger.verify(&trusted(&["counter-7"]), &[]).unwrap().faults;
    assert_eq!(found.len(), 5);
    assert!(
        found
            .iter()
            .all(|fault| fault.kind == FaultKind::UnknownSeat)
    );
    let mut wrong = trusted(&["counter-7"]);
    wrong.insert(seat_name("station-1"), *key("another").verifying_key());
    let found = ledger.verify(&wrong, &[]).unwrap().faults;
    assert!(
        found
            .iter()
            .any(|fault| fault.kind == FaultKind::Link && fault.number == Some(1))
    );
    assert_eq!(
        found
            .iter()
            .filter(|fault| fault.kind == FaultKind::Signature)
            .count(),
        5
    );
}

/// The columns that stand for an entry, but for the two that name its place.
const COLUMNS: [&str; 12] = [
    "time",
    "event",
    "record",
    "card_number",
    "chip",
    "citizen_salt",
    "citizen_hash",
    "after",
    "detail",
    "previous",
    "hash",
    "signature",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Any walk of any records by two seats in one ledger verifies, and any one bit turned in any stored field is found
    /// at its entry.
    #[test]
    fn any_chain_and_any_bit(
        walk in prop::collection::vec((0u32..4, 0usize..13, any::<bool>()), 4..40),
        at in any::<prop::sample::Index>(),
        column in prop::sample::select(&COLUMNS[..]),
        bit in any::<prop::sample::Index>(),
    ) {
        let folder = folder();
        let path = folder.path().join("ledger.sqlite");
        let mut ledger = SqliteLedger::create(&path, seat("station-1")).unwrap();
        advance(&mut ledger, 0, Event::Registered).unwrap();
        let mut entries = 1;
        for (n, event, change_seat) in walk {
            if change_seat {
                let next = if ledger.seat().unwrap().name().as_str() == "station-1" { "counter-7" } else { "station-1" };
                ledger.set_seat(seat(next)).unwrap();
            }
            match ledger.append(draft(Event::ALL[event], n)) {
                Ok(_) => entries += 1,
                Err(error) => prop_assert!(
                    ["ledger.illegal-transition", "ledger.unknown-record", "ledger.draft"].contains(&error.key()),
                    "{}", error
                ),
            }
        }
        let keys = trusted(&["station-1", "counter-7"]);
        let verification = ledger.verify(&keys, &[]).unwrap();
        prop_assert!(verification.is_sound(), "{:?}", verification.faults);
        prop_assert_eq!(verification.entries, entries);
        drop(ledger);

        let sequence = i64::try_from(at.index(usize::try_from(entries).unwrap())).unwrap() + 1;
        let mut changed = None;
        past_the_triggers(&path, |db| {
            let sql = format!("SELECT CAST({column} AS BLOB), seat, number FROM entries WHERE sequence = ?1");
            let (value, seat, number): (Option<Vec<u8>>, String, i64) =
                db.query_row(&sql, [sequence], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            let Some(mut value) = value.filter(|value| !value.is_empty()) else { return };
            let bit = bit.index(value.len() * 8);
            value[bit / 8] ^= 1 << (bit % 8);
            let set = match column {
                "time" => {
                    let time: i64 = String::from_utf8_lossy(&value).parse().unwrap_or(-1);
                    db.execute("UPDATE entries SET time = ?1 WHERE sequence = ?2", params![time, sequence])
                }
                "event" | "record" | "card_number" | "detail" => {
                    let text = String::from_utf8_lossy(&value).into_owned();
                    db.execute(&format!("UPDATE entries SET {column} = ?1 WHERE sequence = ?2"), params![text, sequence])
                }
                _ => db.execute(&format!("UPDATE entries SET {column} = ?1 WHERE sequence = ?2"), params![value, sequence]),
            };
            assert_eq!(set.unwrap(), 1);
            changed = Some((seat, u64::try_from(number).unwrap()));
        });
        if let Some((seat, number)) = changed {
            let found = faults(&path);
            prop_assert!(
                found.iter().any(|fault| fault.seat == Some(seat_name(&seat)) && fault.number == Some(number)),
                "{} of {}/{}: {:?}", column, seat, number, found
            );
        }
    }
}
