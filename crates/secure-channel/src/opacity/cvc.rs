//! Card-verifiable certificates of PIV's secure messaging (SP 800-73-4 Part 2 §4.1.5, tables 15 and 16).
//!
//! `7F21 { 5F29 {80}, 42 {issuer}, 5F20 {subject}, 7F49 {06 curve, 86 point}, 5F4C {role}, 5F37 {signature} }`. The
//! issuer is named by the first eight bytes of its key's identifier. A card's certificate (role 00) names the card by its
//! UUID; an intermediate one (role 12) is a signer of cards and names itself by eight bytes. What is signed is all before
//! 5F37, as it stands; 5F37 is DER: `SEQUENCE {SEQUENCE {ecdsa-with-SHA256}, BIT STRING {signature}}`.

use alloc::vec::Vec;
use core::fmt;

use negin_apdu::tlv::{self, Tag};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};

use super::POINT;
use crate::Error;

const CERTIFICATE: Tag = Tag::new(0x7F21);
const PROFILE: Tag = Tag::new(0x5F29);
const ISSUER: Tag = Tag::new(0x42);
const SUBJECT: Tag = Tag::new(0x5F20);
const PUBLIC_KEY: Tag = Tag::new(0x7F49);
const POINT_TAG: Tag = Tag::new(0x86);
const ROLE: Tag = Tag::new(0x5F4C);
const SIGNATURE: Tag = Tag::new(0x5F37);
const SEQUENCE: Tag = Tag::new(0x30);
const OBJECT_IDENTIFIER: Tag = Tag::new(0x06);
const BIT_STRING: Tag = Tag::new(0x03);
const NULL: Tag = Tag::new(0x05);

/// The certificate profile there is.
const PROFILE_ID: [u8; 1] = [0x80];
/// The curve P-256, 1.2.840.10045.3.1.7.
const P256: [u8; 8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
/// ecdsa-with-SHA256, 1.2.840.10045.4.3.2.
const ECDSA_WITH_SHA256: [u8; 8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];

const CARD_ROLE: u8 = 0x00;
const INTERMEDIATE_ROLE: u8 = 0x12;

/// Length of an issuer's name.
const ISSUER_LENGTH: usize = 8;

/// Whose key a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CvcSubject {
    /// A card, by its UUID, as in its CHUID.
    Card([u8; 16]),
    /// An intermediate signer of cards.
    Intermediate([u8; ISSUER_LENGTH]),
}

impl CvcSubject {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Card(uuid) => uuid,
            Self::Intermediate(name) => name,
        }
    }

    const fn role(&self) -> u8 {
        match self {
            Self::Card(_) => CARD_ROLE,
            Self::Intermediate(_) => INTERMEDIATE_ROLE,
        }
    }
}

/// Who signs certificates and is trusted for it: the key of the content signer's X.509 certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentSigner {
    name: [u8; ISSUER_LENGTH],
    key: VerifyingKey,
}

impl ContentSigner {
    /// A signer by its key's identifier (the X.509 extension of that name, at least eight bytes) and its point of P-256,
    /// uncompressed.
    ///
    /// # Errors
    /// [`Error::Certificate`] for a shorter identifier or what is no point of the curve.
    pub fn new(key_identifier: &[u8], point: &[u8]) -> Result<Self, Error> {
        let name = key_identifier
            .first_chunk()
            .copied()
            .ok_or(Error::Certificate)?;
        let key = VerifyingKey::from_sec1_bytes(point).map_err(|_| Error::Certificate)?;
        Ok(Self { name, key })
    }

    /// The name under which its certificates say that it issued them.
    #[must_use]
    pub const fn name(&self) -> [u8; ISSUER_LENGTH] {
        self.name
    }
}

impl fmt::Debug for ContentSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentSigner({:02X?})", self.name)
    }
}

/// What a certificate is to say, before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsignedCvc {
    /// The issuer's name: the first eight bytes of its key identifier.
    pub issuer: [u8; ISSUER_LENGTH],
    /// Whose key it is.
    pub subject: CvcSubject,
    /// The key: a point of P-256, uncompressed.
    pub point: [u8; POINT],
}

impl UnsignedCvc {
    /// What is to be signed, with ECDSA over its SHA-256.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let key = [
            tlv::encode(OBJECT_IDENTIFIER, &P256),
            tlv::encode(POINT_TAG, &self.point),
        ]
        .concat();
        [
            tlv::encode(PROFILE, &PROFILE_ID),
            tlv::encode(ISSUER, &self.issuer),
            tlv::encode(SUBJECT, self.subject.bytes()),
            tlv::encode(PUBLIC_KEY, &key),
            tlv::encode(ROLE, &[self.subject.role()]),
        ]
        .concat()
    }

    /// The certificate, with the signature over [`UnsignedCvc::body`] in DER.
    ///
    /// # Errors
    /// [`Error::Certificate`] for what is no signature in DER.
    pub fn signed(&self, signature: &[u8]) -> Result<Cvc, Error> {
        let algorithm = tlv::encode(
            SEQUENCE,
            &tlv::encode(OBJECT_IDENTIFIER, &ECDSA_WITH_SHA256),
        );
        let bits = tlv::encode(BIT_STRING, &[&[0], signature].concat());
        let object = tlv::encode(SEQUENCE, &[algorithm, bits].concat());
        let value = [self.body(), tlv::encode(SIGNATURE, &object)].concat();
        Cvc::parse(&tlv::encode(CERTIFICATE, &value))
    }
}

