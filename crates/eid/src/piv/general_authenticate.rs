//! GENERAL AUTHENTICATE with a private key (NIST SP 800-73-4 Part 2 §3.2.4, appendix A).
//!
//! The template 7C holds an empty 82, which asks for the response, and one of two: 81, what a signature or an RSA
//! operation is made of, or 85, another's point for key agreement; in whichever order. Nothing else may be in it.
//! P1 names the algorithm and must be the key's.
//!
//! Each reference has a use (SP 800-78-4 table 3-1): keys of curves sign under 9A, 9C and 9E and agree under 9D and the
//! retired references, and do nothing else. RSA has one operation for signing and for deciphering; a card cannot tell
//! them apart. [`GeneralAuthenticate::is_proper`] says whether a command keeps to that: Yubico's extensions do not.

use negin_apdu::{Command, StatusWord};

use super::{Algorithm, CurvePoint, KeyReference};
use crate::{Error, Secret, field};

const OBJECT: &str = "dynamic authentication template (7C)";

/// Bytes in a block of RSA 2048.
const RSA_BLOCK: usize = 256;

/// `00 87 <algorithm> <key> 7C {82 00, 81 <data>}` or `7C {82 00, 85 <point>}`.
#[derive(Clone, PartialEq, Eq)]
pub enum GeneralAuthenticate {
    /// ECDSA over a digest. The answer is the DER signature.
    Sign {
        /// The key.
        key: KeyReference,
        /// Its curve.
        algorithm: Algorithm,
        /// The digest, at most of the curve's size in bytes. A shorter one counts as the number it is (FIPS 186-4
        /// §6.4), so that SHA-256 can be signed with P-384.
        digest: Vec<u8>,
    },
    /// ECDH with another's point. The answer is the shared secret's x coordinate.
    Agree {
        /// The key.
        key: KeyReference,
        /// The other party's point, of the key's curve.
        point: CurvePoint,
    },
    /// RSA 2048's private operation on one block: a signature of what was padded, or the padded text of a cryptogram.
    Rsa {
        /// The key.
        key: KeyReference,
        /// 256 bytes, as a number below the modulus.
        block: Vec<u8>,
    },
}

impl core::fmt::Debug for GeneralAuthenticate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let key = self.key();
        match self {
            Self::Sign { digest, .. } => write!(f, "Sign({key:?}, {} bytes)", digest.len()),
            Self::Agree { point, .. } => write!(f, "Agree({key:?}, {:?})", point.algorithm()),
            Self::Rsa { .. } => write!(f, "Rsa({key:?})"),
        }
    }
}

impl GeneralAuthenticate {
    pub(super) const INS: u8 = 0x87;

    /// The key used.
    #[must_use]
    pub const fn key(&self) -> KeyReference {
        match self {
            Self::Sign { key, .. } | Self::Agree { key, .. } | Self::Rsa { key, .. } => *key,
        }
    }

    /// The algorithm of P1.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Sign { algorithm, .. } => *algorithm,
            Self::Agree { point, .. } => point.algorithm(),
            Self::Rsa { .. } => Algorithm::Rsa2048,
        }
    }

    /// Whether the key is used for what its reference is for (SP 800-78-4 table 3-1).
    #[must_use]
    pub const fn is_proper(&self) -> bool {
        match self {
            Self::Sign { key, .. } => !key.agrees(),
            Self::Agree { key, .. } => key.agrees(),
            Self::Rsa { .. } => true,
        }
    }

    pub(super) fn parse(command: &Command) -> Result<Self, StatusWord> {
        let algorithm = Algorithm::from_code(command.p1)
            .filter(|algorithm| algorithm.is_asymmetric())
            .ok_or(StatusWord::INCORRECT_P1P2)?;
        let key = KeyReference::from_code(command.p2).ok_or(StatusWord::INCORRECT_P1P2)?;
        let wrong = |_| StatusWord::WRONG_DATA;
        let template = field::only(OBJECT, command.data(), 0x7C).map_err(wrong)?;
        let (mut asked, mut found) = (false, None);
        for part in field::fields(OBJECT, template) {
            match part.map_err(wrong)? {
                (0x82, []) if !asked => asked = true,
                (tag @ (0x81 | 0x85), value) if found.is_none() => found = Some((tag, value)),
                _ => return Err(StatusWord::WRONG_DATA),
            }
        }
        if !asked {
            return Err(StatusWord::WRONG_DATA);
        }
        match (found, algorithm.field_size()) {
            (Some((0x81, digest)), Some(size)) if (1..=size).contains(&digest.len()) => {
                Ok(Self::Sign {
                    key,
                    algorithm,
                    digest: digest.to_vec(),
                })
            }
            (Some((0x81, block)), None) if block.len() == RSA_BLOCK => Ok(Self::Rsa {
                key,
                block: block.to_vec(),
            }),
            (Some((0x85, point)), Some(_)) => Ok(Self::Agree {
                key,
                point: CurvePoint::new(algorithm, point).map_err(wrong)?,
            }),
            _ => Err(StatusWord::WRONG_DATA),
        }
    }

    pub(super) fn to_apdu(&self) -> Command {
        let mut template = field::field(0x82, &[]);
        match self {
            Self::Sign { digest: data, .. } | Self::Rsa { block: data, .. } => {
                field::put(&mut template, 0x81, data);
            }
            Self::Agree { point, .. } => field::put(&mut template, 0x85, point.as_bytes()),
        }
        Command::new(0x00, Self::INS, self.algorithm().code(), self.key().code())
            .with_data(field::field(0x7C, &template))
            .with_le(256)
    }

    /// The card's answer around a signature, a shared secret or a block: `7C {82 …}`.
    #[must_use]
    pub fn encode_answer(response: &[u8]) -> Vec<u8> {
        field::field(0x7C, &field::field(0x82, response))
    }

    /// What is in the card's answer: the DER signature, the shared secret or the block.
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

    #[test]
    fn the_response_may_be_asked_for_before_or_after() {
        let parse = |template: Vec<u8>| {
            let command = Command::new(0x00, 0x87, 0x11, 0x9A).with_data(template);
            GeneralAuthenticate::parse(&command)
        };
        let digest = field::field(0x81, &[7; 32]);
        let asks = field::field(0x82, &[]);
        let whole = |parts: &[&[u8]]| field::field(0x7C, &parts.concat());
        let before = parse(whole(&[&asks, &digest])).unwrap();
        assert_eq!(parse(whole(&[&digest, &asks])), Ok(before));
        for wrong in [
            whole(&[&digest]),
            whole(&[&asks, &asks, &digest]),
            whole(&[&asks, &digest, &digest]),
            whole(&[&asks, &digest, &[0x80, 0x00]]),
            whole(&[&asks, &digest, &[0x85, 0x00]]),
        ] {
            assert_eq!(parse(wrong), Err(StatusWord::WRONG_DATA));
        }
    }
}
