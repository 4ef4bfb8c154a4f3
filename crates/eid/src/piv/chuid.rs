//! Card Holder Unique Identifier (5FC102): the card's identity, signed by its issuer (NIST SP 800-73-4 Part 1 §3.1.2,
//! table 9). It is written ready-made; the card never makes it up.

use crate::{Date, Error, field};

use super::FascN;

const OBJECT: &str = "CHUID";

/// The CHUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chuid {
    /// FASC-N (30).
    pub fasc_n: FascN,
    /// The card's UUID (34).
    pub guid: [u8; 16],
    /// Expiration date (35).
    pub expiration: Date,
    /// Cardholder UUID (36), the same over all of a citizen's cards.
    pub cardholder: Option<[u8; 16]>,
    /// Issuer asymmetric signature (3E): a CMS SignedData over [`Chuid::signed_content`], DER; empty while unsigned.
    pub signature: Vec<u8>,
}

impl Chuid {
    /// What the issuer signs: all fields but the signature itself, the error detection code included.
    ///
    /// # Errors
    /// [`Error::TooLong`] where the FASC-N does not fit.
    pub fn signed_content(&self) -> Result<Vec<u8>, Error> {
        let mut value = self.identity()?;
        field::put(&mut value, 0xFE, &[]);
        Ok(value)
    }

    fn identity(&self) -> Result<Vec<u8>, Error> {
        let mut value = field::field(0x30, &self.fasc_n.encode()?);
        field::put(&mut value, 0x34, &self.guid);
        field::put(&mut value, 0x35, self.expiration.digits().as_bytes());
        if let Some(cardholder) = &self.cardholder {
            field::put(&mut value, 0x36, cardholder);
        }
        Ok(value)
    }

    /// The container's content, tag 53 and all.
    ///
    /// # Errors
    /// [`Error::TooLong`] where the FASC-N does not fit.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut value = self.identity()?;
        field::put(&mut value, 0x3E, &self.signature);
        field::put(&mut value, 0xFE, &[]);
        Ok(field::field(0x53, &value))
    }

    /// Reads a container's content. Deprecated fields (buffer length, organisation codes, key map) are passed over, so
    /// that [`Chuid::signed_content`] is that of another's CHUID only where it has none.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Malformed`] or [`Error::Date`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let part = |tag, name| field::find(OBJECT, value, tag)?.ok_or(Error::missing(OBJECT, name));
        let uuid = |bytes: &[u8]| {
            bytes
                .try_into()
                .map_err(|_| Error::malformed(OBJECT, "a UUID has 16 bytes"))
        };
        Ok(Self {
            fasc_n: FascN::decode(part(0x30, "FASC-N (30)")?)?,
            guid: uuid(part(0x34, "GUID (34)")?)?,
            expiration: Date::from_digits(part(0x35, "expiration date (35)")?)?,
            cardholder: field::find(OBJECT, value, 0x36)?.map(uuid).transpose()?,
            signature: part(0x3E, "issuer asymmetric signature (3E)")?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for cardholder in [None, Some([7; 16])] {
            let chuid = Chuid {
                fasc_n: FascN::NON_FEDERAL,
                guid: [9; 16],
                expiration: Date::new(2035, 3, 20).unwrap(),
                cardholder,
                signature: vec![0x30; 900],
            };
            assert_eq!(Chuid::decode(&chuid.encode().unwrap()).unwrap(), chuid);
            assert!(chuid.signed_content().unwrap().ends_with(&[0xFE, 0x00]));
        }
        assert!(Chuid::decode(&[0x53, 0x00]).is_err());
    }
}
