//! Which bytes of a command and its answer are secret, told from the instruction.
//!
//! The rule: what proves who someone is (PIN, PUK, minutiae), what is a key or comes out of one by decryption or key
//! agreement, and stored fingerprints do not appear in a trace. Whole fields are hidden, never parts: a length or an
//! offset inside a secret is a hint too. Secure messaging changes nothing: at level 01 a wrapped VERIFY still carries
//! the PIN as it is. Other personal data (a name, a photo) is not a secret of the card and does appear.

use alloc::vec::Vec;

use crate::tlv::{self, Tag};
use crate::{Command, ins};

/// What of one field may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// All of it.
    Open,
    /// Its length only.
    Secret,
}

/// What of a command and of its answer may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masking {
    /// The command's data field.
    pub command: Mask,
    /// The response's data field.
    pub response: Mask,
}

impl Masking {
    /// Nothing is secret.
    pub const OPEN: Self = Self {
        command: Mask::Open,
        response: Mask::Open,
    };
    /// The command's data is.
    pub const COMMAND: Self = Self {
        command: Mask::Secret,
        response: Mask::Open,
    };
    /// The answer's data is.
    pub const RESPONSE: Self = Self {
        command: Mask::Open,
        response: Mask::Secret,
    };
    /// Both are.
    pub const BOTH: Self = Self {
        command: Mask::Secret,
        response: Mask::Secret,
    };

    /// What is secret in this command. A command in the middle of a chain is judged by its own bytes; what an earlier
    /// piece said is for the caller to remember, as [`Traced`](crate::Traced) does.
    #[must_use]
    pub(crate) fn of(command: &Command) -> Self {
        match command.ins {
            ins::VERIFY
            | ins::VERIFY_TLV
            | ins::CHANGE_REFERENCE_DATA
            | ins::CHANGE_REFERENCE_DATA_TLV
            | ins::RESET_RETRY_COUNTER
            | ins::RESET_RETRY_COUNTER_TLV
            | ins::SET_MANAGEMENT_KEY
            | ins::IMPORT_ASYMMETRIC_KEY => Self::COMMAND,
            // D8 outside GlobalPlatform's class is not PUT KEY, and nothing this house sends: hidden all the same.
            ins::PUT_KEY => Self::COMMAND,
            // P1 bits 7 and 6 say that the data is encrypted or of a kind that is (GlobalPlatform 2.3 §11.11.2.1).
            ins::STORE_DATA if command.p1 & 0x60 != 0 => Self::COMMAND,
            ins::GENERAL_AUTHENTICATE | ins::GENERAL_AUTHENTICATE_PLAIN => {
                general_authenticate(command)
            }
            // PSO: DECIPHER gives a plain text, ENCIPHER takes one.
            ins::PERFORM_SECURITY_OPERATION => match (command.p1, command.p2) {
                (0x80, _) => Self::RESPONSE,
                (_, 0x80) => Self::COMMAND,
                _ => Self::OPEN,
            },
            ins::PUT_DATA | ins::PUT_DATA_TLV => put_data(command.data()),
            ins::GET_DATA | ins::GET_DATA_TLV if names_secret(command.data()) => Self::RESPONSE,
            _ => Self::OPEN,
        }
    }

    /// Whatever either hides.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        let either = |a, b| {
            if a == Mask::Open && b == Mask::Open {
                Mask::Open
            } else {
                Mask::Secret
            }
        };
        Self {
            command: either(self.command, other.command),
            response: either(self.response, other.response),
        }
    }
}

/// Signing keys of curves show challenge and signature, those of RSA the challenge; key agreement, decryption and the management key show nothing.
fn general_authenticate(command: &Command) -> Masking {
    const TEMPLATE: Tag = Tag::new(0x7C);
    const EXPONENTIATION: Tag = Tag::new(0x85);
    let signing_key = matches!(command.p2, 0x9A | 0x9C | 0x9E);
    // PACE and chip authentication (P1 = P2 = 0): public keys and encrypted nonces; PIV's key 04: public keys alone.
    let secure_messaging_set_up = (command.p1 == 0 && command.p2 == 0) || command.p2 == 0x04;
    let agreement = tlv::find(command.data(), &[TEMPLATE, EXPONENTIATION]).is_some();
    // RSA's one operation may as well be a decryption, whatever the key is meant for.
    let rsa = matches!(command.p1, 0x06 | 0x07);
    if signing_key && rsa {
        return Masking::RESPONSE;
    }
    if secure_messaging_set_up || (signing_key && !agreement) {
        Masking::OPEN
    } else {
        Masking::BOTH
    }
}

