//! PIV commands: every one reads back, every violation has its status word, no secret shows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use negin_apdu::{Command, StatusWord};
use negin_eid::piv::{
    Algorithm, BiometricInformationTemplate, ChangeReferenceData, Container, EnrolReference,
    FingerPosition, FingerReference, GeneralAuthenticate, GenerateKeyPair, KeyReference,
    MinutiaeOrder, OperatorNote, Pin, PivCommand, PublicPoint, PublicPoint384, Puk, PutData,
    Verify, VerifyAction, VerifyReference,
};
use negin_eid::{Secret, field};
use proptest::prelude::*;

fn pin() -> impl Strategy<Value = Pin> {
    "[0-9]{6,8}".prop_map(|digits| Pin::new(&digits).unwrap())
}

fn puk() -> impl Strategy<Value = Puk> {
    any::<[u8; 8]>().prop_map(Puk::new)
}

fn point() -> impl Strategy<Value = PublicPoint> {
    proptest::collection::vec(any::<u8>(), 64)
        .prop_map(|xy| PublicPoint::new(&[&[4][..], &xy].concat()).unwrap())
}

fn bytes(range: core::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), range)
}

fn put_data() -> impl Strategy<Value = PutData> {
    let writable: Vec<_> = Container::ALL
        .into_iter()
        .filter(|c| c.is_writable())
        .collect();
    prop_oneof![
        (proptest::sample::select(writable), bytes(0..3000)).prop_map(|(container, content)| {
            PutData::Object {
                container,
                object: field::field(if container.is_wrapped() { 0x53 } else { 0x7E }, &content),
            }
        }),
        (
            proptest::sample::select(&FingerReference::ALL[..]),
            proptest::sample::select(&FingerPosition::ALL[..]),
            1usize..80
        )
            .prop_map(|(reference, finger, n)| {
                let template = BiometricInformationTemplate::new(
                    reference,
                    finger,
                    12,
                    80,
                    MinutiaeOrder::NONE,
                );
                PutData::Enrol(EnrolReference::new(template, vec![n as u8; 3 * n]).unwrap())
            }),
    ]
}

fn verify() -> impl Strategy<Value = Verify> {
    let reference = || proptest::sample::select(&VerifyReference::ALL[..]);
    prop_oneof![
        reference().prop_map(|reference| Verify {
            reference,
            action: VerifyAction::Status
        }),
        reference().prop_map(|reference| Verify {
            reference,
            action: VerifyAction::Reset
        }),
        pin().prop_map(|pin| Verify {
            reference: VerifyReference::Pin,
            action: VerifyAction::Pin(pin)
        }),
        (
            proptest::sample::select(&FingerReference::ALL[..]),
            1usize..100,
            any::<u8>()
        )
            .prop_map(|(finger, n, byte)| {
                Verify {
                    reference: finger.verify(),
                    action: VerifyAction::Minutiae(vec![byte; 3 * n].into()),
                }
            }),
    ]
}

fn change() -> impl Strategy<Value = ChangeReferenceData> {
    prop_oneof![
        (any::<[u8; 8]>(), pin()).prop_map(|(old, new)| ChangeReferenceData::Pin {
            old: old[..].into(),
            new
        }),
        (puk(), puk()).prop_map(|(old, new)| ChangeReferenceData::Puk { old, new }),
        pin().prop_map(ChangeReferenceData::FirstPin),
        puk().prop_map(ChangeReferenceData::FirstPuk),
    ]
}

fn general_authenticate() -> impl Strategy<Value = GeneralAuthenticate> {
    let key = || proptest::sample::select(&KeyReference::ALL[..]);
    prop_oneof![
        (key(), any::<bool>(), bytes(1..49)).prop_map(|(key, large, mut digest)| {
            let algorithm = if large {
                Algorithm::EccP384
            } else {
                Algorithm::EccP256
            };
            digest.truncate(algorithm.field_size().unwrap());
            GeneralAuthenticate::Sign {
                key,
                algorithm,
                digest,
            }
        }),
        (key(), point()).prop_map(|(key, point)| GeneralAuthenticate::Agree {
            key,
            point: point.into(),
        }),
        (key(), bytes(96..97)).prop_map(|(key, xy)| {
            let point = PublicPoint384::new(&[&[4][..], &xy].concat()).unwrap();
            GeneralAuthenticate::Agree {
                key,
                point: point.into(),
            }
        }),
        (key(), bytes(256..257)).prop_map(|(key, block)| GeneralAuthenticate::Rsa { key, block }),
    ]
}

