//! The fingers of a record: which there are, with their images, and which are missing.

use negin_fingerprint::FingerPosition;
use serde::{Serialize, Serializer};

use super::file_name::FileName;

/// Lowest resolution taken, dots an inch.
pub const DPI_MIN: u16 = 250;
/// Highest resolution taken, dots an inch.
pub const DPI_MAX: u16 = 1200;
/// Resolution where the record gives none.
pub const DPI_DEFAULT: u16 = 500;

/// A finger that was scanned. Serialises with its ISO/IEC 19794-2 code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finger {
    /// Which finger; never `Unknown`.
    #[serde(serialize_with = "code")]
    pub position: FingerPosition,
    /// Its impressions, which are enrolled together; the first is the one that is shown.
    pub images: Vec<FileName>,
    /// Resolution of the images, dots an inch.
    pub dpi: u16,
}

/// A finger that cannot be scanned. Serialises with its ISO/IEC 19794-2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MissingFinger {
    /// Which finger; never `Unknown`.
    #[serde(serialize_with = "code")]
    pub position: FingerPosition,
    /// Why.
    pub reason: MissingReason,
}

/// Why a finger cannot be scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingReason {
    /// The finger is not there.
    Amputated,
    /// The finger is there and gives no print: worn, injured, bandaged.
    Unprintable,
}

impl MissingReason {
    pub(crate) const WORDS: [(&'static str, Self); 2] = [
        ("amputated", Self::Amputated),
        ("unprintable", Self::Unprintable),
    ];
}

fn code<S: Serializer>(position: &FingerPosition, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(position.code())
}
