//! What goes wrong in every office, and that nothing is lost by it. Each error has the key under which the command line
//! finds its texts.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::ops::ControlFlow;

use negin_apdu::{Interface, Limits, Transmit, TransmitError, ins};
use negin_fingerprint::Image;
use negin_issuance::Error;
use negin_issuance::entering::Entered;
use negin_issuance::personalise::{Progress, Step, Task, personalise};
use negin_keystore::TransportBatch;
use negin_ledger::Ledger;
use negin_secure_channel::key::{Key, KeySet};
use negin_tests::card::BenchCard;
use negin_tests::citizen::{Citizen, write_order};
use negin_tests::desk::{Desk, Paper};
use negin_tests::holding::Holding;
use negin_tests::journey::{Command, Journey, World};
use negin_tests::link::{Ear, Wire};
use negin_tests::office::{COUNTER, Office, STATION};
use negin_tests::scanner::Images;
use negin_tests::spoil::{SPOILT, rewrite};
use negin_tests::sweep::{Trying, ended};

fn key<R: std::fmt::Debug>(outcome: Result<R, Error>) -> &'static str {
    outcome.expect_err("refused").key()
}

#[test]
fn a_faulty_record_is_found_before_a_card_is_spent_and_can_be_mended() {
    let office = Office::new(5);
    let citizens = [Citizen::synthetic(1), Citizen::synthetic(3)];
    for (expected, spoil) in SPOILT {
        let _trying = Trying(expected);
        let paper = Paper::spoilt(&citizens, |folder| spoil(folder, &citizens));
        let report = paper.check(&office);
        let found: Vec<&str> = report.records[1]
            .findings
            .iter()
            .map(|finding| finding.key())
            .collect();
        assert!(found.contains(&expected), "{found:?}");
        assert!(!report.accepted && !report.records[1].accepted);

        let mut desk = Desk::in_memory(&office, STATION);
        let entered = desk.enter(&paper).expect("entered, or refused");
        let outcome = entered[1].1;
        assert!(
            matches!(outcome, Entered::Rejected | Entered::Unnamed),
            "{outcome:?}"
        );
        // What is wrong twice is wrong at both; otherwise the other citizen gets the card.
        let twice = expected.ends_with("duplicate");
        let first = if twice {
            Entered::Rejected
        } else {
            Entered::Queued
        };
        assert_eq!(entered[0].1, first);
        if !twice {
            let card = BenchCard::blank(&office.profile, 1);
            desk.personalise(&paper, 0, &mut card.link())
                .expect("a record without fault");
        }

        // The order is mended and entered again: nothing but the fault stood in the way. A number that was somebody
        // else's comes under another order, because a record stays its citizen's.
        let name = if expected == "check.national-number-duplicate" {
            "order-2"
        } else {
            "order-1"
        };
        write_order(paper.folder(), name, &citizens);
        let paper = paper.read_again();
        let entered = desk.enter(&paper).expect("entered");
        assert_eq!(entered[1].1, Entered::Queued);
        let card = BenchCard::blank(&office.profile, 2);
        desk.personalise(&paper, 1, &mut card.link())
            .expect("a record that was mended");
    }
}

#[test]
fn a_citizen_who_has_a_live_record_is_not_entered_under_another_order() {
    let office = Office::new(5);
    let citizens = [Citizen::synthetic(1)];
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&Paper::of(&citizens))
        .expect("an order without fault");
    let again = Paper::spoilt(&citizens, |folder| {
        rewrite(&folder.join("order.json"), |bytes| {
            let text = String::from_utf8(bytes).expect("JSON");
            text.replace("order-1", "order-2").into_bytes()
        });
    });
    assert_eq!(key(desk.enter(&again)), "ledger.duplicate-citizen");
    assert_eq!(desk.ledger.records(None).expect("sound").len(), 1);
}

/// A card of somebody else's: what it answers to a SELECT decides; to all else it says that it does not know it.
struct Foreign {
    domain: [u8; 2],
    travel_document: [u8; 2],
    piv: [u8; 2],
    ear: Ear,
}

