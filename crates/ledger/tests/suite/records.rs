//! Records, cards and work on one seat.

use negin_ledger::{Batch, Change, Draft, Error, Event, Ledger, SqliteLedger, State};
use serde_json::json;

use crate::common::*;
use crate::{ledger, state};

#[test]
fn a_record_goes_its_way_and_the_chain_verifies() {
    let mut ledger = ledger("station-1");
    let entries = advance(&mut *ledger, 1, Event::Delivered).unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.number).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    assert!(
        entries
            .windows(2)
            .all(|pair| pair[1].previous == pair[0].hash && pair[1].after == [pair[0].hash])
    );
    assert!(
        entries
            .iter()
            .all(|entry| entry.citizen.unwrap().is_of(&citizen(1)))
    );
    let found = ledger.record_of_card(&card(1).number).unwrap().unwrap();
    assert_eq!(
        (found.id, found.state, found.card),
        (record(1), State::Delivered, Some(card(1)))
    );
    assert_eq!(
        ledger.record_of_chip(&card(1).chip).unwrap().unwrap().id,
        record(1)
    );
    assert_eq!(ledger.entries_of(&record(1)).unwrap(), entries);
    let verification = ledger.verify(&trusted(&["station-1"]), &[]).unwrap();
    assert!(verification.is_sound(), "{:?}", verification.faults);
    assert_eq!(verification.entries, 6);
    assert_eq!(ledger.heads().unwrap()[0].hash, entries[5].hash);
}

#[test]
fn no_entry_shows_a_citizen_twice_the_same_way() {
    let mut ledger = ledger("station-1");
    let entries = advance(&mut *ledger, 1, Event::Delivered).unwrap();
    let mut hashes: Vec<_> = entries
        .iter()
        .map(|entry| entry.citizen.unwrap().hash)
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), entries.len());
    let exported = ledger
        .export(&seat_name("station-1"), 1)
        .unwrap()
        .without_citizens()
        .to_json()
        .unwrap();
    assert!(!exported.contains(&hex::encode(citizen(1).as_bytes())));
}

#[test]
fn forbidden_ways_are_refused_and_leave_nothing() {
    let mut ledger = ledger("station-1");
    assert_eq!(
        ledger.append(draft(Event::Delivered, 1)).unwrap_err().key(),
        "ledger.unknown-record"
    );
    advance(&mut *ledger, 1, Event::Queued).unwrap();
    let heads = ledger.heads().unwrap();
    for event in [
        Event::Registered,
        Event::Checked,
        Event::Shipped,
        Event::Delivered,
        Event::Blocked,
        Event::Unblocked,
    ] {
        match ledger.append(draft(event, 1)).unwrap_err() {
            Error::IllegalTransition {
                from,
                event: refused,
                ..
            } => {
                assert_eq!((from, refused), (Some(State::Queued), event));
            }
            other => panic!("{other}"),
        }
    }
    let cases = [
        (
            Draft::new(Event::Written, at(0)).record(&record(1)),
            "ledger.card-mismatch",
        ),
        (
            Draft::new(Event::Registered, at(0)).record(&record(2)),
            "ledger.citizen",
        ),
        (
            draft(Event::Spoiled, 1).citizen(citizen(9)),
            "ledger.citizen",
        ),
        (Draft::new(Event::Checked, at(0)), "ledger.draft"),
        (draft(Event::Checkpoint, 1), "ledger.draft"),
        (
            draft(Event::Noted, 1).detail(json!({"name": "زهرا"})),
            "ledger.detail",
        ),
        (
            draft(Event::Noted, 1).detail(json!(["list"])),
            "ledger.detail",
        ),
    ];
    for (draft, key) in cases {
        assert_eq!(ledger.append(draft).unwrap_err().key(), key);
    }
    assert_eq!(ledger.heads().unwrap(), heads);
    assert_eq!(ledger.record(&record(2)).unwrap(), None);
    assert!(ledger.records_of_citizen(&citizen(9)).unwrap().is_empty());
}

#[test]
fn a_citizen_has_one_live_record() {
    let mut ledger = ledger("station-1");
    advance(&mut *ledger, 1, Event::Queued).unwrap();
    let second = Draft::new(Event::Registered, at(0))
        .record(&record(2))
        .citizen(citizen(1));
    match ledger.append(second.clone()).unwrap_err() {
        Error::DuplicateCitizen {
            record: refused,
            live,
        } => assert_eq!((refused, live), (record(2), record(1))),
        other => panic!("{other}"),
    }
    ledger.append(draft(Event::Spoiled, 1)).unwrap();
    ledger.append(second).unwrap();
    // The spoiled record may not come back to life beside it.
    assert_eq!(
        ledger.append(draft(Event::Queued, 1)).unwrap_err().key(),
        "ledger.duplicate-citizen"
    );
    ledger.append(draft(Event::Rejected, 2)).unwrap();
    ledger.append(draft(Event::Queued, 1)).unwrap();
    let live: Vec<_> = ledger
        .records_of_citizen(&citizen(1))
        .unwrap()
        .into_iter()
        .filter(|record| record.state.is_live())
        .collect();
    assert_eq!(live.len(), 1);
    assert!(ledger.duplicates().unwrap().is_empty());
}

