//! Which finger: the codes of the standards that name it.

/// A finger, or 'not known'.
///
/// The discriminants are the finger position codes of ISO/IEC 19794-2:2005, table 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum FingerPosition {
    /// Not known.
    #[default]
    Unknown = 0,
    /// Right thumb.
    RightThumb = 1,
    /// Right index finger.
    RightIndex = 2,
    /// Right middle finger.
    RightMiddle = 3,
    /// Right ring finger.
    RightRing = 4,
    /// Right little finger.
    RightLittle = 5,
    /// Left thumb.
    LeftThumb = 6,
    /// Left index finger.
    LeftIndex = 7,
    /// Left middle finger.
    LeftMiddle = 8,
    /// Left ring finger.
    LeftRing = 9,
    /// Left little finger.
    LeftLittle = 10,
}

impl FingerPosition {
    /// All ten fingers, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::RightThumb,
        Self::RightIndex,
        Self::RightMiddle,
        Self::RightRing,
        Self::RightLittle,
        Self::LeftThumb,
        Self::LeftIndex,
        Self::LeftMiddle,
        Self::LeftRing,
        Self::LeftLittle,
    ];

    /// The code of ISO/IEC 19794-2:2005, table 2.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The finger of a code of ISO/IEC 19794-2:2005, table 2; `None` above 10.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Unknown),
            1..=10 => Self::ALL.get(usize::from(code) - 1).copied(),
            _ => None,
        }
    }

    /// The finger's name as used in file names and profiles, e.g. `right-index`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::RightThumb => "right-thumb",
            Self::RightIndex => "right-index",
            Self::RightMiddle => "right-middle",
            Self::RightRing => "right-ring",
            Self::RightLittle => "right-little",
            Self::LeftThumb => "left-thumb",
            Self::LeftIndex => "left-index",
            Self::LeftMiddle => "left-middle",
            Self::LeftRing => "left-ring",
            Self::LeftLittle => "left-little",
        }
    }

    /// The finger of a [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        std::iter::once(Self::Unknown)
            .chain(Self::ALL)
            .find(|finger| finger.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::FingerPosition;

    #[test]
    fn codes_and_names_read_back() {
        for finger in FingerPosition::ALL {
            assert_eq!(FingerPosition::from_code(finger.code()), Some(finger));
            assert_eq!(FingerPosition::from_name(finger.name()), Some(finger));
        }
        assert_eq!(FingerPosition::from_code(11), None);
    }
}
