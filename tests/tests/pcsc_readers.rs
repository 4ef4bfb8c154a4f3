//! Simulated readers behind the system's own pcscd, as its clients see them.
#![allow(clippy::unwrap_used)]

use std::ffi::CString;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

use negin_firmware_sim::card::Card;
use negin_issuance::profile::Profile;
use negin_tests::card::BenchCard;
use negin_tests::pcsc::{self as bench, reader_name, say, within};
use pcsc::{
    Attribute, Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// SELECT without a name: the security domain answers.
const SELECT: [u8; 5] = [0x00, 0xA4, 0x04, 0x00, 0x00];

/// Puts blank cards into a folder.
fn blanks(folder: &Path, count: usize) -> Vec<PathBuf> {
    let profile = Profile::national_id().unwrap();
    (0..count)
        .map(|at| {
            let path = folder.join(format!("{at}.card"));
            fs::write(&path, BenchCard::blank_state(&profile, at as u8 + 1)).unwrap();
            path
        })
        .collect()
}

/// Options of `negin-sim pcsc`: blank cards in as many readers.
fn with_cards(folder: &Path, count: usize) -> Vec<String> {
    let cards = blanks(folder, count);
    cards
        .iter()
        .flat_map(|card| ["--card".to_owned(), card.display().to_string()])
        .collect()
}

fn context() -> Context {
    Context::establish(Scope::User).unwrap()
}

fn name(reader: usize) -> CString {
    CString::new(reader_name(reader)).unwrap()
}

fn connect(context: &Context, reader: usize) -> pcsc::Card {
    context
        .connect(&name(reader), ShareMode::Shared, Protocols::ANY)
        .unwrap()
}

fn transmit(card: &pcsc::Card, command: &[u8]) -> Result<Vec<u8>, Error> {
    let mut room = vec![0; 65_538];
    card.transmit(command, &mut room).map(<[u8]>::to_vec)
}

/// Waits until something comes about.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn state(context: &Context, reader: usize) -> ReaderState {
    let mut states = [ReaderState::new(name(reader), State::UNAWARE)];
    context
        .get_status_change(Duration::ZERO, &mut states)
        .unwrap();
    let [state] = states;
    state
}

fn present(context: &Context, reader: usize) -> bool {
    state(context, reader)
        .event_state()
        .contains(State::PRESENT)
}

/// Waits for what comes after `before`, as a client does.
fn next(context: &Context, before: &ReaderState) -> ReaderState {
    let mut states = [ReaderState::new(before.name(), before.event_state())];
    context
        .get_status_change(Duration::from_secs(60), &mut states)
        .unwrap();
    let [state] = states;
    state
}

#[test]
fn sixteen_readers_wait_for_none_of_the_others() {
    within(
        |folder| with_cards(folder, 16),
        |_| {
            for reader in 0..16 {
                say(&format!("hold {reader}"));
            }
            std::thread::scope(|scope| {
                let clients: Vec<_> = (0..16)
                    .map(|reader| {
                        scope.spawn(move || {
                            let context = context();
                            transmit(&connect(&context, reader), &SELECT)
                        })
                    })
                    .collect();
                // Each command is at its card, though none of the sixteen was answered yet.
                let waiting = || {
                    say("list")
                        .iter()
                        .filter(|row| row.contains(" waiting=1 "))
                        .count()
                };
                until("all sixteen are at their cards", || waiting() == 16);
                for reader in (0..16).rev() {
                    say(&format!("release {reader}"));
                }
                for client in clients {
                    let answer = client.join().unwrap().unwrap();
                    assert!(answer.ends_with(&[0x90, 0x00]), "{answer:02X?}");
                }
            });
        },
    );
}

#[test]
fn apdus_are_carried_to_their_full_length() {
    within(
        |_| vec!["--echo".to_owned()],
        |_| {
            let context = context();
            // The echoing card lies in the last reader, behind an empty one.
            let card = connect(&context, 1);
            for length in [1usize, 5, 255, 256, 4096, 32_000, 65_535] {
                let data: Vec<u8> = (0..length).map(|at| (at * 7 + length) as u8).collect();
                let [high, low] = (length as u16).to_be_bytes();
                let command = [&[0x80, 0xEC, 0, 0, 0, high, low], &data[..], &[0, 0]].concat();
                let answer = transmit(&card, &command).unwrap();
                assert!(
                    answer == [&data[..], &[0x90, 0x00]].concat(),
                    "{length} bytes"
                );
            }
            // Too little room is an error that the connection survives.
            let mut little = [0; 16];
            let command = [&[0x80, 0xEC, 0, 0, 100], &[7; 100][..], &[0]].concat();
            assert_eq!(
                card.transmit(&command, &mut little),
                Err(Error::InsufficientBuffer)
            );
            assert!(transmit(&card, &command).is_ok());
        },
    );
}

