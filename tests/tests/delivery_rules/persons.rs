//! Rules 7 and 8: who may bring a card to life.

use negin_apdu::ins;
use negin_eid::piv::{ActivationMethod, FingerReference};
use negin_issuance::deliver::Way;
use negin_keystore::{CardKeySet, Error as KeyStoreError, KeyStore};
use negin_ledger::{Event, Ledger, State};
use negin_tests::link::{Ear, Wire};
use negin_tests::office::{COUNTER, Office};
use negin_tests::scanner::Images;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::support::*;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(9)
}

#[test]
fn rule_7_without_a_match_or_two_persons_a_card_stays_locked() {
    let world = world();
    let journey = world.locked();
    let mut desk = journey.desk(COUNTER);
    let other = negin_tests::citizen::Citizen::synthetic(2);
    let mut scanner = Images::new((1..4).map(|n| other.impression(1, n)));
    let refused = desk.deliver(&mut journey.card.link(), &mut scanner, &mut |_| {});
    assert_eq!(key(refused), "delivery.not-matched");
    assert_eq!(
        desk.ledger
            .record(&world.paper.id(0))
            .expect("told")
            .expect("there")
            .state,
        State::Shipped
    );
    let notes = desk.ledger.entries_of(&world.paper.id(0)).expect("told");
    let noted = notes
        .iter()
        .filter(|entry| entry.event == Event::Noted)
        .count();
    assert_eq!(noted, 3, "each refusal is on record");
    assert_eq!(
        (record(&journey), tries(&journey, &world)),
        (None, TRIES - 3)
    );
}

#[test]
fn rule_7_two_persons_override_and_card_and_ledger_say_so() {
    let world = world();
    let journey = world.locked();
    let mut desk = journey.desk(COUNTER);
    let way = Way::Override {
        officers: ["h.ahmadi", "s.karimi"],
    };
    let delivered = desk
        .deliver_by(way, &mut journey.card.link(), &mut |_| {})
        .expect("two persons");
    assert_eq!(delivered.activation.method, ActivationMethod::Override);
    let record = record(&journey).expect("live");
    assert_eq!(record.method, ActivationMethod::Override);
    assert_eq!(record.note.as_bytes(), b"h.ahmadi+s.karimi");
    let entries = desk.ledger.entries_of(&world.paper.id(0)).expect("told");
    let last = entries.last().expect("delivered");
    assert_eq!(last.event, Event::Delivered);
    assert_eq!(last.detail_value()["way"], "override");
    assert_eq!(last.detail_value()["operator"], "h.ahmadi+s.karimi");
}

#[test]
fn rule_7_one_person_overrides_nothing() {
    let world = world();
    let journey = world.locked();
    let mut desk = journey.desk(COUNTER);
    let ear = Ear::default();
    for officers in [["h.ahmadi", "h.ahmadi"], ["h.ahmadi", " H.Ahmadi "]] {
        let mut wire = Wire::new(journey.card.link(), ear.clone());
        let refused = desk.deliver_by(Way::Override { officers }, &mut wire, &mut |_| {});
        assert_eq!(key(refused), "delivery.one-person");
    }
    assert_eq!(ear.exchanges(), 0, "the card was not asked");

    // One officer's half of the key is no key.
    let mut keys = world.office.keys.clone();
    keys.lock_override();
    let [half, _] = &world.office.shares;
    let error = keys.unlock_override(half, half).expect_err("one half");
    assert_eq!(error.key(), "keystore.share-mismatch");
    let locked = Office {
        keys,
        ..world.office.clone()
    };
    let mut desk = negin_tests::desk::Desk::over(&locked, journey.desk(COUNTER).ledger);
    let officers = ["h.ahmadi", "s.karimi"];
    let mut wire = Wire::new(journey.card.link(), ear.clone());
    let refused = desk.deliver_by(Way::Override { officers }, &mut wire, &mut |_| {});
    assert_eq!(key(refused), "keystore.override-locked");
    assert_eq!(ear.count(ins::EXTERNAL_AUTHENTICATE), 0);
    assert_eq!(record(&journey), None);
}

#[test]
fn rule_7_an_override_needs_the_pin_too() {
    let world = world();
    let journey = world.locked();
    let mut session = session(&journey, &world, CardKeySet::Override);
    assert_eq!(say_piv(&mut session, &activate()), SHUT);
    assert_eq!(say_piv(&mut session, &first_pin()), OPEN);
    assert_eq!(say_piv(&mut session, &activate()), OPEN);
    drop(session);
    let method = record(&journey).expect("live").method;
    assert_eq!(method, ActivationMethod::Override);
}

#[test]
fn rule_8_the_counter_of_the_office_delivers_with_no_other_key_than_its_own() {
    let world = world();
    let journey = world.locked();
    let mut national = world.office.keys.clone();
    let keys = national
        .export_office(world.office.code, "counter-7", &mut rng())
        .expect("an office");
    let counter = Office {
        keys,
        ..world.office.clone()
    };
    let path = journey.ledger_path();
    let mut desk = negin_tests::desk::Desk::at(&counter, "counter-7", &path);
    let mut scanner = Images::new([world.at_counter.clone()]);
    desk.deliver(&mut journey.card.link(), &mut scanner, &mut |_| {})
        .expect("its own card");
    let verified = desk
        .ledger
        .verify(&counter.trusted(), &[])
        .expect("readable");
    assert_eq!(verified.faults, []);
}

#[test]
fn rule_8_another_offices_keys_deliver_nothing_and_cost_the_card_no_try() {
    let world = world();
    let journey = world.locked();
    let mut national = world.office.keys.clone();
    let elsewhere = "office-2".parse().expect("a code");
    let stolen = national
        .export_office(elsewhere, "counter-8", &mut rng())
        .expect("an office");
    for set in [
        CardKeySet::Transport,
        CardKeySet::Issuer,
        CardKeySet::Override,
        delivery(&world),
    ] {
        assert!(stolen.kcvs(set, &[7; 10]).is_err(), "{set}");
    }
    let asked = stolen.kcvs(delivery(&world), &[7; 10]);
    assert!(matches!(asked, Err(KeyStoreError::OtherOffice { .. })));

    let path = journey.ledger_path();
    for (code, expected) in [
        (world.office.code, "keystore.other-office"),
        (elsewhere, "card.wrong-key"),
    ] {
        let thief = Office {
            keys: stolen.clone(),
            code,
            ..world.office.clone()
        };
        let mut desk = negin_tests::desk::Desk::at(&thief, "counter-8", &path);
        let ear = Ear::default();
        let mut wire = Wire::new(journey.card.link(), ear.clone());
        let mut scanner = Images::new([world.at_counter.clone()]);
        // More often than the card would bear, did each cost a try.
        for _ in 0..12 {
            let way = Way::Match {
                office: code,
                finger: FingerReference::Primary,
                tries: 3,
                scanner: &mut scanner,
            };
            assert_eq!(key(desk.deliver_by(way, &mut wire, &mut |_| {})), expected);
        }
        assert_eq!(
            ear.count(ins::EXTERNAL_AUTHENTICATE),
            0,
            "the card was not asked"
        );
        assert_eq!(scanner.left(), 1);
    }
    let mut journey = journey;
    journey.finish();
}
