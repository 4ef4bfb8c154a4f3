//! Host and card against each other: every level, mode and key length; every byte of a message tampered with.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::rc::Rc;

use negin_apdu::{
    Chaining, Command, Exchange, Interface, Limits, Response, StatusWord, Transmit, TransmitError,
};
use negin_secure_channel::key::KeySet;
use negin_secure_channel::scp03::host::{self, InitializeUpdateResponse};
use negin_secure_channel::scp03::kdf::SessionKeys;
use negin_secure_channel::scp03::{Options, SecurityLevel, card};
use negin_secure_channel::{Error, SmError};
use proptest::prelude::*;
use support::card::{Card, INVOKER, key_set, options};

fn open<T: Transmit>(
    mut carrier: T,
    keys: &KeySet,
    challenge: &[u8],
    level: SecurityLevel,
) -> Result<host::Channel<T>, Error> {
    let answer = carrier
        .exchange(&host::initialize_update(0x30, challenge))
        .unwrap()
        .ok()
        .unwrap();
    let answer = InitializeUpdateResponse::parse(&answer)?;
    let session = SessionKeys::derive(keys, challenge, answer.card_challenge.as_bytes());
    let handshake = host::Handshake::new(challenge, answer)?;
    let (authenticate, opening) = handshake
        .verify_card(session)?
        .external_authenticate(level)?;
    assert_eq!(
        carrier.exchange(&authenticate).unwrap().sw,
        StatusWord::SUCCESS
    );
    Ok(opening.channel(carrier))
}

/// All parameters that offer this level, in both modes and both kinds of challenge.
fn parameters(level: SecurityLevel) -> impl Iterator<Item = u8> {
    (0..0x80u8).filter(move |i| Options::new(*i).is_ok_and(|options| options.offers(level)))
}

#[test]
fn every_level_mode_challenge_and_key_length() {
    let mut sessions = 0;
    for level in SecurityLevel::ALL {
        for i in parameters(level) {
            for length in [16, 24, 32] {
                for limits in [Limits::SHORT, Limits::EXTENDED] {
                    let keys = key_set(length);
                    let card = Card::new(keys.clone(), i, limits);
                    let seen = Rc::clone(&card.seen);
                    let challenge = &b"a host challenge"[..options(i).mode().length()];
                    let mut channel = open(Chaining::new(card), &keys, challenge, level).unwrap();
                    assert_eq!(channel.level(), Some(level));
                    for (n, size) in [0, 1, 15, 16, 17, 200, 223, 255, 256, 3000]
                        .into_iter()
                        .enumerate()
                    {
                        let data = vec![u8::try_from(n).unwrap(); size];
                        let command = Command::new([0x80, 0x00][n % 2], 0xCA, 1, 2)
                            .with_data(&data[..])
                            .with_le(65_536);
                        assert_eq!(
                            channel.exchange(&command).unwrap(),
                            Response::new(&data[..], StatusWord::SUCCESS)
                        );
                        let arrived = seen.borrow_mut().pop().unwrap();
                        assert_eq!(
                            (arrived.header(), arrived.data()),
                            (command.header(), &data[..])
                        );
                    }
                    sessions += 1;
                }
            }
        }
    }
    assert_eq!(sessions, 2 * 3 * (12 + 12 + 12 + 8 + 8 + 4));
}

#[test]
fn warnings_are_protected_and_errors_bare() {
    for level in SecurityLevel::ALL {
        let keys = key_set(16);
        let mut channel = open(
            Card::new(keys.clone(), 0x70, Limits::SHORT),
            &keys,
            b"8 bytes.",
            level,
        )
        .unwrap();
        for sw in [0x63C2, 0x6282, 0x6985, 0x6A80] {
            let mut card = channel.into_inner();
            card.next = Some(Response::new([1, 2, 3], StatusWord(sw)));
            let mut again = open(card, &keys, b"8 bytes.", level).unwrap();
            let answer = again
                .exchange(
                    &Command::new(0, 0x20, 0, 0x80)
                        .with_data([9; 8])
                        .with_le(256),
                )
                .unwrap();
            // Below R-MAC an answer goes as it is; with it, an error loses its data.
            let bare = level.r_mac() && sw & 0xFF00 >= 0x6900;
            let expected = if bare {
                StatusWord(sw).into()
            } else {
                Response::new([1, 2, 3], StatusWord(sw))
            };
            assert_eq!(answer, expected);
            channel = again;
        }
    }
}

