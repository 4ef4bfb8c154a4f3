//! The pairing code (NIST SP 800-73-4 Part 1 §5.1.3, Part 2 §3.2.1): eight digits that only who has held the card knows,
//! with which a reader opens the virtual contact interface. It keeps passers-by out; it is no PIN.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Error, field};

const OBJECT: &str = "pairing code";

/// A pairing code. Debug shows none of it; wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct PairingCode([u8; 8]);

impl PairingCode {
    /// A code from its eight ASCII digits.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else.
    pub fn new(digits: &[u8]) -> Result<Self, Error> {
        match <[u8; 8]>::try_from(digits) {
            Ok(code) if code.iter().all(u8::is_ascii_digit) => Ok(Self(code)),
            _ => Err(Error::malformed(OBJECT, "not eight digits")),
        }
    }

    /// The eight digits, as they travel in VERIFY.
    #[must_use]
    pub const fn digits(&self) -> &[u8; 8] {
        &self.0
    }

    /// The Pairing Code Reference Data Container (5FC123), `53 {99 <code>, FE 00}` (Part 1 table 42).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = field::field(0x99, &self.0);
        field::put(&mut value, 0xFE, &[]);
        field::field(0x53, &value)
    }

    /// Reads the container.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        Self::new(field::find(OBJECT, value, 0x99)?.ok_or(Error::missing(OBJECT, "99"))?)
    }
}

impl fmt::Debug for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingCode(masked)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits() {
        let code = PairingCode::new(b"13572468").unwrap();
        let object = code.encode();
        assert_eq!(object[..4], [0x53, 0x0C, 0x99, 0x08]);
        assert_eq!(PairingCode::decode(&object).unwrap(), code);
        assert_eq!(format!("{code:?}"), "PairingCode(masked)");
        for wrong in [
            &b"1357246"[..],
            b"135724680",
            b"1357246x",
            b"",
            b"1234567\xFF",
        ] {
            assert!(PairingCode::new(wrong).is_err());
        }
        assert!(PairingCode::decode(&[0x53, 0x00]).is_err());
    }
}