#[test]
fn the_reader_tells_what_it_is() {
    within(
        |folder| with_cards(folder, 1),
        |_| {
            let context = context();
            let card = connect(&context, 0);
            assert_eq!(
                card.get_attribute_owned(Attribute::VendorName).unwrap(),
                b"Negin\0"
            );
            let atr = card.get_attribute_owned(Attribute::AtrString).unwrap();
            assert_eq!(atr, state(&context, 0).atr());
            // PC/SC part 10: features, among them the properties, among those the most that a command carries.
            let mut room = [0; 64];
            let features = card.control(pcsc::ctl_code(3400), &[], &mut room).unwrap();
            assert_eq!(features[..2], [0x12, 4]);
            let code = u32::from_be_bytes(features[2..6].try_into().unwrap());
            let mut room = [0; 64];
            let properties = card.control(code.into(), &[], &mut room).unwrap();
            let most = [&[10, 4], &65_536u32.to_le_bytes()[..]].concat();
            assert!(
                properties.windows(6).any(|window| window == most),
                "{properties:02X?}"
            );
            assert!(card.control(pcsc::ctl_code(1), &[], &mut [0; 8]).is_err());
        },
    );
}

#[test]
fn a_contactless_reader_shows_another_answer_to_reset() {
    within(
        |folder| {
            [
                with_cards(folder, 2),
                vec!["--contactless".to_owned(), "1".to_owned()],
            ]
            .concat()
        },
        |_| {
            let context = context();
            let (contact, contactless) = (state(&context, 0), state(&context, 1));
            assert_ne!(contact.atr(), contactless.atr());
            // PC/SC part 3: 3B 8n 80 01 and the historical bytes.
            assert_eq!(contactless.atr()[2..4], [0x80, 0x01]);
            assert!(
                transmit(&connect(&context, 1), &SELECT)
                    .unwrap()
                    .ends_with(&[0x90, 0x00])
            );
        },
    );
}

#[test]
fn cards_come_and_go_before_a_clients_eyes() {
    within(
        |folder| with_cards(folder, 1),
        |folder| {
            let context = context();
            let card = connect(&context, 0);
            let there = state(&context, 0);
            say("remove 0");
            let gone = next(&context, &there);
            assert!(gone.event_state().contains(State::EMPTY) && gone.atr().is_empty());
            assert_eq!(transmit(&card, &SELECT), Err(Error::RemovedCard));
            say("insert 0");
            until("the card is there again", || present(&context, 0));
            assert_eq!(
                transmit(&card, &SELECT),
                Err(Error::RemovedCard),
                "another insertion"
            );
            drop(card);

            // One card for another, at once: no client is left with a card it never connected to.
            let card = connect(&context, 0);
            let before = state(&context, 0).event_count();
            let other = folder.join("other.card");
            fs::copy(folder.join("0.card"), &other).unwrap();
            say("remove 0");
            say(&format!("insert 0 {}", other.display()));
            until("both changes were seen", || {
                state(&context, 0).event_count() == before + 2
            });
            assert_eq!(transmit(&card, &SELECT), Err(Error::RemovedCard));
            assert!(transmit(&connect(&context, 0), &SELECT).is_ok());
        },
    );
}

#[test]
fn a_reset_is_seen_by_the_others() {
    within(
        |folder| with_cards(folder, 1),
        |_| {
            let context = context();
            let mut one = connect(&context, 0);
            let mut other = connect(&context, 0);
            let reconnect = |card: &mut pcsc::Card| {
                card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard)
                    .unwrap();
            };
            reconnect(&mut one);
            assert_eq!(transmit(&other, &SELECT), Err(Error::ResetCard));
            assert!(transmit(&one, &SELECT).is_ok());
            reconnect(&mut other);
            assert!(transmit(&other, &SELECT).is_ok());
            // A card whose power was cut for a moment answers nothing until it is powered on again.
            reconnect(&mut one);
            say("reset 0");
            assert_eq!(transmit(&one, &SELECT), Err(Error::NotTransacted));
            reconnect(&mut one);
            assert!(transmit(&one, &SELECT).is_ok());
        },
    );
}

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

