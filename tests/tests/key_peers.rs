//! The card's key pairs with OpenSSL as the peer: what the card makes, signs, deciphers, agrees on and attests, and what
//! it is brought, over the host's own rooms.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::path::Path;

use negin_apdu::Chaining;
use negin_card::Piv;
use negin_eid::piv::{
    Algorithm, CurvePoint, ImportKey, KeyMaterial, KeyReference, ManagementKey, Pin, PublicKey,
    RetiredKey,
};
use negin_eid::{Secret, field};
use negin_firmware_sim::bus::InProcess;
use negin_issuance::profile::Profile;
use negin_tests::desk::PIN;
use negin_tests::journey::World;
use negin_tests::office::Office;
use negin_tests::openssl::openssl;
use sha2::{Digest, Sha256, Sha384};

const MESSAGE: &[u8] = b"what is signed, or kept to oneself";

struct Table {
    piv: Piv<Chaining<InProcess>>,
    folder: tempfile::TempDir,
}

impl Table {
    /// A token in its holder's hand, its administrator authenticated.
    fn set() -> Self {
        let profile = Profile::piv_token().expect("the built-in profile");
        let world = World::of(Office::with_profile(7, profile), 1);
        let mut journey = world.locked();
        journey.finish();
        let mut piv = Piv::select(Chaining::new(journey.card.link())).expect("PIV");
        piv.authenticate_administrator(&ManagementKey::factory(), b"a fresh one each")
            .expect("the factory's key");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("message"), MESSAGE).expect("room");
        Self { piv, folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn holder(&mut self) {
        let pin = Pin::new(PIN).expect("digits");
        let verified = self.piv.verify_pin(pin).expect("an answer");
        assert_eq!(verified, negin_card::Verification::Passed);
    }

    fn keep(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).expect("room");
    }

    fn kept(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).expect("written")
    }

    /// Has OpenSSL do what these words say.
    fn openssl(&self, words: &str) {
        let words: Vec<_> = words.split_whitespace().collect();
        let (done, said) = openssl(self.path(), &words);
        assert!(done, "openssl {words:?}: {said}");
    }

    /// Makes a key in the card and keeps its public half as OpenSSL reads it, `card.der`.
    fn generate(&mut self, key: KeyReference, algorithm: Algorithm) -> PublicKey {
        let public = self.piv.generate(key, algorithm).expect("made");
        self.keep("card.der", &key_information(&public));
        public
    }
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    field::field(0x30, &parts.concat())
}

/// SubjectPublicKeyInfo (RFC 5480 §2, RFC 3279 §2.3.1).
fn key_information(key: &PublicKey) -> Vec<u8> {
    let bits = |bytes: &[u8]| field::field(0x03, &[&[0], bytes].concat());
    let curve = |oid: &[u8], point: &[u8]| {
        let ec: &[u8] = &[0x06, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];
        sequence(&[&sequence(&[ec, oid]), &bits(point)])
    };
    match key {
        PublicKey::P256(point) => curve(
            &[0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7],
            point.as_bytes(),
        ),
        PublicKey::P384(point) => curve(&[0x06, 5, 0x2B, 0x81, 4, 0, 0x22], point.as_bytes()),
        PublicKey::Rsa(key) => {
            let rsa: &[u8] = &[0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0];
            let modulus = field::field(0x02, &[&[0], &key.modulus[..]].concat());
            let numbers = sequence(&[&modulus, &field::field(0x02, &key.exponent)]);
            sequence(&[&sequence(&[rsa]), &bits(&numbers)])
        }
    }
}

/// PKCS #1 v1.5's block around a SHA-256 digest (RFC 8017 §9.2).
fn padded(message: &[u8]) -> [u8; 256] {
    let information = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let mut block = [0xFF; 256];
    block[..2].copy_from_slice(&[0x00, 0x01]);
    block[204] = 0x00;
    block[205..224].copy_from_slice(&information);
    block[224..].copy_from_slice(&Sha256::digest(message));
    block
}

