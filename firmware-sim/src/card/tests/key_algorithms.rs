//! Keys of every algorithm and place: made, used, kept; each restriction.

use negin_apdu::{Command, Interface, Limits, StatusWord};
use negin_eid::aid::Application;
use negin_eid::piv::{
    Algorithm, CurvePoint, FingerReference, GeneralAuthenticate, GenerateKeyPair, KeyReference,
    PivCommand, PropertyTemplate, PublicKey, PublicPoint, PublicPoint384, RetiredKey,
    RsaPublicKey as RsaNumbers, VerifyReference,
};
use negin_eid::roles::Role;
use negin_eid::select::SelectApplication;
use p384::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::traits::{PaddingScheme, SignatureScheme};
use rsa::{BoxedUint, Pkcs1v15Encrypt, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest, Sha256};

use super::bench::*;
use crate::card::Card;

const DONE: StatusWord = StatusWord::SUCCESS;
const WRONG: StatusWord = StatusWord::WRONG_DATA;
const OTHER_ALGORITHM: StatusWord = StatusWord::INCORRECT_P1P2;
const UNAUTHORISED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;

fn retired(number: u8) -> KeyReference {
    KeyReference::Retired(RetiredKey::new(number).expect("1 to 20"))
}

/// A card in its holder's hand, with these keys.
fn in_hand<const N: usize>(keys: [(KeyReference, Algorithm); N]) -> (Bench, [PublicKey; N]) {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let made = keys.map(|(key, algorithm)| {
        let command = PivCommand::GenerateKeyPair(GenerateKeyPair { key, algorithm });
        let answer = bench.secured_piv(&command).ok().expect("made");
        let public = PublicKey::decode(&answer).expect("a public key");
        assert_eq!(public.algorithm(), Some(algorithm));
        public
    });
    assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, DONE);
    bench.personalise_rest();
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    (bench, made)
}

fn use_key(command: GeneralAuthenticate) -> PivCommand {
    PivCommand::GeneralAuthenticate(command)
}

fn sign(key: KeyReference, algorithm: Algorithm, digest: &[u8]) -> PivCommand {
    let digest = digest.to_vec();
    use_key(GeneralAuthenticate::Sign {
        key,
        algorithm,
        digest,
    })
}

fn operate(key: KeyReference, block: &[u8]) -> PivCommand {
    let block = block.to_vec();
    use_key(GeneralAuthenticate::Rsa { key, block })
}

fn answered(bench: &mut Bench, command: &PivCommand) -> Vec<u8> {
    let answer = bench.piv(command).ok().expect("answered");
    let answer = GeneralAuthenticate::decode_answer(&answer).expect("an answer");
    answer.expose().to_vec()
}

fn rsa_key(public: &PublicKey) -> RsaPublicKey {
    let PublicKey::Rsa(RsaNumbers { modulus, exponent }) = public else {
        panic!("{public:?}")
    };
    assert_eq!((modulus.len(), &exponent[..]), (256, &[1, 0, 1][..]));
    RsaPublicKey::new(
        BoxedUint::from_be_slice(modulus, 2048).expect("fits"),
        BoxedUint::from(65_537u64),
    )
    .expect("an RSA key")
}

/// PKCS #1 v1.5's block around a SHA-256 digest (RFC 8017 §9.2), made by hand.
fn padded(digest: &[u8]) -> Vec<u8> {
    let information = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let filling = vec![0xFF; 256 - 3 - information.len() - digest.len()];
    [&[0x00, 0x01][..], &filling, &[0x00], &information, digest].concat()
}

