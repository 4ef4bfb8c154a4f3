//! The postal code: ten digits.
//!
//! The rule: ten digits, the first not 0, not one digit ten times. Which of the rest are given out
//! is the post's own list and is not judged here.

use std::fmt;

use serde::{Serialize, Serializer};

use super::digits;
use crate::fault::Fault;

/// Digits in a postal code.
pub const LENGTH: usize = 10;

/// A postal code in ASCII digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PostalCode(String);

impl PostalCode {
    /// Reads a code written in ASCII, Arabic or Persian digits.
    ///
    /// # Errors
    /// [`Fault::DigitExpected`], [`Fault::PostalCodeLength`], [`Fault::PostalCodeImpossible`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let code = digits::to_ascii(text)?;
        if code.len() != LENGTH {
            return Err(Fault::PostalCodeLength { found: code.len() });
        }
        let first = code.as_bytes().first();
        if first == Some(&b'0') || code.bytes().all(|digit| Some(&digit) == first) {
            return Err(Fault::PostalCodeImpossible {});
        }
        Ok(Self(code))
    }

    /// The ten ASCII digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PostalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PostalCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_digits_in_any_script() {
        assert_eq!(
            PostalCode::parse("۱۹۶۹۸۳۳۳۱۵").unwrap().as_str(),
            "1969833315"
        );
        assert_eq!(
            PostalCode::parse("196983331"),
            Err(Fault::PostalCodeLength { found: 9 })
        );
        for impossible in ["0969833315", "1111111111"] {
            assert_eq!(
                PostalCode::parse(impossible),
                Err(Fault::PostalCodeImpossible {})
            );
        }
    }
}
