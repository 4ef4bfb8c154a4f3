//! Several seats: checkpoints, exports, joins.

use negin_ledger::{Draft, Error, Event, FaultKind, SeatExport, State};
use proptest::prelude::*;
use serde_json::json;

use crate::common::*;
use crate::{ledger, state};

#[test]
fn a_checkpoint_kept_outside_shows_a_tail_cut_off() {
    let mut full = ledger("station-1");
    advance(&mut *full, 1, Event::Queued).unwrap();
    let cut = full.export(&seat_name("station-1"), 1).unwrap();
    let checkpoint = full.checkpoint(at(5)).unwrap();
    advance(&mut *full, 2, Event::Queued).unwrap();
    let keys = trusted(&["station-1"]);
    let text = checkpoint.to_json().unwrap();
    let kept = negin_ledger::Checkpoint::from_json(&text, &keys[&seat_name("station-1")]).unwrap();
    assert_eq!(kept, checkpoint);
    assert!(
        full.verify(&keys, std::slice::from_ref(&kept))
            .unwrap()
            .is_sound()
    );
    let altered = text.replace(
        &format!("\"number\": {}", kept.entry().number),
        "\"number\": 9",
    );
    assert_eq!(
        negin_ledger::Checkpoint::from_json(&altered, &keys[&seat_name("station-1")])
            .unwrap_err()
            .key(),
        "ledger.bad-entry"
    );

    let mut shorter = ledger("auditor");
    shorter.join(&[cut], &keys).unwrap();
    assert!(shorter.verify(&keys, &[]).unwrap().is_sound());
    let faults = shorter.verify(&keys, &[kept]).unwrap().faults;
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (faults[0].number, &faults[0].kind),
        (Some(4), &FaultKind::Missing)
    );
}

#[test]
fn chains_of_offline_seats_join_in_any_order_to_one_state() {
    let both = ["station-1", "counter-7"];
    let keys = trusted(&both);
    let mut station = ledger("station-1");
    for n in 1..=3 {
        advance(&mut *station, n, Event::Shipped).unwrap();
    }
    let mut counter = ledger("counter-7");
    let sent = station.export(&seat_name("station-1"), 1).unwrap();
    let report = counter.join(std::slice::from_ref(&sent), &keys).unwrap();
    assert_eq!((report.joined, report.known), (15, 0));
    // Apart from here on: the counter delivers two, the station blocks one of them.
    counter.append(draft(Event::Delivered, 1)).unwrap();
    counter.append(draft(Event::Delivered, 2)).unwrap();
    counter.checkpoint(at(50)).unwrap();
    station.append(draft(Event::Blocked, 2)).unwrap();

    let from_station = station.export(&seat_name("station-1"), 1).unwrap();
    let from_counter = counter.export(&seat_name("counter-7"), 1).unwrap();
    let report = station
        .join(std::slice::from_ref(&from_counter), &keys)
        .unwrap();
    assert_eq!((report.joined, report.conflicts), (3, vec![record(2)]));
    let report = counter
        .join(std::slice::from_ref(&from_station), &keys)
        .unwrap();
    assert_eq!((report.joined, report.known), (1, 15));
    let mut centre = ledger("centre");
    centre
        .join(&[from_counter.clone(), from_station.clone()], &keys)
        .unwrap();
    for place in [&station, &counter, &centre] {
        assert_eq!(state(&**place, 1), State::Delivered);
        assert_eq!(state(&**place, 3), State::Shipped);
        let second = place.record(&record(2)).unwrap().unwrap();
        assert_eq!(
            (second.state, second.resume, second.conflict),
            (State::Blocked, Some(State::Delivered), true)
        );
        assert!(place.verify(&keys, &[]).unwrap().is_sound());
        assert_eq!(place.heads().unwrap(), station.heads().unwrap());
    }
    // One who has seen both settles it.
    station.append(draft(Event::Unblocked, 2)).unwrap();
    assert_eq!(
        station
            .record(&record(2))
            .unwrap()
            .map(|r| (r.state, r.conflict)),
        Some((State::Delivered, false))
    );
    assert_eq!(
        station
            .join(&[from_counter, from_station], &keys)
            .unwrap()
            .joined,
        0
    );
}

