//! What befalls readers in the midst of work: pcscd is killed, starved and started anew, the simulator behind the driver
//! dies, cards are pulled out and exchanged, two programs want one card, two stations one record. The work ends right,
//! or with an error that says so, and the same command takes it up again; no record ever has two live cards.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::sync::Barrier;
use std::time::{Duration, Instant};

use negin_apdu::{Interface, Limits, Transmit, TransmitError};
use negin_card::Presence;
use negin_device::Backend;
use negin_ledger::State;
use negin_reader::pcsc::readers;
use negin_reader::{CardEvent, Connection, PcscBackend};
use negin_tests::office::COUNTER;
use negin_tests::pcsc::{reader_name, say, within};
use negin_tests::scanner::Images;
use negin_tests::station::{
    Done, Station, done, is_out, open, presence, shown, take_out, two_readers,
};
use negin_tests::sweep::Trying;

/// Exchanges of a personalisation, at the least.
const LEAST: u64 = 40;

/// A connection at one of whose exchanges something happens.
struct Troubled<'t> {
    card: Box<dyn Connection>,
    exchanges: u64,
    at: u64,
    trouble: &'t mut dyn FnMut(),
}

impl Transmit for Troubled<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        if self.exchanges == self.at {
            (self.trouble)();
        }
        self.exchanges += 1;
        self.card.transmit(command)
    }

    fn limits(&self) -> Limits {
        self.card.limits()
    }

    fn interface(&self) -> Interface {
        self.card.interface()
    }
}

/// A connection whose exchanges are counted.
struct Counted<'c> {
    card: Box<dyn Connection>,
    exchanges: &'c mut u64,
}

impl Transmit for Counted<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        *self.exchanges += 1;
        self.card.transmit(command)
    }

    fn limits(&self) -> Limits {
        self.card.limits()
    }

    fn interface(&self) -> Interface {
        self.card.interface()
    }
}

/// `negin personalize` on the card in this reader; `trouble` comes before this exchange.
fn personalise(station: &Station, reader: usize, at: u64, trouble: &mut dyn FnMut()) -> Done {
    station.personalise(reader, |card| Troubled {
        card,
        exchanges: 0,
        at,
        trouble,
    })
}

/// The same command, nothing being in the way.
fn again(station: &Station, reader: usize) -> Done {
    station.personalise(reader, |card| card)
}

/// The counter's part.
fn deliver(station: &Station, reader: usize) -> Done {
    station.ship()?;
    let mut reader = open(reader)?;
    let mut card = reader.connect().map_err(|error| error.key())?;
    let mut scanner = Images::new([station.world.at_counter.clone()]);
    done(
        station
            .desk(COUNTER)
            .deliver(&mut card, &mut scanner, &mut |_| {}),
    )
}

/// The card in this reader is the record's and comes alive; it is the only one.
fn comes_alive(station: &Station, reader: usize) {
    assert_eq!(station.state(), State::Written);
    assert_eq!(presence(reader), Presence::Issued);
    deliver(station, reader).expect("nothing is in the way");
    assert_eq!(presence(reader), Presence::Activated);
    assert_eq!(station.state(), State::Delivered);
    // A record that is delivered is written onto no other card.
    station.insert(1 - reader);
    let other = again(station, 1 - reader);
    assert_eq!(other, Err("issuance.not-queued"));
    assert_eq!(presence(1 - reader), Presence::Blank);
    for reader in [0, 1] {
        take_out(reader);
    }
}

/// When in a personalisation something happens: at the beginning, with keys, files and references half written, at the
/// end.
fn moments(station: &Station) -> Vec<u64> {
    station.insert(0);
    let mut exchanges = 0;
    station
        .personalise(0, |card| Counted {
            card,
            exchanges: &mut exchanges,
        })
        .expect("nothing is in the way");
    assert!(exchanges >= LEAST, "only {exchanges} exchanges");
    comes_alive(station, 0);
    let parts = 6;
    (0..=parts)
        .map(|part| part * (exchanges - 1) / parts)
        .collect()
}

