//! The cardholder's PIN and the PIN unblocking key as the card wants them (NIST SP 800-73-4 Part 2 §2.4.3).

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Error;

/// A PIN: six to eight ASCII digits, padded to eight bytes with FF. Debug shows none of it; wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Pin([u8; 8]);

impl Pin {
    /// A PIN from its digits.
    ///
    /// # Errors
    /// [`Error::Pin`] unless there are six to eight ASCII digits.
    pub fn new(digits: &str) -> Result<Self, Error> {
        let digits = digits.as_bytes();
        let mut padded = Self([0xFF; 8]);
        padded
            .0
            .get_mut(..digits.len())
            .ok_or(Error::Pin)?
            .copy_from_slice(digits);
        Self::from_padded(&padded.0)
    }

    /// Reads the eight bytes that travel in a command.
    ///
    /// # Errors
    /// [`Error::Pin`] unless they are six to eight ASCII digits and FF after them.
    pub fn from_padded(bytes: &[u8]) -> Result<Self, Error> {
        let bytes: [u8; 8] = bytes.try_into().map_err(|_| Error::Pin)?;
        let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
        let pin = Self(bytes);
        if digits < 6 || bytes[digits..].iter().any(|b| *b != 0xFF) {
            return Err(Error::Pin);
        }
        Ok(pin)
    }

    /// How many digits it has, 6 to 8.
    #[must_use]
    pub fn digits(&self) -> u8 {
        self.0.iter().filter(|byte| byte.is_ascii_digit()).count() as u8
    }

    /// The eight bytes that travel in a command.
    #[must_use]
    pub fn padded(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(masked)")
    }
}

/// A PIN unblocking key: eight bytes of any value. Debug shows none of it; wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Puk([u8; 8]);

impl Puk {
    /// A PUK from its eight bytes.
    #[must_use]
    pub fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The eight bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Debug for Puk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Puk(masked)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_to_eight_digits() {
        assert_eq!(Pin::new("123456").unwrap().padded(), b"123456\xFF\xFF");
        assert_eq!(Pin::new("12345678").unwrap().padded(), b"12345678");
        for wrong in ["", "12345", "123456789", "12345a", "۱۲۳۴", "123 456"] {
            assert_eq!(Pin::new(wrong), Err(Error::Pin), "{wrong}");
        }
    }

    #[test]
    fn padding_is_ff_after_the_digits() {
        assert!(Pin::from_padded(b"123456\xFF\xFF").is_ok());
        for wrong in [
            &b"123456\xFF7"[..],
            b"123456\x00\x00",
            b"12345\xFF\xFF\xFF",
            b"123456",
            b"1234567890",
        ] {
            assert_eq!(Pin::from_padded(wrong), Err(Error::Pin));
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Pin::new("123456").unwrap()), "Pin(masked)");
        assert_eq!(format!("{:?}", Puk::new(*b"87654321")), "Puk(masked)");
    }
}
