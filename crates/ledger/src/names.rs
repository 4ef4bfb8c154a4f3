//! Names in the ledger: seats, records, cards. Each is checked once, where it enters.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Whether `text` may be a name: 1 to `longest` characters of `A-Z a-z 0-9 . _ - : /`.
fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte))
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $longest:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                if is_name(&text, $longest) { Ok(Self(text)) } else { Err(Error::InvalidName { what: $what }) }
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The name of a seat: a station or a counter. 1 to 64 characters of `A-Z a-z 0-9 . _ - : /`, unique in the nation.
    SeatName,
    64,
    "seat"
);
name!(
    /// The name of a record: an order and a citizen's place in it, such as `order-7/0001`. 1 to 128 characters of
    /// `A-Z a-z 0-9 . _ - : /`. It stands in the clear: never a national number or a name.
    RecordId,
    128,
    "record"
);
name!(
    /// The number of a card, as printed on it. 1 to 32 characters of `A-Z a-z 0-9 . _ - : /`.
    CardNumber,
    32,
    "card number"
);

/// What a chip calls itself: 1 to 32 bytes, for our card the 10 bytes of key diversification data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChipId(Vec<u8>);

impl ChipId {
    /// From its bytes.
    ///
    /// # Errors
    /// [`Error::InvalidName`] when there are none, or more than 32.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        if (1..=32).contains(&bytes.len()) {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(Error::InvalidName { what: "chip" })
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for ChipId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for ChipId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChipId({self})")
    }
}

impl TryFrom<String> for ChipId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(&hex::decode(text).map_err(|_| Error::InvalidName { what: "chip" })?)
    }
}

impl From<ChipId> for String {
    fn from(chip: ChipId) -> Self {
        chip.to_string()
    }
}

/// A card: the number printed on it and the chip in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CardRef {
    /// The number printed on the card.
    pub number: CardNumber,
    /// The chip's own identity.
    pub chip: ChipId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_where_they_enter() {
        assert_eq!(
            "order-7/0001"
                .parse::<RecordId>()
                .map(String::from)
                .ok()
                .as_deref(),
            Some("order-7/0001")
        );
        for bad in ["", "two words", "زهرا", "line\nbreak", &"x".repeat(129)] {
            assert_eq!(
                bad.parse::<RecordId>().unwrap_err().key(),
                "ledger.invalid-name"
            );
        }
        assert!("x".repeat(128).parse::<RecordId>().is_ok());
        assert!(serde_json::from_str::<SeatName>("\"a seat\"").is_err());
    }

    #[test]
    fn a_chip_has_bytes() {
        assert!(ChipId::new(&[]).is_err());
        assert!(ChipId::new(&[0; 33]).is_err());
        let chip = ChipId::new(&[0xAB; 10]).unwrap();
        assert_eq!(
            serde_json::from_str::<ChipId>(&serde_json::to_string(&chip).unwrap()).unwrap(),
            chip
        );
    }
}