#[test]
fn limits_leave_room_for_what_messaging_adds() {
    for i in [0x70, 0x78] {
        let keys = key_set(16);
        for level in SecurityLevel::ALL {
            let challenge = &b"a host challenge"[..options(i).mode().length()];
            let card = Chaining::new(Card::new(keys.clone(), i, Limits::SHORT));
            let mut channel = open(card, &keys, challenge, level).unwrap();
            let most = channel.limits().command_data;
            let fits = Command::new(0, 0xCA, 1, 2)
                .with_data(vec![3; most])
                .with_le(65_536);
            assert_eq!(channel.exchange(&fits).unwrap().data.len(), most);
            let beyond = Command::new(0, 0xCA, 1, 2).with_data(vec![3; most + 1]);
            // Too long is told before anything is sent: the session goes on.
            assert_eq!(channel.exchange(&beyond), Err(TransmitError::TooLong));
            assert_eq!(channel.exchange(&fits).unwrap().data.len(), most);
        }
    }
}

#[test]
fn every_changed_byte_of_a_command_is_refused_and_ends_the_session() {
    for level in [
        SecurityLevel::CMac,
        SecurityLevel::CMacCDecryption,
        SecurityLevel::Full,
    ] {
        let (keys, mut changed) = (key_set(16), 0);
        let command = Command::new(0x80, 0xF0, 0x40, 0x0F).with_data(*b"A0000003080000");
        let length = wrapped(&keys, level, &command).0.to_bytes().unwrap().len();
        for at in 0..length {
            for flip in [0x01, 0x80] {
                let (sent, mut session) = wrapped(&keys, level, &command);
                let mut bytes = sent.to_bytes().unwrap();
                bytes[at] ^= flip;
                // A changed Lc is no command any more: that too never reaches execution.
                let Ok(tampered) = Command::parse(&bytes) else {
                    continue;
                };
                // The number of the logical channel is not the session's; the card checks it on its own.
                if at == 0 && flip == 0x01 {
                    continue;
                }
                let refused = session.unwrap(&tampered).unwrap_err();
                assert!(
                    matches!(refused, SmError::Mac | SmError::NotSecured),
                    "byte {at}"
                );
                assert!(!session.is_open());
                assert_eq!(session.unwrap(&sent), Err(SmError::Ended));
                assert_eq!(
                    session.wrap(Response::new([1], StatusWord::SUCCESS)).data,
                    []
                );
                changed += 1;
            }
        }
        assert!(changed >= 2 * (length - 2));
    }
}

/// A wrapped command and the card session that waits for it.
fn wrapped(keys: &KeySet, level: SecurityLevel, command: &Command) -> (Command, card::Session) {
    let parameters = card::Parameters {
        kdd: [0; 10],
        kvn: 0x30,
        options: Options::I_70,
    };
    let challenge = card::CardChallenge::PseudoRandom {
        sequence_counter: [0, 0, 9],
        invoker: &INVOKER,
    };
    let at_card = card::Handshake::open(keys, parameters, b"8 bytes.", challenge).unwrap();
    let answer = InitializeUpdateResponse::parse(&at_card.response()).unwrap();
    let session = SessionKeys::derive(keys, b"8 bytes.", answer.card_challenge.as_bytes());
    let at_host = host::Handshake::new(b"8 bytes.", answer)
        .unwrap()
        .verify_card(session)
        .unwrap();
    let (authenticate, opening) = at_host.external_authenticate(level).unwrap();
    let sent = opening.session().wrap(command).unwrap();
    (sent, at_card.authenticate(&authenticate).unwrap())
}

