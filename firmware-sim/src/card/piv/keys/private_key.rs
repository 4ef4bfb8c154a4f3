//! A private key of any algorithm the card has: made, checked, used. Nothing here reads or writes memory.

use negin_apdu::StatusWord;
use negin_eid::Secret;
use negin_eid::piv::{
    Algorithm, CurvePoint, KeyMaterial, Point, PublicKey, RsaPublicKey as RsaNumbers,
};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use rand_core::CryptoRng;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, RsaPrivateKey};
use zeroize::Zeroizing;

/// Bits of an RSA modulus.
const RSA_BITS: usize = 2048;
/// Bytes of each of its primes.
const RSA_PRIME: usize = 128;
/// The public exponent of every RSA key here: what IMPORT carries no exponent for.
const RSA_EXPONENT: u64 = 65_537;

/// A private key. The types in it wipe themselves.
pub(in crate::card) enum PrivateKey {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    Rsa(Box<RsaPrivateKey>),
}

/// Data that a key cannot be used on, or that is no key.
const WRONG: StatusWord = StatusWord::WRONG_DATA;

impl PrivateKey {
    /// Makes a key of an algorithm that the card has: the same one from the same randomness.
    pub fn generate(algorithm: Algorithm, rng: &mut impl CryptoRng) -> Result<Self, StatusWord> {
        match algorithm {
            Algorithm::EccP256 => Ok(Self::P256(scalar(rng, |bytes: &[u8; 32]| {
                p256::SecretKey::from_slice(bytes).ok()
            }))),
            Algorithm::EccP384 => Ok(Self::P384(scalar(rng, |bytes: &[u8; 48]| {
                p384::SecretKey::from_slice(bytes).ok()
            }))),
            Algorithm::Rsa2048 => RsaPrivateKey::new(rng, RSA_BITS)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|_| StatusWord::UNKNOWN_ERROR),
            _ => Err(WRONG),
        }
    }

    /// A key that was made elsewhere: a scalar of its group; primes of the modulus's half, odd and different, whose
    /// product is of full length and whose further numbers fit them, and with which the private operation undoes the
    /// public one: numbers that are no primes fail there.
    pub fn import(
        algorithm: Algorithm,
        material: &KeyMaterial,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, StatusWord> {
        match (algorithm, material) {
            (Algorithm::EccP256 | Algorithm::EccP384, KeyMaterial::Scalar(scalar)) => {
                Self::decode(algorithm, scalar.expose()).ok_or(WRONG)
            }
            (Algorithm::Rsa2048, KeyMaterial::Rsa(numbers)) => {
                let [p, q, dp, dq, qinv] = &**numbers;
                let key = rsa(p.expose(), q.expose()).ok_or(WRONG)?;
                let told = [dp, dq, qinv].map(|number| number.expose());
                let own = [
                    key.dp().map(number),
                    key.dq().map(number),
                    key.crt_coefficient().as_ref().map(number),
                ];
                // All are compared, whichever is wrong: which one it is is nobody's business.
                let fits = own.iter().zip(told).fold(true, |fits, (own, told)| {
                    fits & own.as_ref().is_some_and(|own| equal(own, told))
                });
                let key = Self::Rsa(Box::new(key));
                let mut trial = [0; RSA_BITS / 8];
                // The first byte stays zero: below any modulus.
                rng.fill_bytes(&mut trial[1..]);
                if fits && key.operate(&trial, rng).is_ok() {
                    Ok(key)
                } else {
                    Err(WRONG)
                }
            }
            _ => Err(WRONG),
        }
    }

    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::EccP256,
            Self::P384(_) => Algorithm::EccP384,
            Self::Rsa(_) => Algorithm::Rsa2048,
        }
    }

    /// The key for memory: the scalar, or both primes.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::P256(key) => Zeroizing::new(key.to_bytes()).to_vec(),
            Self::P384(key) => Zeroizing::new(key.to_bytes()).to_vec(),
            Self::Rsa(key) => {
                let mut bytes = Vec::with_capacity(2 * RSA_PRIME);
                for prime in key.primes() {
                    bytes.extend_from_slice(&number(prime));
                }
                bytes
            }
        })
    }

    /// The key from memory.
    pub fn decode(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::EccP256 => p256::SecretKey::from_slice(bytes).ok().map(Self::P256),
            Algorithm::EccP384 => p384::SecretKey::from_slice(bytes).ok().map(Self::P384),
            Algorithm::Rsa2048 => {
                let (p, q) = bytes.split_at_checked(RSA_PRIME)?;
                Some(Self::Rsa(Box::new(rsa(p, q)?)))
            }
            _ => None,
        }
    }

    pub fn public(&self) -> Result<PublicKey, StatusWord> {
        let unfit = |_| StatusWord::MEMORY_FAILURE;
        Ok(match self {
            Self::P256(key) => {
                PublicKey::P256(Point::new(&key.public_key().to_sec1_bytes()).map_err(unfit)?)
            }
            Self::P384(key) => {
                PublicKey::P384(Point::new(&key.public_key().to_sec1_bytes()).map_err(unfit)?)
            }
            Self::Rsa(key) => PublicKey::Rsa(RsaNumbers {
                modulus: key.n_bytes().to_vec(),
                exponent: key.e_bytes().to_vec(),
            }),
        })
    }

    /// ECDSA over a digest (RFC 6979, so that nothing hangs on chance), DER. A digest shorter than the field counts as
    /// the number it is.
    pub fn sign(&self, digest: &[u8]) -> Result<Vec<u8>, StatusWord> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::DerSignature = p256::ecdsa::SigningKey::from(key)
                    .sign_prehash(&padded::<32>(digest)?)
                    .map_err(|_| WRONG)?;
                Ok(signature.as_bytes().to_vec())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::DerSignature = p384::ecdsa::SigningKey::from(key)
                    .sign_prehash(&padded::<48>(digest)?)
                    .map_err(|_| WRONG)?;
                Ok(signature.as_bytes().to_vec())
            }
            Self::Rsa(_) => Err(StatusWord::INCORRECT_P1P2),
        }
    }

    /// ECDH: the x coordinate. A point that is not on the curve is refused.
    pub fn agree(&self, point: &CurvePoint) -> Result<Secret, StatusWord> {
        match (self, point) {
            (Self::P256(key), CurvePoint::P256(point)) => {
                let other =
                    p256::PublicKey::from_sec1_bytes(point.as_bytes()).map_err(|_| WRONG)?;
                Ok(Secret::from(
                    &key.diffie_hellman(&other).raw_secret_bytes()[..],
                ))
            }
            (Self::P384(key), CurvePoint::P384(point)) => {
                let other =
                    p384::PublicKey::from_sec1_bytes(point.as_bytes()).map_err(|_| WRONG)?;
                Ok(Secret::from(
                    &key.diffie_hellman(&other).raw_secret_bytes()[..],
                ))
            }
            _ => Err(StatusWord::INCORRECT_P1P2),
        }
    }

    /// RSA's private operation on a block below the modulus: blinded, and checked with the public one before it is told,
    /// so that a fault in one of its halves does not give the primes away.
    pub fn operate(&self, block: &[u8], rng: &mut impl CryptoRng) -> Result<Secret, StatusWord> {
        let Self::Rsa(key) = self else {
            return Err(StatusWord::INCORRECT_P1P2);
        };
        let block = BoxedUint::from_be_slice(block, RSA_BITS as u32).map_err(|_| WRONG)?;
        if block >= *key.n().as_ref() {
            return Err(WRONG);
        }
        let answer = rsa_decrypt_and_check(&**key, Some(rng), &block)
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        Ok(Secret::from(&number(&answer)[..]))
    }
}

