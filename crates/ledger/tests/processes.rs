//! The ledger under other processes and the system: killed at any instant, written by two at once, read-only, disk full.
//!
//! A program of its own, because it starts itself again as the process that is killed or refused.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::*;
use negin_ledger::{Event, Ledger, Options, SqliteLedger, State};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "write", path, seat, first] => write_on(Path::new(path), seat, first.parse().unwrap()),
        [_, "fill", path] => fill(Path::new(path)),
        [_, "open", path] => open(Path::new(path)),
        _ => {
            let tests: [(&str, fn()); 4] = [
                ("killed at any instant", killed_at_any_instant),
                ("two processes write to one file", two_processes),
                ("a file that may only be read", read_only),
                ("a disk that is full", disk_full),
            ];
            for (name, test) in tests {
                test();
                println!("test {name} ... ok");
            }
        }
    }
}

/// Takes one record after the other through its personalisation and says after each call that returned what is durable.
fn write_on(path: &Path, name: &str, first: u32) {
    let options = Options::default().with_busy_timeout(Duration::from_secs(60));
    let mut ledger = SqliteLedger::open_with(path, seat(name), options).unwrap();
    let mut out = std::io::stdout();
    for n in first.. {
        for event in WAY {
            if event == Event::Written {
                ledger.start_work(&record(n), &card(n), at(0)).unwrap();
                ledger
                    .step_done(&record(n), "files", &[0xF1; 9_000], at(0))
                    .unwrap();
            }
            let entry = ledger.append(draft(event, n)).unwrap();
            writeln!(out, "{}", entry.number).unwrap();
        }
    }
}

/// Writes until it is refused; says why, and how many entries went in.
fn fill(path: &Path) {
    let mut ledger = SqliteLedger::create(path, seat("station-1")).unwrap();
    let mut entries = 0u64;
    let refused = (1..10_000).find_map(|n| {
        WAY.iter()
            .find_map(|&event| match ledger.append(draft(event, n)) {
                Ok(_) => {
                    entries += 1;
                    None
                }
                Err(error) => Some(error),
            })
    });
    let verification = ledger.verify(&trusted(&["station-1"]), &[]).unwrap();
    println!(
        "{} {entries} {} {}",
        refused.unwrap().key(),
        verification.entries,
        verification.is_sound()
    );
}

/// Tries to open the file for writing; says how that ended.
fn open(path: &Path) {
    match SqliteLedger::open(path, seat("station-1")) {
        Ok(_) => println!("opened"),
        Err(error) => println!("{}", error.key()),
    }
}

fn start(arguments: &[&str]) -> Child {
    let program = std::env::current_exe().unwrap();
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn killed_at_any_instant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    drop(SqliteLedger::create(&path, seat("station-1")).unwrap());
    let keys = trusted(&["station-1"]);
    let (mut hot, mut last) = (0, 0);
    for round in 0..40u32 {
        let mut child = start(&[
            "write",
            path.to_str().unwrap(),
            "station-1",
            &(1 + round * 1_000).to_string(),
        ]);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut durable = lines.next().unwrap().unwrap().parse::<u64>().unwrap();
        std::thread::sleep(Duration::from_micros(u64::from(round) * 613));
        child.kill().unwrap();
        child.wait().unwrap();
        durable = lines
            .map_while(Result::ok)
            .filter_map(|line| line.parse().ok())
            .max()
            .unwrap_or(0)
            .max(durable);
        hot += u32::from(path.with_extension("sqlite-journal").exists());

        let ledger = SqliteLedger::open(&path, seat("station-1")).unwrap();
        let verification = ledger.verify(&keys, &[]).unwrap();
        assert!(
            verification.is_sound(),
            "round {round}: {:?}",
            verification.faults
        );
        assert!(
            verification.entries >= durable,
            "round {round}: said {durable}, held {}",
            verification.entries
        );
        assert!(verification.entries > last);
        last = verification.entries;
        // Entry and journal never part: work is there exactly for records that wait to be written.
        for work in ledger.works().unwrap() {
            assert_eq!(
                ledger.record(&work.record).unwrap().unwrap().state,
                State::Queued
            );
        }
    }
    println!("  40 kills, {hot} of them in mid-write; {last} entries");
}

fn two_processes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    drop(SqliteLedger::create(&path, seat("station-1")).unwrap());
    let mut children = [
        ("station-1", "1"),
        ("counter-7", "5000"),
        ("station-1", "9000"),
    ]
    .map(|(name, first)| start(&["write", path.to_str().unwrap(), name, first]));
    for child in &mut children {
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        assert_eq!(lines.take(30).map_while(Result::ok).count(), 30);
    }
    for mut child in children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let ledger = SqliteLedger::open(&path, seat("station-1")).unwrap();
    let verification = ledger
        .verify(&trusted(&["station-1", "counter-7"]), &[])
        .unwrap();
    assert!(verification.is_sound(), "{:?}", verification.faults);
    assert!(verification.entries >= 90);
    assert_eq!(ledger.heads().unwrap().len(), 2);
}

fn read_only() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let path = folder.path().join("ledger.sqlite");
    advance(
        &mut SqliteLedger::create(&path, seat("station-1")).unwrap(),
        1,
        Event::Checked,
    )
    .unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
    // The superuser may write what is read-only: then another user is asked.
    let program = folder.path().join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = if std::fs::OpenOptions::new().write(true).open(&path).is_ok() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&program);
        command
    } else {
        Command::new(&program)
    };
    let output = command.arg("open").arg(&path).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "ledger.read-only",
        "{output:?}"
    );
    let reading = SqliteLedger::open_read_only(&path).unwrap();
    assert_eq!(reading.records(None).unwrap().len(), 1);
}

fn disk_full() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=256k tmpfs "$1" && "$2" fill "$1/ledger.sqlite""#;
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .output();
    let said = output
        .as_ref()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let words: Vec<&str> = said.split_whitespace().collect();
    let [key, entries, held, sound] = words[..] else {
        // A system that lends no mounts; the quota in the test of the file shows the same there.
        assert!(
            !output.is_ok_and(|output| output.status.success()),
            "{said}"
        );
        println!("  no mount of one's own permitted here: only the quota is tried");
        return;
    };
    assert_eq!((key, held, sound), ("ledger.disk-full", entries, "true"));
    println!("  full after {entries} entries in 256 KiB");
}
