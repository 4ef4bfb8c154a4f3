//! Biometric records of PIV, each behind a CBEFF header and before the issuer's signature: Cardholder Fingerprints
//! (5FC103) and Cardholder Facial Image (5FC108) (NIST SP 800-76-2 §9, tables 14 and 15; SP 800-73-4 Part 1 tables 11 and
//! 12; FIPS 201-3 §4.2.3).
//!
//! `53 {BC <header 88 bytes> <record> <signature block>, FE 00}`. Fingerprints are one record of INCITS 378-2004 with a
//! view of each finger. The face is a record of ISO/IEC 19794-5 (INCITS 385 is byte for byte of the same form), the one
//! DG2 of the travel document holds.

use crate::{Date, Error, field};

use super::{Container, FascN};

/// What a record shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Biometric {
    /// Minutiae of fingers, for off-card comparison.
    Fingerprints,
    /// The face.
    FacialImage,
}

impl Biometric {
    /// The container that holds it.
    #[must_use]
    pub const fn container(self) -> Container {
        match self {
            Self::Fingerprints => Container::Fingerprints,
            Self::FacialImage => Container::FacialImage,
        }
    }

    const fn object(self) -> &'static str {
        self.container().name()
    }

    /// Format type of the owner INCITS M1 (001B).
    const fn format(self) -> [u8; 2] {
        match self {
            Self::Fingerprints => [0x02, 0x01],
            Self::FacialImage => [0x05, 0x01],
        }
    }

    /// Biometric type, and whether the data is raw (20) or processed (80).
    const fn kind(self) -> [u8; 4] {
        match self {
            Self::Fingerprints => [0x00, 0x00, 0x08, 0x80],
            Self::FacialImage => [0x00, 0x00, 0x02, 0x20],
        }
    }
}

/// What the PIV Patron Format's header says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CbeffHeader {
    /// When the sample was taken.
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
pub struct BiometricObject {
    /// What it shows.
    pub biometric: Biometric,
    /// The header.
    pub header: CbeffHeader,
    /// The record.
    pub record: Vec<u8>,
    /// CMS SignedData over [`BiometricObject::signed_content`], DER; empty while unsigned.
    pub signature: Vec<u8>,
}

const HEADER: usize = 88;
/// INCITS M1.
const FORMAT_OWNER: [u8; 2] = [0x00, 0x1B];

