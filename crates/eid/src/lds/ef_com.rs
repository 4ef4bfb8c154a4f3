//! EF.COM: versions and the list of data groups (ICAO Doc 9303-10 §4.6.1).

use super::DataGroup;
use crate::{Error, field};

const OBJECT: &str = "EF.COM";

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EfCom {
    /// LDS version (5F01): four digits, 0107.
    pub lds_version: [u8; 4],
    /// Unicode version (5F36): six digits, 040000.
    pub unicode_version: [u8; 6],
    /// The data groups present (5C).
    pub data_groups: Vec<DataGroup>,
}

impl EfCom {
    /// Version 1.7 with these data groups.
    #[must_use]
    pub fn new(data_groups: impl Into<Vec<DataGroup>>) -> Self {
        Self {
            lds_version: *b"0107",
            unicode_version: *b"040000",
            data_groups: data_groups.into(),
        }
    }

    /// The file's content, tag 60 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = field::field(0x5F01, &self.lds_version);
        field::put(&mut value, 0x5F36, &self.unicode_version);
        let tags: Vec<u8> = self.data_groups.iter().map(|group| group.tag()).collect();
        field::put(&mut value, 0x5C, &tags);
        field::field(0x60, &value)
    }

    /// Reads the file's content.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x60)?;
        let part = |tag, name| field::find(OBJECT, value, tag)?.ok_or(Error::missing(OBJECT, name));
        let wrong = Error::malformed(OBJECT, "a version of another length");
        Ok(Self {
            lds_version: part(0x5F01, "LDS version (5F01)")?
                .try_into()
                .map_err(|_| wrong)?,
            unicode_version: part(0x5F36, "Unicode version (5F36)")?
                .try_into()
                .map_err(|_| wrong)?,
            data_groups: part(0x5C, "tag list (5C)")?
                .iter()
                .map(|tag| {
                    DataGroup::from_tag(*tag).ok_or(Error::malformed(OBJECT, "no data group's tag"))
                })
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of 9303-10 §4.6.1.1 has LDS 1.7, Unicode 4.0.0 and DG1, DG2, DG4, DG12.
    #[test]
    fn the_published_example() {
        let groups: Vec<_> = [1, 2, 4, 12]
            .into_iter()
            .filter_map(DataGroup::new)
            .collect();
        let file = EfCom::new(groups);
        let bytes = [
            0x60, 0x16, 0x5F, 0x01, 0x04, b'0', b'1', b'0', b'7', 0x5F, 0x36, 0x06, b'0', b'4',
            b'0', b'0', b'0', b'0', 0x5C, 0x04, 0x61, 0x75, 0x76, 0x6C,
        ];
        assert_eq!(file.encode(), bytes);
        assert_eq!(EfCom::decode(&bytes).unwrap(), file);
        assert!(EfCom::decode(&[0x60, 0x00]).is_err());
    }
}
