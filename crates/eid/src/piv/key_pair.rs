//! GENERATE ASYMMETRIC KEY PAIR (NIST SP 800-73-4 Part 2 §3.3.2) and the public key it answers.

use negin_apdu::{Command, StatusWord};

use super::{Algorithm, KeyReference};
use crate::{Error, field};

const OBJECT: &str = "public key (7F49)";

/// `00 47 00 <key> AC {80 01 <algorithm>}`: the card makes a key pair. The private key never leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GenerateKeyPair {
    /// Which key.
    pub key: KeyReference,
    /// Of which algorithm.
    pub algorithm: Algorithm,
}

impl GenerateKeyPair {
    pub(super) const INS: u8 = 0x47;

    pub(super) fn parse(command: &Command) -> Result<Self, StatusWord> {
        if command.p1 != 0x00 {
            return Err(StatusWord::INCORRECT_P1P2);
        }
        let key = KeyReference::from_code(command.p2).ok_or(StatusWord::INCORRECT_P1P2)?;
        let template =
            field::only(OBJECT, command.data(), 0xAC).map_err(|_| StatusWord::WRONG_DATA)?;
        match field::find(OBJECT, template, 0x80) {
            Ok(Some([code])) => {
                let algorithm = Algorithm::from_code(*code).ok_or(StatusWord::WRONG_DATA)?;
                Ok(Self { key, algorithm })
            }
            _ => Err(StatusWord::WRONG_DATA),
        }
    }

    pub(super) fn to_apdu(self) -> Command {
        let template = field::field(0xAC, &field::field(0x80, &[self.algorithm.code()]));
        Command::new(0x00, Self::INS, 0x00, self.key.code())
            .with_data(template)
            .with_le(256)
    }
}

/// A point of P-256, uncompressed as in SEC 1: 04, then x and y, 32 bytes each, big-endian.
///
/// Whether it lies on the curve is for who computes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicPoint([u8; 65]);

impl PublicPoint {
    /// A point from its 65 bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another length or another first byte.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        match <[u8; 65]>::try_from(bytes) {
            Ok(point @ [0x04, ..]) => Ok(Self(point)),
            _ => Err(Error::malformed(OBJECT, "no uncompressed point of P-256")),
        }
    }

    /// The 65 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 65] {
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
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else, RSA keys included.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x7F49)?;
        Self::new(field::find(OBJECT, value, 0x86)?.ok_or(Error::missing(OBJECT, "86"))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_reads_back() {
        let mut bytes = [7; 65];
        bytes[0] = 4;
        let point = PublicPoint::new(&bytes).unwrap();
        assert_eq!(point.encode()[..5], [0x7F, 0x49, 0x43, 0x86, 0x41]);
        assert_eq!(PublicPoint::decode(&point.encode()).unwrap(), point);
        bytes[0] = 2;
        assert!(PublicPoint::new(&bytes).is_err());
        assert!(PublicPoint::new(&[4; 64]).is_err());
    }
}
