//! What the ledger has to say before a card is asked for anything.

use negin_apdu::ins;
use negin_ledger::{Draft, Event, Ledger};
use negin_tests::desk::Desk;
use negin_tests::journey::{Journey, World};
use negin_tests::link::{Ear, Wire};
use negin_tests::office::COUNTER;
use negin_tests::scanner::Images;

use super::support::*;

/// Tries a delivery that the ledger forbids: the card opens no channel, no finger is asked for.
fn refused<L: Ledger>(
    desk: &mut Desk<'_, L>,
    journey: &Journey<'_>,
    world: &World,
) -> &'static str {
    let ear = Ear::default();
    let mut wire = Wire::new(journey.card.link(), ear.clone());
    let mut scanner = Images::new([world.at_counter.clone()]);
    let key = key(desk.deliver(&mut wire, &mut scanner, &mut |_| {}));
    assert_eq!((scanner.left(), ear.count(ins::INITIALIZE_UPDATE)), (1, 0));
    assert_eq!(record(journey), None);
    key
}

#[test]
fn a_card_that_is_blocked_in_the_ledger_is_not_delivered() {
    let world = world();
    let mut journey = world.locked();
    let mut desk = journey.desk(COUNTER);
    for event in [Event::Blocked, Event::Unblocked] {
        let draft = Draft::new(event, desk.now()).record(&world.paper.id(0));
        desk.ledger.append(draft).expect("allowed");
        if event == Event::Blocked {
            assert_eq!(
                refused(&mut desk, &journey, &world),
                "delivery.not-deliverable"
            );
        }
    }
    drop(desk);
    journey.finish();
}

#[test]
fn a_card_that_the_ledger_does_not_know_is_not_delivered() {
    let world = world();
    let journey = world.locked();
    let mut elsewhere = Desk::in_memory(&world.office, COUNTER);
    assert_eq!(
        refused(&mut elsewhere, &journey, &world),
        "delivery.unknown-card"
    );
}
