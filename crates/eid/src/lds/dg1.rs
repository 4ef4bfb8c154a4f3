//! DG1: the machine readable zone (ICAO Doc 9303-10 §4.7.1): `61 {5F1F <90 characters>}`.

use crate::{Error, field, mrz::Td1};

const OBJECT: &str = "EF.DG1";

/// The file's content for an identity card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dg1 {
    /// The zone.
    pub mrz: Td1,
}

impl Dg1 {
    /// The file's content, tag 61 and all.
    ///
    /// # Errors
    /// As [`Td1::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        Ok(field::field(
            0x61,
            &field::field(0x5F1F, self.mrz.encode()?.as_bytes()),
        ))
    }

    /// Reads the file's content.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] where it holds no zone, otherwise as [`Td1::parse`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x61)?;
        let zone = field::find(OBJECT, value, 0x5F1F)?.ok_or(Error::missing(OBJECT, "5F1F"))?;
        let zone = core::str::from_utf8(zone)
            .map_err(|_| Error::malformed(OBJECT, "the zone is not ASCII"))?;
        Ok(Self {
            mrz: Td1::parse(zone)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let zone = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
        let file = Dg1 {
            mrz: Td1::parse(zone).unwrap(),
        };
        let bytes = file.encode().unwrap();
        assert_eq!(bytes[..5], [0x61, 0x5D, 0x5F, 0x1F, 0x5A]);
        assert_eq!(&bytes[5..], zone.as_bytes());
        assert_eq!(Dg1::decode(&bytes).unwrap(), file);
        assert!(Dg1::decode(&bytes[..80]).is_err());
    }
}
