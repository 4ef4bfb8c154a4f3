//! Application identifiers (ISO/IEC 7816-4 §12.3.4): five to sixteen bytes.

use core::fmt;
use core::str::FromStr;

/// An application identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Aid {
    // Unused bytes stay zero, so that the derived comparisons hold.
    bytes: [u8; 16],
    length: u8,
}

/// Why bytes or text are not an AID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AidError {
    /// Fewer than five or more than sixteen bytes.
    #[error("an AID has 5 to 16 bytes, here {0}")]
    Length(usize),
    /// Text that is not pairs of hexadecimal digits.
    #[error("not hexadecimal digits")]
    Digits,
}

impl Aid {
    /// An AID of these bytes.
    ///
    /// # Errors
    /// [`AidError::Length`] unless there are 5 to 16.
    pub const fn new(bytes: &[u8]) -> Result<Self, AidError> {
        let length = bytes.len();
        if length < 5 || length > 16 {
            return Err(AidError::Length(length));
        }
        let mut out = [0; 16];
        let mut at = 0;
        while at < length {
            out[at] = bytes[at];
            at += 1;
        }
        Ok(Self {
            bytes: out,
            length: length as u8,
        })
    }

    /// An AID known when the program is written: a length outside 5 to 16 does not compile.
    #[must_use]
    pub const fn known<const N: usize>(bytes: [u8; N]) -> Self {
        const { assert!(N >= 5 && N <= 16) }
        match Self::new(&bytes) {
            Ok(aid) => aid,
            Err(_) => unreachable!(),
        }
    }

    /// The bytes, 5 to 16.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.length))
            .unwrap_or(&self.bytes)
    }

    /// The registered application provider identifier: the first five bytes.
    #[must_use]
    pub const fn rid(&self) -> [u8; 5] {
        let [a, b, c, d, e, ..] = self.bytes;
        [a, b, c, d, e]
    }

    /// Whether a SELECT by this name, full or cut short on the right, means this application
    /// (ISO/IEC 7816-4 §12.2.3.1).
    #[must_use]
    pub fn answers_to(&self, name: &[u8]) -> bool {
        !name.is_empty() && self.as_bytes().starts_with(name)
    }
}

impl TryFrom<&[u8]> for Aid {
    type Error = AidError;
    fn try_from(bytes: &[u8]) -> Result<Self, AidError> {
        Self::new(bytes)
    }
}

impl FromStr for Aid {
    type Err = AidError;
    fn from_str(text: &str) -> Result<Self, AidError> {
        let digits = text.as_bytes();
        if !digits.len().is_multiple_of(2) {
            return Err(AidError::Digits);
        }
        let length = digits.len() / 2;
        if !(5..=16).contains(&length) {
            return Err(AidError::Length(length));
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for &digit in pair {
                let value = char::from(digit)
                    .to_digit(16)
                    .and_then(|value| u8::try_from(value).ok())
                    .ok_or(AidError::Digits)?;
                *byte = *byte << 4 | value;
            }
        }
        Self::new(bytes.get(..length).unwrap_or_default())
    }
}

impl AsRef<[u8]> for Aid {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    const ISD: Aid = Aid::known([0xA0, 0, 0, 1, 0x51, 0, 0, 0]);

    #[test]
    fn length_and_partial_names() {
        assert_eq!(ISD.to_string(), "A000000151000000");
        assert_eq!("A000000151000000".parse(), Ok(ISD));
        assert_eq!(ISD.rid(), [0xA0, 0, 0, 1, 0x51]);
        assert!(ISD.answers_to(&[0xA0, 0, 0, 1, 0x51]));
        assert!(!ISD.answers_to(&[0xA0, 0, 0, 3]));
        assert!(!ISD.answers_to(&[]));
        assert!(!ISD.answers_to(&[0xA0, 0, 0, 1, 0x51, 0, 0, 0, 0]));
        assert_eq!(Aid::new(&[1; 4]), Err(AidError::Length(4)));
        assert_eq!(Aid::new(&[1; 17]), Err(AidError::Length(17)));
        assert_eq!("A00000015".parse::<Aid>(), Err(AidError::Digits));
        assert_eq!("A0000001ZZ".parse::<Aid>(), Err(AidError::Digits));
    }

    proptest! {
        #[test]
        fn text_and_back(bytes in proptest::collection::vec(any::<u8>(), 5..=16)) {
            let aid = Aid::new(&bytes).unwrap();
            prop_assert_eq!(aid.as_bytes(), &bytes[..]);
            prop_assert_eq!(aid.to_string().parse::<Aid>().unwrap(), aid);
        }
    }
}
