//! What was interrupted is taken up: whatever was done to a card, the ledger knows whose it is, and no card lives of
//! which it does not.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use negin_apdu::Chaining;
use negin_card::{Presence, recognise};
use negin_issuance::personalise::work_on;
use negin_ledger::Ledger;
use negin_tests::card::BenchCard;
use negin_tests::citizen::Citizen;
use negin_tests::desk::{Desk, Paper};
use negin_tests::journey::{Command, Journey, World};
use negin_tests::link::Death;
use negin_tests::office::{Office, STATION};

/// More exchanges than it takes to give a card its first keys.
const FIRST_EXCHANGES: u64 = 24;

#[test]
fn no_card_with_the_issuers_keys_is_without_its_record() {
    let world = World::of(Office::new(1), 1);
    let morning = world.morning();
    let mut touched = 0;
    for exchange in 0..FIRST_EXCHANGES {
        let mut journey = Journey::from(&world, &morning, 1);
        journey.death = Some(Death::After(exchange));
        let (done, _) = journey.start(Command::Personalise);
        done.expect_err("the host died");
        let mut link = journey.card.link();
        let found = recognise(&mut Chaining::new(&mut link)).expect("a card");
        if found.presence == Presence::Blank {
            continue;
        }
        touched += 1;
        let scene = journey.scene();
        let file = tempfile::NamedTempFile::new().expect("room");
        std::fs::write(file.path(), scene.ledger).expect("room");
        let mut desk = Desk::at(&world.office, STATION, file.path());
        let record = desk
            .work(|seat| work_on(seat, &mut link))
            .expect("a card of ours");
        assert_eq!(record, Some(world.paper.id(0)), "after exchange {exchange}");
    }
    assert!(touched > 0, "the keys were reached");
}

#[test]
fn a_ledger_that_takes_nothing_brings_no_card_to_life() {
    let world = World::of(Office::new(1), 1);
    let mut journey = Journey::from(&world, &world.morning(), 1);
    for command in [Command::Personalise, Command::Ship] {
        journey.start(command).0.expect("nothing is in the way");
    }
    journey.death_in_ledger = Some(Death::Before(0));
    let (done, _) = journey.start(Command::Deliver);
    assert_eq!(
        done.expect_err("the disk is full").key(),
        "ledger.disk-full"
    );
    let mut link = journey.card.link();
    let found = recognise(&mut Chaining::new(&mut link)).expect("a card");
    assert_eq!(found.presence, Presence::Issued);
    journey.finish();
}

#[test]
fn a_card_is_not_begun_whose_keys_are_not_all_at_hand() {
    let office = Office::new(1);
    let mut locked = office.keys.clone();
    locked.lock_override();
    let paper = Paper::of(&[Citizen::synthetic(1)]);
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    let mut desk = desk.with_keys(&locked);
    let card = BenchCard::blank(&office.profile, 1);
    let done = desk.personalise(&paper, 0, &mut card.link());
    assert_eq!(done.expect_err("locked").key(), "keystore.override-locked");
    let found = recognise(&mut Chaining::new(card.link())).expect("a card");
    assert_eq!(found.presence, Presence::Blank);
    assert_eq!(desk.ledger.work(&paper.id(0)).expect("sound"), None);
}
