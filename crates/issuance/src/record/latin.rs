//! Latin text as identity documents hold it.
//!
//! The rule: letters A to Z, in capitals, with spaces, hyphens and apostrophes between them. Letters
//! with accents are refused with their place rather than guessed at: the citizen's own Latin
//! spelling is data, not something to derive.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::fault::{Fault, show};

/// Most characters of a name.
pub const NAME_MAX: usize = 48;
/// Most characters of a place.
pub const PLACE_MAX: usize = 120;

/// A Latin text in capitals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LatinText(String);

impl LatinText {
    /// Normalises a name.
    ///
    /// # Errors
    /// [`Fault::LatinCharacter`], [`Fault::TextEmpty`], [`Fault::TextTooLong`].
    pub fn name(text: &str) -> Result<Self, Fault> {
        normalise(text, NAME_MAX, |_| false).map(Self)
    }

    /// Normalises the name of a place: as a name, and digits and `, . / ( )`.
    ///
    /// # Errors
    /// [`Fault::LatinCharacter`], [`Fault::TextEmpty`], [`Fault::TextTooLong`].
    pub fn place(text: &str) -> Result<Self, Fault> {
        normalise(text, PLACE_MAX, |c| {
            c.is_ascii_digit() || ",./()".contains(c)
        })
        .map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LatinText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for LatinText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn normalise(text: &str, max: usize, also: impl Fn(char) -> bool) -> Result<String, Fault> {
    let mut out = String::new();
    let mut space = false;
    for (index, character) in text.chars().enumerate() {
        let kept = match character {
            ' ' | '\t' | '\u{00A0}' => {
                space = true;
                continue;
            }
            'a'..='z' | 'A'..='Z' => character.to_ascii_uppercase(),
            '-' | '\u{2010}' | '\u{2011}' => '-',
            '\'' | '\u{2019}' | '\u{02BC}' => '\'',
            _ if also(character) => character,
            _ => {
                return Err(Fault::LatinCharacter {
                    character: show(character),
                    position: index + 1,
                });
            }
        };
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        out.push(kept);
    }
    if !out.contains(|c: char| c.is_ascii_alphabetic()) {
        return Err(Fault::TextEmpty {});
    }
    if out.len() > max {
        return Err(Fault::TextTooLong {
            found: out.len(),
            max,
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_capitals_with_single_spaces() {
        let name = LatinText::name("  Mohammad-Reza   D’Arcy ").unwrap();
        assert_eq!(name.as_str(), "MOHAMMAD-REZA D'ARCY");
    }

    #[test]
    fn other_letters_are_refused() {
        assert_eq!(
            LatinText::name("Zahrā"),
            Err(Fault::LatinCharacter {
                character: "U+0101 ā".into(),
                position: 5
            })
        );
        assert!(LatinText::name("R2").is_err());
        assert_eq!(LatinText::place("Shahr 2").unwrap().as_str(), "SHAHR 2");
        assert_eq!(LatinText::name(" - "), Err(Fault::TextEmpty {}));
    }
}
