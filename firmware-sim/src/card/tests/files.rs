//! The travel document's files.

use negin_apdu::{Command, StatusWord};
use negin_eid::aid::Application;
use negin_eid::lds::{FileId, LdsCommand, PinVerify};
use negin_eid::piv::Pin;
use negin_eid::roles::Role;

use super::bench::*;

const DONE: StatusWord = StatusWord::SUCCESS;
const SHUT: StatusWord = StatusWord::CONDITIONS_NOT_SATISFIED;
const UNAUTHORISED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;

fn every_command() -> Vec<Command> {
    vec![
        select_file(FileId::Dg1),
        read(Some(FileId::Dg1), 0, 256),
        read(None, 0, 256),
        create(FileId::Sod, 100),
        update(0, b"x"),
    ]
}

fn verify_here(digits: &str) -> Command {
    LdsCommand::Verify(PinVerify::Pin(Pin::new(digits).expect("digits"))).to_apdu()
}

#[test]
fn the_issuer_writes_and_reads_until_the_card_is_personalised() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.select(Application::TravelDocument);
    for command in every_command() {
        assert_eq!(bench.plain(&command).sw, SHUT, "{command:?}");
    }
    bench.open(Role::Issuer).expect("opens");
    bench.write_files();
    for (file, content) in files() {
        assert_eq!(bench.secured(&select_file(file)).sw, DONE);
        assert_eq!(
            bench.secured(&read(None, 0, 65_536)).data,
            content,
            "{file:?}"
        );
        assert_eq!(
            bench.secured(&create(file, 10)).sw,
            StatusWord::FILE_ALREADY_EXISTS
        );
    }
}

#[test]
fn closed_from_personalised_to_activated_for_everybody() {
    let mut bench = Bench::personalised();
    for role in [
        None,
        Some(Role::Issuer),
        Some(Role::Delivery),
        Some(Role::Override),
    ] {
        bench.select(Application::TravelDocument);
        if let Some(role) = role {
            bench.open(role).expect("opens");
        }
        for command in every_command().into_iter().chain([verify_here(PIN)]) {
            let sw = if role.is_some() {
                bench.secured(&command).sw
            } else {
                bench.plain(&command).sw
            };
            assert_eq!(sw, SHUT, "{role:?} {command:?}");
        }
    }
}

#[test]
fn open_after_the_pin_for_reading_only() {
    let mut bench = Bench::activated();
    bench.select(Application::TravelDocument);
    for command in [select_file(FileId::Dg1), read(Some(FileId::Dg1), 0, 256)] {
        assert_eq!(bench.plain(&command).sw, UNAUTHORISED);
    }
    assert_eq!(
        bench.plain(&verify_here("000000")).sw,
        StatusWord::verification_failed(4)
    );
    assert_eq!(bench.plain(&verify_here(PIN)).sw, DONE);
    for (file, content) in files() {
        assert_eq!(bench.plain(&select_file(file)).sw, DONE);
        let mut read_back = Vec::new();
        while read_back.len() < content.len() {
            read_back.extend(bench.plain(&read(None, read_back.len() as u16, 200)).data);
        }
        assert_eq!(read_back, content, "{file:?}");
    }
    for command in [create(FileId::Sod, 100), update(0, b"x")] {
        assert_eq!(bench.plain(&command).sw, SHUT);
    }
}

#[test]
fn the_pin_is_one_for_the_whole_card() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    bench.piv(&pin("000000"));
    bench.select(Application::TravelDocument);
    let ask = LdsCommand::Verify(PinVerify::Status).to_apdu();
    assert_eq!(
        bench.plain(&ask).sw,
        StatusWord::verification_failed(4),
        "one counter"
    );
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    bench.select(Application::TravelDocument);
    assert_eq!(
        bench.plain(&read(Some(FileId::Dg1), 0, 95)).sw,
        DONE,
        "verified since power-on"
    );
    bench.select(Application::Piv);
    assert_eq!(
        bench.piv(&pin("000000")).sw,
        StatusWord::verification_failed(4)
    );
    bench.select(Application::TravelDocument);
    assert_eq!(
        bench.plain(&read(Some(FileId::Dg1), 0, 95)).sw,
        UNAUTHORISED,
        "a wrong one closes again"
    );
    bench.plain(&verify_here(PIN));
    bench.reset();
    bench.select(Application::TravelDocument);
    assert_eq!(
        bench.plain(&read(Some(FileId::Dg1), 0, 95)).sw,
        UNAUTHORISED,
        "power-off forgets"
    );
}

#[test]
fn a_finger_does_not_open_the_travel_document() {
    let mut bench = Bench::activated();
    bench.select(Application::Piv);
    assert_eq!(
        bench
            .piv(&genuine(negin_eid::piv::FingerReference::Primary))
            .sw,
        DONE
    );
    bench.select(Application::TravelDocument);
    assert_eq!(
        bench.plain(&read(Some(FileId::Dg1), 0, 95)).sw,
        UNAUTHORISED
    );
}

#[test]
fn offsets_and_ends() {
    let mut bench = Bench::activated();
    bench.select(Application::TravelDocument);
    bench.plain(&verify_here(PIN));
    assert_eq!(
        bench.plain(&read(None, 0, 10)).sw,
        StatusWord::NO_CURRENT_FILE
    );
    assert_eq!(
        bench.plain(&select_file(FileId::Dg11)).sw,
        StatusWord::FILE_NOT_FOUND
    );
    bench.plain(&select_file(FileId::Dg1));
    let answer = bench.plain(&read(None, 90, 10));
    assert_eq!((answer.data.len(), answer.sw), (5, StatusWord::END_OF_FILE));
    let answer = bench.plain(&read(None, 90, 256));
    assert_eq!((answer.data.len(), answer.sw), (5, DONE), "all there is");
    assert_eq!(bench.plain(&read(None, 95, 256)).data, []);
    assert_eq!(bench.plain(&read(None, 96, 1)).sw, StatusWord::WRONG_P1P2);
}

#[test]
fn a_file_is_as_long_as_it_was_made_and_zero_where_nothing_was_written() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::TravelDocument, Role::Issuer);
    assert_eq!(bench.secured(&create(FileId::Sod, 600)).sw, DONE);
    assert_eq!(bench.secured(&update(500, b"end")).sw, DONE);
    assert_eq!(
        bench.secured(&update(599, b"xy")).sw,
        StatusWord::WRONG_P1P2
    );
    let content = bench.secured(&read(None, 0, 65_536)).data;
    assert_eq!(content.len(), 600);
    assert_eq!((&content[499..504], content[599]), (&b"\0end\0"[..], 0));
}
