//! A citizen's record: what is read, kept and written.
//!
//! The rule: a [`Record`] holds only values that satisfy their own rules, each in one canonical
//! spelling; whatever depends on the day, the profile or other records is for [`crate::check`].

pub mod birth_certificate;
pub mod calendar;
pub mod digits;
pub mod fields;
pub mod file_name;
pub mod finger;
pub mod latin;
pub mod national_number;
pub mod persian;
pub mod postal_code;
mod read;
pub mod transliteration;

use std::fmt;

use serde::Serialize;

use birth_certificate::BirthCertificate;
use calendar::Date;
use file_name::FileName;
use finger::{Finger, MissingFinger};
use latin::LatinText;
use national_number::NationalNumber;
use persian::PersianText;
use postal_code::PostalCode;

pub use read::Reading;

/// The version of the record format that is read and written.
pub const VERSION: u64 = 1;

/// One citizen's record.
///
/// [`Record::to_json`] writes the document that [`Record::read`] reads, dates as Gregorian
/// `YYYY-MM-DD`; `Serialize` alone leaves out the format's version.
/// `Debug` shows only the masked national number.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The national number.
    pub national_number: NationalNumber,
    /// The citizen's name.
    pub name: Name,
    /// The father's given name.
    pub father_name: Bilingual,
    /// When and where born.
    pub birth: Birth,
    /// The birth certificate.
    pub birth_certificate: BirthCertificate,
    /// The sex as the card shows it.
    pub sex: Sex,
    /// The postal code of the citizen's address.
    pub postal_code: PostalCode,
    /// The card's date of issue.
    pub issue_date: Date,
    /// The card's date of expiry; where missing, the profile's validity counts from the issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<Date>,
    /// The portrait's file.
    pub photo: FileName,
    /// The fingers that were scanned; no position twice.
    pub fingers: Vec<Finger>,
    /// The fingers that cannot be scanned; no position twice, none of [`Record::fingers`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_fingers: Vec<MissingFinger>,
}

impl Record {
    /// The record as a JSON document, indented, with a line break at its end.
    ///
    /// # Errors
    /// What the JSON writer says; it has no reason to.
    pub fn to_json(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Document<'a> {
            version: u64,
            #[serde(flatten)]
            record: &'a Record,
        }
        let document = Document {
            version: VERSION,
            record: self,
        };
        serde_json::to_string_pretty(&document).map(|json| json + "\n")
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({:?})", self.national_number)
    }
}

/// A citizen's name: in Persian, and in Latin where it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    /// In Persian.
    pub persian: GivenFamily<PersianText>,
    /// In Latin, as the citizen spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latin: Option<GivenFamily<LatinText>>,
}

/// Given name and family name in one script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenFamily<T> {
    /// The given name.
    pub given: T,
    /// The family name.
    pub family: T,
}

/// A text in Persian, and in Latin where it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bilingual {
    /// In Persian.
    pub persian: PersianText,
    /// In Latin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latin: Option<LatinText>,
}

/// When and where a citizen was born.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Birth {
    /// The day.
    pub date: Date,
    /// The place.
    pub place: Bilingual,
}

/// The sex as a card shows it (ICAO 9303-5: F, M or unspecified).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// F.
    Female,
    /// M.
    Male,
    /// `<`.
    Unspecified,
}

impl Sex {
    pub(crate) const WORDS: [(&'static str, Self); 3] = [
        ("female", Self::Female),
        ("male", Self::Male),
        ("unspecified", Self::Unspecified),
    ];
}
