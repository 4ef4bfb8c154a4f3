//! The ledger's file: made, opened, refused; full, locked, damaged; shared by many.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::*;
use negin_ledger::{Batch, Error, Event, FaultKind, Ledger, Options, SqliteLedger, State};
use rusqlite::Connection;
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join("ledger.sqlite");
    (folder, path)
}

fn key_of(result: Result<SqliteLedger, Error>) -> &'static str {
    result.unwrap_err().key()
}

fn sound(ledger: &SqliteLedger) -> u64 {
    let verification = ledger
        .verify(&trusted(&["station-1", "counter-7"]), &[])
        .unwrap();
    assert!(verification.is_sound(), "{:?}", verification.faults);
    verification.entries
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let (_folder, path) = place();
    let mut ledger = SqliteLedger::create(&path, seat("station-1")).unwrap();
    advance(&mut ledger, 1, Event::Queued).unwrap();
    ledger.start_work(&record(1), &card(1), at(1)).unwrap();
    ledger.step_done(&record(1), "keys", b"kcv", at(1)).unwrap();
    drop(ledger);
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        key_of(SqliteLedger::create(&path, seat("station-1"))),
        "ledger.exists"
    );
    assert_eq!(
        key_of(SqliteLedger::open(&path, other_key("station-1"))),
        "ledger.seat-key"
    );

    let mut ledger = SqliteLedger::open(&path, seat("station-1")).unwrap();
    assert_eq!(
        ledger.work(&record(1)).unwrap().unwrap().step("keys"),
        Some(b"kcv".as_slice())
    );
    ledger.append(draft(Event::Written, 1)).unwrap();
    ledger.set_seat(seat("counter-7")).unwrap();
    ledger.append(draft(Event::Shipped, 1)).unwrap();
    let reading = SqliteLedger::open_read_only(&path).unwrap();
    assert_eq!(sound(&reading), 5);
    assert_eq!(reading.heads().unwrap().len(), 2);
    assert!(reading.seat().is_none());
    drop(ledger);
    let mut reading = reading;
    assert_eq!(
        reading
            .append(draft(Event::Delivered, 1))
            .unwrap_err()
            .key(),
        "ledger.no-seat"
    );
    assert_eq!(
        reading.join(&[], &trusted(&[])).unwrap_err().key(),
        "ledger.no-seat"
    );
    assert!(!path.with_extension("sqlite-journal").exists());
}

fn other_key(name: &str) -> negin_ledger::Seat {
    negin_ledger::Seat::new(
        seat_name(name),
        *key("another").verifying_key(),
        Box::new(|_| Err("not asked".into())),
        Box::new(|bytes: &mut [u8]| bytes.fill(0)),
    )
}

