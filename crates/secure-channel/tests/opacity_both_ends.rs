//! PIV's secure messaging, host and card against each other: certificates and their chain, every byte of every message
//! tampered with, replay and wrong order.
#![allow(clippy::unwrap_used, reason = "tests")]

use negin_apdu::tlv::{self, Tag};
use negin_apdu::{
    Chaining, Command, Exchange, Interface, Limits, Response, StatusWord, Transmit, TransmitError,
};
use negin_secure_channel::opacity::host::{self, Established, KeyEstablishment};
use negin_secure_channel::opacity::{ContentSigner, Cvc, CvcSubject, UnsignedCvc, card};
use negin_secure_channel::{Error, SmError};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use proptest::prelude::*;

const UUID: [u8; 16] = *b"one card's uuid.";
const NAME: [u8; 8] = *b"content ";
const INTERMEDIATE: [u8; 8] = *b"between ";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn point(key: &SigningKey) -> [u8; 65] {
    let point = key.verifying_key().to_sec1_point(false);
    point.as_bytes().try_into().unwrap()
}

fn signer() -> ContentSigner {
    ContentSigner::new(&NAME, &point(&key(1))).unwrap()
}

fn certificate(issuer: [u8; 8], subject: CvcSubject, subject_key: u8, signed_by: u8) -> Cvc {
    let unsigned = UnsignedCvc {
        issuer,
        subject,
        point: point(&key(subject_key)),
    };
    let signature: DerSignature = key(signed_by).sign(&unsigned.body());
    unsigned.signed(signature.as_bytes()).unwrap()
}

fn card_certificate() -> Cvc {
    certificate(NAME, CvcSubject::Card(UUID), 9, 1)
}

fn host(seed: u8) -> KeyEstablishment {
    KeyEstablishment::begin(|out| out.fill(seed)).unwrap()
}

fn sessions() -> (host::Session, card::Session) {
    let host = host(5);
    let certificate = card_certificate();
    let (answer, card) = card::establish(
        host.command().data(),
        &[9; 32],
        certificate.as_bytes(),
        [7; 16],
    )
    .unwrap();
    let Established {
        certificate: found,
        session,
    } = host.finish(&answer, &signer(), None).unwrap();
    assert_eq!(found, certificate);
    (session, card)
}

/// A card that only sets up and echoes, and gathers chains as a link does.
struct Echo {
    session: Option<card::Session>,
    chain: Vec<u8>,
    waiting: Vec<u8>,
    limits: Limits,
}

impl Echo {
    fn answer(&mut self, command: Command) -> Response {
        if command.ins == 0xC0 {
            return self.piece();
        }
        self.chain.extend_from_slice(command.data());
        if command.is_chained() {
            return StatusWord::SUCCESS.into();
        }
        let command = command.with_data(std::mem::take(&mut self.chain));
        if command.cla == 0x00 {
            let certificate = card_certificate();
            let (answer, session) =
                card::establish(command.data(), &[9; 32], certificate.as_bytes(), [3; 16]).unwrap();
            self.session = Some(session);
            self.waiting = answer;
            return self.piece();
        }
        let session = self.session.as_mut().unwrap();
        match session.unwrap(&command) {
            Ok(plain) => {
                let echo = [&plain.header(), plain.data()].concat();
                self.waiting = session.wrap(Response::new(echo, StatusWord(0x63C3))).data;
                self.piece()
            }
            Err(error) => error.status().into(),
        }
    }

    fn piece(&mut self) -> Response {
        let rest = self.waiting.split_off(self.waiting.len().min(256));
        let sw = match rest.len() {
            0 => StatusWord::SUCCESS,
            left => StatusWord::more_available(left),
        };
        Response::new(std::mem::replace(&mut self.waiting, rest), sw)
    }
}

impl Transmit for Echo {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        Ok(self.answer(Command::parse(command).unwrap()).to_bytes())
    }
    fn limits(&self) -> Limits {
        self.limits
    }
    fn interface(&self) -> Interface {
        Interface::Contactless
    }
}

#[test]
fn all_sizes_go_both_ways_and_errors_are_protected() {
    for limits in [Limits::SHORT, Limits::EXTENDED] {
        let mut carrier = Chaining::new(Echo {
            session: None,
            chain: Vec::new(),
            waiting: Vec::new(),
            limits,
        });
        let begun = host(5);
        let answer = carrier.exchange(&begun.command()).unwrap().ok().unwrap();
        let established = begun.finish(&answer, &signer(), None).unwrap();
        let mut channel = established.channel(carrier);
        for size in [0, 1, 15, 16, 17, 32, 215, 216, 231, 255, 256, 3000] {
            for ne in [0, 1, 256, 65_536] {
                let command = Command::new(0, 0xCB, 1, 2)
                    .with_data(vec![8; size])
                    .with_le(ne);
                let answer = channel.exchange(&command).unwrap();
                assert_eq!(answer.sw, StatusWord(0x63C3));
                assert_eq!(answer.data, [&[0, 0xCB, 1, 2][..], &vec![8; size]].concat());
            }
        }
        assert!(channel.session().is_open());
    }
}

