//! Our card's own: the activation record (DFC101), which says for ever how this card came alive.
//!
//! `53 { 80 01 <method>, [81 01 <finger reference>], 82 <operator note>, 83 04 <receipt> }`: method 01 is an on-card
//! match (with its finger), 02 an override; the receipt is the number of non-volatile commits the card had made, so
//! that it differs from card to card and from state to state; nothing in it is signed.

use super::FingerReference;
use crate::{Error, field};

const OBJECT: &str = "activation record";

/// How a card was activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActivationMethod {
    /// The card compared this finger and it matched.
    Match(FingerReference),
    /// Two persons overrode the comparison, under the override key set.
    Override,
}

/// What the operator leaves in the card at activation: which counter, or which two persons. At most 32 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OperatorNote(Vec<u8>);

impl OperatorNote {
    /// The longest note, in bytes.
    pub const MAX: usize = 32;

    /// A note.
    ///
    /// # Errors
    /// [`Error::TooLong`] above 32 bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if bytes.len() > Self::MAX {
            return Err(Error::TooLong {
                field: "operator note",
                max: Self::MAX,
            });
        }
        Ok(Self(bytes))
    }

    /// The bytes, at most 32.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The record: written once by the card, at ACTIVATE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationRecord {
    /// How.
    pub method: ActivationMethod,
    /// By whom.
    pub note: OperatorNote,
    /// The card's count at that moment.
    pub receipt: u32,
}

impl ActivationRecord {
    /// The object as ACTIVATE and GET DATA return it, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = Vec::new();
        match self.method {
            ActivationMethod::Match(finger) => {
                field::put(&mut value, 0x80, &[0x01]);
                field::put(&mut value, 0x81, &[finger.code()]);
            }
            ActivationMethod::Override => field::put(&mut value, 0x80, &[0x02]),
        }
        field::put(&mut value, 0x82, self.note.as_bytes());
        field::put(&mut value, 0x83, &self.receipt.to_be_bytes());
        field::field(0x53, &value)
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let finger = match field::find(OBJECT, value, 0x81)? {
            Some([code]) => FingerReference::from_code(*code),
            _ => None,
        };
        let method = match (field::find(OBJECT, value, 0x80)?, finger) {
            (Some([0x01]), Some(finger)) => ActivationMethod::Match(finger),
            (Some([0x02]), None) => ActivationMethod::Override,
            (None, _) => return Err(Error::missing(OBJECT, "80")),
            _ => {
                return Err(Error::malformed(
                    OBJECT,
                    "the method is neither match nor override",
                ));
            }
        };
        let note = field::find(OBJECT, value, 0x82)?.ok_or(Error::missing(OBJECT, "82"))?;
        let receipt = field::find(OBJECT, value, 0x83)?.ok_or(Error::missing(OBJECT, "83"))?;
        let receipt = receipt
            .try_into()
            .map_err(|_| Error::malformed(OBJECT, "83 has not four bytes"))?;
        Ok(Self {
            method,
            note: OperatorNote::new(note)?,
            receipt: u32::from_be_bytes(receipt),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(method in 0..3, note in proptest::collection::vec(any::<u8>(), 0..=32), receipt: u32) {
            let method = match method {
                0 => ActivationMethod::Override,
                1 => ActivationMethod::Match(FingerReference::Primary),
                _ => ActivationMethod::Match(FingerReference::Secondary),
            };
            let record = ActivationRecord { method, note: OperatorNote::new(note).unwrap(), receipt };
            prop_assert_eq!(ActivationRecord::decode(&record.encode()).unwrap(), record);
        }
    }

    #[test]
    fn a_match_names_its_finger_and_an_override_none() {
        assert!(
            ActivationRecord::decode(&[0x53, 0x0B, 0x80, 1, 1, 0x82, 0, 0x83, 4, 0, 0, 0, 1])
                .is_err()
        );
        assert!(
            ActivationRecord::decode(&[
                0x53, 0x0E, 0x80, 1, 2, 0x81, 1, 0x96, 0x82, 0, 0x83, 4, 0, 0, 0, 1
            ])
            .is_err()
        );
    }

    #[test]
    fn a_long_note_is_refused() {
        assert!(OperatorNote::new(vec![0; 33]).is_err());
    }
}
