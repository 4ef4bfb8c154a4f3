//! Printed Information (5FC109): what is printed on the card, for who compares (NIST SP 800-73-4 Part 1 table 13).
//!
//! The standard's fields are ASCII of limited length; a name in national characters has its place in
//! [`HolderDisplay`](super::HolderDisplay).

use crate::{Date, Error, field};

const OBJECT: &str = "Printed Information";

/// The printed information. Lengths are checked when it is encoded.
#[derive(Clone, PartialEq, Eq)]
pub struct PrintedInformation {
    /// Name (01), at most 125 characters.
    pub name: String,
    /// Employee affiliation (02), at most 20 characters; on a national card the kind of card.
    pub affiliation: String,
    /// Expiration date (04), printed `2035MAR20`.
    pub expiration: Date,
    /// Agency card serial number (05), at most 20 characters.
    pub card_serial: String,
    /// Issuer identification (06), at most 15 characters.
    pub issuer: String,
}

impl PrintedInformation {
    /// The container's content, tag 53 and all.
    ///
    /// # Errors
    /// [`Error::TooLong`] and [`Error::Character`] for what the standard's fields cannot hold.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut value = Vec::new();
        let mut text = |tag, field, text: &str, max| {
            if text.len() > max {
                return Err(Error::TooLong { field, max });
            }
            match text.chars().position(|c| !(' '..='~').contains(&c)) {
                Some(at) => Err(Error::Character {
                    field,
                    position: at + 1,
                }),
                None => {
                    field::put(&mut value, tag, text.as_bytes());
                    Ok(())
                }
            }
        };
        text(0x01, "printed name", &self.name, 125)?;
        text(0x02, "employee affiliation", &self.affiliation, 20)?;
        text(0x04, "expiration date", &self.expiration.printed(), 9)?;
        text(0x05, "agency card serial number", &self.card_serial, 20)?;
        text(0x06, "issuer identification", &self.issuer, 15)?;
        field::put(&mut value, 0xFE, &[]);
        Ok(field::field(0x53, &value))
    }

    /// Reads a container's content.
    ///
    /// # Errors
    /// [`Error::Missing`] for a mandatory field, [`Error::Malformed`] for text that is not UTF-8, [`Error::Date`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let text = |tag, name| {
            let bytes = field::find(OBJECT, value, tag)?.ok_or(Error::missing(OBJECT, name))?;
            String::from_utf8(bytes.to_vec())
                .map_err(|_| Error::malformed(OBJECT, "text that is not ASCII"))
        };
        Ok(Self {
            name: text(0x01, "name (01)")?,
            affiliation: text(0x02, "employee affiliation (02)")?,
            expiration: Date::from_printed(&text(0x04, "expiration date (04)")?)?,
            card_serial: text(0x05, "agency card serial number (05)")?,
            issuer: text(0x06, "issuer identification (06)")?,
        })
    }
}

impl core::fmt::Debug for PrintedInformation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "PrintedInformation(expiration {}, the rest masked)",
            self.expiration
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> PrintedInformation {
        PrintedInformation {
            name: "ERIKSSON ANNA MARIA".into(),
            affiliation: "CITIZEN".into(),
            expiration: Date::new(2035, 3, 20).unwrap(),
            card_serial: "D23145890".into(),
            issuer: "UTO".into(),
        }
    }

    #[test]
    fn round_trip() {
        assert_eq!(
            PrintedInformation::decode(&sample().encode().unwrap()).unwrap(),
            sample()
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = PrintedInformation {
            name: "A".repeat(126),
            ..sample()
        };
        assert_eq!(
            long.encode(),
            Err(Error::TooLong {
                field: "printed name",
                max: 125
            })
        );
        let persian = PrintedInformation {
            name: "A نگین".into(),
            ..sample()
        };
        assert_eq!(
            persian.encode(),
            Err(Error::Character {
                field: "printed name",
                position: 3
            })
        );
    }

    #[test]
    fn names_do_not_show() {
        assert!(!format!("{:?}", sample()).contains("ERIKSSON"));
    }
}
