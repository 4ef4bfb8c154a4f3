//! DG2: the holder's face (ICAO Doc 9303-10 §4.7.2): a biometric information group template around a facial record.
//!
//! `75 {7F61 {02 01 n, 7F60 {A1 {81 01 02, 82 01 00, 87 02 0101, 88 02 0008}, 5F2E <record>}}}`.

use super::FaceRecord;
use crate::{Error, field};

const OBJECT: &str = "EF.DG2";

/// The file's content: one face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dg2 {
    /// The photograph.
    pub face: FaceRecord,
}

impl Dg2 {
    /// The file's content, tag 75 and all.
    ///
    /// # Errors
    /// As [`FaceRecord::encode`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        // Facial features, no subtype, ISO/IEC JTC 1 SC 37, facial image.
        let mut header = field::field(0x81, &[0x02]);
        field::put(&mut header, 0x82, &[0x00]);
        field::put(&mut header, 0x87, &[0x01, 0x01]);
        field::put(&mut header, 0x88, &[0x00, 0x08]);
        let mut template = field::field(0xA1, &header);
        field::put(&mut template, 0x5F2E, &self.face.encode()?);
        let mut group = field::field(0x02, &[1]);
        field::put(&mut group, 0x7F60, &template);
        Ok(field::field(0x75, &field::field(0x7F61, &group)))
    }

    /// Reads the file's content; of several faces the first. The record may be in 5F2E or 7F2E.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let group = field::only(OBJECT, field::only(OBJECT, bytes, 0x75)?, 0x7F61)?;
        let template = field::find(OBJECT, group, 0x7F60)?.ok_or(Error::missing(OBJECT, "7F60"))?;
        let record = match field::find(OBJECT, template, 0x5F2E)? {
            Some(record) => Some(record),
            None => field::find(OBJECT, template, 0x7F2E)?,
        };
        Ok(Self {
            face: FaceRecord::decode(record.ok_or(Error::missing(OBJECT, "5F2E"))?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lds::{FaceImageType, ImageFormat};

    #[test]
    fn round_trip() {
        for size in [0, 10, 200, 15_000, 70_000] {
            let file = Dg2 {
                face: FaceRecord {
                    image: vec![0xD8; size],
                    format: ImageFormat::Jpeg2000,
                    image_type: FaceImageType::TokenFrontal,
                    width: 480,
                    height: 640,
                },
            };
            assert_eq!(Dg2::decode(&file.encode().unwrap()).unwrap(), file);
        }
        assert!(Dg2::decode(&[0x75, 0x00]).is_err());
    }
}
