//! A card that was torn out is taken up by what its chip says: whatever was done to it, the ledger knows whose it is.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use negin_apdu::Chaining;
use negin_card::{Presence, recognise};
use negin_issuance::personalise::work_on;
use negin_tests::desk::Desk;
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