/// A card-verifiable certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Cvc {
    bytes: Vec<u8>,
    issuer: [u8; ISSUER_LENGTH],
    subject: CvcSubject,
    point: [u8; POINT],
    body: Vec<u8>,
    signature: Signature,
}

impl fmt::Debug for Cvc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cvc({:02X?})", self.subject)
    }
}

/// The value of the next object, which must be of this tag.
fn take<'a>(bytes: &mut &'a [u8], tag: Tag) -> Option<&'a [u8]> {
    match tlv::read(bytes) {
        Ok((found, value, rest)) if found == tag => {
            *bytes = rest;
            Some(value)
        }
        _ => None,
    }
}

impl Cvc {
    /// Reads a certificate. Its signature is not verified here.
    ///
    /// # Errors
    /// [`Error::Certificate`] for another form, profile, curve, algorithm or role.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).ok_or(Error::Certificate)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let value = tlv::only(bytes, CERTIFICATE).ok()?;
        let mut rest = value;
        let profile = take(&mut rest, PROFILE)?;
        let issuer = take(&mut rest, ISSUER)?.try_into().ok()?;
        let subject = take(&mut rest, SUBJECT)?;
        let mut key = take(&mut rest, PUBLIC_KEY)?;
        let role = take(&mut rest, ROLE)?;
        let body = value.get(..value.len() - rest.len())?.to_vec();
        let signature = read_signature(tlv::only(rest, SIGNATURE).ok()?)?;
        let curve = take(&mut key, OBJECT_IDENTIFIER)?;
        let point = tlv::only(key, POINT_TAG).ok()?.try_into().ok()?;
        let subject = match role {
            [CARD_ROLE] => CvcSubject::Card(subject.try_into().ok()?),
            [INTERMEDIATE_ROLE] => CvcSubject::Intermediate(subject.try_into().ok()?),
            _ => return None,
        };
        (profile == PROFILE_ID && curve == P256).then(|| Self {
            bytes: bytes.to_vec(),
            issuer,
            subject,
            point,
            body,
            signature,
        })
    }

    /// The certificate as bytes, tag 7F21 and all.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whose key it is.
    #[must_use]
    pub const fn subject(&self) -> CvcSubject {
        self.subject
    }

    /// The name of who issued it.
    #[must_use]
    pub const fn issuer(&self) -> [u8; ISSUER_LENGTH] {
        self.issuer
    }

    /// The key: a point, uncompressed; not checked to be on the curve.
    #[must_use]
    pub const fn point(&self) -> &[u8; POINT] {
        &self.point
    }

    /// Verifies a card's certificate, directly or through an intermediate one, up to the signer.
    ///
    /// # Errors
    /// [`Error::UntrustedCertificate`] where one of the signatures is wrong or another's, or where the certificate is not
    /// a card's.
    pub fn verify(&self, signer: &ContentSigner, intermediate: Option<&Self>) -> Result<(), Error> {
        let untrusted = Error::UntrustedCertificate;
        if !matches!(self.subject, CvcSubject::Card(_)) {
            return Err(untrusted);
        }
        let Some(intermediate) = intermediate else {
            return self.verify_issued_by(signer);
        };
        let CvcSubject::Intermediate(name) = intermediate.subject else {
            return Err(untrusted);
        };
        intermediate.verify_issued_by(signer)?;
        let signer = ContentSigner::new(&name, &intermediate.point).map_err(|_| untrusted)?;
        self.verify_issued_by(&signer)
    }

    fn verify_issued_by(&self, signer: &ContentSigner) -> Result<(), Error> {
        let verified = signer.key.verify(&self.body, &self.signature).is_ok();
        if verified && self.issuer == signer.name {
            Ok(())
        } else {
            Err(Error::UntrustedCertificate)
        }
    }
}

fn read_signature(object: &[u8]) -> Option<Signature> {
    let mut rest = tlv::only(object, SEQUENCE).ok()?;
    let mut algorithm = take(&mut rest, SEQUENCE)?;
    let name = take(&mut algorithm, OBJECT_IDENTIFIER)?;
    // Some issuers write a NULL where there are no parameters.
    let plain = algorithm.is_empty() || tlv::only(algorithm, NULL) == Ok(&[]);
    let bits = tlv::only(rest, BIT_STRING).ok()?;
    let (&0, signature) = bits.split_first()? else {
        return None;
    };
    (name == ECDSA_WITH_SHA256 && plain)
        .then(|| Signature::from_der(signature).ok())
        .flatten()
}