fn any_command() -> impl Strategy<Value = PivCommand> {
    prop_oneof![
        proptest::sample::select(&Container::ALL[..]).prop_map(PivCommand::GetData),
        put_data().prop_map(PivCommand::PutData),
        verify().prop_map(PivCommand::Verify),
        change().prop_map(PivCommand::ChangeReferenceData),
        (puk(), pin()).prop_map(|(puk, pin)| PivCommand::ResetRetryCounter { puk, pin }),
        general_authenticate().prop_map(PivCommand::GeneralAuthenticate),
        (
            proptest::sample::select(&KeyReference::ALL[..]),
            proptest::sample::select(&Algorithm::ALL[..])
        )
            .prop_map(
                |(key, algorithm)| PivCommand::GenerateKeyPair(GenerateKeyPair { key, algorithm })
            ),
        bytes(0..33).prop_map(|note| PivCommand::Activate(OperatorNote::new(note).unwrap())),
    ]
}

proptest! {
    #[test]
    fn every_command_reads_back(command in any_command()) {
        let apdu = command.to_apdu();
        let travelled = Command::parse(&apdu.to_bytes().unwrap()).unwrap();
        prop_assert_eq!(PivCommand::parse(&travelled), Ok(command));
    }

    #[test]
    fn no_command_panics(header in any::<[u8; 4]>(), data in bytes(0..80)) {
        let [_, ins, p1, p2] = header;
        let _ = PivCommand::parse(&Command::new(0, ins, p1, p2).with_data(data.clone()));
        for ins in [0x20, 0x24, 0x2C, 0x44, 0x47, 0x87, 0xCB, 0xDB] {
            let _ = PivCommand::parse(&Command::new(0, ins, p1, p2).with_data(data.clone()));
            let _ = PivCommand::parse(&Command::new(0, ins, 0x3F, 0xFF).with_data(data.clone()));
            let _ = PivCommand::parse(&Command::new(0, ins, 0x11, 0x9A).with_data(data.clone()));
        }
    }
}