#[test]
fn a_join_takes_all_or_nothing_and_refuses_what_is_not_the_seats() {
    let keys = trusted(&["station-1", "counter-7"]);
    let mut station = ledger("station-1");
    advance(&mut *station, 1, Event::Shipped).unwrap();
    let good = station.export(&seat_name("station-1"), 1).unwrap();
    let changed = |change: &dyn Fn(&mut SeatExport)| {
        let mut export = good.clone();
        change(&mut export);
        export
    };
    let cases: Vec<(SeatExport, &str)> = vec![
        (
            changed(&|export| export.entries[2].time = at(99)),
            "ledger.bad-entry",
        ),
        (
            changed(&|export| export.entries[4].signature = export.entries[3].signature),
            "ledger.bad-entry",
        ),
        (
            changed(&|export| drop(export.entries.remove(2))),
            "ledger.gap",
        ),
        (
            changed(&|export| drop(export.entries.remove(0))),
            "ledger.gap",
        ),
        (changed(&|export| export.entries.swap(2, 3)), "ledger.gap"),
        (
            changed(&|export| export.citizens[0].1 = citizen(2)),
            "ledger.malformed",
        ),
        (
            changed(&|export| export.seat = seat_name("counter-7")),
            "ledger.malformed",
        ),
        (
            changed(&|export| export.seat = seat_name("nobody")),
            "ledger.unknown-seat",
        ),
    ];
    for (export, key) in cases {
        let mut other = ledger("centre");
        assert_eq!(other.join(&[export], &keys).unwrap_err().key(), key);
        assert!(other.heads().unwrap().is_empty() && other.records(None).unwrap().is_empty());
        assert_eq!(
            other
                .join(std::slice::from_ref(&good), &keys)
                .unwrap()
                .joined,
            5
        );
    }
    // The counter's delivery without the station's chain that it follows.
    let mut counter = ledger("counter-7");
    counter.join(std::slice::from_ref(&good), &keys).unwrap();
    counter.append(draft(Event::Delivered, 1)).unwrap();
    let delivered = counter.export(&seat_name("counter-7"), 1).unwrap();
    let mut other = ledger("centre");
    match other.join(&[delivered], &keys).unwrap_err() {
        Error::BadEntry { number, fault, .. } => {
            assert_eq!((number, fault), (1, negin_ledger::EntryFault::History))
        }
        wrong => panic!("{wrong}"),
    }
}

#[test]
fn a_second_chain_under_one_key_is_a_fork() {
    let keys = trusted(&["station-1"]);
    let (mut first, mut second) = (ledger("station-1"), ledger("station-1"));
    advance(&mut *first, 1, Event::Queued).unwrap();
    advance(&mut *second, 2, Event::Shipped).unwrap();
    let name = seat_name("station-1");
    let mut centre = ledger("centre");
    centre
        .join(&[first.export(&name, 1).unwrap()], &keys)
        .unwrap();
    for first_number in [1, 4] {
        let error = centre
            .join(&[second.export(&name, first_number).unwrap()], &keys)
            .unwrap_err();
        assert_eq!(error.key(), "ledger.fork");
    }
    assert!(centre.verify(&keys, &[]).unwrap().is_sound());
    // A restored copy of the first takes its own lost tail back.
    let early = first.export(&name, 1).unwrap();
    first.append(draft(Event::Rejected, 1)).unwrap();
    let mut restored = ledger("station-1");
    restored.join(&[early], &keys).unwrap();
    restored
        .join(&[first.export(&name, 3).unwrap()], &keys)
        .unwrap();
    restored.append(draft(Event::Registered, 3)).unwrap();
    assert_eq!(restored.heads().unwrap()[0].number, 5);
}