#[test]
fn a_service_that_is_killed_is_said_and_the_work_goes_on_with_the_next() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        for moment in moments(&station) {
            let _trying = Trying(moment);
            station.morning();
            station.insert(0);
            let mut kill = || drop(say("daemon kill"));
            let done = personalise(&station, 0, moment, &mut kill);
            assert_eq!(done, Err("card.service-stopped"));
            // Without a service it is said, too, and nothing is done.
            assert_eq!(again(&station, 0), Err("device.unavailable"));
            say("daemon start");
            shown(0);
            again(&station, 0).expect("taken up again");
            comes_alive(&station, 0);
        }
    });
}

#[test]
fn a_service_that_is_starved_is_waited_for() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        station.insert(0);
        let begun = Instant::now();
        let starved = Duration::from_millis(1_500);
        let mut starve = || {
            say("daemon stop");
            std::thread::spawn(move || {
                std::thread::sleep(starved);
                say("daemon continue");
            });
        };
        personalise(&station, 0, LEAST / 2, &mut starve).expect("it went on");
        assert!(begun.elapsed() >= starved, "nothing was starved");
        comes_alive(&station, 0);
    });
}

#[test]
fn a_service_that_is_killed_while_it_starves_is_said() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        station.insert(0);
        let mut starve = || {
            say("daemon stop");
            std::thread::spawn(|| {
                std::thread::sleep(Duration::from_millis(500));
                say("daemon kill");
            });
        };
        let done = personalise(&station, 0, LEAST / 2, &mut starve);
        assert_eq!(done, Err("card.service-stopped"));
        say("daemon start");
        shown(0);
        again(&station, 0).expect("taken up again");
        comes_alive(&station, 0);
    });
}

#[test]
fn a_reader_that_vanishes_is_said_and_the_work_goes_on_when_it_is_back() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        for moment in [1, LEAST / 2, LEAST - 1] {
            let _trying = Trying(moment);
            station.morning();
            station.insert(0);
            let mut vanish = || drop(say("simulator kill"));
            let done = personalise(&station, 0, moment, &mut vanish);
            assert!(
                matches!(done, Err("card.removed" | "card.reader-gone")),
                "{done:?}"
            );
            is_out(0);
            say("simulator start");
            station.insert(0);
            again(&station, 0).expect("taken up again");
            comes_alive(&station, 0);
        }
    });
}

#[test]
fn a_card_pulled_out_or_exchanged_is_said_and_the_right_one_is_taken_up() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        let (own, other) = (station.card(0), station.card(1));
        for moment in [2, LEAST / 2, LEAST - 1] {
            let _trying = Trying(moment);
            station.morning();
            station.insert(0);
            // In its place another one is put before the host asks anything.
            let mut exchange = || {
                take_out(0);
                say(&format!("insert 0 {}", other.display()));
                shown(0);
            };
            let done = personalise(&station, 0, moment, &mut exchange);
            assert_eq!(done, Err("card.removed"));
            assert_eq!(presence(0), Presence::Blank);
            take_out(0);
            say(&format!("insert 0 {}", own.display()));
            shown(0);
            again(&station, 0).expect("taken up again");
            comes_alive(&station, 0);
        }
    });
}

#[test]
fn who_holds_a_card_holds_it_alone() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        station.insert(0);
        let mut meanwhile = || {
            let begun = Instant::now();
            let mut reader = PcscBackend.open(&reader_name(0)).expect("a reader");
            let refused = reader.connect().err().map(|error| error.key());
            assert_eq!(refused, Some("reader.busy"));
            // A program that only looks at the card is waited for that long.
            assert!(begun.elapsed() >= Duration::from_secs(2));
            let context = pcsc::Context::establish(pcsc::Scope::User).expect("a service");
            let name = std::ffi::CString::new(reader_name(0)).expect("a name");
            let shared = context.connect(&name, pcsc::ShareMode::Shared, pcsc::Protocols::ANY);
            assert_eq!(shared.err(), Some(pcsc::Error::SharingViolation));
        };
        personalise(&station, 0, LEAST / 2, &mut meanwhile).expect("undisturbed");
        comes_alive(&station, 0);
    });
}