#[test]
fn a_card_belongs_to_one_record() {
    let mut ledger = ledger("station-1");
    advance(&mut *ledger, 1, Event::Written).unwrap();
    advance(&mut *ledger, 2, Event::Queued).unwrap();
    for taken in [
        negin_ledger::CardRef {
            number: card(1).number,
            chip: card(2).chip,
        },
        negin_ledger::CardRef {
            number: card(2).number,
            chip: card(1).chip,
        },
    ] {
        assert_eq!(
            ledger
                .start_work(&record(2), &taken, at(1))
                .unwrap_err()
                .key(),
            "ledger.card-in-use"
        );
        let written = Draft::new(Event::Written, at(1))
            .record(&record(2))
            .card(taken);
        assert_eq!(
            ledger.append(written).unwrap_err().key(),
            "ledger.card-in-use"
        );
    }
    let other = Draft::new(Event::Shipped, at(2))
        .record(&record(1))
        .card(card(3));
    assert_eq!(
        ledger.append(other).unwrap_err().key(),
        "ledger.card-mismatch"
    );
    advance(&mut *ledger, 3, Event::Queued).unwrap();
    ledger.start_work(&record(3), &card(3), at(3)).unwrap();
    assert_eq!(
        ledger
            .start_work(&record(2), &card(3), at(3))
            .unwrap_err()
            .key(),
        "ledger.card-in-use"
    );
}

#[test]
fn a_block_is_lifted_to_where_it_was_and_an_end_is_an_end() {
    let mut ledger = ledger("station-1");
    advance(&mut *ledger, 1, Event::Delivered).unwrap();
    ledger.append(draft(Event::Blocked, 1)).unwrap();
    ledger
        .append(draft(Event::Noted, 1).detail(json!({"reason": "lost"})))
        .unwrap();
    assert_eq!(
        ledger.record(&record(1)).unwrap().unwrap().resume,
        Some(State::Delivered)
    );
    ledger.append(draft(Event::Unblocked, 1)).unwrap();
    assert_eq!(state(&*ledger, 1), State::Delivered);
    ledger.append(draft(Event::Terminated, 1)).unwrap();
    for event in [
        Event::Unblocked,
        Event::Queued,
        Event::Registered,
        Event::Blocked,
    ] {
        assert_eq!(
            ledger.append(draft(event, 1)).unwrap_err().key(),
            "ledger.illegal-transition"
        );
    }
    assert_eq!(ledger.records(Some(State::Terminated)).unwrap().len(), 1);
    assert_eq!(ledger.record_of_card(&card(1).number).unwrap(), None);
}

#[test]
fn work_is_taken_up_again_and_wiped_with_the_written_entry() {
    let mut ledger = ledger("station-1");
    assert_eq!(
        ledger
            .start_work(&record(1), &card(1), at(0))
            .unwrap_err()
            .key(),
        "ledger.unknown-record"
    );
    advance(&mut *ledger, 1, Event::Checked).unwrap();
    assert_eq!(
        ledger
            .start_work(&record(1), &card(1), at(0))
            .unwrap_err()
            .key(),
        "ledger.illegal-transition"
    );
    ledger.append(draft(Event::Queued, 1)).unwrap();
    assert_eq!(
        ledger
            .step_done(&record(1), "keys", &[], at(1))
            .unwrap_err()
            .key(),
        "ledger.no-work"
    );

    ledger.start_work(&record(1), &card(1), at(1)).unwrap();
    ledger.start_work(&record(1), &card(1), at(9)).unwrap();
    assert_eq!(
        ledger
            .start_work(&record(1), &card(2), at(1))
            .unwrap_err()
            .key(),
        "ledger.work-in-progress"
    );
    ledger.step_done(&record(1), "keys", &[], at(2)).unwrap();
    ledger
        .step_done(&record(1), "certificate 9A", b"old", at(3))
        .unwrap();
    ledger.step_done(&record(1), "files", b"", at(4)).unwrap();
    ledger
        .step_done(&record(1), "certificate 9A", b"new", at(5))
        .unwrap();
    let work = ledger.work_on_chip(&card(1).chip).unwrap().unwrap();
    assert_eq!(
        work.steps
            .iter()
            .map(|step| step.name.as_str())
            .collect::<Vec<_>>(),
        ["keys", "certificate 9A", "files"]
    );
    assert_eq!(
        (work.step("certificate 9A"), work.step("none")),
        (Some(b"new".as_slice()), None)
    );
    assert_eq!((work.card, work.started), (card(1), at(1)));

    let written = ledger
        .append(Draft::new(Event::Written, at(6)).record(&record(1)))
        .unwrap();
    assert_eq!(written.card(), Some(card(1)));
    assert_eq!(ledger.work(&record(1)).unwrap(), None);
    assert!(ledger.works().unwrap().is_empty());
}

