//! Digits in the three scripts that a Persian keyboard can give.
//!
//! The rule: numbers are kept in ASCII digits and shown in the digits of the text around them.

use crate::fault::{Fault, show};

/// The value of a decimal digit: ASCII, Arabic-Indic (U+0660–0669) or extended Arabic-Indic
/// (U+06F0–06F9, the Persian ones).
#[must_use]
pub fn value(character: char) -> Option<u8> {
    let base = match character {
        '0'..='9' => '0',
        '\u{0660}'..='\u{0669}' => '\u{0660}',
        '\u{06F0}'..='\u{06F9}' => '\u{06F0}',
        _ => return None,
    };
    u8::try_from(u32::from(character) - u32::from(base)).ok()
}

/// The same digits in ASCII.
///
/// # Errors
/// [`Fault::DigitExpected`] at the first character that is no digit; [`Fault::TextEmpty`] where
/// there is none.
pub fn to_ascii(text: &str) -> Result<String, Fault> {
    if text.is_empty() {
        return Err(Fault::TextEmpty {});
    }
    text.chars()
        .enumerate()
        .map(|(index, character)| {
            value(character)
                .map(|digit| char::from(b'0' + digit))
                .ok_or_else(|| Fault::DigitExpected {
                    character: show(character),
                    position: index + 1,
                })
        })
        .collect()
}

/// The Persian digit of a decimal digit in any of the three scripts; any other character as it is.
#[must_use]
pub fn persian(character: char) -> char {
    value(character)
        .and_then(|digit| char::from_u32(0x06F0 + u32::from(digit)))
        .unwrap_or(character)
}

/// The text with its digits in Persian.
#[must_use]
pub fn to_persian(text: &str) -> String {
    text.chars().map(persian).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_scripts_are_one_number() {
        for text in ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "۰1٢۳4٥۶7٨9"]
        {
            assert_eq!(to_ascii(text).unwrap(), "0123456789");
            assert_eq!(to_persian(text), "۰۱۲۳۴۵۶۷۸۹");
        }
    }

    #[test]
    fn another_character_is_named_with_its_place() {
        assert_eq!(
            to_ascii("۱۲-۳"),
            Err(Fault::DigitExpected {
                character: "U+002D -".into(),
                position: 3
            })
        );
        assert_eq!(to_ascii(""), Err(Fault::TextEmpty {}));
    }
}
