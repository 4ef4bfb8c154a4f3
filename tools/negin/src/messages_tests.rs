use std::collections::BTreeSet;

use negin_issuance::finding::{self, Fault};

use super::*;

const LANGUAGES: [Language; 2] = [Language::En, Language::Fa];

/// What is said without anything being wrong.
const SAID: &[&str] = &[
    "counter.matched",
    "counter.pin-pad",
    "scanner.place",
    "scanner.moving",
    "scanner.too-dry",
    "scanner.too-wet",
    "scanner.lift",
];

/// Parameters of errors beyond findings, by key.
const OF_ERRORS: &[(&str, &[&str])] = &[
    ("delivery.already-delivered", &["record"]),
    ("delivery.clock", &["now", "last"]),
    ("delivery.ledger-at-odds", &["record"]),
    ("delivery.not-deliverable", &["record", "state"]),
    ("delivery.not-matched", &["tries"]),
    ("delivery.pin-refused", &["tries"]),
    ("issuance.card-taken", &["record"]),
    ("issuance.changed", &["record"]),
    ("issuance.factory-code", &["code"]),
    ("issuance.file", &["file", "detail"]),
    ("issuance.not-queued", &["record", "state"]),
    ("negin.file", &["file", "detail"]),
    ("negin.folder-not-empty", &["file"]),
    ("negin.no-card-for-record", &["record"]),
];

/// Every key that any room can give.
fn keys() -> BTreeSet<&'static str> {
    [
        finding::KEYS,
        negin_apdu::PinPadError::KEYS,
        negin_card::Error::KEYS,
        negin_device::Error::KEYS,
        negin_eid::Error::KEYS,
        negin_fingerprint::Error::KEYS,
        negin_fingerprint::capture::CaptureError::KEYS,
        negin_firmware_sim::Error::KEYS,
        negin_issuance::Error::KEYS,
        negin_issuance::pki::Error::KEYS,
        negin_keystore::Error::KEYS,
        negin_ledger::Error::KEYS,
        negin_reader::Error::KEYS,
        negin_recognition::Error::KEYS,
        negin_recognition::quality::Advice::KEYS,
        negin_secure_channel::Error::KEYS,
        crate::finger::Error::KEYS,
        crate::problem::Problem::KEYS,
        SAID,
    ]
    .concat()
    .into_iter()
    .collect()
}

/// The keys of a catalogue with their entries.
fn entries(catalogue: &Catalogue) -> BTreeMap<String, &Entry> {
    catalogue
        .rooms
        .iter()
        .flat_map(|(room, names)| {
            names
                .iter()
                .map(move |(name, entry)| (format!("{room}.{name}"), entry))
        })
        .collect()
}

fn placeholders(entry: &Entry) -> BTreeSet<String> {
    let found = std::cell::RefCell::new(BTreeSet::new());
    for text in [&entry.what, &entry.means, &entry.next] {
        fill(text, |name| {
            found.borrow_mut().insert(name.to_owned());
            Some(String::new())
        });
    }
    found.into_inner()
}

#[test]
fn both_catalogues_are_read() {
    for text in [EN, FA] {
        let read: Result<Catalogue, _> = toml::from_str(text);
        assert_eq!(read.unwrap().fingers.len(), 10);
    }
}

#[test]
fn every_key_has_texts_and_no_text_is_orphaned() {
    let keys: BTreeSet<String> = keys().into_iter().map(str::to_owned).collect();
    for language in LANGUAGES {
        let held: BTreeSet<String> = entries(catalogue(language)).into_keys().collect();
        let missing: Vec<_> = keys.difference(&held).collect();
        let orphaned: Vec<_> = held.difference(&keys).collect();
        assert!(
            missing.is_empty() && orphaned.is_empty(),
            "{language:?}: missing {missing:#?}, orphaned {orphaned:#?}"
        );
    }
}

#[test]
fn placeholders_are_those_of_the_fault() {
    let known: BTreeMap<&str, &[&str]> = finding::PARAMETERS
        .iter()
        .chain(OF_ERRORS)
        .copied()
        .collect();
    for language in LANGUAGES {
        for (key, entry) in entries(catalogue(language)) {
            let allowed: BTreeSet<String> = match known.get(key.as_str()) {
                Some(params) => params
                    .iter()
                    .chain(&["file", "path"])
                    .map(ToString::to_string)
                    .collect(),
                None => BTreeSet::new(),
            };
            let used = placeholders(entry);
            assert!(
                used.is_subset(&allowed),
                "{language:?} {key}: {used:?} of {allowed:?}"
            );
        }
    }
}

