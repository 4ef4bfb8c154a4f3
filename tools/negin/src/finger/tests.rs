//! The commands on prints that are made here: no data from outside is needed.

use std::path::Path;

use clap::Parser;
use negin_fingerprint::{Format, Image, iso19794_2};
use negin_firmware_sim::finger::{Finger, Pressing};
use negin_recognition::threshold;

use super::{Error, FingerCommand, run};
use crate::cli::Language;

#[derive(Debug, Parser)]
struct Line {
    #[command(subcommand)]
    command: FingerCommand,
}

fn finger(line: &[&str]) -> Result<bool, Error> {
    let words = std::iter::once("finger").chain(line.iter().copied());
    run(
        Line::try_parse_from(words).unwrap().command,
        true,
        Language::En,
    )
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
    assert!(
        finger(&[
            "extract", &png, "--out", &card, "--format", "compact", "--max", "10"
        ])
        .unwrap()
    );
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
    for name in threshold::BY_RATE.map(|it| it.name) {
        assert!(finger(&["match", &a, &b, "--threshold", name]).unwrap());
        assert!(!finger(&["match", &a, &c, "--threshold", name]).unwrap());
    }
    assert!(
        Line::try_parse_from(["finger", "match", "a", "b", "--threshold", "fmr-1e-9"]).is_err()
    );
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
fn every_format_is_written_shown_converted_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    print(&folder.path().join("a.png"), 1, 1);
    print(&folder.path().join("b.png"), 1, 2);
    for format in Format::ALL {
        let name = format.name();
        let file = at(name);
        let written = ["extract", &at("a.png"), "--out", &file, "--format", name];
        assert!(finger(&written).unwrap());
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(format.check(&bytes), Ok(()), "{name}");
        // Bare minutiae are told by nothing but a word.
        let told: &[&str] = if format.is_bare() {
            &["--as", name]
        } else {
            &[]
        };
        let line = |words: &[&str]| finger(&[words, told].concat());
        assert!(line(&["info", &file, "--strict"]).unwrap(), "{name}");
        assert!(line(&["match", &file, &at("b.png")]).unwrap(), "{name}");
        for other in Format::ALL {
            let to = at(&format!("{name}-to-{}", other.name()));
            assert!(line(&["convert", &file, &to, "--format", other.name()]).unwrap());
            let bytes = std::fs::read(&to).unwrap();
            assert_eq!(other.check(&bytes), Ok(()), "{name} to {}", other.name());
        }
        if format.is_bare() {
            let unknown = finger(&["info", &file]).unwrap_err();
            assert_eq!(unknown.key(), "fingerprint.record-format");
        }
    }
}

#[test]
fn what_is_not_as_the_standard_has_it_is_let_pass_unless_it_must_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    print(&folder.path().join("a.png"), 1, 1);
    finger(&["extract", &at("a.png"), "--out", &at("a.iso")]).unwrap();
    let mut bytes = std::fs::read(at("a.iso")).unwrap();
    bytes[11] ^= 1;
    std::fs::write(at("wrong.iso"), &bytes).unwrap();
    assert!(finger(&["info", &at("wrong.iso")]).unwrap());
    let error = finger(&["info", &at("wrong.iso"), "--strict"]).unwrap_err();
    assert_eq!(error.key(), "fingerprint.record-strict");
    let (from, to) = (at("wrong.iso"), at("right.iso"));
    assert!(finger(&["convert", &from, &to, "--format", "iso2005"]).unwrap());
    assert!(finger(&["info", &to, "--strict"]).unwrap());
}

#[test]
fn a_card_gets_the_order_and_the_number_it_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    print(&folder.path().join("a.png"), 1, 1);
    let (png, card) = (at("a.png"), at("a.card"));
    let line = [
        "extract",
        &png,
        "--format",
        "compact",
        "--order",
        "yx-descending",
    ];
    finger(&[&line[..], &["--max", "12", "--out", &card]].concat()).unwrap();
    let bytes = std::fs::read(&card).unwrap();
    let ys: Vec<u8> = bytes.chunks(3).map(|minutia| minutia[1]).collect();
    assert_eq!(ys.len(), 12);
    assert!(ys.is_sorted_by(|a, b| a >= b));
    let error = finger(&[&line[..], &["--min", "255", "--out", &card]].concat()).unwrap_err();
    assert_eq!(error.key(), "fingerprint.too-few-minutiae");
}

