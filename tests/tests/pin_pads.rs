//! PINs entered at the reader's own keys: the first one, and the one that is shown to the card, through pcscd and a driver
//! that reads the structures of PC/SC part 10 by itself.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::path::Path;

use negin_apdu::PinPadError;
use negin_apdu::pin_pad::Prompts;
use negin_card::{Piv, Presence, Verification};
use negin_eid::piv::{FingerReference, Pin};
use negin_issuance::deliver::{Delivery, Look, PinSource, Way, deliver};
use negin_ledger::State;
use negin_tests::office::COUNTER;
use negin_tests::pcsc::{say, within};
use negin_tests::scanner::Images;
use negin_tests::station::{Done, Station, done, open, presence, take_out};
use negin_tests::sweep::Trying;

/// Reader 0 has keys, reader 1 has none.
fn with_keys(_: &Path) -> Vec<String> {
    ["--readers", "2", "--pin-pad", "0"]
        .map(str::to_owned)
        .to_vec()
}

/// A card that waits for its holder in reader 0.
fn shipped(folder: &Path) -> Station {
    let station = Station::in_the_morning(folder);
    station.insert(0);
    station.personalise(0, |card| card).expect("written");
    station.ship().expect("shipped");
    station
}

/// `negin deliver` at reader 0, the PIN being entered there; and why it was asked for again, each time.
fn at_the_keys(station: &Station) -> (Done, Vec<Option<PinPadError>>) {
    let mut reader = open(0).expect("a reader");
    let mut card = reader.connect().expect("a card");
    let mut pad = card.pin_pad().expect("the reader has keys");
    let mut scanner = Images::new([station.world.at_counter.clone()]);
    let mut asked = Vec::new();
    let office = &station.world.office;
    let delivery = Delivery {
        way: Way::Match {
            office: office.code,
            finger: FingerReference::Primary,
            tries: 1,
            scanner: &mut scanner,
        },
        pin: PinSource::Pad {
            pad: &mut *pad,
            prompts: Prompts::PERSIAN,
        },
        root: office.credentials.root(),
    };
    let delivered = station.desk(COUNTER).work(|seat| {
        deliver(seat, delivery, &mut *card, &mut |look| {
            if let Look::PinPad { again } = look {
                asked.push(again);
            }
        })
    });
    (done(delivered), asked)
}

/// Whether the card takes this PIN.
fn takes(pin: &str) -> Verification {
    let mut reader = open(0).expect("a reader");
    let mut card = reader.connect().expect("a card");
    let mut piv = Piv::select(&mut *card).expect("PIV");
    let pin = Pin::new(pin).expect("a PIN");
    piv.verify_pin(pin).expect("an answer")
}

#[test]
fn a_reader_without_keys_has_no_pad() {
    within(with_keys, |folder| {
        let station = Station::in_the_morning(folder);
        for (reader, keys) in [(0, true), (1, false)] {
            station.insert(reader);
            let card = open(reader).expect("a reader").connect().expect("a card");
            assert_eq!(card.pin_pad().is_some(), keys);
        }
    });
}

#[test]
fn the_citizen_sets_the_pin_at_the_reader() {
    within(with_keys, |folder| {
        let station = shipped(folder);
        // The new PIN twice, and once more to prove that the card lives.
        say("keys 0 314159 314159 314159");
        let (delivered, asked) = at_the_keys(&station);
        assert_eq!(delivered, Ok(()));
        assert_eq!(asked, [None, None]);
        assert_eq!(station.state(), State::Delivered);
        assert_eq!(presence(0), Presence::Activated);
        assert_eq!(takes("314159"), Verification::Passed);
    });
}

#[test]
fn what_is_mistyped_is_asked_again() {
    within(with_keys, |folder| {
        let station = shipped(folder);
        say("keys 0 314159 271828 31415 314159 314159 nothing 314159");
        let (delivered, asked) = at_the_keys(&station);
        assert_eq!(delivered, Ok(()));
        let not_confirmed = Some(PinPadError::NotConfirmed);
        let (length, timed_out) = (Some(PinPadError::Length), Some(PinPadError::TimedOut));
        assert_eq!(asked, [None, not_confirmed, length, None, timed_out]);
        assert_eq!(takes("314159"), Verification::Passed);
    });
}

#[test]
fn a_delivery_that_ended_at_the_keys_is_taken_up() {
    within(with_keys, |folder| {
        for (keys, key) in [
            ("cancel", "pin-pad.cancelled"),
            ("nothing nothing nothing", "pin-pad.timed-out"),
            // The card is alive, and was not shown to be.
            ("314159 314159 cancel", "pin-pad.cancelled"),
            ("314159 314159 271828", "delivery.pin-refused"),
        ] {
            let _trying = Trying(keys);
            // Another ledger each time.
            std::fs::remove_file(folder.join("ledger.sqlite")).ok();
            let station = shipped(folder);
            say(&format!("keys 0 {keys}"));
            assert_eq!(at_the_keys(&station).0, Err(key));
            assert_eq!(station.state(), State::Shipped);
            let lives = presence(0) == Presence::Activated;
            assert_eq!(lives, keys.starts_with('3'));
            let entered = match lives {
                true => "314159",
                false => "314159 314159 314159",
            };
            say(&format!("keys 0 {entered}"));
            assert_eq!(at_the_keys(&station).0, Ok(()));
            assert_eq!(station.state(), State::Delivered);
            take_out(0);
        }
    });
}
