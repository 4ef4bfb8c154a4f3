//! Readers behind PC/SC, by the command line.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

#[allow(dead_code, reason = "other tests use the rest")]
mod office;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use negin_tests::citizen::Citizen;
use negin_tests::pcsc::{self, Ran};
use office::{NEGIN, Office};
use serde_json::Value;

/// `negin` with these words, in a PC/SC of its own with these options.
fn negin(office: &Office, options: &[&str], words: &[impl AsRef<str>]) -> Ran {
    let mut command = pcsc::command(options, NEGIN);
    command.args(words.iter().map(AsRef::as_ref));
    pcsc::finish(command.current_dir(office.folder()))
}

fn object(ran: &Ran) -> Value {
    let last = ran.out.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{}\n{}", ran.out, ran.err))
}

#[test]
fn readers_are_listed_with_what_lies_in_them() {
    let office = Office::new();
    office.done(&["card", "blank", "blank.card"]);
    let with_card = ["--readers", "2", "--card", "blank.card"];
    let ran = negin(&office, &with_card, &["readers", "--json"]).well();
    let readers = &object(&ran)["readers"];
    assert_eq!(readers[0]["address"], "pcsc:Negin Simulated Reader 00 00");
    assert_eq!(readers[0]["state"], "card");
    assert_eq!(readers[0]["card"], "blank");
    assert_eq!(readers[1]["state"], "empty");
    let shown = negin(&office, &with_card, &["readers"]).well().out;
    assert!(
        shown.contains("blank") && shown.contains("empty"),
        "{shown}"
    );
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let office = Office::new();
    office.done(&["card", "blank", "blank.card"]);
    let file = office.path("blank.card");
    let mut command = pcsc::command(&["--readers", "1"], "sh");
    // A line from here lets it go on; the watch ends by Ctrl-C, and well.
    let script = format!(
        "{NEGIN} readers --watch --json & watch=$!; read go; {sim} control insert 0 {file}; read go; \
         {sim} control daemon kill; read go; {sim} control daemon start; read go; {sim} control remove 0; read go; \
         kill -INT $watch; wait $watch",
        sim = pcsc::negin_sim().display(),
        file = file.display(),
    );
    let mut child = command
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut go_on = child.stdin.take().expect("piped");
    let mut told = BufReader::new(child.stdout.take().expect("piped")).lines();
    for (event, card, last) in [
        ("reader-added", "", true),
        ("card-inserted", "blank", true),
        ("reader-removed", "", false),
        ("service-lost", "", true),
        ("service-found", "", false),
        ("reader-added", "blank", true),
        ("card-removed", "", true),
    ] {
        let line = told.next().expect("more").expect("text");
        let object: Value = serde_json::from_str(&line).expect("an object");
        let word = |name: &str| object[name].as_str().unwrap_or_default();
        assert_eq!((word("event"), word("card")), (event, card), "{object}");
        if last {
            go_on.write_all(b"\n").expect("it reads");
        }
    }
    assert!(told.next().is_none(), "nothing more happened");
    assert_eq!(child.wait().expect("ended").code(), Some(0));
}

#[test]
fn a_card_is_written_and_delivered_by_the_readers_name() {
    let office = Office::new();
    office.enter(&[office.citizen(1)]);
    office.done(&["card", "blank", "own.card"]);
    let image = Citizen::synthetic(1)
        .impression(0, 1)
        .to_png()
        .expect("a PNG file");
    std::fs::write(office.path("finger.png"), image).expect("room");
    std::fs::write(office.path("pin"), "271828\n").expect("room");
    let in_first = ["--readers", "2", "--card", "own.card"];
    let mut words = office.personalize("own.card");
    for word in &mut words {
        if word == "sim:own.card" {
            *word = "pcsc:reader 00".to_owned();
        }
    }
    words.push("--json".to_owned());
    let written = object(&negin(&office, &in_first, &words).well());
    assert_eq!(written["personalized"][0]["record"], "order-1/0001");
    office.done(&office.seat_words(&["ship"], "station-1"));
    let deliver = [
        "deliver",
        "--reader",
        "pcsc:reader 00",
        "--scanner",
        "dir:finger.png",
        "--pin-file",
        "pin",
    ];
    let mut words = office.seat_words(&deliver, "counter-1");
    words.push("--json".to_owned());
    let delivered = object(&negin(&office, &in_first, &words).well());
    assert_eq!(delivered["state"], "delivered");
    let info = ["card", "info", "--reader", "pcsc:reader 00", "--json"];
    let info = object(&negin(&office, &in_first, &info).well());
    assert_eq!(info["presence"], "activated");
}

#[test]
fn what_is_wrong_with_a_reader_is_said() {
    let office = Office::new();
    for (reader, key) in [
        ("pcsc:reader 00", "reader.no-card"),
        ("pcsc:simulated", "device.ambiguous"),
        ("pcsc:omnikey", "device.no-such-device"),
    ] {
        let words = ["card", "info", "--json", "--reader", reader];
        let ran = negin(&office, &["--readers", "2"], &words);
        assert_eq!(ran.status, Some(1));
        assert_eq!(object(&ran)["error"]["key"], key);
    }
}

#[test]
fn the_doctor_sees_service_and_readers() {
    let office = Office::new();
    let ran = negin(&office, &["--readers", "3"], &["doctor", "--json"]).well();
    let report = object(&ran);
    let check = |name: &str| {
        let mut checks = report["checks"].as_array().expect("a list").iter();
        let found = checks.find(|check| check["name"] == name);
        found.expect("the check").clone()
    };
    assert_eq!(check("pcsc-service")["status"], "ok");
    assert_eq!(check("pcsc-readers")["found"], "3 readers, 0 cards");
}

#[test]
fn the_demo_and_the_bench_bring_their_own_pcsc() {
    let office = Office::new();
    // Beside `negin` lies `negin-sim`.
    let _built = pcsc::negin_sim();
    let run = |words: &[&str]| {
        let (name, value) = pcsc::environment();
        let mut command = Command::new(NEGIN);
        command.args(words).env(name, value);
        object(&pcsc::finish(command.current_dir(office.folder())).well())
    };
    let demo = run(&["demo", "--pcsc", "--cards", "2", "--out", "demo", "--json"]);
    assert_eq!(demo["readers"], "pcsc");
    assert_eq!(demo["delivered"], 2);
    assert_eq!(demo["impostors_refused"], demo["impostors_tried"]);
    let bench = run(&["bench", "apdu", "--pairs", "200", "--json"]);
    for size in [5, 255, 4_096] {
        for name in ["ratio", "scp03_ratio", "scp03_layers_ratio"] {
            let ratio = &bench[format!("{name}_{size}")];
            let [low, median, high] =
                ["low", "median", "high"].map(|end| ratio[end].as_f64().expect("a number"));
            assert!(0.5 < low && low <= median && median <= high, "{ratio}");
        }
    }
    assert_eq!(bench["pairs"], 200);
    assert!(bench["in_process_per_second"].as_u64() > Some(1_000));
}
