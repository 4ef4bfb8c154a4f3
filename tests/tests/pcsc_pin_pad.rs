//! PINs entered at a reader's own keys (PC/SC part 10), through pcscd: the host's words for it on one side, the keys of
//! a simulated reader on the other.
#![allow(clippy::unwrap_used)]

use negin_apdu::pin_pad::{PinFormat, PinModify, PinPadError, PinVerify, Prompts};
use negin_apdu::{Command, Exchange, StatusWord, Transmit};
use negin_device::Backend;
use negin_eid::aid;
use negin_reader::{Connection, PcscBackend, Reader};
use negin_tests::desk::PIN;
use negin_tests::journey::World;
use negin_tests::office::Office;
use negin_tests::pcsc::{reader_name, say, within};

const REFERENCE: u8 = 0x80;
const PROMPTS: Prompts = Prompts {
    language: 0x0409,
    first_key: 1,
    next_key: 1,
};
const FORMAT: PinFormat = PinFormat {
    min: 6,
    max: 8,
    block: 8,
    padding: 0xFF,
};
const VERIFY: PinVerify = PinVerify {
    reference: REFERENCE,
    format: FORMAT,
    prompts: PROMPTS,
};
const CHANGE: PinModify = PinModify {
    reference: REFERENCE,
    replaces: true,
    format: FORMAT,
    prompts: PROMPTS,
};

fn connect(reader: usize) -> Box<dyn Connection> {
    let mut reader: Box<dyn Reader> = PcscBackend.open(&reader_name(reader)).unwrap();
    let mut card = reader.connect().unwrap();
    let select = Command::new(0x00, 0xA4, 0x04, 0x00)
        .with_data(aid::PIV.as_bytes())
        .with_le(256);
    assert!(exchange(&mut *card, &select).is_success());
    card
}

fn exchange(card: &mut dyn Connection, command: &Command) -> StatusWord {
    let mut card: &mut dyn Transmit = card;
    Exchange::exchange(&mut card, command).unwrap().sw
}

/// Whether the PIN is verified: the question that costs no try.
fn verified(card: &mut dyn Connection) -> StatusWord {
    exchange(card, &Command::new(0x00, 0x20, 0x00, REFERENCE))
}

#[test]
fn a_pin_goes_from_the_keys_to_the_card() {
    within(
        |folder| {
            let world = World::of(Office::new(1), 1);
            let mut journey = world.locked();
            journey.finish();
            let card = folder.join("live.card");
            std::fs::write(&card, journey.card.state()).unwrap();
            let card = card.display().to_string();
            ["--card", &card, "--readers", "2", "--pin-pad", "0"]
                .map(str::to_owned)
                .to_vec()
        },
        |_| {
            let mut card = connect(0);
            let mut pad = card.pin_pad().unwrap();
            let tries = verified(&mut *card);
            assert!(tries.retries().is_some(), "{tries:?}");

            // What goes wrong at the keys costs no try.
            for (keys, error) in [
                ("cancel", PinPadError::Cancelled),
                ("nothing", PinPadError::TimedOut),
                ("12345", PinPadError::Length),
            ] {
                say(&format!("keys 0 {keys}"));
                assert_eq!(pad.verify(&VERIFY), Err(error));
            }
            // Nobody is there: the pad waits as long as it is told, and no longer.
            assert_eq!(pad.verify(&VERIFY), Err(PinPadError::TimedOut));
            assert_eq!(verified(&mut *card), tries);

            say("keys 0 999999");
            let wrong = pad.verify(&VERIFY).unwrap();
            assert_eq!(wrong.retries().map(|left| left + 1), tries.retries());
            say(&format!("keys 0 {PIN}"));
            assert_eq!(pad.verify(&VERIFY), Ok(StatusWord::SUCCESS));
            assert_eq!(verified(&mut *card), StatusWord::SUCCESS);

            // A new PIN, twice; then once with a slip.
            say(&format!("keys 0 {PIN} 314159 314150"));
            assert_eq!(pad.modify(&CHANGE), Err(PinPadError::NotConfirmed));
            say(&format!("keys 0 {PIN} 314159 314159"));
            assert_eq!(pad.modify(&CHANGE), Ok(StatusWord::SUCCESS));
            say("keys 0 314159");
            assert_eq!(pad.verify(&VERIFY), Ok(StatusWord::SUCCESS));
        },
    );
}

#[test]
fn a_reader_without_keys_says_so() {
    within(
        |folder| {
            let card = folder.join("blank.card");
            let profile = negin_issuance::profile::Profile::national_id().unwrap();
            let state = negin_tests::card::BenchCard::blank_state(&profile, 1);
            std::fs::write(&card, state).unwrap();
            ["--card".to_owned(), card.display().to_string()].to_vec()
        },
        |_| {
            let mut reader = PcscBackend.open(&reader_name(0)).unwrap();
            assert!(reader.connect().unwrap().pin_pad().is_none());
        },
    );
}