#[test]
fn openssl_verifies_what_keys_of_each_algorithm_sign() {
    let mut table = Table::set();
    for (key, algorithm, hash) in [
        (KeyReference::Authentication, Algorithm::EccP256, "sha256"),
        (KeyReference::Signature, Algorithm::EccP384, "sha384"),
        (KeyReference::Signature, Algorithm::EccP384, "sha256"),
        (KeyReference::Signature, Algorithm::Rsa2048, "sha256"),
        (
            KeyReference::CardAuthentication,
            Algorithm::Rsa2048,
            "sha256",
        ),
    ] {
        table.generate(key, algorithm);
        table.holder();
        let digest = match hash {
            "sha384" => Sha384::digest(MESSAGE).to_vec(),
            _ => Sha256::digest(MESSAGE).to_vec(),
        };
        let signature = if algorithm == Algorithm::Rsa2048 {
            let signature = table.piv.rsa(key, &padded(MESSAGE)).expect("signed");
            signature.expose().to_vec()
        } else {
            table
                .piv
                .sign_with(key, algorithm, &digest)
                .expect("signed")
        };
        table.keep("signature", &signature);
        table.openssl(&format!(
            "dgst -{hash} -verify card.der -keyform DER -signature signature message"
        ));
        let mut bent = signature;
        bent[40] ^= 1;
        table.keep("signature", &bent);
        let words = "dgst -sha256 -verify card.der -keyform DER -signature signature message";
        let words: Vec<_> = words.split_whitespace().collect();
        assert!(!openssl(table.path(), &words).0, "a signature that is none");
    }
}

#[test]
fn what_openssl_enciphers_the_card_deciphers() {
    let mut table = Table::set();
    let retired = KeyReference::Retired(RetiredKey::new(20).expect("the last place"));
    for key in [KeyReference::KeyManagement, retired] {
        table.generate(key, Algorithm::Rsa2048);
        table.openssl(
            "pkeyutl -encrypt -pubin -keyform DER -inkey card.der -in message -out cryptogram",
        );
        let cryptogram = table.kept("cryptogram");
        table.holder();
        let block = cryptogram.as_slice().try_into().expect("one block");
        let plain = table.piv.rsa(key, block).expect("deciphered");
        // PKCS #1 v1.5 (RFC 8017 §7.2): 00 02, filling without zeros, 00, the message.
        let plain = plain.expose();
        assert_eq!(plain[..2], [0x00, 0x02]);
        let end = plain[2..].iter().position(|b| *b == 0).expect("an end") + 3;
        assert_eq!(&plain[end..], MESSAGE);
    }
}

#[test]
fn card_and_openssl_agree_on_the_same_secret() {
    let mut table = Table::set();
    let retired = KeyReference::Retired(RetiredKey::new(1).expect("the first place"));
    for (key, algorithm, curve, length) in [
        (KeyReference::KeyManagement, Algorithm::EccP256, "P-256", 65),
        (KeyReference::KeyManagement, Algorithm::EccP384, "P-384", 97),
        (retired, Algorithm::EccP384, "P-384", 97),
    ] {
        table.generate(key, algorithm);
        table.openssl(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out own.pem"
        ));
        table.openssl("pkey -in own.pem -pubout -outform DER -out own.der");
        // OpenSSL's peer keys are of PEM: the card's goes through it once.
        table.openssl("pkey -pubin -inform DER -in card.der -out card.pem");
        table.openssl("pkeyutl -derive -inkey own.pem -peerkey card.pem -out secret");
        let own = table.kept("own.der");
        let point = &own[own.len() - length..];
        let point = CurvePoint::new(algorithm, point).expect("a point");
        table.holder();
        let agreed = table.piv.agree(key, point).expect("agreed");
        assert_eq!(agreed.expose(), table.kept("secret"), "{curve}");
    }
}

