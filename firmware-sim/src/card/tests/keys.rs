//! The card's key pairs.

use negin_apdu::{StatusWord, Transmit};
use negin_eid::aid::Application;
use negin_eid::piv::{
    Algorithm, Container, FingerReference, GeneralAuthenticate, GenerateKeyPair, KeyReference,
    PivCommand, PublicPoint,
};
use negin_eid::roles::Role;
use p256::SecretKey;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};

use super::bench::*;

const DONE: StatusWord = StatusWord::SUCCESS;
const UNAUTHORISED: StatusWord = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
const DIGEST: [u8; 32] = [0x5A; 32];

/// A card in its holder's hand, with the public keys it told when it made them.
fn in_hand() -> (Bench, Vec<(KeyReference, PublicPoint)>) {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    let points = KeyReference::CURRENT
        .map(|key| (key, bench.generate(key)))
        .to_vec();
    assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, DONE);
    bench.personalise_rest();
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    (bench, points)
}

fn sign(key: KeyReference) -> PivCommand {
    let (algorithm, digest) = (Algorithm::EccP256, DIGEST.to_vec());
    PivCommand::GeneralAuthenticate(GeneralAuthenticate::Sign {
        key,
        algorithm,
        digest,
    })
}

#[test]
fn what_the_card_signs_verifies_against_the_key_it_told() {
    let (mut bench, points) = in_hand();
    for (key, point) in points.into_iter().filter(|(key, _)| !key.agrees()) {
        assert_eq!(bench.piv(&pin(PIN)).sw, DONE);
        let answer = bench.piv(&sign(key)).ok().expect("signs");
        let signature = GeneralAuthenticate::decode_answer(&answer).expect("an answer");
        let signature = DerSignature::from_bytes(signature.expose()).expect("DER");
        let public = VerifyingKey::from_sec1_bytes(point.as_bytes()).expect("on the curve");
        public
            .verify_prehash(&DIGEST, &signature)
            .expect("the card's signature");
    }
}

#[test]
fn the_key_for_agreement_agrees() {
    let (mut bench, points) = in_hand();
    let own = SecretKey::from_slice(&[7; 32]).expect("a scalar");
    let point = PublicPoint::new(&own.public_key().to_sec1_bytes()).expect("a point");
    let key = KeyReference::KeyManagement;
    let agree = PivCommand::GeneralAuthenticate(GeneralAuthenticate::Agree {
        key,
        point: point.into(),
    });
    assert_eq!(bench.piv(&agree).sw, UNAUTHORISED);
    bench.piv(&pin(PIN));
    let answer = bench.piv(&agree).ok().expect("agrees");
    let theirs = GeneralAuthenticate::decode_answer(&answer).expect("an answer");
    let (_, public) = points
        .into_iter()
        .find(|(found, _)| *found == key)
        .expect("made");
    let public = p256::PublicKey::from_sec1_bytes(public.as_bytes()).expect("on the curve");
    assert_eq!(
        theirs.expose(),
        &own.diffie_hellman(&public).raw_secret_bytes()[..]
    );
}

#[test]
fn a_point_off_the_curve_is_refused() {
    let (mut bench, _) = in_hand();
    bench.piv(&pin(PIN));
    let mut bytes = [7; 65];
    bytes[0] = 4;
    let point = PublicPoint::new(&bytes).expect("of the form");
    let key = KeyReference::KeyManagement;
    let agree = PivCommand::GeneralAuthenticate(GeneralAuthenticate::Agree {
        key,
        point: point.into(),
    });
    assert_eq!(bench.piv(&agree).sw, StatusWord::WRONG_DATA);
}

#[test]
fn each_key_has_its_condition() {
    let (mut bench, _) = in_hand();
    assert_eq!(
        bench.piv(&sign(KeyReference::CardAuthentication)).sw,
        DONE,
        "9E is free"
    );
    assert_eq!(
        bench.piv(&sign(KeyReference::Authentication)).sw,
        UNAUTHORISED
    );
    assert_eq!(bench.piv(&sign(KeyReference::Signature)).sw, UNAUTHORISED);
    assert_eq!(bench.piv(&genuine(FingerReference::Primary)).sw, DONE);
    assert_eq!(
        bench.piv(&sign(KeyReference::Signature)).sw,
        DONE,
        "a finger just before"
    );
    assert_eq!(
        bench.piv(&sign(KeyReference::Authentication)).sw,
        DONE,
        "a finger will do"
    );
}

#[test]
fn the_signature_key_wants_the_holder_each_time() {
    let (mut bench, _) = in_hand();
    bench.piv(&pin(PIN));
    assert_eq!(bench.piv(&sign(KeyReference::Signature)).sw, DONE);
    assert_eq!(
        bench.piv(&sign(KeyReference::Signature)).sw,
        UNAUTHORISED,
        "once"
    );
    bench.piv(&pin(PIN));
    bench.piv(&get(Container::Chuid));
    assert_eq!(
        bench.piv(&sign(KeyReference::Signature)).sw,
        UNAUTHORISED,
        "just before means just before"
    );
    for rubbish in [
        &[0x00][..],
        &[0x40, 0xCB, 0x3F, 0xFF],
        &[0x00, 0xEE, 0x00, 0x00],
    ] {
        bench.piv(&pin(PIN));
        bench.connection.transmit(rubbish).expect("answers");
        assert_eq!(
            bench.piv(&sign(KeyReference::Signature)).sw,
            UNAUTHORISED,
            "whatever came in between"
        );
    }
    bench.piv(&pin(PIN));
    bench.piv(&log_out(negin_eid::piv::VerifyReference::Pin));
    assert_eq!(bench.piv(&sign(KeyReference::Signature)).sw, UNAUTHORISED);
}

/// SP 800-78-4 table 3-1, and what is not in it.
#[test]
fn each_reference_takes_its_algorithms() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    for key in KeyReference::CURRENT {
        for algorithm in Algorithm::ALL {
            if algorithm == Algorithm::Rsa2048 {
                // Taken by all of them; making one takes its time, and is tried below.
                continue;
            }
            let command = GenerateKeyPair { key, algorithm };
            let answer = bench.secured_piv(&PivCommand::GenerateKeyPair(command));
            let expected = if key.takes(algorithm) {
                DONE
            } else {
                StatusWord::WRONG_DATA
            };
            assert_eq!(answer.sw, expected, "{key:?} {algorithm:?}");
        }
    }
}

#[test]
fn a_key_that_was_not_made_is_not_found() {
    let mut bench = Bench::blank();
    bench.exchange_keys();
    bench.open_in(Application::Piv, Role::Issuer);
    assert_eq!(bench.secured_piv(&enrol(FingerReference::Primary)).sw, DONE);
    bench.personalise_rest();
    bench.deliver();
    bench.reset();
    bench.select(Application::Piv);
    assert_eq!(
        bench.piv(&sign(KeyReference::CardAuthentication)).sw,
        StatusWord::REFERENCE_DATA_NOT_FOUND
    );
}
