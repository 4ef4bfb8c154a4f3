//! A facial record: one photograph (ISO/IEC 19794-5:2005 §5).
//!
//! Facial record header 14 bytes, facial information 20, feature points 8 each, image information 12, the image.
//! INCITS 385, which PIV asks for, is of the same form.

use crate::Error;

const OBJECT: &str = "facial record";
const HEADER: usize = 14;
const INFORMATION: usize = 20;
const FEATURE_POINT: usize = 8;
const IMAGE_INFORMATION: usize = 12;

/// How the image is compressed (§5.7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// JPEG (0).
    Jpeg,
    /// JPEG 2000 (1).
    Jpeg2000,
}

/// How the face is framed (§5.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaceImageType {
    /// Basic (0): no requirement.
    Basic,
    /// Full frontal (1).
    FullFrontal,
    /// Token frontal (2).
    TokenFrontal,
}

/// A photograph of one face. What the record can say beside these fields is written as 'unspecified'.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceRecord {
    /// The compressed image.
    pub image: Vec<u8>,
    /// How it is compressed.
    pub format: ImageFormat,
    /// How the face is framed.
    pub image_type: FaceImageType,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
}

impl FaceRecord {
    /// The record.
    ///
    /// # Errors
    /// [`Error::TooLong`] where the image does not fit a 32-bit length.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let too_long = |_| Error::TooLong {
            field: OBJECT,
            max: u32::MAX as usize,
        };
        let block = INFORMATION + IMAGE_INFORMATION + self.image.len();
        let block_length = u32::try_from(block).map_err(too_long)?;
        let length = u32::try_from(HEADER + block).map_err(too_long)?;
        let mut out = Vec::with_capacity(HEADER + block);
        out.extend_from_slice(b"FAC\x00010\x00");
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&1u16.to_be_bytes());
        out.extend_from_slice(&block_length.to_be_bytes());
        // Feature points, gender, eye and hair colour, feature mask, expression, pose and its uncertainty.
        out.extend_from_slice(&[0; INFORMATION - 4]);
        out.push(match self.image_type {
            FaceImageType::Basic => 0,
            FaceImageType::FullFrontal => 1,
            FaceImageType::TokenFrontal => 2,
        });
        out.push(match self.format {
            ImageFormat::Jpeg => 0,
            ImageFormat::Jpeg2000 => 1,
        });
        out.extend_from_slice(&self.width.to_be_bytes());
        out.extend_from_slice(&self.height.to_be_bytes());
        // Colour space sRGB; source, device and quality unspecified.
        out.extend_from_slice(&[1, 0, 0, 0, 0, 0]);
        out.extend_from_slice(&self.image);
        Ok(out)
    }

    /// Reads a record; of several photographs the first.
    ///
    /// # Errors
    /// [`Error::Malformed`] where it is none, or its lengths do not agree.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |reason| Error::malformed(OBJECT, reason);
        let short = wrong("cut short");
        let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(short)?;
        let [b'F', b'A', b'C', 0, b'0', b'1', b'0', 0, l0, l1, l2, l3, ..] = header else {
            return Err(wrong("not version 010 of FAC"));
        };
        if u32::from_be_bytes([*l0, *l1, *l2, *l3]) as usize != bytes.len() {
            return Err(wrong("its length is not the one it says"));
        }
        if header[12..] == [0, 0] {
            return Err(wrong("no photograph"));
        }
        let (information, _) = rest.split_first_chunk::<INFORMATION>().ok_or(short)?;
        let [b0, b1, b2, b3, p0, p1, ..] = information;
        let block = rest
            .get(..u32::from_be_bytes([*b0, *b1, *b2, *b3]) as usize)
            .ok_or(short)?;
        let points = usize::from(u16::from_be_bytes([*p0, *p1]));
        let rest = block
            .get(INFORMATION + points * FEATURE_POINT..)
            .ok_or(short)?;
        let (image_information, image) =
            rest.split_first_chunk::<IMAGE_INFORMATION>().ok_or(short)?;
        let [image_type, format, w0, w1, h0, h1, ..] = image_information;
        Ok(Self {
            image: image.to_vec(),
            format: match format {
                0 => ImageFormat::Jpeg,
                1 => ImageFormat::Jpeg2000,
                _ => return Err(wrong("neither JPEG nor JPEG 2000")),
            },
            image_type: match image_type {
                1 => FaceImageType::FullFrontal,
                2 => FaceImageType::TokenFrontal,
                _ => FaceImageType::Basic,
            },
            width: u16::from_be_bytes([*w0, *w1]),
            height: u16::from_be_bytes([*h0, *h1]),
        })
    }
}

impl core::fmt::Debug for FaceRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "FaceRecord({:?}, {} x {}, {} bytes)",
            self.format,
            self.width,
            self.height,
            self.image.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(image: Vec<u8>) -> FaceRecord {
        FaceRecord {
            image,
            format: ImageFormat::Jpeg,
            image_type: FaceImageType::FullFrontal,
            width: 240,
            height: 320,
        }
    }

    proptest! {
        #[test]
        fn round_trip(image in proptest::collection::vec(any::<u8>(), 0..20_000)) {
            let record = record(image);
            prop_assert_eq!(FaceRecord::decode(&record.encode().unwrap()).unwrap(), record);
        }

        #[test]
        fn no_bytes_panic(at in 0usize..46, byte: u8, cut in 0usize..60) {
            let mut bytes = record(vec![7; 10]).encode().unwrap();
            bytes[at] = byte;
            let _ = FaceRecord::decode(&bytes);
            let _ = FaceRecord::decode(bytes.get(..cut).unwrap_or_default());
        }
    }

    #[test]
    fn feature_points_are_passed_over() {
        let mut bytes = record(b"jpeg".to_vec()).encode().unwrap();
        bytes.splice(34..34, [1; 16]);
        bytes[8..12].copy_from_slice(&66u32.to_be_bytes());
        bytes[14..18].copy_from_slice(&52u32.to_be_bytes());
        bytes[19] = 2;
        assert_eq!(
            FaceRecord::decode(&bytes).unwrap(),
            record(b"jpeg".to_vec())
        );
    }
}
