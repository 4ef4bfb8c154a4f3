//! What goes wrong in every office, by the command line: each error says what happened, what it means and what to do, in
//! English and in Persian, and nothing is lost by it.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

mod office;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use negin_secure_channel::key::{Key, KeySet};
use negin_tests::card::BenchCard;
use negin_tests::channel::open;
use negin_tests::citizen::{Citizen, write_order};
use negin_tests::spoil::SPOILT;
use negin_tests::sweep::Trying;
use office::{Language, NEGIN, Office, said};

#[test]
fn a_faulty_record_is_said_in_both_languages() {
    let office = Office::new();
    let citizens = [1, 3].map(|number| office.citizen(number));
    for (key, spoil) in SPOILT {
        let _trying = Trying(key);
        let order = office.path("order");
        let _ = fs::remove_dir_all(&order);
        write_order(&order, "order-1", &citizens);
        spoil(&order, &citizens);
        let report = office.json(3, &["check", "order"]);
        let found = report["records"][1]["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .find(|finding| finding["key"] == key);
        assert_eq!(found.expect(key)["severity"], "error");
        for language in Language::ALL {
            let text = office.text(3, language, &["check", "order"]);
            let blocks: Vec<&str> = text.split("\nerror: ").skip(1).collect();
            assert!(!blocks.is_empty(), "{text}");
            for block in blocks {
                let lines: Vec<&str> = block.lines().skip(1).take(3).map(str::trim).collect();
                assert_eq!(lines.len(), 3, "{block}");
                for line in lines {
                    said(language, line);
                }
            }
        }
    }
}

#[test]
fn a_wrong_key_is_said_and_costs_the_card_no_try() {
    let office = Office::new();
    office.enter(&[office.citizen(1)]);
    let keys = KeySet::of_one(&Key::new(&[0x99; 16]).expect("a key"));
    let profile = negin_issuance::profile::Profile::national_id().expect("the built-in profile");
    let state = BenchCard::blank_state_with(&profile, 9, |blank| {
        blank.transport = keys.clone();
        // One failed authentication would lock it for ever.
        blank.key_tries = 1;
    });
    let file = office.path("foreign.card");
    fs::write(&file, state).expect("room");
    for _ in 0..2 {
        office.fails("card.wrong-key", 1, &office.personalize("foreign.card"));
    }
    // Who has its keys can still use it.
    let other = other_issuer(keys);
    let card = BenchCard::from_state(&fs::read(&file).expect("a card"), 1);
    let domain = negin_card::SecurityDomain::select(card.link()).expect("a security domain");
    open(&other, domain, negin_keystore::CardKeySet::Transport).expect("not locked");
    // And the record gets another card.
    office.done(&["card", "blank", "own.card"]);
    let written = office.json(0, &office.personalize("own.card"));
    assert_eq!(written["personalized"][0]["record"], "order-1/0001");
}

fn other_issuer(keys: KeySet) -> negin_keystore::FileKeyStore {
    let mut store = negin_tests::office::Office::new(9).keys;
    let batch = negin_keystore::TransportBatch {
        name: "another maker".to_owned(),
        chips: vec![9],
        diversified: false,
        keys,
    };
    store.add_transport(batch).expect("a new batch");
    store
}

#[test]
fn a_full_disk_under_the_ledger_is_said_and_loses_nothing() {
    let office = Office::new();
    office.enter(&[office.citizen(1)]);
    write_order(&office.path("more"), "order-2", &[office.citizen(3)]);
    fs::create_dir(office.path("small")).expect("a folder");
    let check = office.seat(&["check", "more"], "small/ledger.sqlite", "station-1");
    let words = check.join(" ");
    for language in Language::ALL {
        // The disk has room for the ledger's file and no more; what lies on it afterwards is kept.
        let script = format!(
            "mount -t tmpfs -o size=256k tmpfs small || exit 99; cp ledger.sqlite small/ || exit 98; \
             head -c 256k /dev/zero > small/filler 2> /dev/null; \
             {NEGIN} {words} --json --lang {}; ended=$?; cp small/ledger.sqlite after.sqlite; exit $ended",
            language.code(),
        );
        let output = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .current_dir(office.folder())
            .output();
        let output = match output {
            Ok(output) if office.path("after.sqlite").exists() => output,
            other => {
                let mounted = other.is_ok_and(|output| output.status.code() == Some(98));
                assert!(!mounted, "no room for the ledger itself");
                println!("not run: this system lends no mounts");
                return;
            }
        };
        assert_eq!(output.status.code(), Some(1));
        office.is_error("ledger.disk-full", language, &output.stdout, &output.stderr);
        office.done(&[
            "ledger",
            "verify",
            "--ledger",
            "after.sqlite",
            "--keys",
            "keys.json",
        ]);
    }
    let check = office.seat(&["check", "more"], "after.sqlite", "station-1");
    let report = office.json(0, &check);
    assert_eq!(report["entered"][0]["state"], "queued");
}

/// The program is killed at any instant of its work; started again, it goes on.
#[test]
fn a_command_that_was_killed_goes_on_where_it_stopped() {
    let begun = Instant::now();
    let office = Office::new();
    office.enter(&[office.citizen(1)]);
    office.done(&["card", "blank", "blank.card"]);
    let kept = ["ledger.sqlite", "blank.card"].map(|file| {
        let path = office.path(file);
        (fs::read(&path).expect("made"), path)
    });
    let run = Instant::now();
    office.json(0, &office.personalize("blank.card"));
    let whole = run.elapsed();

    let mut left = 0;
    for part in 1..=14 {
        let _trying = Trying(part);
        for (bytes, path) in &kept {
            fs::write(path, bytes).expect("room");
        }
        let mut child = office
            .command(&office.personalize("blank.card"))
            .spawn()
            .expect("started");
        std::thread::sleep(whole * part / 13);
        child.kill().expect("killed");
        child.wait().expect("gone");
        let again = office.json(0, &office.personalize("blank.card"));
        let listed = office.json(0, &["ledger", "list", "--ledger", "ledger.sqlite"]);
        assert_eq!(listed["records"][0]["state"], "written");
        left += usize::from(!again["personalized"].as_array().expect("a list").is_empty());
        office.done(&[
            "ledger",
            "verify",
            "--ledger",
            "ledger.sqlite",
            "--keys",
            "keys.json",
        ]);
    }
    println!("killed 14 times, {left} times with work left");
    assert!(left > 0, "it was always done before it was killed");

    office.done(&office.seat_words(&["ship"], "station-1"));
    let image = Citizen::synthetic(1)
        .impression(0, 1)
        .to_png()
        .expect("a PNG file");
    fs::write(office.path("finger.png"), image).expect("room");
    fs::write(office.path("pin"), "271828\n").expect("room");
    let deliver = [
        "deliver",
        "--reader",
        "sim:blank.card",
        "--scanner",
        "dir:finger.png",
        "--pin-file",
        "pin",
    ];
    let deliver = office.seat_words(&deliver, "counter-1");
    let delivered = office.json(0, &deliver);
    assert_eq!(delivered["state"], "delivered");
    // The second time is refused.
    office.fails("delivery.already-delivered", 1, &deliver);
    assert!(begun.elapsed() < Duration::from_secs(300));
}

#[test]
fn what_was_written_is_said_where_the_next_reader_fails() {
    let office = Office::new();
    office.enter(&[1, 3].map(|number| office.citizen(number)));
    office.done(&["card", "blank", "own.card"]);
    let mut words = office.personalize("own.card");
    words.extend(["--reader", "sim:none.card"].map(str::to_owned));
    let said = office.text(1, Language::English, &words);
    assert!(said.contains("order-1/0001"), "{said}");
}
