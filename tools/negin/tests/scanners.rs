//! `negin scanners` and `negin scanner capture` as a person meets them: what is listed, what is refused, how it is ended.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use negin_tests::sim::{self, Ran};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const NEGIN: &str = env!("CARGO_BIN_EXE_negin");

/// A line for a shell among simulated devices, run to its end in a folder.
fn among(bus: &str, devices: &[&str], line: &str, folder: &Path) -> Ran {
    sim::finish(&mut command(bus, devices, line, folder))
}

fn command(bus: &str, devices: &[&str], line: &str, folder: &Path) -> Command {
    let mut command = Command::new(sim::negin_sim());
    let devices = devices.iter().flat_map(|device| ["--device", device]);
    command
        .arg(bus)
        .args(devices)
        .args(["--", "sh", "-c", line])
        .env("NEGIN", NEGIN)
        .env("NEGIN_SIM", sim::negin_sim())
        .current_dir(folder);
    command
}

/// The scanners in what was printed, by their states.
fn states(ran: &Ran) -> Vec<(String, Value)> {
    let told: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let scanners = told["scanners"].as_array().unwrap();
    scanners
        .iter()
        .map(|each| (each["state"].as_str().unwrap().to_owned(), each.clone()))
        .collect()
}

#[test]
fn a_module_is_asked_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let line = "$NEGIN scanners --json --ask $NEGIN_SIM_DEVICES";
    let ran = among("serial", &["zfm,make=r503"], line, folder.path()).well();
    let (state, module) = states(&ran).pop().unwrap();
    assert_eq!(state, "ready");
    assert!(module["address"].as_str().unwrap().starts_with("serial:"));
    assert!(!module["name"].as_str().unwrap().is_empty());
    let line = "$NEGIN scanners --ask $NEGIN_SIM_DEVICES";
    let ran = among("serial", &["zfm"], line, folder.path()).well();
    assert!(
        ran.out.contains("ready") && ran.out.contains("ZFM"),
        "{ran:?}"
    );
}

#[test]
fn a_port_that_gives_no_module_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let ask = "$NEGIN scanners --json --ask $NEGIN_SIM_DEVICES?baud=57600";
    for (device, before, state) in [
        ("zfm,password=1234", "", "locked"),
        ("zfm", "$NEGIN_SIM control fault 0 silence; ", "no answer"),
        ("zfm", "$NEGIN_SIM control unplug 0; ", "not there"),
    ] {
        let ran = among(
            "serial",
            &[device],
            &format!("{before}{ask}"),
            folder.path(),
        );
        assert_eq!(ran.status, Some(1), "{ran:?}");
        let (told, scanner) = states(&ran).pop().unwrap();
        assert_eq!(told, state);
        assert!(scanner["detail"].is_string(), "{scanner}");
    }
}

#[test]
fn scanners_on_usb_and_one_asked_for_are_one_list() {
    let folder = tempfile::tempdir().unwrap();
    let line = "$NEGIN scanners --json --ask usb:05ba:000a@1-1";
    let devices = ["uru4000,serial=X", "uru4000,product=045e:00bd"];
    let ran = among("usb", &devices, line, folder.path()).well();
    let listed: Vec<_> = states(&ran)
        .iter()
        .map(|(_, each)| each["address"].as_str().unwrap().to_owned())
        .collect();
    let usb: Vec<_> = listed
        .iter()
        .filter(|each| each.starts_with("usb:"))
        .collect();
    assert_eq!(usb, ["usb:045e:00bd@1-2", "usb:05ba:000a@1-1"]);
}

#[test]
fn a_wrong_password_has_its_own_error() {
    let folder = tempfile::tempdir().unwrap();
    let line = "$NEGIN scanner capture --device $NEGIN_SIM_DEVICES --out out.png";
    let ran = among("serial", &["zfm,password=1234"], line, folder.path());
    assert_eq!(ran.status, Some(1));
    assert!(ran.err.contains("[device.locked]"), "{ran:?}");
    assert!(ran.err.contains("NEGIN_SCANNER_PASSWORD") && !ran.err.contains("udev"));
}

/// Nobody is asked for a finger that there is no place for.
#[test]
fn where_the_image_cannot_go_no_finger_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for out in [".", "no/such/folder/out.png", "/proc/out.png"] {
        let line = format!("$NEGIN scanner capture --device usb:05ba:000a --out {out}");
        let ran = among("usb", &["uru4000"], &line, folder.path());
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(ran.err.contains("[negin.file]"), "{ran:?}");
        assert!(!ran.err.contains("Lay the finger"), "{ran:?}");
    }
}

#[test]
fn an_image_replaces_what_was_there_and_is_its_owners() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    std::fs::write(&out, "old").unwrap();
    let line = "$NEGIN scanner capture --device usb:05ba:000a --out out.png";
    let _done = among("usb", &["uru4000,finger=7"], line, folder.path()).well();
    assert!(negin_fingerprint::Image::open(&out, 500).is_ok());
    let mode = std::fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A program among simulated devices that goes on until a signal ends it.
struct Running {
    child: Child,
    err: BufReader<std::process::ChildStderr>,
    folder: tempfile::TempDir,
}

impl Running {
    fn begin(bus: &str, device: &str, words: &str) -> Self {
        Self::begin_with("echo $$ > pid; exec $NEGIN", bus, device, words)
    }

    fn begin_with(script: &str, bus: &str, device: &str, words: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line = format!("{script} {words}");
        let mut child = command(bus, &[device], &line, folder.path())
            .env("RUST_LOG", "debug")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        Self { child, err, folder }
    }

    /// Waits until it says so.
    fn until(&mut self, word: &str) {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert!(self.err.read_line(&mut line).unwrap() > 0, "no {word}");
        }
    }

    /// The exit status after a signal, and what was said.
    fn end_with(mut self, signal: Signal) -> (Option<i32>, String) {
        let pid = std::fs::read_to_string(self.folder.path().join("pid")).unwrap();
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let mut said = String::new();
        self.err.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

#[test]
fn ctrl_c_and_sigterm_end_a_capture_alike() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let words = "scanner capture --device usb:05ba:000a --out out.png";
        let mut capture = Running::begin("usb", "uru4000", words);
        capture.until("Lay the finger");
        let (status, said) = capture.end_with(signal);
        assert_eq!(status, Some(code), "{said}");
        assert!(said.contains("[capture.cancelled]"), "{said}");
        // A module that says nothing is looked for at twelve speeds; nobody has to wait for that.
        let script = "$NEGIN_SIM control fault 0 silence; echo $$ > pid; exec $NEGIN";
        let words = "scanner capture --device $NEGIN_SIM_DEVICES --out out.png";
        let mut looking = Running::begin_with(script, "serial", "zfm", words);
        looking.until("looked for");
        let (status, said) = looking.end_with(signal);
        assert_eq!(status, Some(code), "{said}");
        assert!(said.contains("[capture.cancelled]"), "{said}");
    }
}

#[test]
fn ctrl_c_and_sigterm_end_a_watch_alike() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = tempfile::tempdir().unwrap();
        let line = "echo $$ > pid; exec $NEGIN scanners --watch --json";
        let mut child = command("usb", &["uru4000"], line, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        assert!(first.contains("scanner-added"), "{first}");
        let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    }
}