#[test]
fn an_answer_of_the_establishment_with_one_bit_changed_opens_nothing() {
    let certificate = card_certificate();
    let command = host(5).command();
    let (answer, _) =
        card::establish(command.data(), &[9; 32], certificate.as_bytes(), [7; 16]).unwrap();
    for at in 0..answer.len() {
        for bit in 0..8 {
            let mut forged = answer.clone();
            forged[at] ^= 1 << bit;
            let refused = host(5).finish(&forged, &signer(), None).err();
            assert!(refused.is_some(), "byte {at} bit {bit}");
        }
        let cut = host(5).finish(&answer[..at], &signer(), None).err();
        assert!(cut.is_some(), "cut at {at}");
    }
    // Nor does it open another host's.
    let refused = host(6).finish(&answer, &signer(), None).err();
    assert_eq!(refused, Some(Error::KeysNotAgreed));
}

#[test]
fn a_request_with_one_bit_changed_gives_no_session_that_fits() {
    let certificate = card_certificate();
    let data = host(5).command().data().to_vec();
    for at in 0..data.len() {
        let mut forged = data.clone();
        forged[at] ^= 1;
        match card::establish(&forged, &[9; 32], certificate.as_bytes(), [7; 16]) {
            Err(error) => assert_eq!(error.status(), StatusWord::WRONG_DATA, "{at}"),
            Ok((answer, _)) => {
                let refused = host(5).finish(&answer, &signer(), None).err();
                assert_eq!(refused, Some(Error::KeysNotAgreed), "{at}");
            }
        }
    }
}

#[test]
fn a_card_without_the_key_of_its_certificate_is_found_out() {
    let certificate = card_certificate();
    let begun = host(5);
    let (answer, _) = card::establish(
        begun.command().data(),
        &[8; 32],
        certificate.as_bytes(),
        [7; 16],
    )
    .unwrap();
    let refused = begun.finish(&answer, &signer(), None).err();
    assert_eq!(refused, Some(Error::KeysNotAgreed));
}

#[test]
fn certificates_are_trusted_by_signature_name_and_role() {
    let untrusted = Err(Error::UntrustedCertificate);
    let card = CvcSubject::Card(UUID);
    assert_eq!(card_certificate().verify(&signer(), None), Ok(()));
    // Another signer's key, another's name, another's role.
    assert_eq!(
        certificate(NAME, card, 9, 2).verify(&signer(), None),
        untrusted
    );
    assert_eq!(
        certificate(*b"somebody", card, 9, 1).verify(&signer(), None),
        untrusted
    );
    let between = certificate(NAME, CvcSubject::Intermediate(INTERMEDIATE), 3, 1);
    assert_eq!(between.verify(&signer(), None), untrusted);
    // Through an intermediate certificate, which must itself be the signer's and be one.
    let below = certificate(INTERMEDIATE, card, 9, 3);
    assert_eq!(below.verify(&signer(), Some(&between)), Ok(()));
    assert_eq!(below.verify(&signer(), None), untrusted);
    assert_eq!(
        card_certificate().verify(&signer(), Some(&between)),
        untrusted
    );
    let forged = certificate(NAME, CvcSubject::Intermediate(INTERMEDIATE), 3, 4);
    assert_eq!(below.verify(&signer(), Some(&forged)), untrusted);
    let no_signer = certificate(NAME, card, 3, 1);
    assert_eq!(below.verify(&signer(), Some(&no_signer)), untrusted);
}

#[test]
fn a_certificate_of_another_form_is_none() {
    let bytes = card_certificate().as_bytes().to_vec();
    let body = tlv::only(&bytes, Tag::new(0x7F21)).unwrap();
    let again = |value: &[u8]| Cvc::parse(&tlv::encode(Tag::new(0x7F21), value));
    assert!(again(body).is_ok());
    assert!(again(&[body, &[0x53, 0x00]].concat()).is_err());
    let objects: Vec<_> = tlv::objects(body).map(Result::unwrap).collect();
    for left_out in 0..objects.len() {
        let mut value = Vec::new();
        for (at, (tag, part)) in objects.iter().enumerate() {
            if at != left_out {
                tlv::write(&mut value, *tag, part);
            }
        }
        assert!(again(&value).is_err(), "without {left_out}");
    }
    assert!(ContentSigner::new(b"too few", &point(&key(1))).is_err());
    assert!(ContentSigner::new(&NAME, &[4; 65]).is_err());
}

fn verify() -> Command {
    Command::new(0, 0x20, 0, 0x80).with_data(*b"314159\xFF\xFF")
}

