//! Between host and card in another's hands: what can be slipped in, worn out or listened to there.

use negin_apdu::{Command, Interface, Limits, StatusWord};
use negin_eid::aid::Application;
use negin_eid::piv::{Container, FingerReference, VerifyReference};
use negin_eid::roles::Role;
use negin_secure_channel::scp03::host::initialize_update;
use negin_secure_channel::scp03::{Options, SecurityLevel};

use super::bench::*;
use crate::card::Card;
use crate::card::memory::id;
use crate::card::store::Transaction;

const DONE: StatusWord = StatusWord::SUCCESS;
const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const BLOCKED: StatusWord = StatusWord::AUTHENTICATION_METHOD_BLOCKED;
const PRIMARY: FingerReference = FingerReference::Primary;

/// EXTERNAL AUTHENTICATE with other keys than the card's.
fn wrong_keys(bench: &mut Bench) -> StatusWord {
    bench.select(Application::SecurityDomain);
    let begun = bench.plain(&initialize_update(0x31, &[1; 8])).sw;
    if begun != DONE {
        return begun;
    }
    bench
        .plain(&Command::new(0x84, 0x82, 0x33, 0x00).with_data([0; 16]))
        .sw
}

#[test]
fn a_pin_slipped_in_after_the_holders_is_refused() {
    let mut bench = Bench::personalised();
    bench.open_in(Application::Piv, Role::Delivery);
    assert_eq!(bench.secured_piv(&genuine(PRIMARY)).sw, DONE);
    assert_eq!(bench.secured_piv(&first_pin(PIN)).sw, DONE);
    assert_eq!(bench.piv(&first_pin("666666")).sw, SHUT);
    assert_eq!(bench.secured_piv(&activate(b"")).sw, DONE);
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(
        bench.piv(&pin("666666")).sw,
        StatusWord::verification_failed(4)
    );
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
}

#[test]
fn nobody_in_passing_shuts_the_card_to_its_keys() {
    let mut bench = Bench::personalised().moved(Interface::Contactless, Limits::SHORT);
    for _ in 0..8 {
        assert_eq!(wrong_keys(&mut bench), StatusWord::AUTHENTICATION_FAILED);
    }
    for _ in 0..3 {
        assert_eq!(wrong_keys(&mut bench), BLOCKED);
    }
    assert_eq!(bench.open(Role::Issuer), Err(BLOCKED));
    let mut bench = bench.moved(Interface::Contact, Limits::SHORT);
    bench.deliver();
    let mut bench = bench.moved(Interface::Contactless, Limits::SHORT);
    bench.select(Application::SecurityDomain);
    assert_eq!(
        bench.open(Role::Issuer),
        Ok(()),
        "a right key gives all tries back"
    );
}

#[test]
fn a_channel_that_does_not_encipher_is_not_private_over_the_antenna() {
    let levels = SecurityLevel::ALL.into_iter().skip(1);
    for level in levels.filter(|level| *level != SecurityLevel::Full) {
        let mut bench = Bench::activated().moved(Interface::Contactless, Limits::SHORT);
        bench.select(Application::Piv);
        bench.open_at(Role::Issuer, level).expect("offered");
        for command in [pin(PIN), genuine(PRIMARY), status(VerifyReference::Pin)] {
            assert_eq!(
                bench.secured_piv(&command).sw,
                SHUT,
                "{level:?} {command:?}"
            );
        }
        assert_ne!(
            bench.secured_piv(&get(Container::PrintedInformation)).sw,
            DONE
        );
        bench.open_in(Application::Piv, Role::Issuer);
        assert_eq!(bench.secured_piv(&pin(PIN)).sw, DONE);
        assert_eq!(
            bench.secured_piv(&get(Container::PrintedInformation)).sw,
            DONE
        );
    }
}

#[test]
fn pseudo_random_challenges_end_and_do_not_come_round() {
    let mut options = blank_options();
    options.options = Options::I_70;
    let card = Card::blank(&options, rng(1)).expect("as given");
    let mut bench = Bench::of(card, Interface::Contact, Limits::SHORT);
    let mut last = Transaction::new();
    last.put(id::SEQUENCE, [0xFF, 0xFF, 0xFE]);
    let mut card = bench.card.lock().expect("not poisoned");
    card.memory.commit(last).expect("power");
    drop(card);
    bench.open_in(Application::SecurityDomain, Role::Transport);
    bench.select(Application::SecurityDomain);
    assert_eq!(bench.plain(&initialize_update(0xFF, &[1; 8])).sw, SHUT);
}
