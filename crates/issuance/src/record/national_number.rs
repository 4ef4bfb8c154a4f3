//! The national number: ten digits, the last of them a check digit.
//!
//! The rule: the first nine digits, weighted 10 down to 2, are summed; the remainder of that sum
//! modulo 11 is the check digit where it is below 2, otherwise 11 less the remainder is. One digit
//! ten times satisfies that rule and is never given out.

use std::fmt;

use serde::{Serialize, Serializer};

use super::digits;
use crate::fault::Fault;

/// Digits in a national number.
pub const LENGTH: usize = 10;

/// A national number that satisfies its rules, in ASCII digits.
///
/// `Display` gives all ten digits; `Debug` masks the middle ones, because debug output ends in logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NationalNumber(String);

impl NationalNumber {
    /// Reads a number written in ASCII, Arabic or Persian digits.
    ///
    /// # Errors
    /// [`Fault::DigitExpected`], [`Fault::NationalNumberLength`],
    /// [`Fault::NationalNumberRepeated`], [`Fault::NationalNumberCheckDigit`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let number = digits::to_ascii(text)?;
        let (body, check) = match number.as_bytes() {
            [body @ .., check] if number.len() == LENGTH => (body, check),
            _ => {
                return Err(Fault::NationalNumberLength {
                    found: number.len(),
                });
            }
        };
        if body.iter().all(|digit| digit == check) {
            return Err(Fault::NationalNumberRepeated {});
        }
        if check_digit(body) != check - b'0' {
            return Err(Fault::NationalNumberCheckDigit {});
        }
        Ok(Self(number))
    }

    /// The number whose first nine digits are those of `body` (below 10⁹), with its check digit.
    ///
    /// # Errors
    /// [`Fault::NationalNumberLength`] where `body` has more than nine digits,
    /// [`Fault::NationalNumberRepeated`] where the number would be one digit ten times.
    pub fn from_body(body: u32) -> Result<Self, Fault> {
        let nine = format!("{body:09}");
        if nine.len() != LENGTH - 1 {
            return Err(Fault::NationalNumberLength {
                found: nine.len() + 1,
            });
        }
        let check = check_digit(nine.as_bytes());
        Self::parse(&format!("{nine}{check}"))
    }

    /// The ten ASCII digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check digit of nine ASCII digits.
fn check_digit(body: &[u8]) -> u8 {
    let sum: u32 = body
        .iter()
        .zip((2..=10).rev())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let remainder = u8::try_from(sum % 11).unwrap_or_default();
    if remainder < 2 {
        remainder
    } else {
        11 - remainder
    }
}

impl fmt::Display for NationalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NationalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.0.split_at(2);
        write!(f, "NationalNumber({head}******{})", &tail[6..])
    }
}

impl Serialize for NationalNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_good_numbers() {
        for number in [
            "0123456789",
            "0013542419",
            "0499370899",
            "0790419904",
            "7731689956",
        ] {
            assert!(NationalNumber::parse(number).is_ok(), "{number}");
        }
    }

    #[test]
    fn every_script_reads_alike() {
        let ascii = NationalNumber::parse("0499370899").unwrap();
        assert_eq!(NationalNumber::parse("۰۴۹۹۳۷۰۸۹۹").unwrap(), ascii);
        assert_eq!(NationalNumber::parse("٠٤٩٩٣٧٠٨٩٩").unwrap(), ascii);
    }

    #[test]
    fn faults_are_told_apart() {
        assert_eq!(
            NationalNumber::parse("499370899"),
            Err(Fault::NationalNumberLength { found: 9 })
        );
        assert_eq!(
            NationalNumber::parse("04993708990"),
            Err(Fault::NationalNumberLength { found: 11 })
        );
        assert_eq!(
            NationalNumber::parse("0499370898"),
            Err(Fault::NationalNumberCheckDigit {})
        );
        for digit in '0'..='9' {
            let text: String = std::iter::repeat_n(digit, 10).collect();
            assert_eq!(
                NationalNumber::parse(&text),
                Err(Fault::NationalNumberRepeated {})
            );
        }
        assert!(matches!(
            NationalNumber::parse("049-937089"),
            Err(Fault::DigitExpected { position: 4, .. })
        ));
    }

    #[test]
    fn debug_masks() {
        let number = NationalNumber::parse("0499370899").unwrap();
        assert_eq!(format!("{number:?}"), "NationalNumber(04******99)");
    }

    proptest! {
        #[test]
        fn a_wrong_digit_or_two_swapped_are_seen(body in 0_u32..1_000_000_000, at in 0_usize..9, other in 0_u8..10) {
            let Ok(number) = NationalNumber::from_body(body) else { return Ok(()) };
            let mut digits = number.as_str().as_bytes().to_vec();
            let right = digits[at];
            digits[at] = b'0' + other;
            let changed = String::from_utf8(digits.clone()).unwrap();
            // Two remainders share a check digit only by being 0 or 1, or 10 and 1: the rule sees
            // every other single error.
            let remainders = |d: &[u8]| d[..9].iter().zip((2..=10_u32).rev()).map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11;
            let same = check_digit(&digits[..9]) == check_digit(&number.as_str().as_bytes()[..9]);
            if right != b'0' + other && !same {
                prop_assert!(NationalNumber::parse(&changed).is_err());
            }
            if same && right != b'0' + other {
                let pair = (remainders(&digits), remainders(number.as_str().as_bytes()));
                prop_assert!(matches!(pair, (1, 10) | (10, 1)), "{pair:?}");
            }
        }
    }
}
