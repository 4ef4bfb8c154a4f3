//! Elementary files of the application (ICAO Doc 9303-10 §3.11, table 32).

use super::DataGroup;

/// A file our card's travel document may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileId {
    /// EF.COM, 011E.
    Com,
    /// EF.DG1, 0101.
    Dg1,
    /// EF.DG2, 0102.
    Dg2,
    /// EF.DG11, 010B.
    Dg11,
    /// EF.SOD, 011D.
    Sod,
}

impl FileId {
    /// Every file.
    pub const ALL: [Self; 5] = [Self::Com, Self::Dg1, Self::Dg2, Self::Dg11, Self::Sod];

    /// The file identifier.
    #[must_use]
    pub const fn id(self) -> u16 {
        match self {
            Self::Com => 0x011E,
            Self::Dg1 => 0x0101,
            Self::Dg2 => 0x0102,
            Self::Dg11 => 0x010B,
            Self::Sod => 0x011D,
        }
    }

    /// The short file identifier, 1 to 30.
    #[must_use]
    pub const fn short_id(self) -> u8 {
        self.id() as u8
    }

    /// The file of an identifier; `None` is 6A82 to SELECT.
    #[must_use]
    pub fn from_id(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.id() == id)
    }

    /// The file of a short identifier; `None` is 6A82 to READ BINARY.
    #[must_use]
    pub fn from_short_id(id: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.short_id() == id)
    }

    /// The tag of the file's content.
    #[must_use]
    pub fn tag(self) -> u8 {
        match self {
            Self::Com => 0x60,
            Self::Sod => 0x77,
            Self::Dg1 | Self::Dg2 | Self::Dg11 => self.data_group().map_or(0, DataGroup::tag),
        }
    }

    /// The data group, where it is one.
    #[must_use]
    pub const fn data_group(self) -> Option<DataGroup> {
        match self {
            Self::Dg1 => Some(DataGroup::DG1),
            Self::Dg2 => Some(DataGroup::DG2),
            Self::Dg11 => Some(DataGroup::DG11),
            Self::Com | Self::Sod => None,
        }
    }

    /// The file's name in the standard.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Com => "EF.COM",
            Self::Dg1 => "EF.DG1",
            Self::Dg2 => "EF.DG2",
            Self::Dg11 => "EF.DG11",
            Self::Sod => "EF.SOD",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_back() {
        for file in FileId::ALL {
            assert_eq!(FileId::from_id(file.id()), Some(file));
            assert_eq!(FileId::from_short_id(file.short_id()), Some(file));
            assert!((1..=30).contains(&file.short_id()));
        }
        assert_eq!(FileId::Dg11.tag(), 0x6B);
        assert_eq!(FileId::from_id(0x011C), None);
    }
}