impl BiometricObject {
    /// What the issuer signs: header and record. The header holds the signature's length, which must therefore be
    /// known: SP 800-76-2 has it so.
    ///
    /// # Errors
    /// [`Error::TooLong`] for sizes the header cannot say.
    pub fn signed_content(&self, signature_length: u16) -> Result<Vec<u8>, Error> {
        let header = &self.header;
        let record = u32::try_from(self.record.len()).map_err(|_| Error::TooLong {
            field: self.biometric.object(),
            max: u32::MAX as usize,
        })?;
        let mut out = Vec::with_capacity(HEADER + self.record.len());
        // Version 3; 0D: signed, not encrypted. The patron format knows no unsigned record.
        out.extend_from_slice(&[0x03, 0x0D]);
        out.extend_from_slice(&record.to_be_bytes());
        out.extend_from_slice(&signature_length.to_be_bytes());
        out.extend_from_slice(&FORMAT_OWNER);
        out.extend_from_slice(&self.biometric.format());
        for date in [header.created, header.valid.0, header.valid.1] {
            out.extend_from_slice(&date.bcd());
            out.extend_from_slice(b"\x00\x00\x00Z");
        }
        out.extend_from_slice(&self.biometric.kind());
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
            field: self.biometric.object(),
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
    pub fn decode(biometric: Biometric, bytes: &[u8]) -> Result<Self, Error> {
        let object = biometric.object();
        let value = field::only(object, bytes, 0x53)?;
        let whole = field::find(object, value, 0xBC)?.ok_or(Error::missing(object, "BC"))?;
        let (header, rest) = whole
            .split_first_chunk::<HEADER>()
            .ok_or(Error::malformed(object, "shorter than its header"))?;
        let [
            0x03,
            _,
            l0,
            l1,
            l2,
            l3,
            s0,
            s1,
            o0,
            o1,
            f0,
            f1,
            dates @ ..,
            _,
            _,
            _,
            _,
        ] = header
        else {
            return Err(Error::malformed(object, "not a header of version 3"));
        };
        if ([*o0, *o1], [*f0, *f1]) != (FORMAT_OWNER, biometric.format()) {
            return Err(Error::malformed(object, "a record of another format"));
        }
        let (record, signature) = rest
            .split_at_checked(u32::from_be_bytes([*l0, *l1, *l2, *l3]) as usize)
            .ok_or(Error::malformed(object, "the record is cut short"))?;
        if signature.len() != usize::from(u16::from_be_bytes([*s0, *s1])) {
            return Err(Error::malformed(
                object,
                "the signature block has another length",
            ));
        }
        let date =
            |at: usize| Date::from_bcd([dates[at], dates[at + 1], dates[at + 2], dates[at + 3]]);
        let mut creator = [0; 18];
        creator.copy_from_slice(&dates[29..47]);
        Ok(Self {
            biometric,
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

impl core::fmt::Debug for BiometricObject {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "BiometricObject({:?}, record {} bytes, signature {} bytes)",
            self.biometric,
            self.record.len(),
            self.signature.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(biometric: Biometric) -> BiometricObject {
        let day = |year| Date::new(year, 3, 20).unwrap();
        BiometricObject {
            biometric,
            header: CbeffHeader {
                created: day(2024),
                valid: (day(2025), day(2035)),
                quality: -2,
                creator: Creator::new("Negin").unwrap(),
                fasc_n: FascN::NON_FEDERAL,
            },
            record: b"a record \x00 and so on".to_vec(),
            signature: vec![0x30; 700],
        }
    }

    #[test]
    fn round_trip() {
        for biometric in [Biometric::Fingerprints, Biometric::FacialImage] {
            let object = sample(biometric);
            let bytes = object.encode().unwrap();
            assert_eq!(BiometricObject::decode(biometric, &bytes).unwrap(), object);
            let signed = object.signed_content(700).unwrap();
            assert_eq!(signed.len(), 88 + object.record.len());
        }
        let fingers = sample(Biometric::Fingerprints).encode().unwrap();
        assert!(BiometricObject::decode(Biometric::FacialImage, &fingers).is_err());
    }

    /// Byte after byte as SP 800-76-2 table 14 has it.
    #[test]
    fn the_header_of_fingerprints() {
        let signed = sample(Biometric::Fingerprints).signed_content(700).unwrap();
        let mut expected = vec![0x03, 0x0D, 0, 0, 0, 20, 0x02, 0xBC, 0x00, 0x1B, 0x02, 0x01];
        for year in [0x24, 0x25, 0x35] {
            expected.extend_from_slice(&[0x20, year, 0x03, 0x20, 0, 0, 0, b'Z']);
        }
        expected.extend_from_slice(&[0x00, 0x00, 0x08, 0x80, 0xFE]);
        expected.extend_from_slice(b"Negin\0\0\0\0\0\0\0\0\0\0\0\0\0");
        expected.extend_from_slice(&FascN::NON_FEDERAL.encode().unwrap());
        expected.extend_from_slice(&[0; 4]);
        assert_eq!(signed[..88], expected);
    }

    #[test]
    fn lengths_must_agree() {
        let mut bytes = sample(Biometric::FacialImage).encode().unwrap();
        let at = bytes.iter().position(|b| *b == 0xBC).unwrap() + 4 + 7;
        bytes[at] ^= 1;
        assert!(BiometricObject::decode(Biometric::FacialImage, &bytes).is_err());
        assert!(Creator::new("eighteen characters").is_err());
    }
}
