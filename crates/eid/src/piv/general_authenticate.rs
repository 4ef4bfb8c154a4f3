//! GENERAL AUTHENTICATE (NIST SP 800-73-4 Part 2 §3.2.4): using a private key.
//!
//! The rule, from SP 800-78-4 tables 6-1 and 3-1: 9A, 9C and 9E sign a digest of the curve's size; 9D agrees on a key
//! with another's point. Each does nothing else.

use negin_apdu::{Command, StatusWord};

use super::{Algorithm, KeyReference, PublicPoint};
use crate::{Error, Secret, field};

const OBJECT: &str = "dynamic authentication template (7C)";

/// `00 87 <algorithm> <key> 7C {82 00, 81 <digest>}` or `7C {82 00, 85 <point>}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneralAuthenticate {
    /// ECDSA over a digest. The answer is the DER signature.
    Sign {
        /// 9A, 9C or 9E.
        key: KeyReference,
        /// The key's algorithm.
        algorithm: Algorithm,
        /// The digest, of the curve's size in bytes.
        digest: Vec<u8>,
    },
    /// ECDH with another's point. The answer is the shared secret's x coordinate.
    Agree {
        /// 9D.
        key: KeyReference,
        /// The other party's point.
        point: PublicPoint,
    },
}

impl GeneralAuthenticate {
    pub(super) const INS: u8 = 0x87;

    /// The key used.
    #[must_use]
    pub const fn key(&self) -> KeyReference {
        match self {
            Self::Sign { key, .. } | Self::Agree { key, .. } => *key,
        }
    }

    pub(super) fn parse(command: &Command) -> Result<Self, StatusWord> {
        let algorithm = Algorithm::from_code(command.p1).ok_or(StatusWord::INCORRECT_P1P2)?;
        let key = KeyReference::from_code(command.p2).ok_or(StatusWord::INCORRECT_P1P2)?;
        let size = algorithm.field_size().ok_or(StatusWord::INCORRECT_P1P2)?;
        let wrong = |_| StatusWord::WRONG_DATA;
        let template = field::only(OBJECT, command.data(), 0x7C).map_err(wrong)?;
        let part = |tag| field::find(OBJECT, template, tag).map_err(wrong);
        if part(0x82)?.is_none_or(|response| !response.is_empty()) {
            return Err(StatusWord::WRONG_DATA);
        }
        match (part(0x81)?, part(0x85)?) {
            (Some(digest), None) if !key.agrees() && digest.len() == size => Ok(Self::Sign {
                key,
                algorithm,
                digest: digest.to_vec(),
            }),
            (None, Some(point)) if key.agrees() && algorithm == Algorithm::EccP256 => {
                Ok(Self::Agree {
                    key,
                    point: PublicPoint::new(point).map_err(wrong)?,
                })
            }
            _ => Err(StatusWord::WRONG_DATA),
        }
    }

    pub(super) fn to_apdu(&self) -> Command {
        let mut template = field::field(0x82, &[]);
        let algorithm = match self {
            Self::Sign {
                algorithm, digest, ..
            } => {
                field::put(&mut template, 0x81, digest);
                *algorithm
            }
            Self::Agree { point, .. } => {
                field::put(&mut template, 0x85, point.as_bytes());
                Algorithm::EccP256
            }
        };
        Command::new(0x00, Self::INS, algorithm.code(), self.key().code())
            .with_data(field::field(0x7C, &template))
            .with_le(256)
    }

    /// The card's answer around a signature or a shared secret: `7C {82 …}`.
    #[must_use]
    pub fn encode_answer(response: &[u8]) -> Vec<u8> {
        field::field(0x7C, &field::field(0x82, response))
    }

    /// What is in the card's answer: the DER signature, or the shared secret.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode_answer(bytes: &[u8]) -> Result<Secret, Error> {
        let template = field::only(OBJECT, bytes, 0x7C)?;
        let response = field::find(OBJECT, template, 0x82)?.ok_or(Error::missing(OBJECT, "82"))?;
        Ok(Secret::from(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_reads_back() {
        let answer = GeneralAuthenticate::encode_answer(&[0x30, 0x06]);
        assert_eq!(answer, [0x7C, 0x04, 0x82, 0x02, 0x30, 0x06]);
        assert_eq!(
            GeneralAuthenticate::decode_answer(&answer)
                .unwrap()
                .expose(),
            [0x30, 0x06]
        );
        assert!(GeneralAuthenticate::decode_answer(&[0x7C, 0x02, 0x81, 0x00]).is_err());
    }
}