/// Draws bytes until they are a key; zero and what is not below the group's order are drawn again, which happens about
/// never.
fn scalar<const N: usize, K>(rng: &mut impl CryptoRng, read: impl Fn(&[u8; N]) -> Option<K>) -> K {
    let mut bytes = Zeroizing::new([0; N]);
    loop {
        rng.fill_bytes(&mut *bytes);
        if let Some(key) = read(&bytes) {
            return key;
        }
    }
}

/// The key of two primes, if they are such: of full length both they and their product, and fit for the exponent.
fn rsa(p: &[u8], q: &[u8]) -> Option<RsaPrivateKey> {
    let prime = |bytes: &[u8]| {
        let whole = bytes.len() == RSA_PRIME && bytes.first().is_some_and(|b| b & 0x80 != 0);
        whole
            .then(|| BoxedUint::from_be_slice(bytes, RSA_BITS as u32 / 2).ok())
            .flatten()
    };
    let key = RsaPrivateKey::from_p_q(prime(p)?, prime(q)?, BoxedUint::from(RSA_EXPONENT)).ok()?;
    (key.n().bits() as usize == RSA_BITS).then_some(key)
}

fn number(number: &BoxedUint) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(number.to_be_bytes().into_vec())
}

/// Whether two numbers are the same whatever zeros lead them, in time that hangs on their lengths only.
fn equal(one: &[u8], other: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    let (long, short) = if one.len() >= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let (head, tail) = long.split_at(long.len() - short.len());
    let zeros = head.iter().fold(0, |all, byte| all | byte).ct_eq(&0);
    (tail.ct_eq(short) & zeros).into()
}

/// The digest at the right end of `N` bytes.
fn padded<const N: usize>(digest: &[u8]) -> Result<[u8; N], StatusWord> {
    let mut field = [0; N];
    let at = N.checked_sub(digest.len()).ok_or(WRONG)?;
    field[at..].copy_from_slice(digest);
    Ok(field)
}
