//! The crate `yubikey`: a driver in Rust that takes the card for a YubiKey.
//!
//! Its code runs in this program itself, started once more with the card ([`pcsc::within`]).

use negin_tests::desk::PIN;
use negin_tests::pcsc;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};
use yubikey::certificate::CertInfo;
use yubikey::piv::{self, AlgorithmId, RetiredSlotId, SlotId};
use yubikey::{Certificate, Error, MgmKey, PinPolicy, TouchPolicy, YubiKey};

use crate::cards::issued;

#[test]
fn the_crate_works_with_the_card() {
    pcsc::within(
        |folder| {
            let card = folder.join("0.card");
            std::fs::write(&card, &issued().state).expect("room on the disk");
            vec!["--card".to_owned(), card.display().to_string()]
        },
        |_| works(),
    );
}

fn works() {
    let mut card = YubiKey::open().expect("a card that is taken for a YubiKey");
    assert_eq!(card.version().major, 5);
    assert!(card.name().starts_with("Negin Simulated Reader"));
    let chuid = card.chuid().expect("the CHUID");
    assert!(!chuid.uuid().is_nil());
    card.cccid().expect("the card capability container");
    let slots = [
        SlotId::Authentication,
        SlotId::Signature,
        SlotId::KeyManagement,
        SlotId::CardAuthentication,
        SlotId::Attestation,
    ];
    // One by one: its list of all takes the key history for a certificate, and ends there.
    for slot in slots {
        Certificate::read(&mut card, slot).unwrap_or_else(|error| panic!("{slot:?}: {error}"));
    }

    pins(&mut card);
    issued_keys(&mut card);
    administration(&mut card);
}

fn pins(card: &mut YubiKey) {
    assert_eq!(card.get_pin_retries().expect("told"), 5);
    let wrong = card.verify_pin(b"111111");
    assert!(
        matches!(wrong, Err(Error::WrongPin { tries: 4 })),
        "{wrong:?}"
    );
    card.verify_pin(PIN.as_bytes()).expect("the PIN");
    card.change_pin(PIN.as_bytes(), b"314159").expect("the PIN");
    card.change_pin(b"314159", PIN.as_bytes())
        .expect("the new PIN");
    card.verify_pin(PIN.as_bytes()).expect("the PIN");
}

/// The public point of a certificate's key.
fn point(certificate: &Certificate) -> Vec<u8> {
    certificate
        .subject_pki()
        .subject_public_key
        .raw_bytes()
        .to_vec()
}

fn verifies(point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_sec1_bytes(point).expect("a point");
    let signature = DerSignature::from_bytes(signature).expect("a signature");
    key.verify_prehash(digest, &signature).is_ok()
}

/// The shared secret of the card and a key of the host's, against the host's own reckoning.
fn agrees(card: &mut YubiKey, slot: SlotId, point: &[u8]) -> bool {
    let host = SecretKey::from_slice(&[0x42; 32]).expect("a scalar");
    let mine = host.public_key().to_sec1_bytes();
    let shared = piv::decrypt_data(card, &mine, AlgorithmId::EccP256, slot).expect("agreed");
    let other = PublicKey::from_sec1_bytes(point).expect("a point");
    host.diffie_hellman(&other).raw_secret_bytes()[..] == shared[..]
}

/// The keys of personalisation.
fn issued_keys(card: &mut YubiKey) {
    let digest = Sha256::digest(b"what is signed");
    for slot in [SlotId::Authentication, SlotId::Signature] {
        let certificate = Certificate::read(card, slot).expect("a certificate");
        // The signature key wants the PIN just before.
        card.verify_pin(PIN.as_bytes()).expect("the PIN");
        let signature = piv::sign_data(card, &digest, AlgorithmId::EccP256, slot);
        let signature = signature.expect("a signature");
        assert!(
            verifies(&point(&certificate), &digest, &signature),
            "{slot:?}"
        );
    }
    let again = piv::sign_data(card, &digest, AlgorithmId::EccP256, SlotId::Signature);
    assert!(
        matches!(again, Err(Error::AuthenticationError)),
        "{again:?}"
    );
    let certificate = Certificate::read(card, SlotId::KeyManagement).expect("a certificate");
    assert!(agrees(card, SlotId::KeyManagement, &point(&certificate)));
}

/// What the management key opens.
fn administration(card: &mut YubiKey) {
    let slot = SlotId::Retired(RetiredSlotId::R1);
    let closed = piv::generate(
        card,
        slot,
        AlgorithmId::EccP256,
        PinPolicy::Default,
        TouchPolicy::Default,
    );
    assert!(
        matches!(closed, Err(Error::AuthenticationError)),
        "{closed:?}"
    );
    let other = card.authenticate(MgmKey::generate());
    assert!(
        matches!(other, Err(Error::AuthenticationError)),
        "{other:?}"
    );
    card.authenticate(MgmKey::default())
        .expect("the management key");
    let made = piv::generate(
        card,
        slot,
        AlgorithmId::EccP256,
        PinPolicy::Default,
        TouchPolicy::Default,
    )
    .expect("a key pair");
    let point = made.subject_public_key.raw_bytes();
    assert!(agrees(card, slot, point));
    let told = piv::metadata(card, slot).expect("metadata");
    assert_eq!(told.public.as_ref(), Some(&made));
    assert_eq!(told.origin, Some(piv::Origin::Generated));
    let attested = piv::attest(card, slot).expect("an attestation");
    let attested = Certificate::from_bytes(attested).expect("a certificate");
    assert_eq!(self::point(&attested), point);
    assert!(Certificate::read(card, slot).is_err());
    attested
        .write(card, slot, CertInfo::Uncompressed)
        .expect("written");
    let read = Certificate::read(card, slot).expect("a certificate");
    assert_eq!(read.cert, attested.cert);
    Certificate::delete(card, slot).expect("deleted");
    assert!(Certificate::read(card, slot).is_err());
    let mut object = b"\x53\x04held".to_vec();
    card.save_object(0x5F_C10C, &mut object[2..])
        .expect("written");
    assert_eq!(card.fetch_object(0x5F_C10C).expect("read")[..], *b"held");
}