#[test]
fn duplicates_made_apart_are_found_and_stopped() {
    let keys = trusted(&["station-1", "station-2"]);
    let (mut one, mut two) = (ledger("station-1"), ledger("station-2"));
    advance(&mut *one, 1, Event::Queued).unwrap();
    two.append(
        Draft::new(Event::Registered, at(0))
            .record(&record(2))
            .citizen(citizen(1)),
    )
    .unwrap();
    let report = one
        .join(&[two.export(&seat_name("station-2"), 1).unwrap()], &keys)
        .unwrap();
    assert_eq!(report.duplicates.len(), 1);
    assert_eq!(report.duplicates[0].records, [record(1), record(2)]);
    assert_eq!(
        one.append(draft(Event::Written, 1)).unwrap_err().key(),
        "ledger.duplicate-citizen"
    );
    one.append(draft(Event::Noted, 2)).unwrap();
    one.append(draft(Event::Rejected, 2)).unwrap();
    one.append(draft(Event::Written, 1)).unwrap();
    assert!(one.duplicates().unwrap().is_empty());
}

#[test]
fn an_export_survives_its_json() {
    let mut station = ledger("station-1");
    advance(&mut *station, 1, Event::Delivered).unwrap();
    station
        .append(
            Draft::new(Event::Noted, at(3)).detail(json!({"shift": "opened", "operator": "op-3"})),
        )
        .unwrap();
    let export = station.export(&seat_name("station-1"), 1).unwrap();
    let read = SeatExport::from_json(&export.to_json().unwrap()).unwrap();
    assert_eq!(read, export);
    for bad in [
        "",
        "{}",
        &export
            .to_json()
            .unwrap()
            .replacen("\"format\":1", "\"format\":2", 1),
    ] {
        assert_eq!(
            SeatExport::from_json(bad).unwrap_err().key(),
            "ledger.malformed"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Three seats write what their own ledger allows and send each other what they have, at any times; in the end, when
    /// everybody has everything, everybody says the same, whatever the order.
    #[test]
    fn any_three_seats_agree_in_the_end(
        steps in prop::collection::vec((0usize..3, 0u32..3, 0usize..14, 0usize..3), 10..60),
        last in Just([0usize, 1, 2]).prop_shuffle(),
    ) {
        let names = ["station-1", "counter-7", "centre"];
        let keys = trusted(&names);
        let mut places = names.map(ledger);
        for n in 0..3 {
            advance(&mut *places[0], n, Event::Shipped).unwrap();
        }
        for (who, n, what, to) in steps {
            if what < Event::ALL.len() {
                // Refused where that ledger's own view forbids it.
                let _ = places[who].append(draft(Event::ALL[what], n));
            } else if who != to {
                // Everything it holds, for what it wrote may follow a third seat's entries.
                let all = names.map(|name| places[who].export(&seat_name(name), 1).unwrap());
                places[to].join(&all, &keys).unwrap();
            }
        }
        let mut own: Vec<SeatExport> =
            (0..3).map(|at| places[at].export(&seat_name(names[at]), 1).unwrap()).collect();
        for place in &mut places {
            place.join(&own, &keys).unwrap();
        }
        own = last.map(|at| own[at].clone()).to_vec();
        let mut late = ledger("auditor");
        late.join(&own, &keys).unwrap();
        for place in &places {
            prop_assert_eq!(place.records(None).unwrap(), late.records(None).unwrap());
            prop_assert_eq!(place.heads().unwrap(), late.heads().unwrap());
            prop_assert_eq!(place.duplicates().unwrap(), late.duplicates().unwrap());
            let verification = place.verify(&keys, &[]).unwrap();
            prop_assert!(verification.is_sound(), "{:?}", verification.faults);
        }
    }

    /// One byte of an export changed on its way: it is refused, or nothing was changed.
    #[test]
    fn no_changed_byte_gets_in(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let keys = trusted(&["station-1"]);
        let mut station = ledger("station-1");
        advance(&mut *station, 1, Event::Delivered).unwrap();
        let export = station.export(&seat_name("station-1"), 1).unwrap();
        let mut text = export.to_json().unwrap().into_bytes();
        let at = at.index(text.len());
        text[at] ^= 1 << bit;
        let mut centre = ledger("centre");
        let changed = String::from_utf8_lossy(&text);
        let joined = SeatExport::from_json(&changed).and_then(|export| centre.join(&[export], &keys));
        if joined.is_ok() {
            // A digit in capitals, or a tag of a record that no entry names: all that counts is as it was.
            prop_assert_eq!(centre.entries_of(&record(1)).unwrap(), station.entries_of(&record(1)).unwrap());
        } else {
            prop_assert!(centre.heads().unwrap().is_empty());
        }
    }
}
