//! One view of a record, and what is said of how it was captured.

use std::fmt;

use super::fields::Fields;
use super::{CANONICAL_RESOLUTION, Deviation, Extended};
use crate::{Error, FingerPosition, Template};

/// How an impression was made (ISO/IEC 19794-2:2005, table 3; :2011, table 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ImpressionType(
    /// The code: 0 live-scan plain, 1 live-scan rolled, 2 and 3 the same not live, 8 swipe; from 20 on those that the
    /// newer standards add.
    pub u8,
);

impl ImpressionType {
    /// In the four bits that the older standards have: what they do not know is the nearest that they do.
    pub(crate) fn in_four_bits(self) -> u8 {
        match self.0 {
            known @ (0..=3 | 8) => known,
            21 | 23 | 25 | 27 => 1,
            _ => 0,
        }
    }

    /// As the newer standards have it: 29, unknown, for what none knows.
    pub(crate) fn as_newer(self) -> u8 {
        if self.is_known(true) { self.0 } else { 29 }
    }

    /// Whether the older standards know it, or the newer ones.
    pub(crate) fn is_known(self, newer: bool) -> bool {
        matches!(self.0, 0..=3 | 8) || newer && matches!(self.0, 4..=9 | 20..=29)
    }
}

/// A quality of the whole impression, and who judged it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quality {
    /// As written: 0 to 100, 254 not computed, 255 failed.
    pub score: u8,
    /// The registered owner of the algorithm; 0 where not told.
    pub owner: u16,
    /// The owner's number of the algorithm.
    pub algorithm: u16,
}

impl Quality {
    /// Of which only the score is told.
    pub(crate) fn of_score(score: u8) -> Self {
        Self {
            score,
            owner: 0,
            algorithm: 0,
        }
    }
}

/// The scanner, as far as a record tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// Four bits: what it is certified for; 8 is the FBI's image quality specification.
    pub compliance: u8,
    /// The technology of its sensor (ISO/IEC 19794-2:2011, table 4); 0 unknown.
    pub technology: u8,
    /// Its registered vendor; 0 where not told.
    pub vendor: u16,
    /// The vendor's number of it; twelve bits in the older standards.
    pub equipment: u16,
    /// Certification authority and scheme of each certificate.
    pub certificates: Vec<(u16, u8)>,
}

impl Device {
    /// Compliance and equipment in two bytes, as the standards of 2004 and 2005 have them.
    pub(crate) fn packed(&self) -> u16 {
        let equipment = if self.equipment < 0x1000 {
            self.equipment
        } else {
            0
        };
        u16::from(self.compliance & 0x0F) << 12 | equipment
    }

    pub(crate) fn of_packed(packed: u16) -> Self {
        Self {
            compliance: (packed >> 12) as u8,
            equipment: packed & 0x0FFF,
            ..Self::default()
        }
    }
}

/// When an impression was captured, in coordinated universal time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaptureDate {
    /// The year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
}

impl CaptureDate {
    /// Nine bytes; all ones where there is none.
    pub(crate) fn of_bytes(bytes: [u8; 9]) -> Option<Self> {
        (bytes != [0xFF; 9]).then(|| Self {
            year: u16::from_be_bytes([bytes[0], bytes[1]]),
            month: bytes[2],
            day: bytes[3],
            hour: bytes[4],
            minute: bytes[5],
            second: bytes[6],
            millisecond: u16::from_be_bytes([bytes[7], bytes[8]]),
        })
    }

    pub(crate) fn to_bytes(date: Option<Self>) -> [u8; 9] {
        let Some(it) = date else { return [0xFF; 9] };
        let ([y0, y1], [m0, m1]) = (it.year.to_be_bytes(), it.millisecond.to_be_bytes());
        [
            y0, y1, it.month, it.day, it.hour, it.minute, it.second, m0, m1,
        ]
    }

    /// Whether there can be such a date.
    pub(crate) fn is_valid(&self) -> bool {
        (1..=12).contains(&self.month)
            && (1..=31).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.millisecond < 1000
    }
}

/// Where a ridge ending is placed (ISO/IEC 19794-2:2011, 6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EndingPlace {
    /// Where the valley before it forks: what records without a word on it mean.
    #[default]
    ValleyFork,
    /// Where the ridge's own line ends.
    RidgeEnd,
}

/// One view of a record.
///
/// `Debug` shows sizes only.
#[derive(Clone, PartialEq)]
pub struct View {
    /// Which of the views of this finger, from 0, as read; writing counts anew.
    pub number: u8,
    /// How the impression was made.
    pub impression: ImpressionType,
    /// Pixels a centimetre across and down, as written; writing makes it 500 dpi.
    pub resolution: (u16, u16),
    /// What is said of its quality, as written; where nothing is, the template's own is written.
    pub qualities: Vec<Quality>,
    /// The scanner.
    pub device: Device,
    /// When it was captured.
    pub captured: Option<CaptureDate>,
    /// Where its ridge endings are placed.
    pub ending: EndingPlace,
    /// Its minutiae, scaled to 500 dpi.
    pub template: Template,
    /// Ridge counts, cores, deltas and areas of other kinds.
    pub extended: Extended,
}

impl View {
    /// A live-scan plain view of which nothing else is known.
    pub fn of(template: Template) -> Self {
        Self {
            number: 0,
            impression: ImpressionType::default(),
            resolution: (CANONICAL_RESOLUTION, CANONICAL_RESOLUTION),
            qualities: Vec::new(),
            device: Device::default(),
            captured: None,
            ending: EndingPlace::default(),
            template,
            extended: Extended::default(),
        }
    }

    /// The quality written as one byte: the first that is told, else the template's own, else `unknown`.
    pub(crate) fn score(&self, unknown: u8) -> Result<u8, Error> {
        let told = self.qualities.first().map(|quality| quality.score);
        match (told, self.template.quality) {
            (Some(score @ 0..=100), _) | (None, score @ 1..=100) => Ok(score),
            (Some(_), _) | (None, 0) => Ok(unknown),
            (None, _) => Err(Error::RecordField("quality")),
        }
    }
}

/// Notes a quality that is none, and makes it a template's.
pub(crate) fn read_quality(score: u8, special: bool, fields: &mut Fields<'_>) -> u8 {
    fields.expect(score <= 100 || special && score >= 254, Deviation::Quality);
    if score <= 100 { score } else { 0 }
}

/// The finger of a code; unknown, and noted, where there is none.
pub(crate) fn read_finger(fields: &mut Fields<'_>) -> Result<FingerPosition, Error> {
    let finger = FingerPosition::from_code(fields.u8("finger position")?);
    fields.expect(finger.is_some(), Deviation::FingerPosition);
    Ok(finger.unwrap_or_default())
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("number", &self.number)
            .field("impression", &self.impression)
            .field("template", &self.template)
            .field("extended", &self.extended)
            .finish_non_exhaustive()
    }
}
