//! Our card's own: holder display (DFC103), what a counter's screen shows beside the photograph.
//!
//! `53 {80 <name in national characters, UTF-8>, 81 <card number>}`. PIV's Printed Information has ASCII only.

use crate::{Error, field};

const OBJECT: &str = "holder display";

/// The holder's name in national characters, and the card's number.
#[derive(Clone, PartialEq, Eq)]
pub struct HolderDisplay {
    /// The name as the citizen writes it, at most 250 bytes of UTF-8.
    pub name: String,
    /// The card's number as printed, at most 20 bytes.
    pub card_number: String,
}

impl HolderDisplay {
    /// The container's content, tag 53 and all.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut value = Vec::new();
        for (tag, field, text, max) in [
            (0x80, "holder's name", &self.name, 250),
            (0x81, "card number", &self.card_number, 20),
        ] {
            if text.len() > max {
                return Err(Error::TooLong { field, max });
            }
            field::put(&mut value, tag, text.as_bytes());
        }
        Ok(field::field(0x53, &value))
    }

    /// Reads a container's content.
    ///
    /// # Errors
    /// [`Error::Missing`] or [`Error::Malformed`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let text = |tag, name| {
            let bytes = field::find(OBJECT, value, tag)?.ok_or(Error::missing(OBJECT, name))?;
            String::from_utf8(bytes.to_vec())
                .map_err(|_| Error::malformed(OBJECT, "text that is not UTF-8"))
        };
        Ok(Self {
            name: text(0x80, "80")?,
            card_number: text(0x81, "81")?,
        })
    }
}

impl core::fmt::Debug for HolderDisplay {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HolderDisplay(masked)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let display = HolderDisplay {
            name: "آنا ماریا اریکسون".into(),
            card_number: "D23145890".into(),
        };
        assert_eq!(
            HolderDisplay::decode(&display.encode().unwrap()).unwrap(),
            display
        );
        assert!(HolderDisplay::decode(&[0x53, 0x03, 0x80, 0x01, 0xFF]).is_err());
        let long = HolderDisplay {
            name: "ن".repeat(126),
            ..display
        };
        assert!(long.encode().is_err());
    }
}
