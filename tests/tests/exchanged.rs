//! What is exchanged for something else on the way: a card for another card, an order for another order, a file for
//! another file, a day for an earlier one.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use negin_apdu::{Chaining, Interface, Limits, Transmit, TransmitError};
use negin_card::{Presence, recognise};
use negin_eid::piv::{FingerReference, Pin};
use negin_issuance::Seat;
use negin_issuance::deliver::{Delivery, Way, deliver};
use negin_ledger::{ChipId, Ledger, RecordId, State, Timestamp};
use negin_tests::card::BenchCard;
use negin_tests::citizen::{Citizen, portrait};
use negin_tests::desk::{Desk, PIN, Paper};
use negin_tests::office::{COUNTER, MORNING, Office, STATION};
use negin_tests::scanner::Images;

/// A card that passes itself off as another chip wherever it is asked for its number.
struct Disguised<T> {
    card: T,
    own: [u8; 10],
    other: [u8; 10],
}

impl<T: Transmit> Transmit for Disguised<T> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let mut answer = self.card.transmit(command)?;
        while let Some(at) = answer.windows(10).position(|bytes| bytes == self.own) {
            answer[at..at + 10].copy_from_slice(&self.other);
        }
        Ok(answer)
    }
    fn limits(&self) -> Limits {
        self.card.limits()
    }
    fn interface(&self) -> Interface {
        self.card.interface()
    }
}

fn state(desk: &Desk<'_>, record: &RecordId) -> Option<State> {
    let record = desk.ledger.record(record).expect("a sound ledger");
    record.map(|record| record.state)
}

fn presence(card: &BenchCard) -> Presence {
    let found = recognise(&mut Chaining::new(card.link())).expect("a card");
    found.presence
}

/// The key of what went wrong.
fn key<T>(done: Result<T, negin_issuance::Error>) -> &'static str {
    done.map_or_else(|error| error.key(), |_| "nothing went wrong")
}

#[test]
fn another_live_card_does_not_count_as_the_one_that_waits() {
    let office = Office::new(1);
    let citizens = [1, 2].map(Citizen::synthetic);
    let paper = Paper::of(&citizens);
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    let cards = [1, 2].map(|chip| BenchCard::blank(&office.profile, chip));
    for (index, card) in cards.iter().enumerate() {
        desk.personalise(&paper, index, &mut card.link())
            .expect("a blank card");
        desk.ship(&paper.id(index)).expect("a written card");
    }
    let at_counter = |citizen: &Citizen| Images::new([citizen.impression(0, 1)]);
    desk.deliver(
        &mut cards[1].link(),
        &mut at_counter(&citizens[1]),
        &mut |_| {},
    )
    .expect("its own citizen");

    let mut disguised = Disguised {
        card: cards[1].link(),
        own: [2; 10],
        other: [1; 10],
    };
    let before = cards[1].state();
    let done = desk.deliver(&mut disguised, &mut at_counter(&citizens[1]), &mut |_| {});
    assert_eq!(key(done), "card.wrong-key");
    assert_eq!(state(&desk, &paper.id(0)), Some(State::Shipped));
    assert_eq!(presence(&cards[0]), Presence::Issued);
    let tries = |state: &[u8]| BenchCard::from_state(state, 3).link();
    assert_eq!(
        pin_tries(tries(&cards[1].state())),
        pin_tries(tries(&before)),
        "the PIN was not asked for"
    );
}

fn pin_tries(link: impl Transmit) -> negin_card::Verification {
    let mut piv = negin_card::Piv::select(Chaining::new(link)).expect("PIV");
    piv.tries(negin_eid::piv::VerifyReference::Pin)
        .expect("a live card")
}