#[test]
fn rsa_signs_deciphers_and_keeps_its_limits() {
    let key = KeyReference::KeyManagement;
    let (mut bench, [public]) = in_hand([(key, Algorithm::Rsa2048)]);
    let rsa = rsa_key(&public);
    let digest = Sha256::digest(b"what is signed");
    assert_eq!(bench.piv(&operate(key, &padded(&digest))).sw, UNAUTHORISED);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);

    let signature = answered(&mut bench, &operate(key, &padded(&digest)));
    Pkcs1v15Sign::new::<Sha256>()
        .verify(&rsa, &digest, &signature)
        .expect("the card's signature");
    let again = answered(&mut bench, &operate(key, &padded(&digest)));
    assert_eq!(signature, again, "blinding leaves the result alone");

    let cryptogram = Pkcs1v15Encrypt
        .encrypt(&mut rng(5), &rsa, b"a session key")
        .expect("enciphered");
    let plain = answered(&mut bench, &operate(key, &cryptogram));
    assert_eq!(plain.len(), 256, "leading zeros stay");
    assert_eq!(plain[..2], [0x00, 0x02]);
    assert!(plain.ends_with(b"\0a session key"));

    let PublicKey::Rsa(RsaNumbers { modulus, .. }) = &public else {
        panic!("{public:?}")
    };
    assert_eq!(bench.piv(&operate(key, modulus)).sw, WRONG, "not below it");
    assert_eq!(bench.piv(&operate(key, &[0xFF; 256])).sw, WRONG);
    assert_eq!(answered(&mut bench, &operate(key, &[0; 256])), [0; 256]);
    for (p1, data) in [(0x07, &[0x11; 255][..]), (0x07, &[0x11; 257]), (0x07, &[])] {
        let template = negin_eid::field::field(0x81, data);
        let template = negin_eid::field::field(0x7C, &[&[0x82, 0][..], &template].concat());
        let command = Command::new(0, 0x87, p1, key.code()).with_data(template);
        assert_eq!(bench.plain(&command).sw, WRONG, "{} bytes", data.len());
    }
    let digest = sign(key, Algorithm::EccP256, &digest);
    assert_eq!(bench.piv(&digest).sw, OTHER_ALGORITHM);
}

/// Over short APDUs both ways: the block goes in a chain, the answer comes with GET RESPONSE.
#[test]
fn rsa_over_a_reader_of_short_commands() {
    let key = KeyReference::CardAuthentication;
    let (mut bench, [public]) = in_hand([(key, Algorithm::Rsa2048)]);
    let mut bench = bench.moved(Interface::Contact, Limits::SHORT);
    bench.select(Application::Piv);
    let digest = Sha256::digest(b"internal authentication");
    let signature = answered(&mut bench, &operate(key, &padded(&digest)));
    Pkcs1v15Sign::new::<Sha256>()
        .verify(&rsa_key(&public), &digest, &signature)
        .expect("kept over the move, too");
}

/// A chain is one command: the pieces of what 9C signs do not come between PIN and signature.
#[test]
fn the_signature_key_over_a_reader_of_short_commands() {
    let key = KeyReference::Signature;
    let (mut bench, _) = in_hand([(key, Algorithm::Rsa2048)]);
    let mut bench = bench.moved(Interface::Contact, Limits::SHORT);
    bench.select(Application::Piv);
    let block = padded(&Sha256::digest(b"a contract"));
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    assert_eq!(answered(&mut bench, &operate(key, &block)).len(), 256);
    assert_eq!(bench.piv(&operate(key, &block)).sw, UNAUTHORISED, "once");
    // Another command in the chain: it is dropped, and the PIN is no longer just before.
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    let whole = operate(key, &block).to_apdu();
    let piece = Command::new(0x10, 0x87, 0x07, key.code()).with_data(&whole.data()[..200]);
    assert_eq!(bench.plain(&piece).sw, DONE);
    assert!(bench.tries(VerifyReference::Pin).is_none(), "verified");
    let rest = Command::new(0x00, 0x87, 0x07, key.code()).with_data(&whole.data()[200..]);
    assert!(!bench.plain(&rest).sw.is_success());
    assert_eq!(bench.piv(&operate(key, &block)).sw, UNAUTHORISED);
}

