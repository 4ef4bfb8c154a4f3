//! Card Capability Container (5FC107): mandatory, and for PIV clients almost empty (NIST SP 800-73-4 Part 1 table 8).

use crate::{Error, field};

const OBJECT: &str = "Card Capability Container";

/// The container. All its other fields have the values that mean 'see PIV'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardCapability {
    /// The card identifier's last part (F0): 14 bytes of the issuer's choosing, unique to the card.
    pub card: [u8; 14],
}

impl CardCapability {
    /// GSC-RID, manufacturer and card type before the issuer's 14 bytes, as the GSC-IS registry gives a JavaCard.
    const PREFIX: [u8; 7] = [0xA0, 0x00, 0x00, 0x01, 0x16, 0xFF, 0x02];

    /// The container's content, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = field::field(0xF0, &[&Self::PREFIX[..], &self.card].concat());
        // Versions 2.1 of capability container and grammar; data model 10 is PIV.
        for (tag, content) in [
            (0xF1, &[0x21][..]),
            (0xF2, &[0x21]),
            (0xF3, &[]),
            (0xF4, &[0x00]),
            (0xF5, &[0x10]),
            (0xF6, &[]),
            (0xF7, &[]),
            (0xFA, &[]),
            (0xFB, &[]),
            (0xFC, &[]),
            (0xFD, &[]),
            (0xFE, &[]),
        ] {
            field::put(&mut value, tag, content);
        }
        field::field(0x53, &value)
    }

    /// Reads a container's content.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] where the card identifier or PIV's data model is not there.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let identifier = field::find(OBJECT, value, 0xF0)?.ok_or(Error::missing(OBJECT, "F0"))?;
        if field::find(OBJECT, value, 0xF5)? != Some(&[0x10]) {
            return Err(Error::malformed(OBJECT, "the data model is not PIV's"));
        }
        let card = identifier.get(7..).and_then(|card| card.try_into().ok());
        Ok(Self {
            card: card.ok_or(Error::malformed(OBJECT, "F0 has not 21 bytes"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let container = CardCapability { card: [5; 14] };
        let bytes = container.encode();
        assert_eq!(bytes.len(), 2 + 23 + 3 * 4 + 2 * 8);
        assert_eq!(CardCapability::decode(&bytes).unwrap(), container);
        assert!(CardCapability::decode(&[0x53, 0x00]).is_err());
    }
}