#[test]
fn who_came_first_is_waited_for_and_then_given_way_to() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        station.insert(0);
        let name = std::ffi::CString::new(reader_name(0)).expect("a name");
        let hold = |time: Duration| {
            let context = pcsc::Context::establish(pcsc::Scope::User).expect("a service");
            let name = name.clone();
            let connected = Barrier::new(2);
            std::thread::scope(|scope| {
                let connected = &connected;
                scope.spawn(move || {
                    let card = context
                        .connect(&name, pcsc::ShareMode::Shared, pcsc::Protocols::ANY)
                        .expect("a card");
                    connected.wait();
                    std::thread::sleep(time);
                    drop(card);
                });
                connected.wait();
                again(&station, 0)
            })
        };
        assert_eq!(hold(Duration::from_secs(6)), Err("reader.busy"));
        assert_eq!(presence(0), Presence::Blank);
        assert_eq!(station.state(), State::Queued);
        assert_eq!(hold(Duration::from_secs(1)), Ok(()));
        comes_alive(&station, 0);
    });
}

#[test]
fn two_stations_for_one_record_make_one_card() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        for round in 0..3 {
            let _trying = Trying(round);
            station.morning();
            station.insert(0);
            station.insert(1);
            let begin = Barrier::new(2);
            let done = std::thread::scope(|scope| {
                [0, 1]
                    .map(|reader| {
                        let (station, begin) = (&station, &begin);
                        scope.spawn(move || {
                            begin.wait();
                            again(station, reader)
                        })
                    })
                    .map(|station| station.join().expect("no panic"))
            });
            let written = done.iter().filter(|done| done.is_ok()).count();
            assert_eq!(written, 1, "{done:?}");
            for refused in done.iter().filter_map(|done| done.err()) {
                assert!(
                    matches!(
                        refused,
                        "issuance.not-queued"
                            | "issuance.card-taken"
                            | "ledger.work-in-progress"
                            | "ledger.illegal-transition"
                            | "ledger.card-mismatch"
                            | "ledger.card-in-use"
                            | "ledger.busy"
                    ),
                    "refused with {refused}"
                );
            }
            let winner = usize::from(done[1].is_ok());
            assert_eq!(presence(1 - winner), Presence::Blank);
            take_out(1 - winner);
            comes_alive(&station, winner);
        }
    });
}

#[test]
fn readers_are_listed_with_what_lies_in_them() {
    within(two_readers, |folder| {
        let station = Station::in_the_morning(folder);
        station.insert(1);
        let names: Vec<String> = readers()
            .expect("a service")
            .into_iter()
            .map(|reader| reader.name)
            .collect();
        assert_eq!(names, [reader_name(0), reader_name(1)]);
        let mut empty = PcscBackend.open(&reader_name(0)).expect("a reader");
        assert_eq!(empty.card_present(), Ok(false));
        let waited = empty.wait_for(CardEvent::Inserted, Duration::from_millis(200));
        assert_eq!(waited.expect_err("nothing").key(), "reader.timed-out");
        let canceller = empty.canceller();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(200));
                canceller.cancel();
            });
            let waited = empty.wait_for(CardEvent::Inserted, Duration::from_secs(30));
            assert_eq!(waited.expect_err("nothing").key(), "reader.cancelled");
        });
        assert_eq!(
            empty.connect().err().map(|e| e.key()),
            Some("reader.no-card")
        );
        let part = PcscBackend.open("simulated reader 01").expect("one of two");
        assert_eq!(part.name(), reader_name(1));
        let unclear = PcscBackend.open("simulated").err().map(|e| e.key());
        assert_eq!(unclear, Some("device.ambiguous"));
        let none = PcscBackend.open("omnikey").err().map(|e| e.key());
        assert_eq!(none, Some("device.no-such-device"));
    });
}
