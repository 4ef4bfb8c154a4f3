//! Programs as `negin-sim usb` runs them.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use negin_tests::usb::{command, finish, negin_sim, plugged, run};

use crate::guest::LONG;

#[test]
fn lsusb_prints_the_device() {
    let ran = run(&["loopback,serial=ABC-1"], "lsusb", &["-v"]).well();
    for word in [
        "ID 1209:0001",
        "iManufacturer           1 Negin",
        "iSerial                 3 ABC-1",
        "bEndpointAddress     0x83  EP 3 IN",
        "Device Status:     0x0000",
    ] {
        assert!(
            ran.out.contains(word),
            "lsusb says no {word:?}: {}{}",
            ran.out,
            ran.err
        );
    }
    // The hub is another.
    assert_eq!(
        ran.out.matches("Device Descriptor:").count(),
        2,
        "{}",
        ran.out
    );
}

#[test]
fn a_commands_status_is_passed_on() {
    for (script, status) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
        let ran = run(&["loopback"], "sh", &["-c", script]);
        assert_eq!(ran.status, Some(status), "{script}: {}", ran.err);
    }
    assert_eq!(
        run(&["loopback"], "no-such-program", &[""; 0]).status,
        Some(127)
    );
    assert_eq!(
        run(&["loopback"], "/etc/passwd", &[""; 0]).status,
        Some(126)
    );
    let options = ["--device", "loopback", "--fault", "/no/such/file"];
    let ran = finish(&mut command(&options, "true"));
    assert_eq!(ran.status, Some(125), "{}", ran.err);
    assert!(ran.err.contains("Next: "), "{}", ran.err);
}

#[test]
fn a_wrong_script_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    fs::write(&script, "at transfer 1 stall\nat transfer one stall\n").unwrap();
    let script = script.to_str().unwrap();
    let ran = finish(&mut command(
        &["--device", "loopback", "--fault", script],
        "true",
    ));
    assert_eq!(ran.status, Some(125));
    assert!(ran.err.contains("line 2"), "{}", ran.err);
    let ran = finish(&mut command(
        &["--device", "loopback", "--fault", &format!("1={script}")],
        "true",
    ));
    assert_eq!(ran.status, Some(125));
    assert!(ran.err.contains("no device 1"), "{}", ran.err);
}

/// Whether a process is there and no zombie.
fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

#[test]
fn what_a_command_leaves_behind_ends_with_it() {
    // In a session of its own, and nobody's child.
    let script = "setsid sh -c 'sleep 600 & echo $!; exec >&- 2>&-; sleep 600' & sleep 0.3";
    let ran = run(&["loopback"], "sh", &["-c", script]).well();
    assert!(!runs(ran.out.trim()), "{} still runs", ran.out);
}

#[test]
fn a_run_that_is_asked_to_end_ends_its_command() {
    for signal in ["-TERM", "-HUP"] {
        let mut started = command(&plugged(&["loopback"]), "sh");
        started.args([
            "-c",
            "trap 'echo asked; exit 3' TERM; echo $NEGIN_SIM_CONTROL; while :; do sleep 0.05; done",
        ]);
        let mut child = started
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(500));
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let begin = Instant::now();
        while child.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < LONG, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("asked"), "{said}");
        let control = said.lines().next().unwrap();
        assert!(!fs::exists(control).unwrap(), "{control} is left");
    }
}

#[test]
fn runs_beside_one_another_do_not_meet() {
    let children: Vec<_> = (0..4)
        .map(|number| {
            let device = format!("loopback,serial=N{number}");
            let mut started = Command::new(negin_sim());
            started.args(["usb", "--device", &device, "--", "lsusb", "-v"]);
            started
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for (number, child) in children.into_iter().enumerate() {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            said.contains(&format!("iSerial                 3 N{number}")),
            "{said}"
        );
        assert_eq!(said.matches("Device Descriptor:").count(), 2, "{said}");
    }
}