/// Command bytes (after the class 00) and the status word they fail with.
#[test]
fn violations_have_their_status_words() {
    let script = "
        # GET DATA
        CB 3F FE / 5C 03 5F C1 02           -> 6A86
        CB 3F FF /                          -> 6A80
        CB 3F FF / 5D 03 5F C1 02           -> 6A80
        CB 3F FF / 5C 04 5F C1 02 7E        -> 6A80
        CB 3F FF / 5C 02 7F 68              -> 6A82
        CB 3F FF / 5C 03 5F FF 01           -> 6A82
        # PUT DATA
        DB 3F FE / 5C 03 5F C1 02 53 00     -> 6A86
        DB 3F FF /                          -> 6A80
        DB 3F FF / 5C 03 5F C1 02           -> 6A80
        DB 3F FF / 5C 03 5F C1 02 54 00     -> 6A80
        DB 3F FF / 5C 03 5F C1 02 53 01     -> 6A80
        DB 3F FF / 5C 03 5F C1 79 53 00     -> 6A82
        DB 3F FF / 5C 02 7F 61 53 00        -> 6A81
        DB 3F FF / 7F 61 03 02 01 00        -> 6A81
        DB 3F FF / 5C 03 DF C1 01 53 00     -> 6A81
        DB 3F FF / 7F 60 03 83 01 96        -> 6A80
        # VERIFY: a wrong key reference fails here, whatever comes with it
        20 00 00 /                          -> 6A88
        20 00 95 / 31 32 33 34 35 36 FF FF  -> 6A88
        20 00 98 / 01 02 03                 -> 6A80
        20 00 99 / 01 02 03                 -> 6A88
        20 FF 81 /                          -> 6A88
        20 01 80 /                          -> 6A86
        20 FF 80 / 31 32 33 34 35 36 FF FF  -> 6A80
        20 00 80 / 31 32 33 34 35 36        -> 6A80
        20 00 80 / 31 32 33 34 35 FF FF FF  -> 6A80
        20 00 80 / 31 32 33 34 35 36 00 00  -> 6A80
        20 00 96 / 01 02                    -> 6A80
        20 00 97 / 01 02 03 04              -> 6A80
        # CHANGE REFERENCE DATA
        24 02 80 / 31 32 33 34 35 36 FF FF  -> 6A86
        24 00 96 / 01 02 03                 -> 6A88
        24 01 97 / 01 02 03                 -> 6A88
        24 00 80 / 31 32 33 34 35 36 FF FF  -> 6A80
        24 01 80 / 31 32 33 34 FF FF FF FF  -> 6A80
        24 01 81 / 31 32 33 34 35 36 37     -> 6A80
        24 00 80 / 31 32 33 34 35 36 FF FF 31 32 33 FF FF FF FF FF -> 6A80
        # RESET RETRY COUNTER
        2C 01 80 /                          -> 6A86
        2C 00 81 /                          -> 6A88
        2C 00 80 / 31 32 33 34 35 36 37 38  -> 6A80
        # GENERAL AUTHENTICATE
        87 12 9A / 7C 02 82 00              -> 6A86
        87 11 9B / 7C 02 82 00              -> 6A86
        87 11 96 / 7C 02 82 00              -> 6A86
        87 06 9A / 7C 02 82 00              -> 6A86
        87 08 9A / 7C 02 82 00              -> 6A86
        87 11 81 / 7C 02 82 00              -> 6A86
        87 07 9A / 7C 02 82 00              -> 6A80
        87 07 9D / 7C 07 82 00 81 03 01 02 03 -> 6A80
        87 07 9D / 7C 07 82 00 85 03 04 02 03 -> 6A80
        87 11 9D / 7C 07 82 00 85 03 04 02 03 -> 6A80
        87 11 9A / 7C 03 81 01 07           -> 6A80
        87 11 9A / 7C 06 82 01 00 81 01 07  -> 6A80
        87 11 9A / 7C 25 82 00 81 21 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F 20 -> 6A80
        87 11 9A / 7C 02 82 00              -> 6A80
        87 11 9A / 7C 04 82 00 81 00        -> 6A80
        87 11 9A /                          -> 6A80
        # GENERATE ASYMMETRIC KEY PAIR
        47 01 9A / AC 03 80 01 11           -> 6A86
        47 00 9B / AC 03 80 01 11           -> 6A86
        47 00 80 / AC 03 80 01 11           -> 6A86
        47 00 9A / AC 03 80 01 55           -> 6A80
        47 00 9A / AC 00                    -> 6A80
        47 00 9A / AC 06 80 01 11 80 01 11  -> 6A80
        47 00 9A / AC 06 80 01 11 AA 01 03  -> 6A80
        47 00 9A / AC 06 80 01 11 AB 01 02  -> 6A80
        47 00 F9 / AC 03 80 01 11           -> 6A86
        47 00 9A /                          -> 6A80
        # ACTIVATE
        44 01 00 /                          -> 6A86
        44 00 80 /                          -> 6A86
        # nothing else
        A4 04 00 /                          -> 6D00
        D6 00 00 /                          -> 6D00
    ";
    let mut tried = 0;
    for line in script
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        let (command, expected) = line.split_once("->").unwrap();
        let (header, data) = command.split_once('/').unwrap();
        let hex = |text: &str| -> Vec<u8> {
            text.split_whitespace()
                .map(|byte| u8::from_str_radix(byte, 16).unwrap())
                .collect()
        };
        let [ins, p1, p2] = hex(header)[..] else {
            panic!("{line}")
        };
        let answer = PivCommand::parse(&Command::new(0, ins, p1, p2).with_data(hex(data)));
        let expected = StatusWord(u16::from_str_radix(expected.trim(), 16).unwrap());
        assert_eq!(answer, Err(expected), "{line}");
        tried += 1;
    }
    assert!(tried > 40);
    let other_class = Command::new(0x80, 0xCB, 0x3F, 0xFF);
    assert_eq!(
        PivCommand::parse(&other_class),
        Err(StatusWord::CLA_NOT_SUPPORTED)
    );
    let long_note = Command::new(0, 0x44, 0, 0).with_data([0; 33]);
    assert_eq!(PivCommand::parse(&long_note), Err(StatusWord::WRONG_LENGTH));
}

/// SP 800-78-4 table 3-1: what each reference is for.
#[test]
fn a_signing_key_does_not_agree_and_an_agreeing_key_does_not_sign() {
    let digest = [&[0x7C, 0x24, 0x82, 0x00, 0x81, 0x20][..], &[7; 32]].concat();
    let point = [&[0x7C, 0x45, 0x82, 0x00, 0x85, 0x41, 0x04][..], &[7; 64]].concat();
    let parse = |key, data: &[u8]| {
        let command = Command::new(0, 0x87, 0x11, key).with_data(data);
        match PivCommand::parse(&command).unwrap() {
            PivCommand::GeneralAuthenticate(command) => command,
            other => panic!("{other:?}"),
        }
    };
    for key in [0x9A, 0x9C, 0x9E] {
        assert!(parse(key, &digest).is_proper());
        assert!(!parse(key, &point).is_proper());
    }
    for key in [0x9D, 0x82, 0x95] {
        assert!(parse(key, &point).is_proper());
        assert!(!parse(key, &digest).is_proper());
    }
}

