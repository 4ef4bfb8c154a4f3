//! PIV's secure messaging against sessions with others: a record of another host and another card than ours for the
//! host's end, the commands of another host for the card's.
#![allow(clippy::unwrap_used, reason = "tests")]

use aes::Aes192;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use negin_apdu::tlv::{self, Tag};
use negin_apdu::{Command, Response, StatusWord};
use negin_secure_channel::opacity::host::{Established, KeyEstablishment};
use negin_secure_channel::opacity::{ContentSigner, CvcSubject, UnsignedCvc, card};

const GOODPIV: &str = include_str!("data/piv_goodpiv.txt");
const OPENSC: &str = include_str!("data/piv_opensc.txt");

fn lines_of(record: &'static str) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    record
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, bytes) = line.split_once(' ').unwrap();
            (name, hex::decode(bytes).unwrap())
        })
}

fn lines() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    lines_of(GOODPIV)
}

fn value_of(record: &'static str, name: &str) -> Vec<u8> {
    lines_of(record)
        .find(|(found, _)| *found == name)
        .unwrap()
        .1
}

fn value(name: &str) -> Vec<u8> {
    value_of(GOODPIV, name)
}

fn signer() -> ContentSigner {
    ContentSigner::new(&value("signer-key-identifier"), &value("signer-point")).unwrap()
}

/// The host of the record: its ephemeral key, then its name.
fn host() -> KeyEstablishment {
    let mut drawn = [value("ephemeral"), value("host")].into_iter();
    KeyEstablishment::begin(|out| out.copy_from_slice(&drawn.next().unwrap())).unwrap()
}

fn established() -> Established {
    host().finish(&value("answer"), &signer(), None).unwrap()
}

#[test]
fn the_key_establishment_is_theirs() {
    assert_eq!(host().command().to_bytes().unwrap(), value("establish"));
    let established = established();
    let guid: [u8; 16] = value("guid").try_into().unwrap();
    assert_eq!(established.certificate.subject(), CvcSubject::Card(guid));
    assert_eq!(established.certificate.issuer(), signer().name());
}

#[test]
fn a_certificate_of_our_making_is_theirs_byte_for_byte() {
    let certificate = established().certificate;
    let unsigned = UnsignedCvc {
        issuer: certificate.issuer(),
        subject: certificate.subject(),
        point: *certificate.point(),
    };
    // The DER signature is the last of the certificate's bytes.
    let bytes = certificate.as_bytes();
    let der = bytes.windows(2).rposition(|pair| pair == [0x30, 0x45]);
    let again = unsigned.signed(&bytes[der.unwrap()..]).unwrap();
    assert_eq!(again.as_bytes(), bytes);
    assert_eq!(again.verify(&signer(), None), Ok(()));
}

#[test]
fn every_command_and_answer_is_theirs() {
    let get = |tag: &[u8]| {
        let data = [&[0x5C, tag.len() as u8], tag].concat();
        Command::new(0, 0xCB, 0x3F, 0xFF)
            .with_data(data)
            .with_le(256)
    };
    // Of the management key's exchange the plain text is not recorded but follows from its form: an empty witness, and
    // 16 bytes under AES-192.
    let asks = Command::new(0, 0x87, 0x0A, 0x9B)
        .with_data([0x7C, 0x02, 0x81, 0x00])
        .with_le(256);
    let plain = [
        Command::new(0, 0x20, 0, 0x98).with_data(*b"13572468"),
        Command::new(0, 0x20, 0, 0x80).with_data(*b"123456\xFF\xFF"),
        get(&[0x5F, 0xC1, 0x02]),
        get(&[0x5F, 0xC1, 0x22]),
        asks,
    ];
    let mut session = established().session;
    let mut answers = Vec::new();
    let mut recorded = lines().filter(|(name, _)| matches!(*name, "<" | ">"));
    for command in plain {
        let (_, sent) = recorded.next().unwrap();
        let wrapped = session.wrap(&command).unwrap();
        assert_eq!(hex::encode(wrapped.to_bytes().unwrap()), hex::encode(sent));
        let (_, answer) = recorded.next().unwrap();
        let answer = session.unwrap(&Response::parse(&answer).unwrap()).unwrap();
        assert_eq!(answer.sw, StatusWord::SUCCESS);
        answers.push(answer.data);
    }
    assert!(answers[2].windows(16).any(|part| part == value("guid")));
    assert!(
        answers[3]
            .windows(65)
            .any(|part| part == value("signer-point"))
    );
    // Their management key is 0102…08, three times.
    let key: Vec<u8> = (1..=8).cycle().take(24).collect();
    let mut response = Array::try_from(&answers[4][4..]).unwrap();
    Aes192::new_from_slice(&key)
        .unwrap()
        .encrypt_block(&mut response);
    let object = tlv::encode(
        Tag::new(0x53),
        &tlv::encode(Tag::new(0x70), &b"goodkey ".repeat(120)),
    );
    for (command, name) in [
        (
            Command::new(0, 0x87, 0x0A, 0x9B)
                .with_data([&[0x7C, 0x12, 0x82, 0x10], &response[..]].concat()),
            ">",
        ),
        (
            Command::new(0, 0xDB, 0x3F, 0xFF)
                .with_data([&[0x5C, 0x03, 0x5F, 0xC1, 0x0D], &object[..]].concat()),
            "mac",
        ),
    ] {
        let wrapped = session.wrap(&command.with_le(256)).unwrap();
        let bytes = wrapped.to_bytes().unwrap();
        match name {
            "mac" => assert!(wrapped.data().ends_with(&value("mac"))),
            _ => assert_eq!(bytes, recorded.next().unwrap().1),
        }
        let (_, answer) = recorded.next().unwrap();
        let answer = session.unwrap(&Response::parse(&answer).unwrap()).unwrap();
        assert_eq!(answer.sw, StatusWord::SUCCESS);
    }
    assert!(recorded.next().is_none());
}

/// Length of `7C L 82 L` and the control byte before the nonce, of nonce and cryptogram.
const HEAD: usize = 3 + 3 + 1;
const NONCE: usize = 16;
const CRYPTOGRAM: usize = 16;

#[test]
fn openscs_commands_are_read_in_the_card() {
    let value = |name| value_of(OPENSC, name);
    let answer = value("answer");
    let (nonce, rest) = answer[HEAD..].split_at(NONCE);
    let establish = Command::parse(&value("establish")).unwrap();
    assert_eq!(establish.header(), [0x00, 0x87, 0x27, 0x04]);
    let (again, mut session) = card::establish(
        establish.data(),
        &value("key"),
        &rest[CRYPTOGRAM..],
        nonce.try_into().unwrap(),
    )
    .unwrap();
    assert_eq!(again, answer);
    let mut commands = 0;
    let mut records = lines_of(OPENSC).peekable();
    while let Some((name, bytes)) = records.next() {
        if name != ">" {
            continue;
        }
        let plain = session.unwrap(&Command::parse(&bytes).unwrap()).unwrap();
        let (_, expected) = records.next().unwrap();
        assert_eq!([&plain.header(), plain.data()].concat(), expected);
        if let Some((_, answer)) = records.next_if(|(name, _)| *name == "<") {
            let wrapped = session.wrap(StatusWord::SUCCESS.into());
            assert_eq!(wrapped.to_bytes(), answer);
        }
        commands += 1;
    }
    assert_eq!(commands, 16);
}