#[test]
fn an_order_of_the_same_name_does_not_write_somebody_else() {
    let office = Office::new(1);
    let (paper, other) = (
        Paper::of(&[Citizen::synthetic(1)]),
        Paper::of(&[Citizen::synthetic(2)]),
    );
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    assert_eq!(key(desk.enter(&other)), "ledger.citizen");
    let card = BenchCard::blank(&office.profile, 1);
    let done = desk.personalise(&other, 0, &mut card.link());
    assert_eq!(key(done), "ledger.citizen");
    assert_eq!(presence(&card), Presence::Blank);
    desk.personalise(&paper, 0, &mut card.link())
        .expect("the order that was entered");
}

#[test]
fn what_is_written_is_what_was_checked() {
    let office = Office::new(1);
    let paper = Paper::of(&[Citizen::synthetic(1)]);
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    let (entry, record) = paper.record(0);
    let photo = entry.path(&record.photo);
    let checked = std::fs::read(&photo).expect("a photo");
    std::fs::write(&photo, portrait(40)).expect("room");

    let card = BenchCard::blank(&office.profile, 1);
    let done = desk.personalise(&paper, 0, &mut card.link());
    assert_eq!(key(done), "issuance.changed");
    assert_eq!(presence(&card), Presence::Blank);
    let chip = ChipId::new(&[1; 10]).expect("a chip");
    assert_eq!(desk.ledger.work_on_chip(&chip).expect("sound"), None);

    desk.enter(&paper).expect("it passes with that photo too");
    std::fs::write(&photo, &checked).expect("room");
    let done = desk.personalise(&paper, 0, &mut card.link());
    assert_eq!(
        key(done),
        "issuance.changed",
        "now the other one was checked"
    );
    std::fs::write(&photo, portrait(40)).expect("room");
    desk.personalise(&paper, 0, &mut card.link())
        .expect("as it was checked last");
}

#[test]
fn a_clock_that_is_behind_brings_no_card_to_life() {
    let office = Office::new(1);
    let citizen = Citizen::synthetic(1);
    let paper = Paper::of(std::slice::from_ref(&citizen));
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    let card = BenchCard::blank(&office.profile, 1);
    desk.personalise(&paper, 0, &mut card.link())
        .expect("a blank card");
    desk.ship(&paper.id(0)).expect("a written card");
    desk.ledger
        .set_seat(office.ledger_seat(COUNTER))
        .expect("a seat");
    let mut scanner = Images::new([citizen.impression(0, 1)]);
    let done = desk.work(|seat| {
        let mut behind = Seat {
            keys: seat.keys,
            ledger: seat.ledger,
            now: &|| Timestamp::from_unix_millis(MORNING - 86_400_000),
            entropy: seat.entropy,
        };
        let delivery = Delivery {
            way: Way::Match {
                office: office.code,
                finger: FingerReference::Primary,
                tries: 1,
                scanner: &mut scanner,
            },
            pin: Pin::new(PIN).expect("a PIN").into(),
            root: office.credentials.root(),
        };
        deliver(&mut behind, delivery, &mut card.link(), &mut |_| {})
    });
    assert_eq!(key(done), "delivery.clock");
    assert_eq!(presence(&card), Presence::Issued);
}

#[test]
fn a_card_that_was_not_shipped_does_not_come_alive() {
    let office = Office::new(1);
    let citizen = Citizen::synthetic(1);
    let paper = Paper::of(std::slice::from_ref(&citizen));
    let mut desk = Desk::in_memory(&office, STATION);
    desk.enter(&paper).expect("an order without fault");
    let card = BenchCard::blank(&office.profile, 1);
    desk.personalise(&paper, 0, &mut card.link())
        .expect("a blank card");
    let mut scanner = Images::new([citizen.impression(0, 1)]);
    let done = desk.deliver(&mut card.link(), &mut scanner, &mut |_| {});
    assert_eq!(key(done), "delivery.not-deliverable");
    assert_eq!(presence(&card), Presence::Issued);
    assert_eq!(state(&desk, &paper.id(0)), Some(State::Written));
}