#[test]
fn a_batch_happens_as_a_whole_or_not_at_all() {
    let mut ledger = ledger("station-1");
    advance(&mut *ledger, 1, Event::Queued).unwrap();
    let start = Change::StartWork {
        record: record(1),
        card: card(1),
        time: at(1),
    };
    let failing = Batch::new()
        .with(start.clone())
        .step_done(&record(1), "keys", b"x", at(1))
        .append(draft(Event::Noted, 1))
        .append(draft(Event::Delivered, 1));
    assert_eq!(
        ledger.commit(failing).unwrap_err().key(),
        "ledger.illegal-transition"
    );
    assert_eq!(
        (
            ledger.work(&record(1)).unwrap(),
            ledger.heads().unwrap()[0].number
        ),
        (None, 3)
    );
    let good = Batch::new()
        .with(start)
        .step_done(&record(1), "keys", b"x", at(1))
        .append(draft(Event::Noted, 1));
    assert_eq!(ledger.commit(good).unwrap().len(), 1);
    assert_eq!(ledger.work(&record(1)).unwrap().unwrap().steps.len(), 1);
    ledger.drop_work(&record(1)).unwrap();
    ledger.drop_work(&record(1)).unwrap();
    assert_eq!(ledger.work(&record(1)).unwrap(), None);
}

#[test]
fn a_spoiled_card_leaves_room_for_another() {
    let mut ledger = ledger("station-1");
    advance(&mut *ledger, 1, Event::Queued).unwrap();
    ledger.start_work(&record(1), &card(1), at(1)).unwrap();
    ledger
        .append(draft(Event::Spoiled, 1).detail(json!({"reason": "chip mute"})))
        .unwrap();
    assert_eq!(ledger.work(&record(1)).unwrap(), None);
    ledger.append(draft(Event::Queued, 1)).unwrap();
    ledger.start_work(&record(1), &card(2), at(2)).unwrap();
    ledger
        .append(Draft::new(Event::Written, at(3)).record(&record(1)))
        .unwrap();
    assert_eq!(
        ledger.record(&record(1)).unwrap().unwrap().card,
        Some(card(2))
    );
}

#[test]
fn a_signer_that_fails_or_signs_with_another_key_leaves_nothing() {
    use p256::ecdsa::signature::Signer;
    let wrong = key("someone-else");
    let seats = [
        negin_ledger::Seat::new(
            seat_name("station-1"),
            *key("station-1").verifying_key(),
            Box::new(|_| Err("the token is gone".into())),
            Box::new(|bytes: &mut [u8]| bytes.fill(1)),
        ),
        negin_ledger::Seat::new(
            seat_name("station-1"),
            *key("station-1").verifying_key(),
            Box::new(move |message| Ok(wrong.sign(message))),
            Box::new(|bytes: &mut [u8]| bytes.fill(1)),
        ),
    ];
    for seat in seats {
        let mut ledger = SqliteLedger::in_memory(seat).unwrap();
        assert_eq!(
            ledger
                .append(draft(Event::Registered, 1))
                .unwrap_err()
                .key(),
            "ledger.signer"
        );
        assert!(ledger.heads().unwrap().is_empty());
        assert!(ledger.records_of_citizen(&citizen(1)).unwrap().is_empty());
        assert_eq!(ledger.record(&record(1)).unwrap(), None);
    }
}

#[test]
fn the_highest_card_number_counts_every_card_there_ever_was() {
    let mut ledger = ledger("station-1");
    assert_eq!(ledger.highest_card_number("IR").unwrap(), None);
    let highest = |ledger: &dyn Ledger, prefix| {
        ledger
            .highest_card_number(prefix)
            .unwrap()
            .map(String::from)
    };
    for n in [9, 12] {
        advance(&mut *ledger, n, Event::Written).unwrap();
    }
    assert_eq!(highest(&*ledger, "IR").as_deref(), Some("IR00000012"));
    advance(&mut *ledger, 1, Event::Queued).unwrap();
    let odd = |number: &str, n| negin_ledger::CardRef {
        number: number.parse().unwrap(),
        chip: card(n).chip,
    };
    ledger
        .start_work(&record(1), &odd("IR100000000", 1), at(1))
        .unwrap();
    assert_eq!(highest(&*ledger, "IR").as_deref(), Some("IR100000000"));
    // Spoiled, and the record queued again: the number stays used.
    let spoiled = ledger.append(draft(Event::Spoiled, 1)).unwrap();
    assert_eq!(spoiled.card_number.unwrap().as_str(), "IR100000000");
    ledger.append(draft(Event::Queued, 1)).unwrap();
    assert_eq!(highest(&*ledger, "IR").as_deref(), Some("IR100000000"));
    ledger
        .start_work(&record(1), &odd("IRX9", 2), at(2))
        .unwrap();
    assert_eq!(highest(&*ledger, "IR").as_deref(), Some("IR100000000"));
    assert_eq!(highest(&*ledger, "IRX").as_deref(), Some("IRX9"));
    assert_eq!(highest(&*ledger, "US"), None);
}
