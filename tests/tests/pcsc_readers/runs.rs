//! Commands run with a PC/SC of their own: several at once, as whoever one is, and ended in every way.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::Barrier;

use negin_tests::pcsc as bench;

use crate::support::{blanks, until};

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

#[test]
fn what_does_not_fit_is_said_at_once() {
    for (options, said) in [
        (&["--readers", "16", "--echo"][..], "17 readers"),
        (&["--contactless", "1"], "no reader 1"),
        (&["--readers", "2", "--pin-pad", "2"], "no reader 2"),
        (&["--readers", "1", "--card", "a", "--card", "b"], "2 cards"),
        (&["--ifd", "/nowhere/x.so"], "/nowhere/x.so"),
    ] {
        let ran = bench::finish(&mut bench::command(options, "true"));
        assert_eq!(ran.status, Some(125), "{options:?}");
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
