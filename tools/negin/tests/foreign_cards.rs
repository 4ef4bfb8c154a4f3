//! `negin` with a card that is not ours, another maker's own code, in a reader behind the system's pcscd: from the key
//! file's batch to the citizen's hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

use negin_issuance::record::calendar::Date;
use negin_tests::citizen::{Citizen, write_order};
use negin_tests::pcsc;
use serde_json::Value;

const NEGIN: &str = env!("CARGO_BIN_EXE_negin");
const PIN: &str = "482913";

/// Starts the program in a folder.
fn negin(folder: &Path, words: &str) -> Output {
    let words = words.replace(
        "SEAT",
        "--keys keys.json --ledger ledger.sqlite --seat station-1",
    );
    Command::new(NEGIN)
        .args(words.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The same with the card in reader 0.
fn with_card(folder: &Path, words: &str) -> (Option<i32>, Value) {
    let reader = format!("pcsc:{}", pcsc::reader_name(0));
    let output = Command::new(NEGIN)
        .args(words.split(' ').map(|word| match word {
            "READER" => reader.as_str(),
            word => word,
        }))
        .args(["--json", "--lang", "en"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let said = said.lines().last().unwrap_or_default();
    let value = serde_json::from_str(said)
        .unwrap_or_else(|_| panic!("{words}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), value)
}

fn done(folder: &Path, words: &str) {
    let output = negin(folder, words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}: {said}");
}

/// An office with an order of two citizens and a batch of tokens.
fn prepare(folder: &Path) -> Vec<String> {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let today = Date::from_unix(i64::try_from(since.as_secs()).unwrap(), 0).unwrap();
    let citizens = [1, 2].map(|number| Citizen::synthetic(number).issued(today));
    write_order(&folder.join("order"), "order-1", &citizens);
    for (who, name) in [(0, "own"), (1, "other")] {
        let prints = folder.join(name);
        std::fs::create_dir(&prints).unwrap();
        let print = citizens[who].impression(0, 1);
        std::fs::write(prints.join("1.png"), print.to_png().unwrap()).unwrap();
    }
    std::fs::write(folder.join("pin"), PIN).unwrap();
    done(folder, "keys new keys.json");
    done(folder, "keys foreign tokens --keys keys.json --factory");
    done(folder, "check order SEAT");
    ["--readers", "1"].map(str::to_owned).into()
}

/// What the operator and the clerk do.
fn story(folder: &Path) {
    let seat = "--keys keys.json --ledger ledger.sqlite --seat station-1";
    // The driver needs a moment to see that another simulator is there.
    let info = (0..100)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(100));
            with_card(folder, "card info --reader READER")
        })
        .find(|(status, _)| *status == Some(0))
        .expect("the card is in the reader")
        .1;
    assert_eq!(info["presence"], "foreign PIV card", "{info}");
    assert_eq!(info["pin_tries"], 3);
    assert_eq!(info["certificates"], serde_json::json!([]));

    // Not without its batch, and not with one that nobody knows.
    let write = format!("personalize order {seat} --reader READER");
    let (status, refused) = with_card(folder, &write);
    assert_eq!(status, Some(1));
    assert_eq!(refused["error"]["key"], "negin.foreign-batch-missing");
    let (_, refused) = with_card(folder, &format!("{write} --batch others"));
    assert_eq!(refused["error"]["key"], "keystore.no-foreign-batch");
    let (status, written) = with_card(folder, &format!("{write} --batch tokens"));
    assert_eq!(status, Some(0), "{written}");
    let record = written["personalized"][0]["record"].as_str().unwrap();
    done(folder, "ship SEAT");

    let (_, info) = with_card(folder, "card info --reader READER");
    assert_eq!(
        info["certificates"].as_array().map(Vec::len),
        Some(4),
        "{info}"
    );
    assert_eq!(info["uuid"], written["personalized"][0]["chip"]);

    let deliver = |finger: &str, more: &str| {
        let seat = seat.replace("station-1", "counter-1");
        let words = format!("deliver {seat} --reader READER --scanner dir:{finger} --pin-file pin");
        with_card(folder, &(words + more))
    };
    // The national profile leaves no fingerprints on the card: the order has them.
    let (_, refused) = deliver("own", "");
    assert_eq!(refused["error"]["key"], "delivery.no-reference");
    let (status, refused) = deliver("other", " --order order");
    assert_eq!(
        (status, &refused["error"]["key"]),
        (Some(1), &"delivery.not-matched".into())
    );
    let (status, delivered) = deliver("own", " --order order");
    assert_eq!(status, Some(0), "{delivered}");
    assert_eq!(delivered["way"], "host match");
    assert_eq!(delivered["record"], record);
    let (_, refused) = deliver("own", " --order order");
    assert_eq!(refused["error"]["key"], "delivery.already-delivered");
    done(
        folder,
        "ledger verify --ledger ledger.sqlite --keys keys.json",
    );
}

#[test]
fn a_foreign_card_from_batch_to_citizen_through_pcscd() {
    pcsc::within(prepare, |folder| {
        // The peer takes the simulator's place.
        pcsc::say("simulator kill");
        let socket = pcsc::control_socket().with_file_name("readers");
        std::fs::remove_file(&socket).ok();
        let listener = UnixListener::bind(&socket).unwrap();
        let (end, ended) = channel::<()>();
        std::thread::scope(|scope| {
            let told = scope.spawn(move || {
                let end = end;
                story(folder);
                drop(end);
            });
            negin_peer::lie_in_reader(listener, &ended);
            told.join().unwrap();
        });
        assert_eq!(ended.try_recv(), Err(TryRecvError::Disconnected));
    });
}