/// The forms of SP 800-73-4 Part 2 appendix A, byte for byte as a host sends them.
#[test]
fn the_standards_examples_of_key_use() {
    let key = KeyReference::Signature;
    let block = vec![0x5A; 256];
    let rsa = PivCommand::GeneralAuthenticate(GeneralAuthenticate::Rsa { key, block });
    let bytes = rsa.to_apdu().to_bytes().unwrap();
    let head = [
        0x00, 0x87, 0x07, 0x9C, 0x00, 0x01, 0x0A, 0x7C, 0x82, 0x01, 0x06, 0x82, 0x00, 0x81, 0x82,
        0x01, 0x00, 0x5A,
    ];
    assert_eq!(bytes[..18], head);
    let point = PublicPoint384::new(&[4; 97]).unwrap().into();
    let key = KeyReference::KeyManagement;
    let agree = PivCommand::GeneralAuthenticate(GeneralAuthenticate::Agree { key, point });
    let bytes = agree.to_apdu().to_bytes().unwrap();
    let head = [
        0x00, 0x87, 0x14, 0x9D, 0x67, 0x7C, 0x65, 0x82, 0x00, 0x85, 0x61, 0x04,
    ];
    assert_eq!(bytes[..12], head);
}

#[test]
fn published_encodings() {
    let bit = PivCommand::GetData(Container::BiometricInformation)
        .to_apdu()
        .to_bytes()
        .unwrap();
    assert_eq!(
        bit,
        [0x00, 0xCB, 0x3F, 0xFF, 0x04, 0x5C, 0x02, 0x7F, 0x61, 0x00]
    );
    let probe = Verify {
        reference: VerifyReference::PrimaryFinger,
        action: VerifyAction::Minutiae(Secret::new([1, 2, 3])),
    };
    let bytes = PivCommand::Verify(probe).to_apdu().to_bytes().unwrap();
    assert_eq!(bytes, [0x00, 0x20, 0x00, 0x96, 0x03, 1, 2, 3]);
    let status = Verify {
        reference: VerifyReference::Pin,
        action: VerifyAction::Status,
    };
    assert_eq!(
        PivCommand::Verify(status).to_apdu().to_bytes().unwrap(),
        [0x00, 0x20, 0x00, 0x80]
    );
}

#[test]
fn no_secret_shows() {
    let secrets = [
        PivCommand::Verify(Verify {
            reference: VerifyReference::Pin,
            action: VerifyAction::Pin(Pin::new("31415926").unwrap()),
        }),
        PivCommand::ChangeReferenceData(ChangeReferenceData::FirstPin(
            Pin::new("31415926").unwrap(),
        )),
        PivCommand::ResetRetryCounter {
            puk: Puk::new(*b"31415926"),
            pin: Pin::new("31415926").unwrap(),
        },
        PivCommand::Verify(Verify {
            reference: VerifyReference::PrimaryFinger,
            action: VerifyAction::Minutiae(Secret::new(*b"314159265")),
        }),
    ];
    for command in secrets {
        let shown = format!("{command:?}");
        for trace in ["31415926", "51, 49, 52", "33, 31", "0x33"] {
            assert!(!shown.contains(trace), "{shown}");
        }
    }
}

/// A template group as another maker's card gives it, read where the data is at hand.
#[test]
fn a_foreign_cards_template_group() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let Ok(bytes) = std::fs::read(data.join("bit/BIT.dat")) else {
        println!("not run: bit/BIT.dat is not there");
        return;
    };
    let group = negin_eid::piv::BiometricInformation::decode(&bytes).unwrap();
    let [first, second] = group.templates[..] else {
        panic!("{group:?}")
    };
    assert_eq!((first.subtype, second.subtype), (2, 7));
    assert_eq!((first.format_owner, first.format_type), (0xDEAD, 0xBEEF));
    assert_eq!(
        (first.min, first.max, first.order),
        (12, 64, MinutiaeOrder::POLAR)
    );
    assert_eq!(first.finger(), None);
    println!("read: {group:?}");
}
