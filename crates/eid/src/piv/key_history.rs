//! Key History Object (5FC10C): which retired key management keys the card holds (NIST SP 800-73-4 Part 1 §3.3.3,
//! table 19).

use crate::{Error, field};

const OBJECT: &str = "Key History Object";

/// The container. A card without retired keys holds it with zeros.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyHistory {
    /// Retired keys whose certificates are on the card (C1), at most 20 together with the others.
    pub on_card: u8,
    /// Retired keys whose certificates lie elsewhere (C2).
    pub off_card: u8,
    /// Where these certificates lie (F3), ASCII, at most 118 bytes; empty where there are none.
    pub url: String,
}

impl KeyHistory {
    /// The container's content, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::new();
        field::put(&mut value, 0xC1, &[self.on_card]);
        field::put(&mut value, 0xC2, &[self.off_card]);
        field::put(&mut value, 0xF3, self.url.as_bytes());
        field::put(&mut value, 0xFE, &[]);
        field::field(0x53, &value)
    }

    /// Reads a container's content.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else, and for more keys than a card has places.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let number = |tag, name| match field::find(OBJECT, value, tag)? {
            Some([number]) => Ok(*number),
            Some(_) => Err(Error::malformed(OBJECT, "a number that has not one byte")),
            None => Err(Error::missing(OBJECT, name)),
        };
        let (on_card, off_card) = (number(0xC1, "C1")?, number(0xC2, "C2")?);
        if u16::from(on_card) + u16::from(off_card) > 20 {
            return Err(Error::malformed(OBJECT, "more keys than a card has places"));
        }
        let url = field::find(OBJECT, value, 0xF3)?.unwrap_or_default();
        let url = core::str::from_utf8(url).map_err(|_| Error::malformed(OBJECT, "no URL"))?;
        Ok(Self {
            on_card,
            off_card,
            url: url.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let none = KeyHistory::default();
        let bytes = none.encode();
        assert_eq!(bytes, [0x53, 10, 0xC1, 1, 0, 0xC2, 1, 0, 0xF3, 0, 0xFE, 0]);
        assert_eq!(KeyHistory::decode(&bytes), Ok(none));
        let some = KeyHistory {
            on_card: 2,
            off_card: 3,
            url: "http://keys.example/9f".to_owned(),
        };
        assert_eq!(KeyHistory::decode(&some.encode()), Ok(some.clone()));
        let many = KeyHistory {
            on_card: 18,
            ..some
        };
        assert!(KeyHistory::decode(&many.encode()).is_err());
        assert!(KeyHistory::decode(&[0x53, 0]).is_err());
    }
}
