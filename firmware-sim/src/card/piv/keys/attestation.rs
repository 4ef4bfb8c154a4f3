//! ATTEST of Yubico's extensions: a certificate by the card that a key was made in it.
//!
//! The card signs with a key of its own (F9), made when it is first asked for, and certified by nobody but itself: the
//! issuer learns it at the card. Certificate and extensions are of the form that Yubico documents, so that its tools
//! read them; the names in it are ours. A card has no clock: its certificates are valid without end (RFC 5280
//! §4.1.2.5), and have a serial number drawn from their content.

use negin_apdu::{Response, StatusWord};
use negin_eid::field;
use negin_eid::piv::{Algorithm, CertificateObject, KeyReference, PublicKey, YubicoCommand};
use sha2::{Digest, Sha256};

use super::private_key::PrivateKey;
use super::{Origin, StoredKey};
use crate::card::fault::Fault;
use crate::card::memory::id;
use crate::card::piv::extension::VERSION;
use crate::card::store::Transaction;
use crate::card::system::Card;

const SEQUENCE: u32 = 0x30;
const SET: u32 = 0x31;
const INTEGER: u32 = 0x02;
const BIT_STRING: u32 = 0x03;
const OCTET_STRING: u32 = 0x04;
const NULL: u32 = 0x05;
const OID: u32 = 0x06;
const UTF8_STRING: u32 = 0x0C;
const BOOLEAN: u32 = 0x01;
const UTC_TIME: u32 = 0x17;
const GENERALIZED_TIME: u32 = 0x18;

const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const PRIME256V1: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const SECP384R1: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const ECDSA_WITH_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 0x0E];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 0x23];
/// 1.3.6.1.4.1.41482.3, under which Yubico numbers what an attestation says.
const ATTESTED: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x03];
const FIRMWARE: u8 = 3;
const SERIAL: u8 = 7;
const POLICY: u8 = 8;
/// Nothing is touched.
const NO_TOUCH: u8 = 0x01;

impl Card {
    /// ATTEST: the certificate. A key that is not there is not found; one from elsewhere cannot be attested.
    pub(in crate::card::piv) fn attest(&mut self, key: KeyReference) -> Result<Response, Fault> {
        let attested = self
            .key_pair(key)?
            .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
        if attested.origin != Origin::Generated {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into());
        }
        let (signer, _) = self.attestation_key()?;
        let serial_number = self.serial_number()?;
        let policy = [YubicoCommand::pin_policy(key), NO_TOUCH];
        let authority = field::field(0x80, &identifier(&signer.public()?));
        let extensions = [
            extension(AUTHORITY_KEY_IDENTIFIER, false, &sequence(&[&authority])),
            attested_extension(FIRMWARE, &VERSION),
            attested_extension(SERIAL, &integer(&serial_number)),
            attested_extension(POLICY, &policy),
        ];
        let certificate = certificate(
            &attested.private.public()?,
            &format!("Negin PIV Attestation {:02x}", key.code()),
            ISSUER,
            &extensions.concat(),
            &signer,
        )?;
        Ok(Response::new(certificate, StatusWord::SUCCESS))
    }

    /// GET DATA of the attestation key's certificate, in a container of the form of all certificates.
    pub(in crate::card::piv) fn attestation_certificate(&mut self) -> Result<Response, Fault> {
        let (_, certificate) = self.attestation_key()?;
        let object = CertificateObject::new(certificate).encode();
        Ok(Response::new(object, StatusWord::SUCCESS))
    }

    /// The card's own key for attesting and its certificate, made and committed where there are none yet.
    fn attestation_key(&mut self) -> Result<(PrivateKey, Vec<u8>), Fault> {
        if let (Some(key), Some(certificate)) = (
            self.memory.get(id::ATTESTATION_KEY)?,
            self.memory.get(id::ATTESTATION_CERTIFICATE)?,
        ) {
            let key = StoredKey::decode(&key).ok_or(StatusWord::MEMORY_FAILURE)?;
            return Ok((key.private, certificate.to_vec()));
        }
        let key = StoredKey {
            origin: Origin::Generated,
            private: PrivateKey::generate(Algorithm::EccP256, &mut self.rng)?,
        };
        let public = key.private.public()?;
        let extensions = authority(&public);
        let certificate = certificate(&public, ISSUER, ISSUER, &extensions, &key.private)?;
        let mut transaction = Transaction::new();
        transaction
            .put(id::ATTESTATION_KEY, &key.encode()[..])
            .put(id::ATTESTATION_CERTIFICATE, &certificate[..]);
        self.memory.commit(transaction)?;
        Ok((key.private, certificate))
    }
}

