//! The commands on prints that are made here: no data from outside is needed.

use std::path::Path;

use clap::Parser;
use negin_fingerprint::{Image, iso19794_2};
use negin_firmware_sim::finger::{Finger, Pressing};

use super::{Error, FingerCommand, run};

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: FingerCommand,
}

fn finger(line: &[&str]) -> Result<bool, Error> {
    let words = std::iter::once("finger").chain(line.iter().copied());
    run(Line::try_parse_from(words).unwrap().command, true)
}

/// Writes a print of the finger of a seed.
fn print(path: &Path, finger: u64, pressing: u64) {
    let finger = Finger::from_seed(finger);
    let impression = finger.impression(&Pressing::good(pressing));
    impression.image.save_png(path).unwrap();
}

#[test]
fn extract_writes_template_compact_form_and_picture() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    print(&folder.path().join("a.png"), 1, 1);
    let (png, iso, card, picture) = (at("a.png"), at("a.iso"), at("a.card"), at("picture.png"));
    assert!(finger(&["extract", &png, "--out", &iso, "--picture", &picture]).unwrap());
    let template = iso19794_2::decode_template(&std::fs::read(&iso).unwrap()).unwrap();
    assert!(template.minutiae.len() >= 12, "{}", template.minutiae.len());
    assert!(finger(&["extract", &png, "--out", &card, "--compact", "--max", "10"]).unwrap());
    assert_eq!(std::fs::read(&card).unwrap().len(), 30);
    assert_eq!(Image::open(&picture, 500).unwrap().width(), 300);
    assert!(finger(&["extract", &png, "--stages", &at("stages")]).unwrap());
    let stages = std::fs::read_dir(folder.path().join("stages")).unwrap();
    assert_eq!(stages.count(), 6);
}

#[test]
fn match_tells_one_finger_from_two() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    print(&folder.path().join("a.png"), 1, 1);
    print(&folder.path().join("b.png"), 1, 2);
    print(&folder.path().join("c.png"), 2, 1);
    let (a, b, c, iso, picture) = (
        at("a.png"),
        at("b.png"),
        at("c.png"),
        at("a.iso"),
        at("p.png"),
    );
    assert!(finger(&["match", &a, &b, "--picture", &picture]).unwrap());
    assert_eq!(Image::open(&picture, 500).unwrap().height(), 400);
    assert!(!finger(&["match", &a, &c]).unwrap());
    finger(&["extract", &a, "--out", &iso]).unwrap();
    assert!(finger(&["match", &iso, &b]).unwrap());
    let error = finger(&["match", &iso, &b, "--picture", &picture]).unwrap_err();
    assert_eq!(error.key(), "finger.no-image");
}

#[test]
fn bench_writes_every_score() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("made");
    std::fs::create_dir(&set).unwrap();
    for (finger, pressing, name) in [
        (1, 1, "1_1.png"),
        (1, 2, "1_2.png"),
        (2, 1, "2_1.png"),
        (2, 2, "2_2.png"),
    ] {
        print(&set.join(name), finger, pressing);
    }
    std::fs::write(set.join("3_1.png"), b"no image").unwrap();
    let scores = folder.path().join("scores.csv").display().to_string();
    let folder = set.display().to_string();
    assert!(finger(&["bench", &folder, "--scores", &scores]).unwrap());
    let lines = std::fs::read_to_string(&scores).unwrap();
    assert_eq!(lines.lines().count(), 10);
    assert_eq!(lines.lines().filter(|line| line.contains(",g,")).count(), 2);
    assert!(
        lines
            .lines()
            .any(|line| line.starts_with("made,1_1,1_2,g,"))
    );
    assert!(
        lines
            .lines()
            .filter(|line| line.contains("3_1"))
            .all(|line| line.ends_with(",i,0"))
    );
    assert!(finger(&["bench", &folder, "--on-card"]).unwrap());
}

#[test]
fn what_cannot_be_read_is_told_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let blank = vec![255u8; 300 * 300];
    Image::new(300, 300, 500, blank.clone())
        .unwrap()
        .save_png(at("blank.png"))
        .unwrap();
    std::fs::write(at("raw"), &blank[1..]).unwrap();
    let png = std::fs::read(at("blank.png")).unwrap();
    std::fs::write(at("cut.png"), &png[..png.len() / 2]).unwrap();
    let key = |line: &[&str]| finger(line).unwrap_err().key();
    assert_eq!(key(&["extract", &at("blank.png")]), "recognition.blank");
    assert_eq!(
        key(&["extract", &at("raw"), "--raw", "300x300"]),
        "fingerprint.image-size"
    );
    assert_eq!(
        key(&["extract", &at("cut.png")]),
        "fingerprint.image-format"
    );
    assert_eq!(key(&["extract", &at("none.png")]), "fingerprint.image-file");
    assert_eq!(key(&["bench", &at("none")]), "recognition.folder");
}