#[test]
fn what_is_no_ledger_is_not_taken_for_one() {
    let (folder, path) = place();
    let opened = |path: &Path| SqliteLedger::open(path, seat("station-1"));
    assert_eq!(key_of(opened(&path)), "ledger.missing");
    assert_eq!(
        key_of(SqliteLedger::open_read_only(&path)),
        "ledger.missing"
    );
    assert_eq!(
        key_of(SqliteLedger::create(
            &folder.path().join("no/folder"),
            seat("station-1")
        )),
        "ledger.missing"
    );

    let text = folder.path().join("text");
    fs::write(
        &text,
        "a shopping list, long enough to be taken for something else",
    )
    .unwrap();
    assert_eq!(key_of(opened(&text)), "ledger.not-a-ledger");
    assert!(
        fs::read_to_string(&text)
            .unwrap()
            .starts_with("a shopping list")
    );

    let foreign = folder.path().join("foreign");
    Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE songs (title TEXT)")
        .unwrap();
    assert_eq!(key_of(opened(&foreign)), "ledger.not-a-ledger");
    assert_eq!(
        key_of(SqliteLedger::open_read_only(&foreign)),
        "ledger.not-a-ledger"
    );

    // A power cut between making the file and filling it.
    fs::write(&path, "").unwrap();
    assert_eq!(
        key_of(SqliteLedger::open_read_only(&path)),
        "ledger.not-a-ledger"
    );
    advance(&mut opened(&path).unwrap(), 1, Event::Checked).unwrap();

    let later = Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 2).unwrap();
    drop(later);
    match opened(&path).unwrap_err() {
        Error::NewerSchema { found, known } => assert_eq!((found, known), (2, 1)),
        other => panic!("{other}"),
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_is_half_written() {
    let (_folder, path) = place();
    let options = Options::default().with_quota(160 * 1024);
    let mut ledger = SqliteLedger::create_with(&path, seat("station-1"), options).unwrap();
    let mut done = 0;
    let refused = loop {
        advance(&mut ledger, done + 1, Event::Queued).unwrap();
        ledger
            .start_work(&record(done + 1), &card(done + 1), at(0))
            .unwrap();
        let data = vec![0xDA; 20_000];
        if let Err(error) = ledger.step_done(&record(done + 1), "portrait", &data, at(0)) {
            break error;
        }
        done += 1;
        assert!(done < 50, "the quota never came");
    };
    assert_eq!(refused.key(), "ledger.disk-full");
    let work = ledger.work(&record(done + 1)).unwrap().unwrap();
    assert!(work.steps.is_empty());

    // A batch that fits only in part: entry and journal stay together.
    let before = (ledger.heads().unwrap(), ledger.works().unwrap());
    let batch = Batch::new().append(draft(Event::Written, 1)).step_done(
        &record(2),
        "more",
        &[1; 60_000],
        at(0),
    );
    assert_eq!(ledger.commit(batch).unwrap_err().key(), "ledger.disk-full");
    assert_eq!((ledger.heads().unwrap(), ledger.works().unwrap()), before);
    assert_eq!(
        ledger.record(&record(1)).unwrap().unwrap().state,
        State::Queued
    );
    sound(&ledger);

    // Room again: the same command goes through, on this connection too.
    ledger.append(draft(Event::Written, 1)).unwrap();
    ledger
        .step_done(&record(done + 1), "portrait", &[0xDA; 16_000], at(0))
        .unwrap();
    drop(ledger);
    assert_eq!(
        sound(&SqliteLedger::open_read_only(&path).unwrap()),
        u64::from(done + 1) * 3 + 1
    );
}

#[test]
fn a_disk_too_full_for_a_new_ledger_leaves_no_file() {
    let (_folder, path) = place();
    let options = Options::default().with_quota(8 * 1024);
    assert_eq!(
        key_of(SqliteLedger::create_with(&path, seat("station-1"), options)),
        "ledger.disk-full"
    );
    assert!(!path.exists());
    SqliteLedger::create(&path, seat("station-1")).unwrap();
}

#[test]
fn a_held_file_is_waited_for_and_then_said() {
    let (_folder, path) = place();
    let options = Options::default().with_busy_timeout(Duration::from_millis(50));
    let mut ledger = SqliteLedger::create_with(&path, seat("station-1"), options).unwrap();
    advance(&mut ledger, 1, Event::Checked).unwrap();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(
        ledger.append(draft(Event::Queued, 1)).unwrap_err().key(),
        "ledger.busy"
    );
    assert_eq!(ledger.record(&record(1)).unwrap_err().key(), "ledger.busy");
    holder.execute_batch("COMMIT").unwrap();
    ledger.append(draft(Event::Queued, 1)).unwrap();
    assert_eq!(sound(&ledger), 3);
}

#[test]
fn a_damaged_file_is_never_taken_for_a_sound_one() {
    let (folder, path) = place();
    let mut ledger = SqliteLedger::create(&path, seat("station-1")).unwrap();
    for n in 1..=20 {
        advance(&mut ledger, n, Event::Delivered).unwrap();
    }
    drop(ledger);
    let whole = fs::read(&path).unwrap();
    let keys = trusted(&["station-1"]);
    let damaged = folder.path().join("damaged.sqlite");
    let found = |bytes: &[u8]| {
        fs::write(&damaged, bytes).unwrap();
        match SqliteLedger::open_read_only(&damaged).and_then(|ledger| ledger.verify(&keys, &[])) {
            Ok(verification) => (!verification.is_sound()).then_some("fault"),
            Err(error) => Some(error.key()),
        }
    };
    assert_eq!(found(&whole), None);
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..][..2048].fill(0xFF);
        let key = found(&bytes).unwrap_or_else(|| panic!("page {page} overwritten, nothing found"));
        assert!(
            ["fault", "ledger.damaged", "ledger.not-a-ledger"].contains(&key),
            "page {page}: {key}"
        );
    }
    for kept in [1, 100, 4096, whole.len() / 2, whole.len() - 4096] {
        let key =
            found(&whole[..kept]).unwrap_or_else(|| panic!("{kept} bytes left, nothing found"));
        assert!(
            ["fault", "ledger.damaged", "ledger.not-a-ledger"].contains(&key),
            "{kept} bytes: {key}"
        );
    }
    let mut bytes = whole;
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xFF);
    fs::write(&damaged, &bytes).unwrap();
    let mut ledger = SqliteLedger::open(&damaged, seat("station-1")).unwrap();
    if let Err(error) = (21..=60).try_for_each(|n| advance(&mut ledger, n, Event::Queued).map(drop))
    {
        assert_eq!(error.key(), "ledger.damaged");
    }
    // Writing on does not heal it.
    assert!(
        !ledger
            .verify(&keys, &[])
            .is_ok_and(|verification| verification.is_sound())
    );
}

