//! A finger's image leaves the program by `--out` and by no other way: captures over USB and a serial line, with
//! everything logged that can be, whole and under every kind of fault; then all that was written is searched.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it finds nothing"
)]

mod search;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use negin_fingerprint::Image;
use negin_firmware_sim::finger::{Finger, Pressing, Sensor};
use negin_tests::sim;
use search::Search;

/// What a script of faults says.
const FAULTS: [&str; 8] = [
    "stall",
    "corrupt",
    "garbage",
    "short",
    "drop-block",
    "silence",
    "unplug",
    "finger lift",
];

/// A scanner, how large its images are, and at which transfers it is struck: before, at and after an image's.
struct Bench {
    bus: &'static str,
    device: &'static str,
    size: (u32, u32),
    transfers: [u32; 3],
}

const BENCHES: [Bench; 3] = [
    Bench {
        bus: "usb",
        device: "uru4000",
        size: (384, 290),
        transfers: [11, 12, 14],
    },
    Bench {
        bus: "usb",
        device: "uru4000,encrypt=off",
        size: (384, 290),
        transfers: [11, 12, 13],
    },
    Bench {
        bus: "serial",
        device: "zfm,baud=115200,packet=256",
        size: (256, 288),
        transfers: [9, 60, 153],
    },
];

/// What was written by a run: standard output and error, and whatever lies in its folder afterwards but for the image.
fn written(bench: &Bench, prints: &Path, script: &str, words: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let fault = folder.path().join("script");
    std::fs::write(&fault, script).unwrap();
    let line = format!(
        "exec {} scanner capture --device $NEGIN_SIM_DEVICES --out out.png --timeout 3 {}",
        env!("CARGO_BIN_EXE_negin"),
        words.join(" ")
    );
    let output = Command::new(sim::negin_sim())
        .arg(bench.bus)
        .args([
            "--device",
            &format!("{},images={}", bench.device, prints.display()),
        ])
        .args(["--fault", fault.to_str().unwrap(), "--", "sh", "-c", &line])
        .current_dir(folder.path())
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("LIBUSB_DEBUG", "4")
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    let mut all = output.stdout;
    all.extend(output.stderr);
    let logged = String::from_utf8_lossy(&all).into_owned();
    // A module on a line is asked without a word of it where nothing goes wrong.
    for word in ["DEBUG negin_scanner", "libusb: debug"] {
        assert!(bench.bus == "serial" || logged.contains(word), "{logged}");
    }
    drop(logged);
    for file in files(folder.path()) {
        let name = file.file_name().unwrap_or_default();
        if name != "out.png" && name != "script" {
            all.extend(std::fs::read(&file).unwrap());
        }
    }
    all
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => files(&path),
                false => vec![path],
            }
        })
        .collect()
}

/// A print of a sensor of this size, in a folder of its own.
fn print((width, height): (u32, u32), folder: &Path) -> Image {
    let sensor = Sensor::new(width, height, 500).unwrap();
    let image = Finger::from_seed(7)
        .impression(&Pressing::good(3).on(sensor))
        .image;
    image.save_png(folder.join("print.png")).unwrap();
    image
}

#[test]
fn nothing_of_a_finger_is_written_but_the_file_that_was_asked_for() {
    let prints: Vec<_> = BENCHES
        .iter()
        .map(|bench| {
            let folder = tempfile::tempdir().unwrap();
            let search = Search::of(&print(bench.size, folder.path()));
            (folder, search)
        })
        .collect();
    let mut cases: Vec<_> = BENCHES
        .iter()
        .zip(&prints)
        .flat_map(|(bench, prints)| {
            cases(bench)
                .into_iter()
                .map(move |(script, words)| (bench, prints, script, words))
        })
        .collect();
    let runs = cases.len();
    let queue = Mutex::new(&mut cases);
    let next = || queue.lock().unwrap().pop();
    let bytes = AtomicUsize::new(0);
    // They mostly wait for their scanners.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((bench, (folder, search), script, words)) = next() {
                    let all = written(bench, folder.path(), &script, words);
                    if let Some(found) = search.found(&all) {
                        panic!("{} {script:?} {words:?}: {found}", bench.device);
                    }
                    bytes.fetch_add(all.len(), Ordering::Relaxed);
                }
            });
        }
    });
    let bytes = bytes.into_inner();
    println!("{runs} captures, {bytes} bytes of output searched: no image");
}

/// Each fault at each place, one that never lets an image through, and some of them with a script's eyes on the result.
fn cases(bench: &Bench) -> Vec<(String, &'static [&'static str])> {
    let struck = FAULTS.iter().flat_map(|fault| {
        bench
            .transfers
            .map(|at| format!("at transfer {at} {fault}\n"))
    });
    let never = (1..400).map(|at| format!("at transfer {at} short\n"));
    [String::new(), never.collect()]
        .into_iter()
        .chain(struck)
        .flat_map(|script| {
            let told = script.is_empty() || script.contains("corrupt");
            let mut cases: Vec<(String, &'static [&'static str])> =
                vec![(script.clone(), &["-vv", "--frames", "3"])];
            if told {
                cases.push((script, &["-vvvv", "--json"]));
            }
            cases
        })
        .collect()
}

/// The search is no proof before it has found what it looks for.
#[test]
fn an_image_that_is_planted_is_found_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let image = print((384, 290), folder.path());
    let search = Search::of(&image);
    let noise = b"DEBUG negin_scanner::uru4000 an interrupt of an unknown kind 56aa 0101 {\"quality\": 71}\n";
    assert_eq!(search.found(noise), None);
    let forms = search::forms(image.pixels());
    for (name, bytes) in &forms {
        // 48 pixels out of the middle of the print, or their form in text, between other words.
        let middle = bytes.len() / 2;
        let part = &bytes[middle..middle + search::planted(name)];
        let mut all = noise.to_vec();
        all.extend(part);
        all.extend(noise);
        assert!(search.found(&all).is_some(), "{name} is not found");
    }
    println!("{} forms of an image are found", forms.len());
}
