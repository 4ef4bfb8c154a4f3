//! What keys are called.

use core::fmt;
use core::str::FromStr;

use crate::Error;

/// Key diversification data: the ten bytes that a card's answer to INITIALIZE UPDATE begins with.
pub type Kdd = [u8; 10];

/// The code of an office: ten bytes, ASCII letters, digits and `-`, filled up with 00. As diversification data it gives
/// the office its delivery masters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfficeCode([u8; 10]);

impl OfficeCode {
    /// The ten bytes, as they go into the derivation.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }
}

impl FromStr for OfficeCode {
    type Err = Error;

    /// # Errors
    /// [`Error::InvalidName`] unless the text is 1 to 10 ASCII letters, digits and `-`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = text.as_bytes();
        let mut code = [0; 10];
        match code.get_mut(..bytes.len()) {
            Some(start)
                if !bytes.is_empty()
                    && bytes
                        .iter()
                        .all(|b| b.is_ascii_alphanumeric() || *b == b'-') =>
            {
                start.copy_from_slice(bytes);
                Ok(Self(code))
            }
            _ => Err(Error::InvalidName {
                what: "office code",
            }),
        }
    }
}

impl fmt::Display for OfficeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .take_while(|byte| **byte != 0)
            .try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl fmt::Debug for OfficeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OfficeCode({self})")
    }
}

/// A key set of a card, by who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardKeySet {
    /// The maker's, on a blank card; replaced first thing.
    Transport,
    /// The issuer's: personalisation and, afterwards, what may be renewed.
    Issuer,
    /// The delivery counter's of one office.
    Delivery {
        /// The office.
        office: OfficeCode,
    },
    /// Two persons', for citizens without usable fingers.
    Override,
}

impl fmt::Display for CardKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport => f.write_str("transport"),
            Self::Issuer => f.write_str("issuer"),
            Self::Delivery { office } => write!(f, "delivery ({office})"),
            Self::Override => f.write_str("override"),
        }
    }
}

/// A P-256 key that signs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SigningKeyId {
    /// The certification authority of the card's certificates.
    Ca,
    /// The document signer of the travel document.
    DocumentSigner,
    /// The seat of this name, for its chain of the ledger.
    LedgerSeat(String),
}

impl fmt::Display for SigningKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ca => f.write_str("the certification authority"),
            Self::DocumentSigner => f.write_str("the document signer"),
            Self::LedgerSeat(name) => write!(f, "seat {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn office_codes() {
        let code: OfficeCode = "TEH-0042".parse().unwrap();
        assert_eq!(code.as_bytes(), b"TEH-0042\0\0");
        assert_eq!(code.to_string(), "TEH-0042");
        for bad in ["", "elevenchars", "تهران", "a b", "a\0b"] {
            assert_eq!(
                bad.parse::<OfficeCode>().unwrap_err().key(),
                "keystore.invalid-name"
            );
        }
    }
}