#[test]
fn sql_cannot_change_entries() {
    let (_folder, path) = place();
    let mut ledger = SqliteLedger::create(&path, seat("station-1")).unwrap();
    advance(&mut ledger, 1, Event::Queued).unwrap();
    let other = Connection::open(&path).unwrap();
    other
        .pragma_update(None, "recursive_triggers", true)
        .unwrap();
    for sql in [
        "UPDATE entries SET time = 0",
        "UPDATE entries SET sequence = 9 WHERE number = 3",
        "DELETE FROM entries WHERE number = 3",
        "DELETE FROM entries",
        "UPDATE seats SET public_key = x'00'",
        "DELETE FROM seats",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE number = 2",
        "INSERT INTO entries SELECT 9, seat, 5, time, event, record, card_number, chip, citizen_salt, citizen_hash, after,
            detail, previous, x'00', signature FROM entries WHERE number = 3",
        "INSERT INTO entries SELECT 9, seat, 4, time, event, record, card_number, chip, citizen_salt, citizen_hash, after,
            detail, previous, x'00', signature FROM entries WHERE number = 3",
    ] {
        let message = other.execute_batch(sql).unwrap_err().to_string();
        assert!(["entries are never", "seats are never", "an entry "].iter().any(|said| message.contains(said)), "{message}");
    }
    assert_eq!(sound(&ledger), 3);
    other.execute_batch("DROP TRIGGER entries_stay").unwrap();
    let faults = ledger.verify(&trusted(&["station-1"]), &[]).unwrap().faults;
    assert!(
        matches!(&faults[..], [fault] if matches!(&fault.kind, FaultKind::Storage(said) if said.contains("entries_stay")))
    );
}

#[test]
fn threads_with_connections_of_their_own_share_one_file() {
    let (_folder, path) = place();
    drop(SqliteLedger::create(&path, seat("station-1")).unwrap());
    let each = 12;
    std::thread::scope(|scope| {
        for (at, name) in ["station-1", "station-1", "counter-7"]
            .into_iter()
            .enumerate()
        {
            let path = &path;
            scope.spawn(move || {
                let options = Options::default().with_busy_timeout(Duration::from_secs(60));
                let mut ledger = SqliteLedger::open_with(path, seat(name), options).unwrap();
                for n in 0..each {
                    let n = u32::try_from(at).unwrap() * 1_000 + n + 1;
                    advance(&mut ledger, n, Event::Checked).unwrap();
                }
            });
        }
    });
    let ledger = SqliteLedger::open_read_only(&path).unwrap();
    assert_eq!(sound(&ledger), u64::from(each) * 6);
    assert_eq!(ledger.records(Some(State::Checked)).unwrap().len(), 36);
    let heads: Vec<_> = ledger
        .heads()
        .unwrap()
        .iter()
        .map(|head| (head.seat.to_string(), head.number))
        .collect();
    assert_eq!(
        heads,
        [("counter-7".to_owned(), 24), ("station-1".to_owned(), 48)]
    );
}