impl Transmit for Foreign {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let name = |aid: &[u8]| command.windows(aid.len()).any(|bytes| bytes == aid);
        Ok(match command {
            [_, ins::SELECT, ..] if name(&[0xA0, 0, 0, 1, 0x51]) => self.domain,
            [_, ins::SELECT, ..] if name(&[0xA0, 0, 0, 2, 0x47]) => self.travel_document,
            [_, ins::SELECT, ..] if name(&[0xA0, 0, 0, 3, 0x08]) => self.piv,
            _ => [0x6D, 0x00],
        }
        .to_vec())
    }
    fn limits(&self) -> Limits {
        Limits::EXTENDED
    }
    fn interface(&self) -> Interface {
        Interface::Contact
    }
}

#[test]
fn a_foreign_card_is_recognised_and_left_alone() {
    let world = World::of(Office::new(5), 1);
    let journey = Journey::from(&world, &world.morning(), 1);
    let (yes, no) = ([0x90, 0x00], [0x6A, 0x82]);
    let mut desk = journey.desk(STATION);
    for (domain, travel_document, piv) in [
        (no, yes, no),
        (yes, no, yes),
        (yes, no, no),
        (yes, yes, yes),
        ([0x6E, 0x00], [0x6E, 0x00], [0x6E, 0x00]),
    ] {
        let ear = Ear::default();
        let card = Foreign {
            domain,
            travel_document,
            piv,
            ear: ear.clone(),
        };
        let heard = card.ear.clone();
        let mut wire = Wire::new(card, ear);
        let refused = desk.personalise(&world.paper, 0, &mut wire);
        assert_eq!(key(refused), "card.foreign");
        let mut scanner = Images::new([world.at_counter.clone()]);
        let refused = desk.deliver(&mut wire, &mut scanner, &mut |_| {});
        assert_eq!((key(refused), scanner.left()), ("card.foreign", 1));
        for spends in [ins::VERIFY, ins::EXTERNAL_AUTHENTICATE, ins::PUT_DATA_TLV] {
            assert_eq!(heard.count(spends), 0);
        }
    }
    assert_eq!(desk.ledger.works().expect("sound"), []);
    drop(desk);
    let mut journey = journey;
    journey.finish();
}

#[test]
fn a_card_pulled_out_in_mid_write_goes_on_when_it_is_put_back() {
    let world = World::of(Office::new(5), 1);
    let journey = Journey::from(&world, &world.morning(), 1);
    let mut desk = journey.desk(STATION);
    let (entry, record) = world.paper.record(0);
    let id = world.paper.id(0);
    let task = Task {
        id: &id,
        record,
        entry,
        profile: &world.office.profile,
        office: world.office.code,
        credentials: &world.office.credentials,
    };
    let slot = journey.card.slot();
    let mut link = journey.card.link();
    let mut out = None;
    let torn = desk.work(|seat| {
        personalise(seat, task, &mut link, &mut |progress| {
            if progress == Progress::Begun(Step::File(negin_issuance::profile::LdsFile::Dg2)) {
                out = slot.remove();
            }
            ControlFlow::Continue(())
        })
    });
    assert_eq!(key(torn), "card.removed");
    slot.insert(out.expect("it was pulled out"));
    let written = desk.work(|seat| {
        let mut link = journey.card.link();
        personalise(seat, task, &mut link, &mut |_| ControlFlow::Continue(()))
    });
    assert!(written.expect("put back").resumed);
    drop(desk);
    let mut journey = journey;
    journey.finish();
}