#[test]
fn shortened_and_plain_commands_are_refused() {
    let keys = key_set(16);
    let plain = Command::new(0x80, 0xF0, 0x40, 0x0F).with_data([1, 2, 3]);
    let (sent, _) = wrapped(&keys, SecurityLevel::Full, &plain);
    for end in 0..sent.data().len() {
        let (_, mut session) = wrapped(&keys, SecurityLevel::Full, &plain);
        let cut = Command::new(sent.cla, sent.ins, sent.p1, sent.p2).with_data(&sent.data()[..end]);
        assert_eq!(session.unwrap(&cut), Err(SmError::Mac));
    }
    let (sent, mut session) = wrapped(&keys, SecurityLevel::Full, &plain);
    assert_eq!(session.unwrap(&plain), Err(SmError::NotSecured));
    assert_eq!(session.unwrap(&sent), Err(SmError::Ended));
}

#[test]
fn every_changed_byte_of_external_authenticate_is_refused() {
    let keys = key_set(16);
    for i in [0x70u8, 0x78] {
        let mode = options(i).mode();
        let challenge = &b"a host challenge"[..mode.length()];
        let begin = || {
            let parameters = card::Parameters {
                kdd: [0; 10],
                kvn: 0x30,
                options: options(i),
            };
            let counter = card::CardChallenge::PseudoRandom {
                sequence_counter: [0, 0, 9],
                invoker: &INVOKER,
            };
            card::Handshake::open(&keys, parameters, challenge, counter).unwrap()
        };
        let answer = InitializeUpdateResponse::parse(&begin().response()).unwrap();
        let session = SessionKeys::derive(&keys, challenge, answer.card_challenge.as_bytes());
        let checked = host::Handshake::new(challenge, answer)
            .unwrap()
            .verify_card(session)
            .unwrap();
        let (sent, _) = checked.external_authenticate(SecurityLevel::Full).unwrap();
        assert!(begin().authenticate(&sent).is_ok());
        for at in 0..sent.data().len() {
            let mut data = sent.data().to_vec();
            data[at] ^= 0x10;
            let changed = Command::new(sent.cla, sent.ins, sent.p1, sent.p2).with_data(data);
            assert_eq!(
                begin().authenticate(&changed).err(),
                Some(SmError::HostCryptogram),
                "byte {at}"
            );
        }
        for (cla, ins, p1, p2, error) in [
            (0x84, 0x82, 0x13, 0x00, SmError::HostCryptogram),
            (0x84, 0x82, 0x31, 0x00, SmError::Parameters),
            (0x84, 0x82, 0x33, 0x01, SmError::Parameters),
            (0x84, 0xD8, 0x33, 0x00, SmError::Parameters),
            (0x80, 0x82, 0x33, 0x00, SmError::NotSecured),
        ] {
            let changed = Command::new(cla, ins, p1, p2).with_data(sent.data());
            assert_eq!(begin().authenticate(&changed).err(), Some(error));
        }
        let short = Command::new(0x84, 0x82, 0x33, 0).with_data(&sent.data()[1..]);
        assert_eq!(begin().authenticate(&short).err(), Some(SmError::Length));
    }
}

/// Changes one byte of the next answer.
struct Tampering<T> {
    inner: T,
    change: Option<(usize, u8)>,
}

impl<T: Transmit> Transmit for Tampering<T> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let mut answer = self.inner.transmit(command)?;
        if let Some((at, flip)) = self.change.take() {
            answer[at] ^= flip;
        }
        Ok(answer)
    }
    fn limits(&self) -> Limits {
        self.inner.limits()
    }
    fn interface(&self) -> Interface {
        self.inner.interface()
    }
}

#[test]
fn every_changed_byte_of_an_answer_is_refused_and_ends_the_session() {
    for level in [
        SecurityLevel::CMacRMac,
        SecurityLevel::CMacCDecryptionRMac,
        SecurityLevel::Full,
    ] {
        let keys = key_set(16);
        let command = Command::new(0x80, 0xCA, 0x00, 0x66)
            .with_data(*b"twenty bytes of data")
            .with_le(256);
        let length = if level == SecurityLevel::Full { 32 } else { 20 } + 8 + 2;
        for at in 0..length {
            for flip in [0x01, 0x80] {
                let card = Card::new(keys.clone(), 0x70, Limits::SHORT);
                let carrier = Tampering {
                    inner: card,
                    change: None,
                };
                let mut channel = open(carrier, &keys, b"8 bytes.", level).unwrap();
                channel.get_mut().change = Some((at, flip));
                assert_eq!(
                    channel.exchange(&command),
                    Err(TransmitError::SecureMessaging),
                    "byte {at}"
                );
                assert_eq!(channel.level(), None);
                assert_eq!(
                    channel.exchange(&command),
                    Err(TransmitError::SecureMessaging)
                );
            }
        }
    }
}