#[test]
fn errors_fill_their_placeholders() {
    use negin_issuance::Error;
    let record: negin_ledger::RecordId = "1403-0001-1".parse().unwrap();
    for error in [
        Error::NotMatched { tries_left: 2 },
        Error::PinRefused { tries_left: 2 },
        Error::File {
            file: "photo.jpg".into(),
            reason: "gone".into(),
        },
        Error::NotQueued {
            record: record.clone(),
            state: None,
        },
        Error::CardTaken {
            holder: record.clone(),
        },
        Error::AlreadyDelivered {
            record: record.clone(),
        },
        Error::Changed {
            record: record.clone(),
        },
        Error::Clock {
            record: record.clone(),
            now: negin_ledger::Timestamp::from_unix_millis(0),
            last: negin_ledger::Timestamp::from_unix_millis(1),
        },
        Error::LedgerAtOdds {
            record: record.clone(),
            what: "the state",
        },
        Error::NotDeliverable {
            record,
            state: negin_ledger::State::Written,
        },
    ] {
        for language in LANGUAGES {
            let texts = texts(language, error.key(), &error.params());
            for text in [texts.what, texts.means, texts.next] {
                assert!(!text.contains('{'), "{language:?} {}: {text}", error.key());
            }
        }
    }
}

#[test]
fn texts_are_whole_sentences() {
    for language in LANGUAGES {
        for (key, entry) in entries(catalogue(language)) {
            for text in [&entry.what, &entry.means, &entry.next] {
                assert!(text.trim() == text && text.len() > 4, "{language:?} {key}");
                assert!(
                    text.ends_with(['.', '؟', '?']),
                    "{language:?} {key}: {text}"
                );
                assert!(!text.contains("  "), "{language:?} {key}: {text}");
            }
        }
    }
}

#[test]
fn persian_is_written_with_persian_letters() {
    for (key, entry) in entries(catalogue(Language::Fa)) {
        for text in [&entry.what, &entry.means, &entry.next] {
            let arabic = text
                .chars()
                .find(|c| matches!(c, 'ي' | 'ك' | 'ى' | 'ۀ' | '\u{0660}'..='\u{0669}'));
            assert_eq!(arabic, None, "{key}: {text}");
            let persian = text.chars().any(|c| ('آ'..='ی').contains(&c));
            assert!(persian, "{key}: {text}");
            assert!(!text.contains([',', ';', '?']), "{key}: {text}");
        }
    }
}

#[test]
fn parameters_are_filled_as_a_person_reads_them() {
    let finding = Finding::at(
        Fault::NationalNumberLength { found: 9 },
        "a/record.json",
        "$.national_number",
    );
    assert_eq!(
        of_finding(Language::En, &finding).what,
        "The national number in a/record.json has 9 digits instead of 10."
    );
    assert_eq!(
        of_finding(Language::Fa, &finding).what,
        "کد ملی در «a/record.json» ۹ رقم دارد، نه ۱۰ رقم."
    );
    let finding = Finding::at(
        Fault::BirthInFuture {
            birth: "2024-03-20".into(),
        },
        "r.json",
        "$.birth.date",
    );
    assert!(
        of_finding(Language::En, &finding)
            .what
            .contains("20 March 2024")
    );
    assert!(
        of_finding(Language::Fa, &finding)
            .what
            .contains("۱ فروردین ۱۴۰۳")
    );
    let finding = Finding::of_file(
        Fault::FingersSame {
            finger: 7,
            other: 2,
        },
        "f.png",
    );
    let text = of_finding(Language::En, &finding).what;
    assert!(
        text.contains("left index finger") && text.contains("right index finger"),
        "{text}"
    );
    assert!(
        of_finding(Language::Fa, &finding)
            .what
            .contains("انگشت اشارهٔ دست چپ")
    );
    let finding = Finding::at(
        Fault::JsonType {
            expected: "a text",
            found: "a number",
        },
        "r.json",
        "$.sex",
    );
    assert!(of_finding(Language::Fa, &finding).what.contains("متن"));
}

#[test]
fn braces_that_are_no_placeholder_stay() {
    assert_eq!(fill("a {b} {c", |_| None), "a {b} {c");
    // What is filled in is not itself a template.
    assert_eq!(fill("{a}", |_| Some("{a}".into())), "{a}");
}

#[test]
fn the_language_is_the_one_asked_for_or_the_environments() {
    let environment = |pairs: &'static [(&str, &str)]| {
        move |name: &str| {
            pairs
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| (*value).to_owned())
        }
    };
    let fa = environment(&[("LANG", "fa_IR.UTF-8")]);
    assert_eq!(choose(None, fa), Language::Fa);
    assert_eq!(choose(Some(Language::En), fa), Language::En);
    for pairs in [
        &[][..],
        &[("LANG", "C.UTF-8")],
        &[("LANG", "fan_GQ")],
        &[("LC_ALL", "en_US.UTF-8"), ("LANG", "fa_IR")],
    ] {
        assert_eq!(choose(None, environment(pairs)), Language::En, "{pairs:?}");
    }
    let mixed = environment(&[("LC_ALL", ""), ("LC_MESSAGES", "fa"), ("LANG", "en_US")]);
    assert_eq!(choose(None, mixed), Language::Fa);
}

#[test]
fn an_unknown_key_still_says_something() {
    assert_eq!(texts(Language::En, "no.such-key", &[]).what, "no.such-key");
}