#[test]
fn several_private_daemons_run_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let cards = blanks(folder.path(), 4);
    // Each waits until all four are there, and then looks.
    let script = "touch $0; while [ $(ls \"$1\"/*.up | wc -l) -lt 4 ]; do sleep 0.05; done; opensc-tool --list-readers";
    let barrier = Barrier::new(cards.len());
    std::thread::scope(|scope| {
        for card in &cards {
            let (barrier, folder) = (&barrier, folder.path());
            scope.spawn(move || {
                barrier.wait();
                let up = card.with_extension("up");
                let arguments = [
                    "-c".as_ref(),
                    script.as_ref(),
                    up.as_os_str(),
                    folder.as_os_str(),
                ];
                let ran = bench::run(&[card], "sh", &arguments).well();
                assert_eq!(ran.out.matches(bench::READER).count(), 1, "{}", ran.out);
            });
        }
    });
}

#[test]
fn an_ordinary_user_needs_nobodys_leave() {
    const NOBODY: u32 = 65_534;
    let folder = tempfile::tempdir().unwrap();
    let card = blanks(folder.path(), 1).remove(0);
    // Where this test is root's, it becomes nobody's: with programs and cards where nobody may read them.
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let built = bench::negin_sim();
    let mut command = if root {
        for name in ["negin-sim", "libnegin_ifd.so"] {
            fs::copy(built.with_file_name(name), folder.path().join(name)).unwrap();
        }
        for path in [folder.path(), &card] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        command.arg(folder.path().join("negin-sim"));
        command
    } else {
        Command::new(built)
    };
    command.arg("pcsc").arg("--card").arg(&card).args([
        "--",
        "sh",
        "-c",
        "id -u; opensc-tool --list-readers",
    ]);
    let ran = bench::finish(command.current_dir(folder.path())).well();
    assert!(
        ran.out.contains("Yes") && ran.out.contains(bench::READER),
        "{}",
        ran.out
    );
    if root {
        assert!(
            ran.out.starts_with("65534\n"),
            "the command is who it was: {}",
            ran.out
        );
    }
}

#[test]
fn the_commands_status_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let cards = blanks(folder.path(), 1);
    assert_eq!(bench::run(&cards, "sh", &["-c", "exit 7"]).status, Some(7));
    assert_eq!(
        bench::run(&cards, "sh", &["-c", "kill -9 $$"]).status,
        Some(137)
    );
    let missing = bench::run(&cards, "no-such-program-anywhere", &[""; 0]);
    assert!(matches!(missing.status, Some(126 | 127)), "{missing:?}");
    assert!(
        missing.err.contains("no-such-program-anywhere"),
        "{missing:?}"
    );
}

#[test]
fn what_cannot_begin_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let cards = blanks(folder.path(), 1);
    let none = folder.path().join("none.card");
    let bad = folder.path().join("bad.card");
    fs::write(&bad, "not a card").unwrap();
    let twice = [cards[0].clone(), cards[0].clone()];
    for (cards, said) in [
        (&[none][..], "none.card"),
        (&[bad][..], "bad.card"),
        (&twice[..], "0.card"),
    ] {
        let ran = bench::run(cards, "true", &[""; 0]);
        assert_eq!(ran.status, Some(125), "{ran:?}");
        assert!(
            ran.err.contains(said) && ran.err.contains("\nNext: "),
            "{}",
            ran.err
        );
    }
}

/// A run whose command has begun and goes on until it is ended; its folder for what is temporary.
fn begun() -> (
    std::process::Child,
    BufReader<std::process::ChildStdout>,
    tempfile::TempDir,
) {
    let folder = tempfile::tempdir().unwrap();
    let cards = blanks(folder.path(), 1);
    let temporary = tempfile::tempdir().unwrap();
    let options = ["--card".as_ref(), cards[0].as_os_str()];
    let mut child = bench::command(&options, "sh")
        .args([
            "-c",
            "trap 'echo asked; exit 9' TERM; echo begun; while :; do sleep 0.05; done",
        ])
        .env("TMPDIR", temporary.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    (child, out, temporary)
}

fn signal(child: &std::process::Child, signal: &str) {
    let done = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(done.success());
}

#[test]
fn who_is_told_to_end_ends_the_command_and_leaves_nothing() {
    let (mut child, mut out, temporary) = begun();
    signal(&child, "-TERM");
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "asked\n");
    assert_eq!(child.wait().unwrap().code(), Some(9));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn who_is_killed_takes_everything_along() {
    let (mut child, mut out, temporary) = begun();
    signal(&child, "-KILL");
    child.wait().unwrap();
    // The command holds the other end: this ends only where it did.
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    until("nothing is left", || {
        fs::read_dir(temporary.path()).unwrap().count() == 0
    });
}
