//! `negin demo` with the counter's scanner plugged in: on USB through libusb, on a serial port.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::path::Path;
use std::process::Command;

use negin_tests::sim;
use serde_json::Value;

/// What a demo of two cards with this option came to.
fn demo(option: &str, folder: &Path) -> Value {
    // Beside `negin` lies `negin-sim`.
    let _built = sim::negin_sim();
    let mut command = Command::new(env!("CARGO_BIN_EXE_negin"));
    command
        .args(["demo", option, "--cards", "2", "--out", "demo", "--json"])
        .current_dir(folder);
    let ran = sim::finish(&mut command).well();
    let last = ran.out.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{}\n{}", ran.out, ran.err))
}

fn all_is_as_without(demo: &Value) {
    assert_eq!(demo["cards"], 2);
    assert_eq!(demo["personalized"], 2);
    assert_eq!(demo["delivered"], 2);
    assert_eq!(demo["impostors_tried"], 4);
    assert_eq!(demo["impostors_refused"], demo["impostors_tried"]);
    assert_eq!(demo["impostor_prints"], 4);
}

#[test]
fn the_main_job_is_done_with_a_scanner_on_usb() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo("--usb", folder.path());
    assert_eq!(demo["scanner"], "usb");
    all_is_as_without(&demo);
}

#[test]
fn the_main_job_is_done_with_a_module_on_a_serial_port() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo("--serial", folder.path());
    assert_eq!(demo["scanner"], "serial");
    all_is_as_without(&demo);
}