/// The numbers of a DER sequence of integers, each at its full length.
fn integers(der: &[u8], length: usize) -> Vec<Vec<u8>> {
    let inside = field::only("a key", der, 0x30).expect("a sequence");
    field::fields("a key", inside)
        .filter_map(|part| match part.expect("a field") {
            (0x02, value) => {
                let zeros = value.iter().take_while(|b| **b == 0).count();
                let value = &value[zeros..];
                let mut number = vec![0; length.saturating_sub(value.len())];
                number.extend_from_slice(value);
                Some(number)
            }
            _ => None,
        })
        .collect()
}

/// RSA's padding of PKCS #1 v1.5 leaves nothing to chance: card and OpenSSL sign alike with one key.
#[test]
fn a_key_of_openssls_signs_in_the_card_as_it_does_outside() {
    let mut table = Table::set();
    table.openssl("genrsa -out own.pem 2048");
    table.openssl("rsa -in own.pem -traditional -outform DER -out own.der");
    // RSAPrivateKey (RFC 8017 A.1.2): version, n, e, d, p, q, dp, dq, qinv.
    let numbers = integers(&table.kept("own.der"), 128);
    let parts: [Vec<u8>; 5] = numbers[4..9].to_vec().try_into().expect("five");
    let key = KeyReference::Authentication;
    let import = ImportKey {
        key,
        algorithm: Algorithm::Rsa2048,
        material: KeyMaterial::Rsa(Box::new(parts.map(Secret::new))),
    };
    table.piv.import(import).expect("brought");
    table.holder();
    let signed = table.piv.rsa(key, &padded(MESSAGE)).expect("signed");
    table.openssl("dgst -sha256 -sign own.pem -out signature message");
    assert_eq!(signed.expose(), table.kept("signature"));

    for (algorithm, curve, length) in [
        (Algorithm::EccP256, "P-256", 32),
        (Algorithm::EccP384, "P-384", 48),
    ] {
        table.openssl(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out own.pem"
        ));
        table.openssl("ec -in own.pem -outform DER -out own.der");
        table.openssl("pkey -in own.pem -pubout -outform DER -out card.der");
        // ECPrivateKey (RFC 5915 §3): version, then the scalar as an octet string.
        let der = table.kept("own.der");
        let inside = field::only("a key", &der, 0x30).expect("a sequence");
        let scalar = field::find("a key", inside, 0x04).expect("fields");
        let scalar = scalar.expect("a scalar");
        assert_eq!(scalar.len(), length);
        let material = KeyMaterial::Scalar(scalar.into());
        let import = ImportKey {
            key,
            algorithm,
            material,
        };
        table.piv.import(import).expect("brought");
        table.holder();
        let digest = Sha256::digest(MESSAGE);
        let signature = table.piv.sign_with(key, algorithm, &digest);
        table.keep("signature", &signature.expect("signed"));
        table.openssl("dgst -sha256 -verify card.der -keyform DER -signature signature message");
    }
}

#[test]
fn openssl_believes_an_attestation_that_goes_with_the_cards_certificate() {
    let mut table = Table::set();
    let own = table.piv.attestation_certificate().expect("made");
    table.keep("own.der", &own);
    table.openssl("x509 -inform DER -in own.der -out own.pem");
    for (key, algorithm) in [
        (KeyReference::Authentication, Algorithm::EccP256),
        (KeyReference::Signature, Algorithm::EccP384),
        (KeyReference::KeyManagement, Algorithm::Rsa2048),
    ] {
        table.generate(key, algorithm);
        let attested = table.piv.attest(key).expect("made in the card");
        table.keep("attested.der", &attested);
        table.openssl("x509 -inform DER -in attested.der -out attested.pem");
        table.openssl("verify -x509_strict -CAfile own.pem attested.pem");
        table.openssl("x509 -in attested.pem -noout -pubkey -out public.pem");
        table.openssl("pkey -pubin -in public.pem -outform DER -out public.der");
        assert_eq!(table.kept("public.der"), table.kept("card.der"));
    }
}
