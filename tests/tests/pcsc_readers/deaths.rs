//! What is left where a process on the way dies or hangs, and what was kept till then.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use negin_firmware_sim::card::Card;
use negin_tests::pcsc::{self as bench, say, within};
use pcsc::{Context, Disposition, Error, Protocols, Scope, ShareMode};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::{
    SELECT, blanks, connect, context, name, present, transmit, until, with_cards,
};

/// Opens a channel with a cryptogram that fits nothing: the card writes down the failure.
fn fail_to_authenticate(card: &pcsc::Card) -> Result<Vec<u8>, Error> {
    let update = [&[0x80, 0x50, 0x00, 0x00, 0x08][..], &[1; 8], &[0x00]].concat();
    assert!(transmit(card, &update)?.ends_with(&[0x90, 0x00]));
    transmit(
        card,
        &[&[0x84, 0x82, 0x33, 0x00, 0x10][..], &[0; 16]].concat(),
    )
}

#[test]
fn what_a_command_changed_is_in_the_file_before_its_answer() {
    within(
        |folder| with_cards(folder, 1),
        |folder| {
            let file = folder.join("0.card");
            let context = context();
            let mut card = connect(&context, 0);
            let mut before = fs::read(&file).unwrap();
            for _ in 0..3 {
                let answer = fail_to_authenticate(&card).unwrap();
                assert_eq!(answer, [0x63, 0x00]);
                let after = fs::read(&file).unwrap();
                assert!(after != before, "the file is as it was");
                Card::from_state_bytes(&after, ChaCha20Rng::seed_from_u64(1)).unwrap();
                assert_eq!(
                    fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                    0o600
                );
                before = after;
            }
            // Power goes before the write begins: nothing is written, nothing is answered.
            let update = [&[0x80, 0x50, 0x00, 0x00, 0x08][..], &[1; 8], &[0x00]].concat();
            transmit(&card, &update).unwrap();
            let before = fs::read(&file).unwrap();
            say("tear 0 0 not-begun");
            let failure = [&[0x84, 0x82, 0x33, 0x00, 0x10][..], &[0; 16]].concat();
            assert_eq!(transmit(&card, &failure), Err(Error::NotTransacted));
            assert!(fs::read(&file).unwrap() == before);
            card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard)
                .unwrap();
            assert_eq!(fail_to_authenticate(&card).unwrap(), [0x63, 0x00]);

            // A file that cannot be written: the card loses its power, and nobody relies on what is not kept.
            fs::remove_dir_all(folder).unwrap();
            let command = fail_to_authenticate(&card);
            assert_eq!(command, Err(Error::NotTransacted));
        },
    );
}

#[test]
fn a_simulator_that_dies_is_a_card_taken_out_and_pcscd_lives() {
    within(
        |folder| with_cards(folder, 2),
        |_| {
            let daemon = say("daemon");
            let context = context();
            let held = connect(&context, 0);
            say("hold 0");
            std::thread::scope(|scope| {
                let client = scope.spawn(|| transmit(&held, &SELECT));
                until("a command is at its card", || {
                    say("list")[0].contains(" waiting=1 ")
                });
                say("simulator kill");
                // Which of the two the client hears depends on who is faster; that it hears, and soon, does not.
                let heard = client.join().unwrap();
                assert!(
                    matches!(heard, Err(Error::NoSmartcard | Error::RemovedCard)),
                    "{heard:?}"
                );
            });
            until("both cards are gone", || {
                !present(&context, 0) && !present(&context, 1)
            });
            assert_eq!(say("daemon"), daemon, "the same pcscd runs on");
            let connected = context.connect(&name(0), ShareMode::Shared, Protocols::ANY);
            assert!(
                matches!(connected, Err(Error::NoSmartcard)),
                "{:?}",
                connected.err()
            );

            say("simulator start");
            until("both cards are back", || {
                present(&context, 0) && present(&context, 1)
            });
            assert!(transmit(&connect(&context, 0), &SELECT).is_ok());
            assert!(transmit(&connect(&context, 1), &SELECT).is_ok());
            assert_eq!(say("daemon"), daemon, "the same pcscd runs on");
        },
    );
}

#[test]
fn a_simulator_that_hangs_holds_nobody_for_ever() {
    within(
        |folder| with_cards(folder, 2),
        |_| {
            let context = context();
            let card = connect(&context, 0);
            say("simulator stop");
            let heard = transmit(&card, &SELECT);
            assert!(
                matches!(heard, Err(Error::NotTransacted | Error::RemovedCard)),
                "{heard:?}"
            );
            until("the card is gone", || !present(&context, 0));
            say("simulator continue");
            until("the card is back", || present(&context, 0));
            assert!(transmit(&connect(&context, 0), &SELECT).is_ok());
        },
    );
}

#[test]
fn a_daemon_that_dies_is_started_again_with_the_same_cards() {
    within(
        |folder| with_cards(folder, 1),
        |_| {
            let before = context();
            let card = connect(&before, 0);
            say("daemon kill");
            assert!(transmit(&card, &SELECT).is_err());
            assert!(Context::establish(Scope::User).is_err());
            say("daemon start");
            let after = context();
            until("the card is there", || present(&after, 0));
            assert!(transmit(&connect(&after, 0), &SELECT).is_ok());
        },
    );
}

/// A process that ends with the test, whatever becomes of it.
struct Mortal(std::process::Child);

impl Mortal {
    fn start(command: &mut Command) -> Self {
        Self(
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_daemon_of_the_machines_own_shows_a_simulator_that_comes_and_goes() {
    within(
        |_| Vec::new(),
        |folder| {
            // Into the place of the private daemon comes one that was configured by hand.
            say("daemon kill");
            let (config, socket) = (folder.join("reader.conf.d"), folder.join("readers"));
            fs::create_dir(&config).unwrap();
            let mut print = Command::new(bench::negin_sim());
            print
                .args(["config", "--readers", "2", "--socket"])
                .arg(&socket);
            let text = print.output().unwrap();
            assert!(text.status.success());
            fs::write(config.join("negin"), text.stdout).unwrap();
            let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
            let mut daemon = Command::new("pcscd");
            daemon
                .env("PATH", path)
                .args(["--foreground", "--config"])
                .arg(&config);
            let _daemon = Mortal::start(&mut daemon);
            until("the daemon answers", || {
                Context::establish(Scope::User).is_ok()
            });
            let context = context();
            let readers = || {
                context
                    .list_readers_owned()
                    .map_or(0, |readers| readers.len())
            };
            until("both readers are there", || readers() == 2);
            assert!(!present(&context, 0) && !present(&context, 1));

            let cards = blanks(folder, 1);
            let control = folder.join("control");
            let mut serve = Command::new(bench::negin_sim());
            serve
                .args(["serve", "--readers", "2", "--socket"])
                .arg(&socket);
            serve
                .arg("--control")
                .arg(&control)
                .arg("--card")
                .arg(&cards[0]);
            for _ in 0..2 {
                let simulator = Mortal::start(&mut serve);
                until("the card is there", || present(&context, 0));
                assert!(transmit(&connect(&context, 0), &SELECT).is_ok());
                let mut list = Command::new(bench::negin_sim());
                list.args(["control", "list"])
                    .env("NEGIN_SIM_CONTROL", &control);
                let list = bench::finish(&mut list).well();
                assert_eq!(list.out.lines().count(), 2, "{}", list.out);
                drop(simulator);
                until("the card is gone", || !present(&context, 0));
            }
        },
    );
}