/// PIV's Cardholder Fingerprints (5FC103) and Iris Images (5FC121), the reference data of on-card comparison (7F60)
/// and the template of stored biometrics (7F2E).
fn is_biometric(object: &[u8]) -> bool {
    matches!(
        object,
        [0x5F, 0xC1, 0x03 | 0x21, ..] | [0x7F, 0x60 | 0x2E, ..]
    )
}

/// Our card's administration switch (DFC104), which carries the card management key, and PIV's pairing code (5FC123).
fn is_secret(object: &[u8]) -> bool {
    matches!(object, [0xDF, 0xC1, 0x04, ..] | [0x5F, 0xC1, 0x23, ..])
}

fn names_secret(data: &[u8]) -> bool {
    const TAG_LIST: Tag = Tag::new(0x5C);
    tlv::find(data, &[TAG_LIST]).is_some_and(|list| {
        (is_biometric(list) && !list.starts_with(&[0x7F, 0x60])) || is_secret(list)
    })
}

fn put_data(data: &[u8]) -> Masking {
    // The first piece of a chain holds the tag and part of the value, so the object as a whole need not parse.
    let named = match data {
        [0x5C, length, rest @ ..] => rest.get(..usize::from(*length)).unwrap_or(rest),
        other => other,
    };
    if is_biometric(named) || is_secret(named) {
        Masking::COMMAND
    } else {
        Masking::OPEN
    }
}

/// The bytes of a field as a trace may hold them: all of them, or how many there were.
pub(crate) fn shown(bytes: &[u8], mask: Mask) -> Result<Vec<u8>, usize> {
    match mask {
        Mask::Open => Ok(bytes.to_vec()),
        Mask::Secret => Err(bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: u32, data: &str) -> Masking {
        let [cla, ins, p1, p2] = header.to_be_bytes();
        Command::new(cla, ins, p1, p2)
            .with_data(hex::decode(data).unwrap())
            .secret()
    }

    #[test]
    fn by_instruction() {
        assert_eq!(of(0x0020_0080, "313233343536FFFF"), Masking::COMMAND);
        assert_eq!(
            of(0x8420_0080, "313233343536FFFF0102030405060708"),
            Masking::COMMAND
        );
        assert_eq!(of(0x0020_0096, "010203"), Masking::COMMAND);
        assert_eq!(of(0x0024_0180, "FF"), Masking::COMMAND);
        assert_eq!(of(0x002C_0080, "FF"), Masking::COMMAND);
        assert_eq!(of(0x80D8_0181, "30"), Masking::COMMAND);
        assert_eq!(of(0x00A4_0400, "A000000308"), Masking::OPEN);
        assert_eq!(of(0x80E2_9000, "00"), Masking::OPEN);
        assert_eq!(of(0x80E2_E000, "00"), Masking::COMMAND);
    }

    #[test]
    fn authenticate_by_key_and_purpose() {
        assert_eq!(of(0x0087_119A, "7C0482008100"), Masking::OPEN);
        assert_eq!(of(0x0087_119A, "7C0482008500"), Masking::BOTH);
        assert_eq!(of(0x0087_119D, "7C0482008500"), Masking::BOTH);
        assert_eq!(of(0x0087_039B, "7C028000"), Masking::BOTH);
        assert_eq!(of(0x0086_0000, "7C00"), Masking::OPEN);
        assert_eq!(of(0x0087_2704, "7C0482008100"), Masking::OPEN);
        assert_eq!(of(0x002A_8086, "00"), Masking::RESPONSE);
        assert_eq!(of(0x002A_9E9A, "00"), Masking::OPEN);
    }

    #[test]
    fn biometrics_in_and_out() {
        assert_eq!(of(0x00DB_3FFF, "7F6081FF830196"), Masking::COMMAND);
        assert_eq!(of(0x00DB_3FFF, "5C035FC103538202"), Masking::COMMAND);
        assert_eq!(of(0x00DB_3FFF, "5C035FC102538202"), Masking::OPEN);
        assert_eq!(of(0x00DB_3FFF, "5C03DFC1045320800101"), Masking::COMMAND);
        assert_eq!(of(0x00DB_3FFF, "5C035FC1235308"), Masking::COMMAND);
        assert_eq!(of(0x00CB_3FFF, "5C035FC123"), Masking::RESPONSE);
        assert_eq!(of(0x00CB_3FFF, "5C035FC103"), Masking::RESPONSE);
        assert_eq!(of(0x00CB_3FFF, "5C035FC105"), Masking::OPEN);
        assert_eq!(of(0x00CB_3FFF, "5C027F61"), Masking::OPEN);
    }
}
