//! Commands cut short and bits that flip: whatever comes, the card answers, and does not become what it is not.

use negin_apdu::{Command, Exchange, Interface, StatusWord, Transmit};
use negin_eid::aid::Application;
use negin_eid::gp::{ApplicationStage, GpCommand, StatusSubset};
use negin_eid::piv::{
    Algorithm, Container, FingerReference, GeneralAuthenticate, KeyReference, PivCommand,
    VerifyReference,
};
use negin_eid::roles::Role;
use negin_eid::select::SelectApplication;
use negin_secure_channel::scp03::SecurityLevel;
use rand_core::Rng;

use super::bench::*;
use crate::bus::{InProcess, share};
use crate::card::Card;

/// Every way to cut a command short, and every bit of it flipped.
fn damaged(command: &[u8]) -> Vec<Vec<u8>> {
    let cuts = (0..command.len()).map(|length| command[..length].to_vec());
    let flips = (0..command.len() * 8).map(|bit| {
        let mut flipped = command.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    });
    cuts.chain(flips).collect()
}

fn answers(connection: &mut InProcess, command: &[u8]) -> StatusWord {
    let answer = connection.transmit(command).expect("the card answers");
    assert!(answer.len() >= 2);
    let sw = StatusWord(u16::from_be_bytes([
        answer[answer.len() - 2],
        answer[answer.len() - 1],
    ]));
    assert!(matches!(sw.sw1(), 0x61..=0x6F | 0x90 | 0x94), "{sw}");
    sw
}

#[test]
fn plain_commands_to_a_live_card() {
    let mut bench = Bench::activated();
    let digest = vec![1; 32];
    let sign = GeneralAuthenticate::Sign {
        key: KeyReference::CardAuthentication,
        algorithm: Algorithm::EccP256,
        digest,
    };
    let piv = [
        get(Container::FacialImage),
        put(Container::Chuid, b"\x53\x01x"),
        status(VerifyReference::Pin),
        genuine(FingerReference::Primary),
        change_pin(PIN, PIN),
        activate(b"note"),
        generate(KeyReference::Authentication),
        PivCommand::GeneralAuthenticate(sign),
    ];
    let commands = piv
        .iter()
        .map(|command| (Application::Piv, command.to_apdu()))
        .chain([
            (
                Application::SecurityDomain,
                GpCommand::GetStatus(StatusSubset::Applications).to_apdu(),
            ),
            (
                Application::SecurityDomain,
                negin_secure_channel::scp03::host::initialize_update(0x31, &[7; 8]),
            ),
            (
                Application::SecurityDomain,
                Command::new(0x84, 0x82, 0x33, 0x00).with_data([1; 16]),
            ),
            (
                Application::TravelDocument,
                select_file(negin_eid::lds::FileId::Dg1),
            ),
            (Application::TravelDocument, read(None, 0, 256)),
            (
                Application::TravelDocument,
                create(negin_eid::lds::FileId::Sod, 9),
            ),
        ]);
    let mut sent = 0;
    for (application, command) in commands {
        bench.select(application);
        for bytes in damaged(&command.to_bytes().expect("short")) {
            answers(&mut bench.connection, &bytes);
            sent += 1;
        }
        bench.reset();
        assert_eq!(
            bench.select(Application::Piv),
            StatusWord::SUCCESS,
            "{command:?}"
        );
    }
    println!("{sent} damaged commands");
    assert!(sent > 2000);
    assert_eq!(bench.stage(), ApplicationStage::Activated);
}

/// The whole way to activation as bytes, and a card on which it plays again.
fn recorded() -> Vec<Vec<u8>> {
    let mut bench = Bench::blank();
    bench.personalise();
    bench.deliver();
    bench.log
}

fn replayed(log: &[Vec<u8>]) -> InProcess {
    let card = Card::blank(&blank_options(), rng(1)).expect("as given");
    let mut connection = InProcess::connect(
        share(card),
        Interface::Contact,
        negin_apdu::Limits::EXTENDED,
    )
    .expect("power");
    for command in log {
        connection.transmit(command).expect("the card answers");
    }
    connection
}

#[test]
fn the_same_seed_and_commands_make_the_same_card() {
    let log = recorded();
    let mut connection = replayed(&log);
    let select = SelectApplication::new(Application::Piv.aid()).to_apdu();
    assert!(
        connection
            .exchange(&select)
            .expect("answers")
            .sw
            .is_success()
    );
    let record = connection
        .exchange(&get(Container::ActivationRecord).to_apdu())
        .expect("answers");
    assert!(record.sw.is_success(), "it came to life as the first did");
}

#[test]
fn damage_anywhere_on_the_way_leaves_the_card_answering() {
    let log = recorded();
    let mut rng = rng(7);
    let (mut sent, mut opened) = (0, 0);
    for at in 0..log.len() - 1 {
        let mut connection = replayed(&log[..at]);
        let all = damaged(&log[at]);
        // The first meets the session that is open; the others what is left of it.
        for _ in 0..all.len().min(40) {
            let chosen = &all[rng.next_u32() as usize % all.len()];
            answers(&mut connection, chosen);
            sent += 1;
        }
        // What comes after it is carried out or refused, and only ACTIVATE itself activates.
        for command in log[..log.len() - 1].iter().skip(at) {
            answers(&mut connection, command);
        }
        let mut bench = Bench::of_connection(connection);
        bench.reset();
        assert_eq!(bench.select(Application::Piv), StatusWord::SUCCESS);
        if bench
            .begin(0x32, &keys(Role::Override), SecurityLevel::Full)
            .is_ok()
        {
            bench.open(Role::Override).expect("the keys are the card's");
            let record = bench.secured_piv(&get(Container::ActivationRecord)).sw;
            assert!(!record.is_success(), "live without ACTIVATE, at {at}");
            opened += 1;
        }
    }
    assert!(opened > log.len() / 2, "{opened}");
    println!("{sent} damaged commands at {} places", log.len());
}
