//! Quality control of orders: each fault by itself, in records, portraits, fingers and across an
//! order.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::picture::{encode, finger, finger_png, grey, portrait};
use common::{at, record, remove};
use image::ImageFormat;
use negin_issuance::check::{self, RecordReport, Report};
use negin_issuance::order::{FILE, Order};
use negin_issuance::profile::Profile;
use negin_issuance::record::calendar::{Calendar, Date};
use negin_issuance::record::national_number::NationalNumber;
use serde_json::{Value, json};
use tempfile::TempDir;

/// An order folder in the making.
struct Folder {
    folder: TempDir,
    names: Vec<String>,
}

impl Folder {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            names: Vec::new(),
        }
    }

    /// Adds a sound citizen, whose files `change` may then spoil.
    fn citizen(&mut self, change: impl FnOnce(&mut Value, &Path)) -> &mut Self {
        let index = self.names.len() as u64 + 1;
        let name = format!("citizen-{index}");
        let folder = self.folder.path().join(&name);
        fs::create_dir_all(folder.join("fingers")).unwrap();
        fs::write(folder.join("photo.jpg"), portrait(240, 320, index as u8)).unwrap();
        for (file, seed, shift) in [
            ("2-1", 2 * index, (0, 0)),
            ("2-2", 2 * index, (9, -6)),
            ("7-1", 2 * index + 1, (0, 0)),
        ] {
            let path = folder.join(format!("fingers/{file}.png"));
            fs::write(path, &*finger_png(seed, shift)).unwrap();
        }
        let mut document = record();
        let number = NationalNumber::from_body(49_937_000 + index as u32).unwrap();
        *at(&mut document, "/national_number") = json!(number.as_str());
        change(&mut document, &folder);
        fs::write(folder.join("record.json"), document.to_string()).unwrap();
        self.names.push(format!("{name}/record.json"));
        self
    }

    fn check(&self) -> Report {
        let document =
            json!({"version": 1, "order": "o-1", "centre": "c-1", "records": self.names});
        fs::write(self.folder.path().join(FILE), document.to_string()).unwrap();
        let order = Order::read(self.folder.path());
        let mut done = Vec::new();
        let report = check::check(&order, &Profile::national_id().unwrap(), today(), |n| {
            done.push(n);
        });
        assert_eq!(done, (1..=self.names.len()).collect::<Vec<_>>());
        report
    }
}

fn today() -> Date {
    Date::new(Calendar::Gregorian, 2024, 3, 20).unwrap()
}

fn keys(report: &RecordReport) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|finding| {
            let place = finding.path.clone().unwrap_or_else(|| finding.file.clone());
            format!("{place} {}", finding.key())
        })
        .collect()
}

/// What a single citizen's report says after a change.
fn one(change: impl FnOnce(&mut Value, &Path)) -> RecordReport {
    let mut folder = Folder::new();
    folder.citizen(change);
    folder.check().records.remove(0)
}

fn with(pointer: &str, value: Value) -> RecordReport {
    one(|document, _| *at(document, pointer) = value)
}

#[test]
fn a_sound_order_is_accepted_with_what_was_seen() {
    let mut folder = Folder::new();
    folder.citizen(|_, _| ()).citizen(|_, _| ());
    let report = folder.check();
    assert!(report.accepted, "{report:#?}");
    assert_eq!(
        (report.order.as_str(), report.centre.as_str()),
        ("o-1", "c-1")
    );
    let first = &report.records[0];
    assert_eq!(keys(first), Vec::<String>::new());
    let photo = first.photo.unwrap();
    assert_eq!((photo.width, photo.height), (240, 320));
    let images: Vec<&str> = first.fingers.iter().map(|f| f.image.as_str()).collect();
    assert_eq!(
        images,
        [
            "citizen-1/fingers/2-1.png",
            "citizen-1/fingers/2-2.png",
            "citizen-1/fingers/7-1.png"
        ]
    );
    assert!(first.fingers.iter().all(|finger| finger.minutiae >= 12));
    let value = serde_json::to_value(&report).unwrap();
    assert_eq!(value["checked_on"], "2024-03-20");
    assert_eq!(value["records"][0]["accepted"], true);
    assert_eq!(value["records"][0]["enrol"], json!([2, 7]));
    assert_eq!(value["records"][0]["fingers"][0]["dpi"], 500);
    assert_eq!(value["records"][0].get("pictures"), None);
}

