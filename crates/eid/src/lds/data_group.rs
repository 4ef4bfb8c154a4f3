//! Data groups by number and tag (ICAO Doc 9303-10 §4.6, table 38).

/// A data group, 1 to 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataGroup(u8);

const TAGS: [u8; 16] = [
    0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70,
];

impl DataGroup {
    /// The machine readable zone.
    pub const DG1: Self = Self(1);
    /// The face.
    pub const DG2: Self = Self(2);
    /// Additional personal details.
    pub const DG11: Self = Self(11);

    /// A data group by its number; `None` outside 1 to 16.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=16) {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number, 1 to 16.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The tag of the file's content, as EF.COM lists it.
    #[must_use]
    pub fn tag(self) -> u8 {
        TAGS.get(usize::from(self.0) - 1)
            .copied()
            .unwrap_or_default()
    }

    /// The data group of a tag.
    #[must_use]
    pub fn from_tag(tag: u8) -> Option<Self> {
        TAGS.iter()
            .position(|t| *t == tag)
            .and_then(|at| Self::new(at as u8 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_numbers() {
        for number in 1..=16 {
            let group = DataGroup::new(number).unwrap();
            assert_eq!(DataGroup::from_tag(group.tag()), Some(group));
        }
        assert_eq!((DataGroup::DG2.tag(), DataGroup::DG11.tag()), (0x75, 0x6B));
        assert_eq!(
            (
                DataGroup::new(0),
                DataGroup::new(17),
                DataGroup::from_tag(0x77)
            ),
            (None, None, None)
        );
    }
}
