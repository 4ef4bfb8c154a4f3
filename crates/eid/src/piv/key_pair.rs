//! GENERATE ASYMMETRIC KEY PAIR (NIST SP 800-73-4 Part 2 §3.3.2).

use negin_apdu::{Command, StatusWord};

use super::{Algorithm, KeyReference, yubico};
use crate::field;

const OBJECT: &str = "key pair template (AC)";

/// `00 47 00 <key> AC {80 01 <algorithm>}`: the card makes a key pair and answers its [`PublicKey`](super::PublicKey).
/// The private key never leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GenerateKeyPair {
    /// Which key.
    pub key: KeyReference,
    /// Of which algorithm.
    pub algorithm: Algorithm,
}

impl GenerateKeyPair {
    pub(super) const INS: u8 = 0x47;

    /// Beside the algorithm (80) there may be a parameter (81), which no algorithm of today has a use for, and the
    /// policies of Yubico's extensions (AA, AB), which must be those that the reference has anyway.
    pub(super) fn parse(command: &Command) -> Result<Self, StatusWord> {
        if command.p1 != 0x00 {
            return Err(StatusWord::INCORRECT_P1P2);
        }
        let key = KeyReference::from_code(command.p2).ok_or(StatusWord::INCORRECT_P1P2)?;
        let wrong = |_| StatusWord::WRONG_DATA;
        let template = field::only(OBJECT, command.data(), 0xAC).map_err(wrong)?;
        let mut algorithm = None;
        for entry in field::fields(OBJECT, template) {
            match entry.map_err(wrong)? {
                (0x80, [code]) if algorithm.is_none() => algorithm = Algorithm::from_code(*code),
                (0x81, _) if algorithm.is_some() => {}
                (0xAA, [policy]) => yubico::pin_policy(key, *policy)?,
                (0xAB, [policy]) => yubico::touch_policy(*policy)?,
                _ => return Err(StatusWord::WRONG_DATA),
            }
        }
        let algorithm = algorithm.ok_or(StatusWord::WRONG_DATA)?;
        Ok(Self { key, algorithm })
    }

    pub(super) fn to_apdu(self) -> Command {
        let template = field::field(0xAC, &field::field(0x80, &[self.algorithm.code()]));
        Command::new(0x00, Self::INS, 0x00, self.key.code())
            .with_data(template)
            .with_le(256)
    }
}