#[test]
fn dates_must_be_true_together() {
    for (pointer, date, key) in [
        (
            "/birth/date",
            "2024-03-21",
            "$.birth.date check.birth-in-future",
        ),
        (
            "/birth/date",
            "1890-01-01",
            "$.birth.date check.age-implausible",
        ),
        (
            "/birth/date",
            "persian:1388-01-02",
            "$.birth.date check.age-below-minimum",
        ),
        (
            "/issue_date",
            "1980-01-01",
            "$.issue_date check.issue-before-birth",
        ),
        (
            "/issue_date",
            "2024-05-01",
            "$.issue_date check.issue-in-future",
        ),
        (
            "/expiry_date",
            "2024-03-20",
            "$.expiry_date check.expiry-before-issue",
        ),
        (
            "/expiry_date",
            "2031-03-22",
            "$.expiry_date check.validity-too-long",
        ),
    ] {
        let report = with(pointer, json!(date));
        assert!(!report.accepted, "{date}");
        assert!(
            keys(&report).contains(&key.to_owned()),
            "{date}: {:?}",
            keys(&report)
        );
    }
    let report = one(|document, _| {
        *at(document, "/issue_date") = json!("2016-01-01");
        remove(document, "", "expiry_date");
    });
    assert_eq!(keys(&report), ["$.expiry_date check.expired"]);
    // Fifteen years old on this very day; ahead by the profile's 31 days.
    for (pointer, date) in [
        ("/birth/date", "persian:1388-01-01"),
        ("/issue_date", "2024-04-20"),
    ] {
        let report = with(pointer, json!(date));
        assert_eq!(keys(&report), Vec::<String>::new(), "{date}");
    }
}

#[test]
fn a_missing_latin_name_is_a_warning() {
    let report = one(|document, _| remove(document, "/name", "latin"));
    assert!(report.accepted);
    assert_eq!(keys(&report), ["$.name check.latin-name-missing"]);
    assert_eq!(
        report.findings[0].params()[0],
        ("name", "XKKAXZZMXYA, ELXYARXDZA".to_owned())
    );
}

/// The keys after the photo was replaced.
fn photo(bytes: impl AsRef<[u8]>) -> Vec<String> {
    keys(&one(|_, folder| {
        fs::write(folder.join("photo.jpg"), bytes).unwrap();
    }))
}

#[test]
fn each_fault_of_a_portrait_has_its_key() {
    let told = |key: &str| vec![format!("citizen-1/photo.jpg {key}")];
    let whole = portrait(240, 320, 0);
    assert_eq!(
        photo(&whole[..whole.len() / 2]),
        told("check.photo-damaged")
    );
    assert_eq!(photo(b"no picture"), told("check.photo-format"));
    let png = encode(&image::load_from_memory(&whole).unwrap(), ImageFormat::Png);
    assert_eq!(photo(png), told("check.photo-format"));
    assert_eq!(photo(portrait(120, 160, 0)), told("check.photo-too-small"));
    assert_eq!(photo(portrait(320, 320, 0)), told("check.photo-aspect"));
    assert_eq!(photo(grey(240, 320)), told("check.photo-blank"));
    let mut padded = whole.clone();
    padded.resize(24_001, 0);
    assert_eq!(photo(padded), told("check.photo-too-large"));
    let absent = one(|document, _| *at(document, "/photo") = json!("other.jpg"));
    assert_eq!(keys(&absent), ["citizen-1/other.jpg file.unreadable"]);
    assert!(!absent.accepted);
}

/// The keys after the right index finger's only image was replaced.
fn print(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let report = one(|document, folder| {
        *at(document, "/fingers/0/images") = json!(["fingers/2-1.png"]);
        fs::write(folder.join("fingers/2-1.png"), bytes).unwrap();
    });
    assert_eq!(report.accepted, report.findings.is_empty());
    keys(&report)
}

fn png(picture: image::GrayImage) -> Vec<u8> {
    encode(&picture.into(), ImageFormat::Png)
}

#[test]
fn each_fault_of_a_print_has_its_key() {
    let told = |key: &str| vec![format!("citizen-1/fingers/2-1.png {key}")];
    let whole = finger_png(77, (0, 0));
    assert_eq!(print(&*whole), Vec::<String>::new());
    for kept in [0, 8, whole.len() / 2, whole.len() - 4] {
        assert_eq!(
            print(&whole[..kept]),
            told("check.finger-truncated"),
            "{kept}"
        );
    }
    let mut damaged = whole.to_vec();
    damaged[40] ^= 0xFF;
    assert_eq!(print(damaged), told("check.finger-damaged"));
    assert_eq!(print(b"no picture"), told("check.finger-damaged"));
    let even = image::GrayImage::from_pixel(300, 300, image::Luma([200]));
    assert_eq!(print(png(even)), told("check.finger-blank"));
    // An empty scanner is not perfectly even.
    let noise = image::GrayImage::from_fn(300, 300, |x, y| {
        image::Luma([200 + ((x * 7919 + y * 104_729) % 11) as u8])
    });
    assert_eq!(print(png(noise)), told("check.finger-blank"));
    for (width, height) in [(90, 300), (300, 1300)] {
        let picture = image::GrayImage::from_fn(width, height, |x, _| {
            image::Luma([if x % 9 < 4 { 0 } else { 255 }])
        });
        assert_eq!(print(png(picture)), told("check.finger-size"));
    }
    // Straight ridges have no minutiae.
    let straight = image::GrayImage::from_fn(300, 300, |x, _| {
        let phase = f64::from(x) * std::f64::consts::TAU / 9.0;
        image::Luma([(128.0 + 110.0 * phase.cos()) as u8])
    });
    assert_eq!(print(png(straight)), told("check.finger-minutiae"));
}

