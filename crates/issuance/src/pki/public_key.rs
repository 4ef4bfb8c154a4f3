//! Public keys in certificates: P-256, and RSA for cards of other makers that have no curves.

use der::asn1::{Any, BitString, Null, UintRef};
use der::{Decode, Encode};
use negin_eid::piv::{Algorithm, PublicKey, PublicPoint, RsaPublicKey};
use p256::ecdsa::{DerSignature, VerifyingKey, signature::Verifier};
use rsa::{BoxedUint, Pkcs1v15Sign};
use sha2::{Digest, Sha256};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::{Error, oid};

/// The key of a certificate. RSA is of 2048 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SubjectKey {
    P256(VerifyingKey),
    Rsa(rsa::RsaPublicKey),
}

/// RSA's public key as certificates have it (RFC 8017 appendix A.1.1).
#[derive(der::Sequence)]
struct RsaNumbers<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

impl SubjectKey {
    /// The key that a card made.
    ///
    /// # Errors
    /// [`Error::PublicKey`] for a point that is not on the curve, and for keys of other algorithms or lengths.
    pub(super) fn of_card(key: &PublicKey) -> Result<Self, Error> {
        match key {
            PublicKey::P256(point) => Self::of_point(point),
            PublicKey::Rsa(RsaPublicKey { modulus, exponent })
                if key.algorithm() == Some(Algorithm::Rsa2048) =>
            {
                Self::rsa(modulus, exponent)
            }
            _ => Err(Error::PublicKey),
        }
    }

    pub(super) fn of_point(point: &PublicPoint) -> Result<Self, Error> {
        VerifyingKey::from_sec1_bytes(point.as_bytes())
            .map(Self::P256)
            .map_err(|_| Error::PublicKey)
    }

    fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        rsa::RsaPublicKey::new(number(modulus), number(exponent))
            .map(Self::Rsa)
            .map_err(|_| Error::PublicKey)
    }

    /// Reads it from a certificate.
    ///
    /// # Errors
    /// [`Error::PublicKey`] for keys of other algorithms or lengths.
    pub(super) fn decode(info: &SubjectPublicKeyInfoOwned) -> Result<Self, Error> {
        let bytes = info.subject_public_key.raw_bytes();
        let parameters = info.algorithm.parameters.as_ref();
        if info.algorithm.oid == oid::EC_PUBLIC_KEY {
            let curve = parameters.and_then(|curve| curve.decode_as().ok());
            let key = VerifyingKey::from_sec1_bytes(bytes).ok();
            return key
                .filter(|_| curve == Some(oid::P256))
                .map(Self::P256)
                .ok_or(Error::PublicKey);
        }
        if info.algorithm.oid != oid::RSA_ENCRYPTION {
            return Err(Error::PublicKey);
        }
        let numbers = RsaNumbers::from_der(bytes).map_err(|_| Error::PublicKey)?;
        let modulus = numbers.modulus.as_bytes();
        if modulus.len() != 256 {
            return Err(Error::PublicKey);
        }
        Self::rsa(modulus, numbers.exponent.as_bytes())
    }

    /// As a certificate has it.
    ///
    /// # Errors
    /// None that a key which was read can cause.
    pub(super) fn encode(&self) -> Result<SubjectPublicKeyInfoOwned, Error> {
        let unfit = |_| Error::PublicKey;
        match self {
            Self::P256(key) => {
                SubjectPublicKeyInfoOwned::from_key(key).map_err(|_| Error::PublicKey)
            }
            Self::Rsa(key) => {
                use rsa::traits::PublicKeyParts;
                let (modulus, exponent) = (key.n_bytes(), key.e_bytes());
                let numbers = RsaNumbers {
                    modulus: UintRef::new(&modulus).map_err(unfit)?,
                    exponent: UintRef::new(&exponent).map_err(unfit)?,
                };
                let numbers = numbers.to_der().map_err(unfit)?;
                Ok(SubjectPublicKeyInfoOwned {
                    algorithm: AlgorithmIdentifierOwned {
                        oid: oid::RSA_ENCRYPTION,
                        parameters: Some(Any::encode_from(&Null).map_err(unfit)?),
                    },
                    subject_public_key: BitString::from_bytes(&numbers).map_err(unfit)?,
                })
            }
        }
    }

    /// Verifies a signature over the SHA-256 of `message`: ECDSA in DER, or RSASSA-PKCS1-v1_5.
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match self {
            Self::P256(key) => {
                let signature =
                    DerSignature::from_bytes(signature).map_err(|_| Error::Signature)?;
                key.verify(message, &signature)
                    .map_err(|_| Error::Signature)
            }
            Self::Rsa(key) => {
                let scheme = Pkcs1v15Sign {
                    hash_len: Some(32),
                    prefix: SHA256_PREFIX.into(),
                };
                key.verify(scheme, &Sha256::digest(message), signature)
                    .map_err(|_| Error::Signature)
            }
        }
    }
}

/// DigestInfo of a SHA-256 up to the digest itself (RFC 8017 §9.2 note 1).
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// What a card with an RSA key of 2048 bits is given to sign `message`: its SHA-256, padded as RSASSA-PKCS1-v1_5 has it.
#[must_use]
pub fn padded_for_rsa(message: &[u8]) -> [u8; 256] {
    let mut block = [0xFF; 256];
    let digest = Sha256::digest(message);
    let tail = SHA256_PREFIX.len() + digest.len();
    let (padding, info) = block.split_at_mut(256 - tail);
    padding[..2].copy_from_slice(&[0x00, 0x01]);
    if let Some(last) = padding.last_mut() {
        *last = 0x00;
    }
    info[..SHA256_PREFIX.len()].copy_from_slice(&SHA256_PREFIX);
    info[SHA256_PREFIX.len()..].copy_from_slice(&digest);
    block
}
