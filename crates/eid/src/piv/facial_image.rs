//! Cardholder Facial Image (5FC108): a CBEFF record around a face (NIST SP 800-76-2 §7 and §9, table 14;
//! SP 800-73-4 Part 1 table 11).
//!
//! `53 {BC <header 88 bytes> <facial record> <signature block>, FE 00}`. The record is that of ISO/IEC 19794-5 (INCITS
//! 385 is byte for byte of the same form), the one DG2 of the travel document holds.

use crate::{Date, Error, field};

use super::FascN;

const OBJECT: &str = "Cardholder Facial Image";

/// What the PIV Patron Format's header says of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CbeffHeader {
    /// When the photograph was taken.
    pub created: Date,
    /// First and last day of validity.
    pub valid: (Date, Date),
    /// Quality 0 to 100; -1 unassigned, -2 not supported.
    pub quality: i8,
    /// Who made the record: ASCII, at most 17 bytes.
    pub creator: Creator,
    /// The card's FASC-N.
    pub fasc_n: FascN,
}

/// A creator's name: at most 17 ASCII bytes, padded with zeros to 18.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Creator([u8; 18]);

impl Creator {
    /// A name.
    ///
    /// # Errors
    /// [`Error::TooLong`] above 17 bytes, [`Error::Character`] for what is not printable ASCII.
    pub fn new(name: &str) -> Result<Self, Error> {
        if name.len() > 17 {
            return Err(Error::TooLong {
                field: "creator",
                max: 17,
            });
        }
        if let Some(at) = name.bytes().position(|b| !(b' '..=b'~').contains(&b)) {
            return Err(Error::Character {
                field: "creator",
                position: at + 1,
            });
        }
        let mut bytes = [0; 18];
        bytes
            .iter_mut()
            .zip(name.bytes())
            .for_each(|(byte, c)| *byte = c);
        Ok(Self(bytes))
    }
}

/// The container. Its parts are personal: Debug shows their sizes.
#[derive(Clone, PartialEq, Eq)]
pub struct FacialImage {
    /// The header.
    pub header: CbeffHeader,
    /// The facial record, see [`FaceRecord`](crate::lds::FaceRecord).
    pub record: Vec<u8>,
    /// CMS SignedData over [`FacialImage::signed_content`], DER; empty while unsigned.
    pub signature: Vec<u8>,
}

const HEADER: usize = 88;

impl FacialImage {
    /// What the issuer signs: header and record. The header holds the signature's length, which must therefore be
    /// known: SP 800-76-2 has it so.
    ///
    /// # Errors
    /// [`Error::TooLong`] for sizes the header cannot say.
    pub fn signed_content(&self, signature_length: u16) -> Result<Vec<u8>, Error> {
        let header = &self.header;
        let record = u32::try_from(self.record.len()).map_err(|_| Error::TooLong {
            field: OBJECT,
            max: u32::MAX as usize,
        })?;
        let mut out = Vec::with_capacity(HEADER + self.record.len());
        // Version 3; 0D: signed, not encrypted. The patron format knows no unsigned record.
        out.extend_from_slice(&[0x03, 0x0D]);
        out.extend_from_slice(&record.to_be_bytes());
        out.extend_from_slice(&signature_length.to_be_bytes());
        // Format owner INCITS M1 (001B), format type facial image (0501).
        out.extend_from_slice(&[0x00, 0x1B, 0x05, 0x01]);
        for date in [header.created, header.valid.0, header.valid.1] {
            out.extend_from_slice(&date.bcd());
            out.extend_from_slice(b"\x00\x00\x00Z");
        }
        // Biometric type facial features; data type raw.
        out.extend_from_slice(&[0x00, 0x00, 0x02, 0x20]);
        out.push(header.quality as u8);
        out.extend_from_slice(&header.creator.0);
        out.extend_from_slice(&header.fasc_n.encode()?);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.record);
        Ok(out)
    }

    /// The container's content, tag 53 and all.
    ///
    /// # Errors
    /// [`Error::TooLong`] for sizes the header cannot say.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let length = u16::try_from(self.signature.len()).map_err(|_| Error::TooLong {
            field: OBJECT,
            max: 65_535,
        })?;
        let mut image = self.signed_content(length)?;
        image.extend_from_slice(&self.signature);
        let mut value = field::field(0xBC, &image);
        field::put(&mut value, 0xFE, &[]);
        Ok(field::field(0x53, &value))
    }

    /// Reads a container's content.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Malformed`] or [`Error::Date`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let image = field::find(OBJECT, value, 0xBC)?.ok_or(Error::missing(OBJECT, "BC"))?;
        let (header, rest) = image
            .split_first_chunk::<HEADER>()
            .ok_or(Error::malformed(OBJECT, "shorter than its header"))?;
        let [
            0x03,
            _,
            l0,
            l1,
            l2,
            l3,
            s0,
            s1,
            0x00,
            0x1B,
            0x05,
            0x01,
            dates @ ..,
            _,
            _,
            _,
            _,
        ] = header
        else {
            return Err(Error::malformed(OBJECT, "not the header of a facial image"));
        };
        let (record, signature) = rest
            .split_at_checked(u32::from_be_bytes([*l0, *l1, *l2, *l3]) as usize)
            .ok_or(Error::malformed(OBJECT, "the record is cut short"))?;
        if signature.len() != usize::from(u16::from_be_bytes([*s0, *s1])) {
            return Err(Error::malformed(
                OBJECT,
                "the signature block has another length",
            ));
        }
        let date =
            |at: usize| Date::from_bcd([dates[at], dates[at + 1], dates[at + 2], dates[at + 3]]);
        let mut creator = [0; 18];
        creator.copy_from_slice(&dates[29..47]);
        Ok(Self {
            header: CbeffHeader {
                created: date(0)?,
                valid: (date(8)?, date(16)?),
                quality: dates[28] as i8,
                creator: Creator(creator),
                fasc_n: FascN::decode(&dates[47..72])?,
            },
            record: record.to_vec(),
            signature: signature.to_vec(),
        })
    }
}

impl core::fmt::Debug for FacialImage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "FacialImage(record {} bytes, signature {} bytes)",
            self.record.len(),
            self.signature.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> FacialImage {
        let day = |year| Date::new(year, 3, 20).unwrap();
        FacialImage {
            header: CbeffHeader {
                created: day(2024),
                valid: (day(2025), day(2035)),
                quality: -2,
                creator: Creator::new("Negin").unwrap(),
                fasc_n: FascN::NON_FEDERAL,
            },
            record: b"FAC\x00 and so on".to_vec(),
            signature: vec![0x30; 700],
        }
    }

    #[test]
    fn round_trip() {
        let image = sample();
        assert_eq!(
            FacialImage::decode(&image.encode().unwrap()).unwrap(),
            image
        );
        assert_eq!(
            image.signed_content(700).unwrap().len(),
            88 + image.record.len()
        );
    }

    #[test]
    fn lengths_must_agree() {
        let mut bytes = sample().encode().unwrap();
        let at = bytes.iter().position(|b| *b == 0xBC).unwrap() + 4 + 7;
        bytes[at] ^= 1;
        assert!(FacialImage::decode(&bytes).is_err());
        assert!(Creator::new("eighteen characters").is_err());
    }
}
