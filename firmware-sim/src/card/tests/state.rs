//! The card as bytes.

use negin_apdu::{Interface, Limits};
use negin_eid::aid::Application;
use negin_eid::gp::ApplicationStage;
use negin_eid::piv::{Container, FingerReference, VerifyReference};
use negin_eid::roles::Role;

use super::bench::*;
use crate::Error;
use crate::card::{BlankOptions, Card};

fn state() -> Vec<u8> {
    Bench::activated()
        .card
        .lock()
        .expect("not poisoned")
        .state_bytes()
}

fn load(bytes: &[u8]) -> Result<Card, Error> {
    Card::from_state_bytes(bytes, rng(3))
}

#[test]
fn what_was_kept_comes_back() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    bench.piv(&pin("000000"));
    let mut copy = bench.moved(Interface::Contact, Limits::SHORT);
    copy.select(Application::Piv);
    assert_eq!(
        copy.tries(VerifyReference::Pin),
        Some(4),
        "counters as they were"
    );
    assert!(copy.piv(&pin(PIN)).sw.is_success());
    assert_eq!(copy.stage(), ApplicationStage::Activated);
    assert_eq!(
        bench.tries(VerifyReference::Pin),
        Some(4),
        "two cards from now on"
    );
}

#[test]
fn loading_changes_nothing() {
    let bytes = state();
    assert_eq!(load(&bytes).expect("whole").state_bytes(), bytes);
}

/// What every release has written can be read by every later one: the tries, the PIN, the keys, the files.
#[test]
fn states_of_earlier_versions_load() {
    let state = include_bytes!("../../../tests/fixtures/card-state-v1.card");
    let mut bench = Bench::of(
        load(state).expect("loads"),
        Interface::Contact,
        Limits::EXTENDED,
    );
    bench.select(Application::Piv);
    assert_eq!(bench.tries(VerifyReference::Pin), Some(4));
    assert_eq!(bench.tries(VerifyReference::PrimaryFinger), Some(3));
    assert!(bench.piv(&pin(PIN)).sw.is_success());
    for (container, object) in objects() {
        assert_eq!(bench.piv(&get(container)).data, object, "{container:?}");
    }
    assert!(bench.piv(&get(Container::ActivationRecord)).sw.is_success());
    assert!(
        bench
            .piv(&genuine(FingerReference::Secondary))
            .sw
            .is_success()
    );
    bench.select(Application::TravelDocument);
    for (file, content) in files() {
        bench.plain(&select_file(file));
        assert_eq!(
            bench.plain(&read(None, 0, 65_536)).data,
            content,
            "{file:?}"
        );
    }
    for role in [Role::Issuer, Role::Delivery, Role::Override] {
        bench.open_in(Application::SecurityDomain, role);
    }
}

/// How the cards kept for [`states_of_earlier_versions_load`] are made; `NEGIN_KEEP_CARD=<file>` keeps one.
#[test]
fn a_card_to_be_kept() {
    let mut options = blank_options();
    options.pages = 96;
    let card = Card::blank(&options, rng(1)).expect("as given");
    let mut bench = Bench::of(card, Interface::Contact, Limits::EXTENDED);
    bench.personalise();
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    bench.piv(&pin("000000"));
    bench.piv(&impostor(FingerReference::Primary));
    bench.piv(&impostor(FingerReference::Primary));
    let bytes = bench.card.lock().expect("not poisoned").state_bytes();
    assert!(load(&bytes).is_ok());
    if let Some(path) = std::env::var_os("NEGIN_KEEP_CARD") {
        std::fs::write(path, bytes).expect("written");
    }
}

#[test]
fn damage_is_told() {
    let bytes = state();
    assert_eq!(load(b"").err(), Some(Error::NotACard));
    assert_eq!(load(b"NEGINCAR").err(), Some(Error::NotACard));
    assert_eq!(
        load(&[&b"PK\x03\x04"[..], &bytes].concat()).err(),
        Some(Error::NotACard)
    );
    for length in [9, 11, 14, 15, 40, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(
            load(&bytes[..length]).err(),
            Some(Error::CardStateDamaged),
            "{length}"
        );
    }
    assert_eq!(
        load(&[&bytes[..], &[0]].concat()).err(),
        Some(Error::CardStateDamaged)
    );
    for at in (11..bytes.len()).step_by(97).chain([11, bytes.len() - 1]) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        assert_eq!(
            load(&flipped).err(),
            Some(Error::CardStateDamaged),
            "at {at}"
        );
    }
    let mut later = bytes;
    later[10] = 2;
    assert_eq!(load(&later).err(), Some(Error::CardStateVersion(2)));
}

#[test]
fn a_whole_file_without_a_card_in_it_is_damaged() {
    use sha2::{Digest, Sha256};
    let mut bytes = b"NEGINCARD\x00\x01\x00\x00\x00\x10".to_vec();
    bytes.extend_from_slice(&[0xFF; 16 * 256]);
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    assert_eq!(load(&bytes).err(), Some(Error::CardStateDamaged));
}

#[test]
fn settings_that_no_card_has() {
    let refused = |change: &dyn Fn(&mut BlankOptions)| {
        let mut options = blank_options();
        change(&mut options);
        Card::blank(&options, rng(1)).err()
    };
    assert!(matches!(
        refused(&|options| options.pin_tries = 0),
        Some(Error::BlankCard(_))
    ));
    assert!(matches!(
        refused(&|options| options.finger_tries = 11),
        Some(Error::BlankCard(_))
    ));
    assert!(matches!(
        refused(&|options| options.key_tries = 0),
        Some(Error::BlankCard(_))
    ));
    assert!(matches!(
        refused(&|options| options.pages = 5),
        Some(Error::BlankCard(_))
    ));
    assert_eq!(refused(&|_| ()), None);
}

#[test]
fn debug_shows_no_secret() {
    let bench = Bench::activated();
    let shown = format!(
        "{:?} {:?} {:?}",
        bench.card.lock().expect("not poisoned"),
        bench.connection,
        blank_options()
    );
    assert!(shown.contains("Card(on)"), "{shown}");
    assert!(!shown.contains("255, 255, 255"), "{shown}");
}

#[test]
fn the_answer_to_reset_says_what_the_card_takes() {
    let mut card = load(&state()).expect("whole");
    for (interface, protocol) in [(Interface::Contact, 1), (Interface::Contactless, 0)] {
        let atr = card.power_on(interface).expect("power");
        let atr = negin_apdu::Atr::parse(&atr).expect("an ATR");
        assert_eq!(atr.interface_bytes()[0].protocol, Some(protocol));
        let historical =
            negin_apdu::Historical::parse(atr.historical_bytes()).expect("compact-TLV");
        let capabilities = historical.capabilities.expect("capabilities");
        assert!(capabilities.chaining() && capabilities.extended_lengths());
    }
}
