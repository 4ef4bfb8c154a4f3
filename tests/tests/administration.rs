//! Administration with the card management key, on cards made and delivered the lawful way: what the profile switched on
//! is there from delivery on and not before, and what resets the card brings none to life.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use negin_apdu::{Chaining, Exchange, StatusWord};
use negin_card::{Error, Piv, Presence, Verification, recognise};
use negin_eid::piv::{
    Container, FingerReference, KeyReference, ManagementAlgorithm, ManagementKey, Pin, Puk,
    VerifyReference, YubicoCommand,
};
use negin_firmware_sim::bus::InProcess;
use negin_issuance::profile::Profile;
use negin_ledger::State;
use negin_tests::desk::PIN;
use negin_tests::journey::{Command, Journey, World};
use negin_tests::office::Office;

const CHALLENGE: [u8; 16] = *b"a fresh one each";
const CERTIFICATE: Container = Container::AuthenticationCertificate;
const UNAUTHORISED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const UNKNOWN: StatusWord = StatusWord::INS_NOT_SUPPORTED;

fn world(profile: Profile) -> World {
    World::of(Office::with_profile(11, profile), 1)
}

fn token() -> World {
    world(Profile::piv_token().expect("the built-in profile"))
}

fn piv(journey: &Journey<'_>) -> Piv<Chaining<InProcess>> {
    Piv::select(Chaining::new(journey.card.link())).expect("PIV")
}

fn says(journey: &Journey<'_>, command: &YubicoCommand) -> StatusWord {
    let mut link = Chaining::new(journey.card.link());
    Piv::select(&mut link).expect("PIV");
    link.exchange(&command.to_apdu()).expect("an answer").sw
}

fn refused<T: std::fmt::Debug>(done: Result<T, Error>) -> StatusWord {
    match done {
        Err(Error::Refused { sw, .. }) => sw,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_administrator_of_a_token_from_delivery_on() {
    let world = token();
    let mut journey = world.locked();
    let factory = ManagementKey::factory();
    let waits = piv(&journey).authenticate_administrator(&factory, &CHALLENGE);
    assert_eq!(refused(waits), SHUT, "nobody has delivered it");
    assert_eq!(says(&journey, &YubicoCommand::Version), UNKNOWN);

    journey.finish();
    let mut card = piv(&journey);
    let before = card.get(CERTIFICATE).expect("free").expect("written");
    assert_eq!(refused(card.put(CERTIFICATE, before.clone())), UNAUTHORISED);
    card.authenticate_administrator(&factory, &CHALLENGE)
        .expect("the factory's key");
    let new = negin_eid::field::field(0x53, b"another certificate");
    card.put(CERTIFICATE, new.clone())
        .expect("the administrator's");
    assert_eq!(card.get(CERTIFICATE), Ok(Some(new)));
    card.generate_key_pair(KeyReference::Authentication)
        .expect("the administrator's");
    assert_eq!(
        refused(card.put(Container::HolderDisplay, before)),
        UNAUTHORISED,
        "the issuer's"
    );

    let own = ManagementKey::new(ManagementAlgorithm::Aes256, vec![0x5A; 32]).expect("a key");
    card.set_management_key(own.clone())
        .expect("the administrator's");
    let mut card = piv(&journey);
    assert_eq!(
        refused(card.authenticate_administrator(&factory, &CHALLENGE)),
        StatusWord::INCORRECT_P1P2,
        "another algorithm now"
    );
    let wrong = ManagementKey::new(ManagementAlgorithm::Aes256, vec![0x5B; 32]).expect("a key");
    assert_eq!(
        card.authenticate_administrator(&wrong, &CHALLENGE),
        Err(Error::WrongManagementKey)
    );
    card.authenticate_to_card(&own).expect("the card's own key");
    card.put(Container::KeyHistory, b"\x53\x00".to_vec())
        .expect("the administrator's");
}

#[test]
fn a_citizens_card_has_no_administrator() {
    let world = world(Profile::national_id().expect("the built-in profile"));
    let mut journey = world.locked();
    journey.finish();
    let factory = ManagementKey::factory();
    for algorithm in ManagementAlgorithm::ALL {
        let key = if algorithm == factory.algorithm() {
            factory.clone()
        } else {
            ManagementKey::new(algorithm, vec![1; algorithm.key_length()]).expect("a key")
        };
        let answer = piv(&journey).authenticate_administrator(&key, &CHALLENGE);
        assert_eq!(refused(answer), StatusWord::INCORRECT_P1P2);
        assert_eq!(refused(piv(&journey).set_management_key(key)), UNKNOWN);
    }
    assert_eq!(says(&journey, &YubicoCommand::Reset), UNKNOWN);
}

#[test]
fn a_reset_token_is_nobodys() {
    let world = token();
    let mut journey = world.locked();
    journey.finish();
    assert_eq!(
        says(&journey, &YubicoCommand::Reset),
        SHUT,
        "PIN and PUK are whole"
    );
    let wrong = || Pin::new("99999999").expect("digits");
    let mut card = piv(&journey);
    while card.verify_pin(wrong()).expect("answered") != Verification::Blocked {}
    let puk = || Puk::new(*b"99999999");
    while card.unblock_pin(puk(), wrong()).expect("answered") != Verification::Blocked {}
    drop(card);
    assert_eq!(says(&journey, &YubicoCommand::Reset), StatusWord::SUCCESS);

    let found = recognise(&mut Chaining::new(journey.card.link())).expect("a card");
    assert_ne!(found.presence, Presence::Activated);
    let mut card = piv(&journey);
    assert_eq!(
        refused(card.verify_pin(Pin::new(PIN).expect("digits"))),
        SHUT
    );
    assert_eq!(refused(card.tries(VerifyReference::Pin)), SHUT);
    assert_eq!(refused(card.get(CERTIFICATE)), SHUT);
    assert_eq!(
        refused(card.verify_finger(FingerReference::Primary, [1, 2, 3].repeat(20))),
        SHUT
    );
    let factory = ManagementKey::factory();
    assert_eq!(
        refused(card.authenticate_administrator(&factory, &CHALLENGE)),
        SHUT
    );
    println!("a reset token is recognised as {:?}", found.presence);
}

#[test]
fn a_profile_that_asks_for_longer_pins_has_the_card_ask_for_them() {
    let mut profile = Profile::national_id().expect("the built-in profile");
    profile.pin.min_digits = 8;
    let world = world(profile);
    let mut journey = world.locked();
    let (done, _) = journey.start(Command::Deliver);
    assert_eq!(
        done.expect_err("six digits").key(),
        "card.pin-policy",
        "{PIN}"
    );
    let record = journey.record();
    assert_ne!(record.state, State::Delivered);
    let mut card = piv(&journey);
    assert_eq!(
        refused(card.pin_policy()),
        SHUT,
        "told to the counter, not to anybody"
    );
}