#[test]
fn bench_measures_templates_whatever_they_are_called_and_what_formats_cost() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("templates");
    std::fs::create_dir(&set).unwrap();
    let image = folder.path().join("image.png");
    for (finger_seed, pressing, name) in [
        (1, 1, "1_1.iso"),
        (1, 2, "1_2.fmr"),
        (2, 1, "2_1.anything"),
        (2, 2, "2_2.ansi"),
    ] {
        print(&image, finger_seed, pressing);
        let (from, to) = (image.display().to_string(), set.join(name));
        let to = to.display().to_string();
        let format = if name.ends_with("ansi") {
            "ansi2009"
        } else {
            "iso2005"
        };
        finger(&["extract", &from, "--out", &to, "--format", format]).unwrap();
    }
    std::fs::write(set.join("3_1.txt"), b"no template").unwrap();
    let scores = folder.path().join("scores.csv").display().to_string();
    let folder = set.display().to_string();
    assert!(finger(&["bench", &folder, "--scores", &scores]).unwrap());
    let lines = std::fs::read_to_string(&scores).unwrap();
    assert_eq!(lines.lines().count(), 6);
    assert_eq!(lines.lines().filter(|line| line.contains(",g,")).count(), 2);
    assert!(finger(&["bench", &folder, "--format", "iso2011,compact"]).unwrap());
    assert!(finger(&["bench", &folder, "--format", "ansi2004", "--on-card"]).unwrap());
}

#[test]
fn bench_says_what_the_quality_figure_and_enrolment_are_worth() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("made");
    std::fs::create_dir(&set).unwrap();
    let mut figures = "set,image,figure\n".to_owned();
    for (index, name) in ["1_1", "1_2", "1_3", "2_1", "2_2", "2_3"]
        .iter()
        .enumerate()
    {
        print(
            &set.join(format!("{name}.png")),
            index as u64 / 3,
            index as u64,
        );
        figures += &format!("made,{name},{index}\n");
    }
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("figures.csv"), &figures).unwrap();
    std::fs::write(at("short.csv"), "made,1_1,3\n").unwrap();
    std::fs::write(at("wrong.csv"), "made,1_1\n").unwrap();
    let made = set.display().to_string();
    assert!(
        finger(&[
            "bench",
            &made,
            "--quality",
            &at("figures.csv"),
            "--enrol",
            "2"
        ])
        .unwrap()
    );
    assert!(finger(&["bench", &made, "--enrol", "2", "--on-card"]).unwrap());
    let key = |file: &str| {
        let error = finger(&["bench", &made, "--quality", &at(file)]).unwrap_err();
        error.key()
    };
    assert_eq!(key("short.csv"), "finger.no-figure");
    assert_eq!(key("wrong.csv"), "finger.figures");
    assert_eq!(key("none.csv"), "finger.figures");
}

#[test]
fn quality_is_told_and_a_reference_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (a, b, c) = (at("a.png"), at("b.png"), at("c.png"));
    print(Path::new(&a), 1, 1);
    print(Path::new(&b), 1, 2);
    print(Path::new(&c), 2, 1);
    assert!(finger(&["quality", &a, &b]).unwrap());
    assert!(finger(&["quality", &a, "--quick"]).unwrap());
    let (iso, card) = (at("finger.iso"), at("finger.card"));
    assert!(finger(&["enrol", &a, &b, "--finger", "2", "--out", &iso]).unwrap());
    let template = iso19794_2::decode_template(&std::fs::read(&iso).unwrap()).unwrap();
    assert_eq!(template.finger.code(), 2);
    assert!(finger(&["match", &iso, &b]).unwrap());
    assert!(!finger(&["match", &iso, &c]).unwrap());
    let line = [
        "enrol", &a, &b, &c, "--format", "compact", "--max", "20", "--out", &card,
    ];
    assert!(finger(&line).unwrap());
    assert_eq!(std::fs::read(&card).unwrap().len(), 60);
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
