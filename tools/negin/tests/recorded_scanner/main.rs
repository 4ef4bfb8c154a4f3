//! Traffic recorded from a real U.are.U 4500, replayed to the program: the image is the expected one, pixel for pixel.
//!
//! The recording lies outside: in `NEGIN_SHARED`, or in a folder `shared` beside the repository; umockdev-run replays
//! it. Where either is missing the test says so. Beside it some that are made here, of every scanner of the family.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

mod made;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use negin_fingerprint::Image;
use serde_json::Value;

use made::{Scanner, Wakes};

const NEGIN: &str = env!("CARGO_BIN_EXE_negin");

/// The socket of the recording's scanner.
const SOCKET: &str = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-10";

/// The seed that the recording was made with.
const SEED: &str = "51EA2124";

/// The recording, where it is.
fn recording() -> Option<PathBuf> {
    let given = std::env::var_os("NEGIN_SHARED").map(PathBuf::from);
    let shared = given.or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|folder| folder.join("shared"))
            .find(|folder| folder.is_dir())
    });
    let folder = shared?.join("data/uru4000-4500");
    folder.is_dir().then_some(folder)
}

/// The program with these words under the replay; none where something is missing.
fn replayed(words: &[&str]) -> Option<Output> {
    let Some(recording) = recording() else {
        println!("no recording of a scanner here: nothing was replayed");
        return None;
    };
    let traffic = recording.join("capture.pcapng");
    replay(&recording.join("device"), SOCKET, &traffic, words)
}

/// The program with these words under the replay of `traffic`; none where umockdev is missing.
fn replay(about: &Path, socket: &str, traffic: &Path, words: &[&str]) -> Option<Output> {
    if Command::new("umockdev-run")
        .arg("--version")
        .output()
        .is_err()
    {
        println!("umockdev-run is not installed: nothing was replayed");
        return None;
    }
    let output = umockdev(about, socket, traffic)
        .arg(NEGIN)
        .args(words)
        .output()
        .expect("umockdev-run runs");
    Some(output)
}

/// What replays `traffic` to a program, whose words are to be added.
fn umockdev(about: &Path, socket: &str, traffic: &Path) -> Command {
    let mut command = Command::new("umockdev-run");
    command
        .arg("-d")
        .arg(about)
        .arg("-p")
        .arg(format!("{socket}={}", traffic.display()))
        .arg("--");
    command
}

#[test]
fn a_recorded_capture_is_taken_again_pixel_for_pixel() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.png");
    let name = out.to_str().expect("a name");
    // With and without the socket, the seed in either case.
    for (device, seed) in [
        ("usb:05ba:000a", SEED.to_owned()),
        ("usb:05ba:000a@1-10", SEED.to_lowercase()),
    ] {
        let words = [
            "scanner", "capture", "--device", device, "--seed", &seed, "--out", name, "--json",
        ];
        let Some(ran) = replayed(&words) else {
            return;
        };
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{said}");
        let told: Value = serde_json::from_slice(&ran.stdout).expect("an object");
        assert_eq!(told["width"], 384);
        assert_eq!(told["serial"], "{FB0B9071-2E08-7742-BC16-2FAA247CEF66}");
        let expected = recording().expect("it is there").join("capture.png");
        let expected = Image::open(expected, 500).expect("an image");
        let image = Image::open(&out, 500).expect("an image");
        assert_eq!((image.width(), image.height()), (384, 290));
        let pairs = image.pixels().iter().zip(expected.pixels());
        let different = pairs.filter(|(one, other)| one != other).count();
        assert_eq!(different, 0, "of {} pixels", expected.pixels().len());
    }
}

/// Each product, in one of the ways there are to wake and to send an image.
#[test]
fn every_product_of_the_family_is_replayed() {
    assert_eq!(u32::from_str_radix(SEED, 16), Ok(made::SEED));
    let scanner = |vendor, product, wakes| Scanner {
        vendor,
        product,
        wakes,
        open: false,
        turned: (vendor, product) == (0x05BA, 0x000A),
        breaks_off: false,
        loses: false,
    };
    let scanners = [
        scanner(0x045E, 0x00BB, Wakes::FromTrouble),
        Scanner {
            open: true,
            ..scanner(0x045E, 0x00BC, Wakes::AtOnce)
        },
        scanner(0x045E, 0x00BD, Wakes::AtSecondTime),
        scanner(0x045E, 0x00CA, Wakes::AfterChallenge),
        scanner(0x05BA, 0x0007, Wakes::Again),
        Scanner {
            breaks_off: true,
            ..scanner(0x05BA, 0x0008, Wakes::AtOnce)
        },
        scanner(0x05BA, 0x000A, Wakes::AtOnce),
        // Another image is asked for in vain: the recording has none.
        Scanner {
            loses: true,
            ..scanner(0x05BA, 0x000A, Wakes::AtOnce)
        },
    ];
    for scanner in scanners {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| folder.path().join(name);
        let (about, traffic, out) = (file("device"), file("capture.pcapng"), file("out.png"));
        let expected = made::write(&scanner, &about, &traffic);
        let device = format!("usb:{:04x}:{:04x}", scanner.vendor, scanner.product);
        let words = [
            "scanner",
            "capture",
            "--device",
            &device,
            "--seed",
            SEED,
            "--out",
            out.to_str().expect("a name"),
        ];
        let Some(ran) = replay(&about, made::SOCKET, &traffic, &words) else {
            return;
        };
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{device}: {said}");
        let image = Image::open(&out, 500).expect("an image");
        let pairs = image.pixels().iter().zip(&expected);
        let different = pairs.filter(|(one, other)| one != other).count();
        assert_eq!((expected.len(), different), (384 * 290, 0), "{device}");
        let theirs = libfprint(&about, &traffic, &file("theirs"));
        assert!(
            theirs == expected,
            "{device}: libfprint takes another image"
        );
    }
}

/// The image that libfprint takes out of the same traffic, with the seeds that it takes for replays.
fn libfprint(about: &Path, traffic: &Path, out: &Path) -> Vec<u8> {
    let program = "../../tests/tests/stock_scanner/fprint.py";
    let output = umockdev(about, made::SOCKET, traffic)
        .env("FP_DEVICE_EMULATION", "1")
        .args(["timeout", "60", "/usr/bin/python3", program, "capture"])
        .arg(out)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("umockdev-run runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "libfprint: {said}");
    std::fs::read(out).expect("its image")
}

#[test]
fn the_recorded_scanner_is_listed() {
    let Some(ran) = replayed(&["scanners", "--json"]) else {
        return;
    };
    let told: Value = serde_json::from_slice(&ran.stdout).expect("an object");
    assert_eq!(told["scanners"][0]["address"], "usb:05ba:000a@1-10");
    assert_eq!(told["scanners"][0]["state"], "ready");
}

/// Another seed asks the scanner for another key than the recording has: the replay stops there, and the program says
/// so instead of writing an image.
#[test]
fn with_another_seed_the_recording_does_not_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.png");
    let name = out.to_str().expect("a name");
    let words = [
        "scanner",
        "capture",
        "--device",
        "usb:05ba:000a",
        "--seed",
        "1",
        "--out",
        name,
        "--json",
    ];
    let Some(ran) = replayed(&words) else {
        return;
    };
    assert!(!ran.status.success());
    assert!(!out.exists());
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("capture.no-answer"), "{said}");
}