#[test]
fn a_command_with_one_bit_changed_ends_the_session_in_the_card() {
    let wrapped = sessions().0.wrap(&verify()).unwrap();
    let bytes = wrapped.to_bytes().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for at in 0..bytes.len() - 1 {
        for bit in 0..8 {
            let mut forged = bytes.clone();
            forged[at] ^= 1 << bit;
            let Ok(command) = Command::parse(&forged) else {
                continue;
            };
            let (_, mut card) = sessions();
            let error = card.unwrap(&command).unwrap_err();
            seen.insert(error.status().0);
            assert!(!card.is_open(), "byte {at} bit {bit}");
            assert_eq!(card.unwrap(&wrapped).unwrap_err(), SmError::Ended);
            let bare = card.wrap(Response::new([1, 2, 3], StatusWord::SUCCESS));
            assert_eq!(bare.data, []);
        }
    }
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [0x6982, 0x6987, 0x6988]
    );
}

#[test]
fn an_answer_with_one_bit_changed_ends_the_session_on_the_host() {
    let (mut host, mut card) = sessions();
    let plain = card.unwrap(&host.wrap(&verify()).unwrap()).unwrap();
    assert_eq!(plain.data(), verify().data());
    let answer = card.wrap(Response::new([1, 2, 3], StatusWord::SUCCESS));
    for at in 0..answer.data.len() {
        for bit in 0..8 {
            let (mut host, _) = sessions();
            host.wrap(&verify()).unwrap();
            let mut forged = answer.clone();
            forged.data[at] ^= 1 << bit;
            assert_eq!(host.unwrap(&forged), Err(Error::Response), "{at}");
            assert!(!host.is_open());
            assert_eq!(host.wrap(&verify()).err(), Some(Error::Ended));
        }
    }
    // A status word outside its protection is nobody's.
    for sw in [0x9000, 0x6982, 0x6988, 0x63C0, 0x6100] {
        let (mut host, _) = sessions();
        host.wrap(&verify()).unwrap();
        assert_eq!(host.unwrap(&StatusWord(sw).into()), Err(Error::Response));
    }
    assert_eq!(host.unwrap(&answer).unwrap().data, [1, 2, 3]);
}

#[test]
fn replay_and_wrong_order_are_refused_both_ways() {
    let (mut host, mut card) = sessions();
    let first = host.wrap(&verify()).unwrap();
    let second = host.wrap(&verify()).unwrap();
    card.unwrap(&first).unwrap();
    let answer = card.wrap(StatusWord::SUCCESS.into());
    assert_eq!(card.unwrap(&first).unwrap_err(), SmError::Mac, "again");
    let (_, mut card) = sessions();
    assert_eq!(card.unwrap(&second).unwrap_err(), SmError::Mac, "too early");
    host.unwrap(&answer).unwrap();
    assert_eq!(host.unwrap(&answer), Err(Error::Response), "again");
}

#[test]
fn objects_that_are_not_the_protocols_are_refused_under_a_right_mac() {
    // A peer that knows the keys: the same messaging, by a session of its own that MACs what it is given as objects.
    let (mut host, mut card) = sessions();
    let wrapped = host.wrap(&Command::new(0, 0x20, 0, 0x80)).unwrap();
    assert_eq!(wrapped.data().len(), 10, "nothing but the MAC");
    assert_eq!(card.unwrap(&wrapped).unwrap().data(), []);
    let mut card = sessions().1;
    let plain = Command::new(0x0C, 0x20, 0, 0x80);
    assert_eq!(card.unwrap(&plain).unwrap_err(), SmError::Missing);
    assert_eq!(SmError::Missing.status().0, 0x6987);
    let mut card = sessions().1;
    assert_eq!(card.unwrap(&verify()).unwrap_err(), SmError::NotSecured);
    assert!(!card.is_open());
}

#[test]
fn what_does_not_fit_is_told_before_anything_is_lost() {
    let (mut host, _) = sessions();
    let long = Command::new(0, 0xDB, 0x3F, 0xFF).with_data(vec![0; 65_520]);
    assert_eq!(host.wrap(&long).err(), Some(Error::CommandTooLong));
    assert!(host.is_open());
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let certificate = card_certificate();
        prop_assert!(card::establish(&bytes, &[9; 32], certificate.as_bytes(), [0; 16]).is_err());
        prop_assert!(host(5).finish(&bytes, &signer(), None).is_err());
        prop_assert!(Cvc::parse(&bytes).is_err());
        let (mut host, mut card) = sessions();
        let command = Command::new(0x0C, 0x20, 0, 0x80).with_data(&bytes[..]);
        prop_assert!(card.unwrap(&command).is_err());
        prop_assert!(host.unwrap(&Response::new(bytes, StatusWord::SUCCESS)).is_err());
    }
}
