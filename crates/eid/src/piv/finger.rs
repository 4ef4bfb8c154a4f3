//! Which finger: the CBEFF biometric subtype (ISO/IEC 19785-3, tag 82 of the biometric header template).
//!
//! Bits 2-1 are the side (01 right, 10 left), the bits above them the finger, thumb 1 to little finger 5. This is not
//! the finger code of ISO/IEC 19794-2, which counts 1 to 10.

/// One of ten fingers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FingerPosition {
    /// Right thumb, 05.
    RightThumb,
    /// Right index finger, 09.
    RightIndex,
    /// Right middle finger, 0D.
    RightMiddle,
    /// Right ring finger, 11.
    RightRing,
    /// Right little finger, 15.
    RightLittle,
    /// Left thumb, 06.
    LeftThumb,
    /// Left index finger, 0A.
    LeftIndex,
    /// Left middle finger, 0E.
    LeftMiddle,
    /// Left ring finger, 12.
    LeftRing,
    /// Left little finger, 16.
    LeftLittle,
}

impl FingerPosition {
    /// Every finger, in the order of ISO/IEC 19794-2's finger codes 1 to 10.
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

    /// The CBEFF subtype.
    #[must_use]
    pub const fn subtype(self) -> u8 {
        match self {
            Self::RightThumb => 0x05,
            Self::RightIndex => 0x09,
            Self::RightMiddle => 0x0D,
            Self::RightRing => 0x11,
            Self::RightLittle => 0x15,
            Self::LeftThumb => 0x06,
            Self::LeftIndex => 0x0A,
            Self::LeftMiddle => 0x0E,
            Self::LeftRing => 0x12,
            Self::LeftLittle => 0x16,
        }
    }

    /// The finger of a CBEFF subtype; `None` where it names none or no single one.
    #[must_use]
    pub fn from_subtype(subtype: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|finger| finger.subtype() == subtype)
    }

    /// The finger code of ISO/IEC 19794-2, 1 to 10.
    #[must_use]
    pub fn iso_code(self) -> u8 {
        // ALL stands in the order of these codes.
        Self::ALL
            .iter()
            .position(|f| *f == self)
            .map_or(0, |i| i as u8 + 1)
    }

    /// The finger of an ISO/IEC 19794-2 code; `None` for 0 (unknown) and beyond 10.
    #[must_use]
    pub fn from_iso_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_codings_read_back() {
        for (i, finger) in FingerPosition::ALL.into_iter().enumerate() {
            assert_eq!(FingerPosition::from_subtype(finger.subtype()), Some(finger));
            assert_eq!(
                FingerPosition::from_iso_code(finger.iso_code()),
                Some(finger)
            );
            assert_eq!(usize::from(finger.iso_code()), i + 1);
            let (side, number) = if i < 5 { (1, i + 1) } else { (2, i - 4) };
            assert_eq!(usize::from(finger.subtype()), number << 2 | side);
        }
        assert_eq!(FingerPosition::from_iso_code(0), None);
        assert_eq!(FingerPosition::from_iso_code(11), None);
        assert_eq!(FingerPosition::from_subtype(0), None);
    }
}
