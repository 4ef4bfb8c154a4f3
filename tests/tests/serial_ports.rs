//! `negin-sim serial`: programs find simulated modules on ports, which come and go; everything ends with the command.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it finds nothing"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use negin_device::{Address, Backend};
use negin_fingerprint::capture::{Capture, CaptureError, CaptureRequest};
use negin_firmware_sim::bus::control::ask;
use negin_scanner::zfm::SerialBackend;
use negin_tests::pcsc::negin_sim;

fn serial(arguments: &[&str]) -> Command {
    let mut command = Command::new(negin_sim());
    command.arg("serial").args(arguments).stdin(Stdio::null());
    command
}

#[test]
fn a_command_is_told_its_ports_and_its_status_is_passed_on() {
    let script = "echo \"$NEGIN_SIM_DEVICES\"
        ls -lL $(echo \"$NEGIN_SIM_DEVICES\" | sed s/serial://) >&2
        exit 7";
    let output = serial(&[
        "--device",
        "zfm",
        "--device",
        "zfm,make=r503",
        "--",
        "sh",
        "-c",
        script,
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(7));
    let said = String::from_utf8(output.stdout).unwrap();
    let ports: Vec<&str> = said.lines().collect();
    assert_eq!(ports.len(), 2, "{said}");
    for port in ports {
        let address: Address = port.parse().unwrap();
        assert_eq!(address.scheme(), "serial");
        assert!(Path::new(address.locator()).symlink_metadata().is_err());
    }
    let listed = String::from_utf8_lossy(&output.stderr);
    let terminals = listed.lines().filter(|line| line.starts_with('c'));
    assert_eq!(terminals.count(), 2, "{listed}");
}

#[test]
fn what_is_wrong_is_said_before_anything_begins() {
    for (arguments, word) in [
        (&["--device", "zfm,baud=9601", "--", "true"][..], "9600"),
        (&["--device", "horn", "--", "true"], "there are: zfm"),
        (
            &["--device", "zfm,images=/nonexistent", "--", "true"],
            "/nonexistent",
        ),
        (
            &["--device", "zfm", "--fault", "/nonexistent", "--", "true"],
            "/nonexistent",
        ),
        (
            &["--device", "zfm", "--fault", "3=/dev/null", "--", "true"],
            "no device 3",
        ),
    ] {
        let output = serial(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

#[test]
fn a_module_is_used_pulled_out_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let control = folder.path().join("control");
    let faults = folder.path().join("faults");
    std::fs::write(
        &faults,
        "seed 1\nat transfer 40 corrupt\nat transfer 90 drop-block\n",
    )
    .unwrap();
    let mut running = serial(&["--device", "zfm,finger=1,packet=256", "--control"])
        .arg(&control)
        .arg("--fault")
        .arg(&faults)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
    let port = said
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let value = line.strip_prefix("export NEGIN_SIM_DEVICES='serial:")?;
            Some(value.trim_end_matches('\'').to_owned())
        })
        .expect("it says where the port is");
    let until = |what: &str, so: &dyn Fn() -> bool| {
        let begin = Instant::now();
        while !so() {
            assert!(begin.elapsed() < Duration::from_secs(60), "not so: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    until("it answers", &|| ask(&control, "list").is_ok());
    let request = CaptureRequest::default();
    let mut scanner = SerialBackend::default().open(&port).unwrap();
    let image = scanner.capture(&request, &mut |_| {}).unwrap();
    assert_eq!(image.width(), 256);
    let listed = ask(&control, "list").unwrap();
    assert!(
        listed[0].starts_with("0 zfm serial:") && listed[0].contains(" plugged "),
        "{listed:?}"
    );

    ask(&control, "unplug 0").unwrap();
    until("it is gone", &|| {
        Path::new(&port).symlink_metadata().is_err()
    });
    let gone = scanner.capture(&request, &mut |_| {}).unwrap_err();
    assert_eq!(gone, CaptureError::Disconnected);
    drop(scanner);
    ask(&control, "plug 0").unwrap();
    until("it is back", &|| {
        Path::new(&port).symlink_metadata().is_ok()
    });
    let mut scanner = SerialBackend::default().open(&port).unwrap();
    scanner.capture(&request, &mut |_| {}).unwrap();
    assert!(ask(&control, "fault 0 at noon stall").is_err());
    assert!(ask(&control, "finger 1 lift").is_err());

    // As Ctrl-C does.
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert!(running.wait().unwrap().success());
    assert!(Path::new(&port).symlink_metadata().is_err());
    assert!(!control.exists());
}