#[test]
fn a_wrong_key_costs_the_card_no_try_and_the_record_no_card() {
    let office = Office::new(5);
    let citizens = [Citizen::synthetic(1), Citizen::synthetic(3)];
    let paper = Paper::of(&citizens);
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    let other = KeySet::of_one(&Key::new(&[0x99; 16]).expect("a key"));
    let state = BenchCard::blank_state_with(&office.profile, 9, |options| {
        options.transport = other.clone();
    });
    let card = BenchCard::from_state(&state, 1);
    let ear = Ear::default();
    let before = card.power.writes();
    let mut wire = Wire::new(card.link(), ear.clone());
    let power_on = card.power.writes() - before;
    // More often than the card would bear, did each cost a try.
    for _ in 0..25 {
        assert_eq!(
            key(desk.personalise(&paper, 0, &mut wire)),
            "card.wrong-key"
        );
    }
    assert_eq!(ear.count(ins::EXTERNAL_AUTHENTICATE), 0);
    assert_eq!(ear.count(ins::INITIALIZE_UPDATE), 25);
    assert_eq!(
        card.power.writes() - before,
        power_on,
        "the card wrote nothing"
    );

    // The record is not bound to a card that cannot be written: it gets another.
    let own = BenchCard::blank(&office.profile, 1);
    desk.personalise(&paper, 0, &mut own.link())
        .expect("a card with our maker's keys");

    // And the card was not locked: who has its keys can use it.
    let mut keys = office.keys.clone();
    let batch = TransportBatch {
        name: "another maker".to_owned(),
        chips: vec![9],
        diversified: false,
        keys: other,
    };
    keys.add_transport(batch).expect("a new batch");
    let informed = Office {
        keys,
        ..office.clone()
    };
    let mut desk = Desk::over(&informed, desk.ledger);
    desk.personalise(&paper, 1, &mut card.link())
        .expect("the right keys");
}

#[test]
fn another_issuers_card_is_refused_without_a_try() {
    let world = World::of(Office::new(5), 1);
    let theirs = World::of(Office::new(6), 1);
    let foreign = theirs.locked();
    let journey = world.locked();
    let ear = Ear::default();
    let mut wire = Wire::new(foreign.card.link(), ear.clone());
    let mut scanner = Images::new([world.at_counter.clone()]);
    // The same chip number, so that the ledger finds a record for it.
    let refused = journey
        .desk(COUNTER)
        .deliver(&mut wire, &mut scanner, &mut |_| {});
    assert_eq!((key(refused), scanner.left()), ("card.wrong-key", 1));
    assert_eq!(ear.count(ins::EXTERNAL_AUTHENTICATE), 0);
    for mut journey in [journey, foreign] {
        journey.finish();
    }
}

/// A finger that gives nothing to compare costs no comparison.
#[test]
fn an_empty_glass_at_the_counter_costs_no_try() {
    let world = World::of(Office::new(5), 1);
    let mut journey = world.locked();
    let blank = Image::new(192, 224, 500, vec![240; 192 * 224]).expect("an image");
    let mut desk = journey.desk(COUNTER);
    let mut scanner = Images::new([blank.clone(), blank.clone(), blank]);
    let refused = desk.deliver(&mut journey.card.link(), &mut scanner, &mut |_| {});
    let tries = world.office.profile.comparison_tries;
    match refused.expect_err("nothing was compared") {
        Error::NotMatched { tries_left } => assert_eq!(tries_left, tries),
        other => panic!("{other}"),
    }
    let refused = desk.deliver(
        &mut journey.card.link(),
        &mut Images::default(),
        &mut |_| {},
    );
    assert_eq!(key(refused), "capture.no-image");
    drop(desk);
    journey.finish();
}

/// With a file that may not grow; that a ledger refuses each of its commits in turn is a part of the tear sweep.
#[test]
fn a_full_disk_under_the_ledger_stops_the_work_and_loses_nothing() {
    let world = World::of(Office::new(5), 1);
    let morning = world.morning();
    let mut journey = Journey::from(&world, &morning, 1);
    let scenes = Command::ALL.map(|command| {
        let before = journey.scene();
        journey.start(command).0.expect("room");
        before
    });
    let (reference, _) = Holding::read(&journey.card, &world.office, &world.probes);
    for (command, before) in Command::ALL.into_iter().zip(&scenes) {
        let mut full = 0;
        for room in 0.. {
            let _trying = Trying((command, room));
            let mut journey = Journey::from(&world, before, 1);
            journey.fill_disk(room);
            let Err(error) = journey.start(command).0 else {
                break;
            };
            assert_eq!(error.key(), "ledger.disk-full");
            full += 1;
            // There is room again.
            journey.finish();
            ended(&journey, &world, &reference);
        }
        assert!(full >= 1, "{command:?}");
    }
}