/// The name under which every card attests.
const ISSUER: &str = "Negin PIV Attestation";

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    field::field(SEQUENCE, &parts.concat())
}

/// A number that is not negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let mut value = vec![0];
    value.extend_from_slice(&bytes[zeros..]);
    let needless = usize::from(value.get(1).is_some_and(|b| b & 0x80 == 0));
    field::field(INTEGER, &value[needless..])
}

fn bit_string(bytes: &[u8]) -> Vec<u8> {
    field::field(BIT_STRING, &[&[0], bytes].concat())
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical {
        field::field(BOOLEAN, &[0xFF])
    } else {
        Vec::new()
    };
    let value = field::field(OCTET_STRING, value);
    sequence(&[&field::field(OID, oid), &critical, &value])
}

fn attested_extension(number: u8, value: &[u8]) -> Vec<u8> {
    extension(&[ATTESTED, &[number]].concat(), false, value)
}

/// That the holder of this certificate issues others and does nothing else, with no authority between (RFC 5280
/// §4.2.1.2, §4.2.1.3, §4.2.1.9).
fn authority(key: &PublicKey) -> Vec<u8> {
    /// Bit 5, keyCertSign, of six.
    const ISSUES_CERTIFICATES: [u8; 4] = [0x03, 0x02, 0x02, 0x04];
    let authority = sequence(&[&field::field(BOOLEAN, &[0xFF]), &integer(&[0])]);
    let identifier = field::field(OCTET_STRING, &identifier(key));
    [
        extension(BASIC_CONSTRAINTS, true, &authority),
        extension(KEY_USAGE, true, &ISSUES_CERTIFICATES),
        extension(SUBJECT_KEY_IDENTIFIER, false, &identifier),
    ]
    .concat()
}

/// A key's identifier: the first 160 bits of a SHA-256 digest over the whole key information (RFC 7093 §2, method 4).
fn identifier(key: &PublicKey) -> [u8; 20] {
    let mut identifier = [0; 20];
    identifier.copy_from_slice(&Sha256::digest(key_information(key))[..20]);
    identifier
}

fn name(common: &str) -> Vec<u8> {
    let attribute = sequence(&[
        &field::field(OID, COMMON_NAME),
        &field::field(UTF8_STRING, common.as_bytes()),
    ]);
    sequence(&[&field::field(SET, &attribute)])
}

/// SubjectPublicKeyInfo (RFC 3279 §2.3.1, RFC 5480 §2).
fn key_information(key: &PublicKey) -> Vec<u8> {
    let curve = |oid: &[u8], point: &[u8]| {
        let algorithm = sequence(&[&field::field(OID, EC_PUBLIC_KEY), &field::field(OID, oid)]);
        sequence(&[&algorithm, &bit_string(point)])
    };
    match key {
        PublicKey::P256(point) => curve(PRIME256V1, point.as_bytes()),
        PublicKey::P384(point) => curve(SECP384R1, point.as_bytes()),
        PublicKey::Rsa(key) => {
            let algorithm =
                sequence(&[&field::field(OID, RSA_ENCRYPTION), &field::field(NULL, &[])]);
            let numbers = sequence(&[&integer(&key.modulus), &integer(&key.exponent)]);
            sequence(&[&algorithm, &bit_string(&numbers)])
        }
    }
}

/// An X.509 certificate of version 3, signed with ECDSA and SHA-256.
fn certificate(
    key: &PublicKey,
    subject: &str,
    issuer: &str,
    extensions: &[u8],
    signer: &PrivateKey,
) -> Result<Vec<u8>, StatusWord> {
    let algorithm = sequence(&[&field::field(OID, ECDSA_WITH_SHA256)]);
    let validity = sequence(&[
        &field::field(UTC_TIME, b"250101000000Z"),
        &field::field(GENERALIZED_TIME, b"99991231235959Z"),
    ]);
    let rest = [
        &algorithm[..],
        &name(issuer),
        &validity,
        &name(subject),
        &key_information(key),
        &field::field(0xA3, &field::field(SEQUENCE, extensions)),
    ]
    .concat();
    let version = field::field(0xA0, &integer(&[2]));
    let mut serial = [0; 16];
    serial.copy_from_slice(&Sha256::digest(&rest)[..16]);
    // RFC 5280 §4.1.2.2: a positive number, and here always of one length.
    serial[0] = serial[0] & 0x7F | 0x40;
    let content = sequence(&[&version, &integer(&serial), &rest]);
    let signature = signer.sign(&Sha256::digest(&content))?;
    Ok(sequence(&[&content, &algorithm, &bit_string(&signature)]))
}
