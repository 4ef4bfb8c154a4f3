//! Public keys as cards tell them (NIST SP 800-73-4 Part 2 §3.3.2, table 20) and take them for key agreement.
//!
//! Bytes only: whether a point lies on its curve is for who computes with it.

use super::Algorithm;
use crate::{Error, field};

const OBJECT: &str = "public key (7F49)";

/// A point of a curve, uncompressed as in SEC 1: 04, then x and y, big-endian; `N` bytes in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point<const N: usize>([u8; N]);

/// A point of P-256: 65 bytes.
pub type PublicPoint = Point<65>;

/// A point of P-384: 97 bytes.
pub type PublicPoint384 = Point<97>;

impl<const N: usize> Point<N> {
    /// A point from its bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another length or another first byte.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        match <[u8; N]>::try_from(bytes) {
            Ok(point) if point.first() == Some(&0x04) => Ok(Self(point)),
            _ => Err(Error::malformed(
                OBJECT,
                "no uncompressed point of the curve",
            )),
        }
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }

    /// GENERATE ASYMMETRIC KEY PAIR's answer: `7F49 {86 <point>}`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        field::field(0x7F49, &field::field(0x86, &self.0))
    }

    /// Reads GENERATE ASYMMETRIC KEY PAIR's answer.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else, keys of another algorithm included.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x7F49)?;
        Self::new(field::find(OBJECT, value, 0x86)?.ok_or(Error::missing(OBJECT, "86"))?)
    }
}

/// A point of any curve that keys of a card are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CurvePoint {
    /// Of P-256.
    P256(PublicPoint),
    /// Of P-384.
    P384(PublicPoint384),
}

impl CurvePoint {
    /// A point of this algorithm's curve.
    ///
    /// # Errors
    /// [`Error::Malformed`] for other bytes, and where the algorithm is no curve.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Error> {
        match algorithm {
            Algorithm::EccP256 => Point::new(bytes).map(Self::P256),
            Algorithm::EccP384 => Point::new(bytes).map(Self::P384),
            _ => Err(Error::malformed(OBJECT, "the algorithm is no curve")),
        }
    }

    /// The curve.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::EccP256,
            Self::P384(_) => Algorithm::EccP384,
        }
    }

    /// The bytes: 65 or 97.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::P256(point) => point.as_bytes(),
            Self::P384(point) => point.as_bytes(),
        }
    }
}

impl From<PublicPoint> for CurvePoint {
    fn from(point: PublicPoint) -> Self {
        Self::P256(point)
    }
}

impl From<PublicPoint384> for CurvePoint {
    fn from(point: PublicPoint384) -> Self {
        Self::P384(point)
    }
}

/// The public half of a key pair, as GENERATE ASYMMETRIC KEY PAIR answers it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PublicKey {
    /// A point of P-256.
    P256(PublicPoint),
    /// A point of P-384.
    P384(PublicPoint384),
    /// RSA.
    Rsa(RsaPublicKey),
}

/// An RSA public key: both numbers big-endian.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RsaPublicKey {
    /// The modulus, without leading zeros: 256 bytes for RSA 2048.
    pub modulus: Vec<u8>,
    /// The public exponent, without leading zeros.
    pub exponent: Vec<u8>,
}