#[test]
fn p384_signs_digests_up_to_its_size() {
    let key = KeyReference::Signature;
    let (mut bench, [public]) = in_hand([(key, Algorithm::EccP384)]);
    let PublicKey::P384(point) = public else {
        panic!("{public:?}")
    };
    let verifying =
        p384::ecdsa::VerifyingKey::from_sec1_bytes(point.as_bytes()).expect("on the curve");
    for length in [1, 20, 32, 47, 48] {
        let digest: Vec<u8> = (1..=length).collect();
        assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
        let signature = answered(&mut bench, &sign(key, Algorithm::EccP384, &digest));
        let signature = p384::ecdsa::DerSignature::from_bytes(&signature).expect("DER");
        let number = [vec![0; 48 - digest.len()], digest].concat();
        verifying
            .verify_prehash(&number, &signature)
            .unwrap_or_else(|_| panic!("{length} bytes"));
    }
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    let long = sign(key, Algorithm::EccP384, &[7; 49]);
    assert_eq!(bench.piv(&long).sw, WRONG);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    let other = sign(key, Algorithm::EccP256, &[7; 32]);
    assert_eq!(bench.piv(&other).sw, OTHER_ALGORITHM);
}

#[test]
fn retired_keys_agree_on_both_curves_after_the_pin() {
    let places = [
        (retired(1), Algorithm::EccP256),
        (retired(20), Algorithm::EccP384),
    ];
    let (mut bench, [small, large]) = in_hand(places);
    let (PublicKey::P256(small), PublicKey::P384(large)) = (small, large) else {
        panic!("of the algorithms asked for")
    };
    let own = p256::SecretKey::from_slice(&[7; 32]).expect("a scalar");
    let wide = p384::SecretKey::from_slice(&[7; 48]).expect("a scalar");
    let point = PublicPoint::new(&own.public_key().to_sec1_bytes()).expect("a point");
    let wide_point = PublicPoint384::new(&wide.public_key().to_sec1_bytes()).expect("a point");
    let agree = |key, point: CurvePoint| use_key(GeneralAuthenticate::Agree { key, point });
    let first = agree(retired(1), point.into());
    assert_eq!(bench.piv(&first).sw, UNAUTHORISED);
    assert_eq!(bench.piv(&genuine(FingerReference::Primary)).sw, DONE);

    let theirs = p256::PublicKey::from_sec1_bytes(small.as_bytes()).expect("on the curve");
    let shared = own.diffie_hellman(&theirs);
    assert_eq!(answered(&mut bench, &first), shared.raw_secret_bytes()[..]);
    let theirs = p384::PublicKey::from_sec1_bytes(large.as_bytes()).expect("on the curve");
    let shared = wide.diffie_hellman(&theirs);
    let last = agree(retired(20), wide_point.into());
    assert_eq!(answered(&mut bench, &last), shared.raw_secret_bytes()[..]);

    let crossed = agree(retired(1), wide_point.into());
    assert_eq!(bench.piv(&crossed).sw, OTHER_ALGORITHM);
    let off = PublicPoint384::new(&[4; 97]).expect("of the form");
    assert_eq!(bench.piv(&agree(retired(20), off.into())).sw, WRONG);
    let none = agree(retired(2), point.into());
    assert_eq!(bench.piv(&none).sw, StatusWord::REFERENCE_DATA_NOT_FOUND);
    let signs = sign(retired(1), Algorithm::EccP256, &[7; 32]);
    assert_eq!(bench.piv(&signs).sw, WRONG, "a retired key does not sign");
}