#[test]
fn every_format_the_scanners_give_is_read() {
    let image = finger(77, (0.0, 0.0));
    let grey = image::GrayImage::from_raw(300, 300, image.pixels().to_vec()).unwrap();
    for format in [ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Pnm] {
        assert_eq!(
            print(encode(&grey.clone().into(), format)),
            Vec::<String>::new()
        );
    }
}

#[test]
fn fingers_must_be_enough_or_said_to_be_missing() {
    let report = one(|document, _| {
        at(document, "/fingers").as_array_mut().unwrap().truncate(1);
    });
    assert_eq!(keys(&report), ["$.fingers check.fingers-too-few"]);
    let missing = |codes: &[u8]| -> Value {
        codes
            .iter()
            .map(|code| json!({"position": code, "reason": "amputated"}))
            .collect()
    };
    let report = one(|document, _| {
        at(document, "/fingers").as_array_mut().unwrap().truncate(1);
        *at(document, "/missing_fingers") = missing(&[1, 3, 4, 5, 6, 7, 8, 9, 10]);
    });
    assert_eq!(keys(&report), Vec::<String>::new());
    assert_eq!(report.enrol.len(), 1);
    let report = one(|document, _| {
        *at(document, "/fingers") = json!([]);
        *at(document, "/missing_fingers") = missing(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });
    assert!(report.accepted);
    assert_eq!(keys(&report), ["$.fingers check.fingers-none"]);
}

#[test]
fn impressions_of_another_finger_are_seen() {
    let report = one(|_, folder| {
        let path = folder.join("fingers/2-2.png");
        fs::write(path, &*finger_png(500, (0, 0))).unwrap();
    });
    assert!(report.accepted);
    assert_eq!(
        keys(&report),
        ["citizen-1/fingers/2-2.png check.impressions-differ"]
    );
    let report = one(|_, folder| {
        let path = folder.join("fingers/7-1.png");
        fs::write(path, &*finger_png(2, (-7, 5))).unwrap();
    });
    assert_eq!(
        keys(&report),
        ["citizen-1/fingers/7-1.png check.fingers-same"]
    );
}

#[test]
fn what_stands_in_the_order_twice_is_told_at_both() {
    let mut folder = Folder::new();
    let mut first = PathBuf::new();
    let mut number = json!(null);
    folder.citizen(|document, path| {
        first = path.to_owned();
        number = document["national_number"].clone();
    });
    folder.citizen(|document, path| {
        *at(document, "/national_number") = number;
        fs::copy(first.join("photo.jpg"), path.join("photo.jpg")).unwrap();
        // The same pixels in another file format.
        let picture = image::open(first.join("fingers/7-1.png")).unwrap();
        let bytes = encode(&picture, ImageFormat::Bmp);
        fs::write(path.join("fingers/7-1.png"), bytes).unwrap();
    });
    folder.citizen(|_, _| ());
    let report = folder.check();
    assert!(!report.accepted);
    let expected = |n: u8| {
        vec![
            "$.national_number check.national-number-duplicate".to_owned(),
            format!("citizen-{n}/photo.jpg check.photo-duplicate"),
            format!("citizen-{n}/fingers/7-1.png check.finger-duplicate"),
        ]
    };
    assert_eq!(keys(&report.records[0]), expected(1));
    assert_eq!(keys(&report.records[1]), expected(2));
    assert!(report.records[2].accepted);
    let other = &report.records[1].findings[2].params();
    assert!(other.contains(&("other", "citizen-1/fingers/7-1.png".to_owned())));
}

#[test]
fn one_image_under_two_fingers_is_a_duplicate() {
    let report = one(|document, _| {
        *at(document, "/fingers/1/images") = json!(["fingers/2-1.png"]);
    });
    assert!(!report.accepted);
    let duplicates = keys(&report)
        .iter()
        .filter(|key| key.ends_with("check.finger-duplicate"))
        .count();
    assert_eq!(duplicates, 2);
}

#[test]
fn a_record_that_cannot_be_read_is_in_the_report() {
    let mut folder = Folder::new();
    folder.citizen(|document, _| *at(document, "/national_number") = json!("0499370898"));
    folder.citizen(|_, _| ());
    let report = folder.check();
    assert!(!report.accepted);
    assert!(!report.records[0].accepted);
    assert_eq!(report.records[0].national_number, None);
    assert_eq!(
        keys(&report.records[0]),
        ["$.national_number record.national-number-check-digit"]
    );
    assert!(report.records[1].accepted);
}