impl PublicKey {
    /// The algorithm; RSA's by the size of the modulus, `None` for one that PIV does not know.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Self::P256(_) => Some(Algorithm::EccP256),
            Self::P384(_) => Some(Algorithm::EccP384),
            Self::Rsa(key) => match key.modulus.len() {
                128 => Some(Algorithm::Rsa1024),
                256 => Some(Algorithm::Rsa2048),
                _ => None,
            },
        }
    }

    /// GENERATE ASYMMETRIC KEY PAIR's answer: `7F49 {86 <point>}` or `7F49 {81 <modulus>, 82 <exponent>}`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        field::field(0x7F49, &self.encode_value())
    }

    /// What is inside 7F49: the form of metadata, too.
    #[must_use]
    pub fn encode_value(&self) -> Vec<u8> {
        match self {
            Self::P256(point) => field::field(0x86, point.as_bytes()),
            Self::P384(point) => field::field(0x86, point.as_bytes()),
            Self::Rsa(key) => {
                let mut value = field::field(0x81, &key.modulus);
                field::put(&mut value, 0x82, &key.exponent);
                value
            }
        }
    }

    /// Reads GENERATE ASYMMETRIC KEY PAIR's answer.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode_value(field::only(OBJECT, bytes, 0x7F49)?)
    }

    /// Reads what is inside 7F49.
    ///
    /// # Errors
    /// As [`PublicKey::decode`].
    pub fn decode_value(value: &[u8]) -> Result<Self, Error> {
        let part = |tag| field::find(OBJECT, value, tag);
        if let Some(point) = part(0x86)? {
            return Point::new(point)
                .map(Self::P256)
                .or_else(|_| Point::new(point).map(Self::P384));
        }
        let number = |tag, name| {
            let bytes = part(tag)?.ok_or(Error::missing(OBJECT, name))?;
            let zeros = bytes.iter().take_while(|b| **b == 0).count();
            match &bytes[zeros..] {
                [] => Err(Error::malformed(OBJECT, "a number is zero")),
                significant => Ok(significant.to_vec()),
            }
        };
        Ok(Self::Rsa(RsaPublicKey {
            modulus: number(0x81, "81")?,
            exponent: number(0x82, "82")?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_read_back() {
        let mut bytes = [7; 65];
        bytes[0] = 4;
        let point = PublicPoint::new(&bytes).unwrap();
        assert_eq!(point.encode()[..5], [0x7F, 0x49, 0x43, 0x86, 0x41]);
        assert_eq!(PublicPoint::decode(&point.encode()).unwrap(), point);
        assert_eq!(
            PublicKey::decode(&point.encode()),
            Ok(PublicKey::P256(point))
        );
        assert_eq!(PublicKey::P256(point).encode(), point.encode());
        bytes[0] = 2;
        assert!(PublicPoint::new(&bytes).is_err());
        assert!(PublicPoint::new(&[4; 64]).is_err());
        let wide = PublicPoint384::new(&[4; 97]).unwrap();
        assert_eq!(wide.encode()[..5], [0x7F, 0x49, 0x63, 0x86, 0x61]);
        assert_eq!(PublicKey::decode(&wide.encode()), Ok(PublicKey::P384(wide)));
        assert!(PublicPoint::decode(&wide.encode()).is_err());
        assert!(PublicKey::decode(&[0x7F, 0x49, 0x03, 0x86, 0x01, 0x04]).is_err());
    }

    #[test]
    fn rsa_reads_back() {
        let key = PublicKey::Rsa(RsaPublicKey {
            modulus: vec![0xC1; 256],
            exponent: vec![1, 0, 1],
        });
        let bytes = key.encode();
        // SP 800-73-4 Part 2 table 20: 81 and 82 in 7F49.
        let head = [0x7F, 0x49, 0x82, 0x01, 0x09, 0x81, 0x82, 0x01, 0x00, 0xC1];
        assert_eq!(bytes[..10], head);
        assert_eq!(bytes[265..], [0x82, 0x03, 0x01, 0x00, 0x01]);
        assert_eq!(PublicKey::decode(&bytes), Ok(key.clone()));
        assert_eq!(key.algorithm(), Some(Algorithm::Rsa2048));
        // A card that writes a sign byte before the modulus tells the same key.
        let mut value = field::field(0x81, &[&[0][..], &[0xC1; 256]].concat());
        field::put(&mut value, 0x82, &[1, 0, 1]);
        assert_eq!(PublicKey::decode(&field::field(0x7F49, &value)), Ok(key));
        let without = field::field(0x7F49, &field::field(0x81, &[1]));
        assert!(PublicKey::decode(&without).is_err());
    }
}