#[test]
fn references_do_what_they_are_for_and_nothing_else() {
    let keys = KeyReference::CURRENT.map(|key| (key, Algorithm::EccP256));
    let (mut bench, _) = in_hand(keys);
    let own = p256::SecretKey::from_slice(&[7; 32]).expect("a scalar");
    let point = PublicPoint::new(&own.public_key().to_sec1_bytes()).expect("a point");
    for key in KeyReference::CURRENT {
        let point = point.into();
        let agrees = use_key(GeneralAuthenticate::Agree { key, point });
        let signs = sign(key, Algorithm::EccP256, &[7; 20]);
        let (does, does_not) = if key.agrees() {
            (agrees, signs)
        } else {
            (signs, agrees)
        };
        assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
        assert_eq!(bench.piv(&does).sw, DONE, "{key:?}");
        assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
        assert_eq!(bench.piv(&does_not).sw, WRONG, "{key:?}");
    }
}

#[test]
fn select_tells_the_algorithms() {
    let mut bench = Bench::blank();
    let answer = bench.plain(&SelectApplication::new(Application::Piv.aid()).to_apdu());
    let template = PropertyTemplate::decode(&answer.data).expect("PIV's template");
    for algorithm in [Algorithm::Rsa2048, Algorithm::EccP256, Algorithm::EccP384] {
        assert!(template.algorithms.contains(&algorithm.code()));
    }
    assert!(!template.algorithms.contains(&Algorithm::Rsa1024.code()));
}

/// The same card with the same entropy makes the same key, of whatever algorithm.
#[test]
fn keys_come_from_the_cards_entropy() {
    let make = || {
        let mut bench = Bench::blank();
        bench.exchange_keys();
        bench.open_in(Application::Piv, Role::Issuer);
        [Algorithm::Rsa2048, Algorithm::EccP384, Algorithm::EccP256].map(|algorithm| {
            let key = KeyReference::Signature;
            let command = PivCommand::GenerateKeyPair(GenerateKeyPair { key, algorithm });
            bench.secured_piv(&command).ok().expect("made")
        })
    };
    assert_eq!(make(), make());
}

/// Making a key of RSA takes the card no more than a few seconds.
#[test]
fn rsa_keys_are_made_in_reasonable_time() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let start = std::time::Instant::now();
    for number in 1..=4 {
        let command = GenerateKeyPair {
            key: retired(number),
            algorithm: Algorithm::Rsa2048,
        };
        let answer = bench.secured_piv(&PivCommand::GenerateKeyPair(command));
        assert_eq!(answer.sw, DONE);
    }
    let each = start.elapsed() / 4;
    println!("one key of RSA 2048: {each:?}");
    assert!(each.as_secs() < 5, "{each:?}");
}

/// Another key in the place: the one before is gone, with its algorithm.
#[test]
fn a_key_gives_way_to_another_of_another_algorithm() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let key = KeyReference::CardAuthentication;
    for algorithm in [Algorithm::Rsa2048, Algorithm::EccP256] {
        let command = PivCommand::GenerateKeyPair(GenerateKeyPair { key, algorithm });
        assert_eq!(bench.secured_piv(&command).sw, DONE);
    }
    assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, DONE);
    bench.personalise_rest();
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&operate(key, &[1; 256])).sw, OTHER_ALGORITHM);
    let signs = sign(key, Algorithm::EccP256, &[7; 32]);
    assert_eq!(bench.piv(&signs).sw, DONE);
}

/// A card's state loads with all its keys.
#[test]
fn keys_outlive_the_power() {
    let places = [
        (KeyReference::CardAuthentication, Algorithm::EccP256),
        (retired(3), Algorithm::Rsa2048),
    ];
    let (bench, [_, public]) = in_hand(places);
    let state = bench.card.lock().expect("not poisoned").state_bytes();
    let card = Card::from_state_bytes(&state, rng(77)).expect("whole");
    let mut bench = Bench::of(card, Interface::Contact, Limits::EXTENDED);
    bench.select(Application::Piv);
    assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
    let digest = Sha256::digest(b"later");
    let signature = answered(&mut bench, &operate(retired(3), &padded(&digest)));
    Pkcs1v15Sign::new::<Sha256>()
        .verify(&rsa_key(&public), &digest, &signature)
        .expect("the same key");
}