#[test]
fn a_lost_answer_ends_the_session() {
    /// Loses every answer but the first two.
    struct Losing(Card, u8);
    impl Transmit for Losing {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
            let answer = self.0.transmit(command);
            self.1 += 1;
            if self.1 > 2 {
                Err(TransmitError::CardRemoved)
            } else {
                answer
            }
        }
        fn limits(&self) -> Limits {
            self.0.limits()
        }
        fn interface(&self) -> Interface {
            self.0.interface()
        }
    }
    let keys = key_set(16);
    let card = Losing(Card::new(keys.clone(), 0x70, Limits::SHORT), 0);
    let mut channel = open(card, &keys, b"8 bytes.", SecurityLevel::Full).unwrap();
    let command = Command::new(0x80, 0xCA, 0, 0x66).with_le(256);
    assert_eq!(channel.exchange(&command), Err(TransmitError::CardRemoved));
    assert_eq!(
        channel.exchange(&command),
        Err(TransmitError::SecureMessaging)
    );
    assert_eq!(channel.into_inner().1, 3);
}

#[test]
fn what_the_card_does_not_offer_is_not_asked() {
    let keys = key_set(16);
    let refused = |i, challenge: &[u8], level| {
        open(
            Card::new(keys.clone(), i, Limits::SHORT),
            &keys,
            challenge,
            level,
        )
        .err()
    };
    let all_levels = Error::LevelNotOffered(SecurityLevel::Full);
    assert_eq!(
        refused(0x20, b"8 bytes.", SecurityLevel::Full),
        Some(all_levels)
    );
    assert_eq!(
        refused(0x00, b"8 bytes.", SecurityLevel::CMacRMac),
        Some(Error::LevelNotOffered(SecurityLevel::CMacRMac))
    );
    // A card of mode S16 wants sixteen bytes.
    let mut card = Card::new(keys.clone(), 0x78, Limits::SHORT);
    assert_eq!(
        card.exchange(&host::initialize_update(0x30, b"8 bytes."))
            .unwrap()
            .sw,
        StatusWord::WRONG_LENGTH
    );
}

#[test]
fn answers_to_initialize_update_of_every_form() {
    let form = |i: u8, length: usize| {
        let mut data = vec![0; length];
        (data[10], data[11], data[12]) = (0x30, 0x03, i);
        InitializeUpdateResponse::parse(&data)
    };
    for (i, right) in [(0x60, 29), (0x70, 32), (0x68, 45), (0x78, 48)] {
        for length in 13..60 {
            assert_eq!(
                form(i, length).is_ok(),
                length == right,
                "i {i:02X}, {length} bytes"
            );
        }
    }
    assert_eq!(form(0x01, 29), Err(Error::Options(0x01)));
    let scp02 = hex::decode("00000000000000000000700200016B4524ABEE7CF32EA3838BC148F3").unwrap();
    assert_eq!(
        InitializeUpdateResponse::parse(&scp02),
        Err(Error::Protocol(0x02))
    );
    for length in 0..13 {
        assert_eq!(
            InitializeUpdateResponse::parse(&vec![0; length]),
            Err(Error::InitializeUpdate)
        );
    }
}

proptest! {
    #[test]
    fn a_card_survives_any_command(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (_, mut session) = wrapped(&key_set(16), SecurityLevel::Full, &Command::new(0x80, 0xCA, 0, 0));
        if let Ok(command) = Command::parse(&bytes) {
            prop_assert!(session.unwrap(&command).is_err());
        }
    }
}
