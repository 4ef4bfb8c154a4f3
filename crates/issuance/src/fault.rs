//! Every fault that reading and checking an order can name, each with its key and its parameters.

use std::fmt;

use crate::finding::Severity;

/// Declares the faults in one place: variant, parameters, severity and key.
macro_rules! faults {
    ($( $(#[$doc:meta])* $severity:ident $key:literal $name:ident { $( $(#[$field_doc:meta])* $field:ident : $type:ty ),* } )*) => {
        /// A fault in an order, a record or a profile.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $( $(#[$doc])* $name { $( $(#[$field_doc])* $field: $type ),* }, )*
        }

        /// Every key [`Fault::key`] can give.
        pub const KEYS: &[&str] = &[$( $key ),*];

        /// Every key with the names of its parameters.
        pub const PARAMETERS: &[(&str, &[&str])] = &[$( ($key, &[$( stringify!($field) ),*]) ),*];

        impl Fault {
            /// The stable key under which the texts for a person are found.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $( Self::$name { .. } => $key, )* }
            }

            /// How much it weighs.
            #[must_use]
            pub fn severity(&self) -> Severity {
                match self { $( Self::$name { .. } => Severity::$severity, )* }
            }

            /// Its parameters by name, as text.
            #[must_use]
            pub fn params(&self) -> Vec<(&'static str, String)> {
                match self {
                    $( Self::$name { $( $field ),* } => vec![$( (stringify!($field), $field.to_string()) ),*], )*
                }
            }
        }
    };
}

faults! {
    /// A file cannot be read from the disk.
    Error "file.unreadable" FileUnreadable {
        /// What the system said.
        detail: String }
    /// The text is no JSON.
    Error "json.syntax" JsonSyntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser said.
        detail: String }
    /// An object names one field twice.
    Error "json.field-repeated" JsonFieldRepeated {
        /// The field.
        field: String }
    /// An object has a field that the format does not know.
    Error "json.field-unknown" JsonFieldUnknown {
        /// The field.
        field: String,
        /// The fields it may have.
        known: String }
    /// A required field is missing.
    Error "json.field-missing" JsonFieldMissing {
        /// The field.
        field: String }
    /// A value is of another JSON type.
    Error "json.type" JsonType {
        /// The type wanted.
        expected: &'static str,
        /// The type found.
        found: &'static str }
    /// A format version that this release does not read.
    Error "json.version" JsonVersion {
        /// The version found.
        found: String,
        /// The version read.
        known: u64 }
    /// One of a few words was expected.
    Error "json.word-unknown" JsonWordUnknown {
        /// The word found.
        found: String,
        /// The words it may be.
        known: String }

    /// A text is empty, or has nothing but spaces and marks.
    Error "record.text-empty" TextEmpty {}
    /// A text is too long.
    Error "record.text-too-long" TextTooLong {
        /// Characters found, after normalisation.
        found: usize,
        /// Characters allowed.
        max: usize }
    /// A character that a Persian text may not hold.
    Error "record.persian-character" PersianCharacter {
        /// The character, as U+XXXX and itself.
        character: String,
        /// Its place in the text as given, from 1.
        position: usize }
    /// A character that a Latin text may not hold.
    Error "record.latin-character" LatinCharacter {
        /// The character, as U+XXXX and itself.
        character: String,
        /// Its place in the text as given, from 1.
        position: usize }
    /// A character that is no digit, where only digits are allowed.
    Error "record.digit-expected" DigitExpected {
        /// The character, as U+XXXX and itself.
        character: String,
        /// Its place in the text as given, from 1.
        position: usize }
    /// The national number has not ten digits.
    Error "record.national-number-length" NationalNumberLength {
        /// Digits found.
        found: usize }
    /// The national number is one digit ten times.
    Error "record.national-number-repeated" NationalNumberRepeated {}
    /// The check digit of the national number does not fit.
    Error "record.national-number-check-digit" NationalNumberCheckDigit {}
    /// The postal code has not ten digits.
    Error "record.postal-code-length" PostalCodeLength {
        /// Digits found.
        found: usize }
    /// The postal code begins with 0 or is one digit ten times: none such was ever given out.
    Error "record.postal-code-impossible" PostalCodeImpossible {}
    /// The birth certificate's number has not one to ten digits.
    Error "record.birth-certificate-number" BirthCertificateNumber {
        /// Digits found.
        found: usize }
    /// The birth certificate's series is not a letter, a slash and one or two digits.
    Error "record.birth-certificate-series" BirthCertificateSeries {}
    /// The birth certificate's serial has not six digits.
    Error "record.birth-certificate-serial" BirthCertificateSerial {
        /// Digits found.
        found: usize }
    /// A date is not written as year-month-day.
    Error "record.date-notation" DateNotation {
        /// The text found.
        found: String }
    /// A date names a calendar that is none of the three.
    Error "record.date-calendar" DateCalendar {
        /// The name found.
        found: String,
        /// The names it may have.
        known: &'static str }
    /// A date without a calendar whose year can hardly be Gregorian.
    Error "record.date-ambiguous" DateAmbiguous {
        /// The text found.
        found: String }
    /// There is no such day in that calendar.
    Error "record.date-nonexistent" DateNonexistent {
        /// The text found.
        found: String,
        /// The calendar.
        calendar: &'static str }
    /// The date lies outside the span in which all three calendars are defined here.
    Error "record.date-out-of-range" DateOutOfRange {
        /// The text found.
        found: String,
        /// First day, Gregorian.
        first: String,
        /// Last day, Gregorian.
        last: String }
    /// A file name that leads out of the record's folder, or is empty.
    Error "record.file-name" FileName {
        /// The name found.
        found: String }
    /// A finger position that is none of 1 to 10.
    Error "record.finger-position" FingerPositionUnknown {
        /// The code found.
        found: String }
    /// One finger position is given twice, or is both present and missing.
    Error "record.finger-repeated" FingerRepeated {
        /// The finger's code.
        finger: u8 }
    /// A finger without an image.
    Error "record.finger-without-image" FingerWithoutImage {
        /// The finger's code.
        finger: u8 }
    /// A resolution that no fingerprint scanner has.
    Error "record.finger-dpi" FingerDpi {
        /// Dots an inch found.
        found: String,
        /// Lowest allowed.
        min: u16,
        /// Highest allowed.
        max: u16 }

    /// The order's id or centre is empty or has other characters than letters, digits, `-`, `_`, `.`.
    Error "order.identifier" OrderIdentifier {
        /// The text found.
        found: String,
        /// Characters allowed.
        max: usize }
    /// The order lists no record.
    Error "order.empty" OrderEmpty {}
    /// One record file is listed twice.
    Error "order.record-listed-twice" RecordListedTwice {
        /// The record file.
        record: String,
        /// Its first place in the list, from 1.
        first: usize }
    /// A record file lies in the folder and is not in the list.
    Warning "order.record-unlisted" RecordUnlisted {
        /// The record file.
        record: String }

    /// Born after the day of checking.
    Error "check.birth-in-future" BirthInFuture {
        /// The birth date, Gregorian.
        birth: String }
    /// An age nobody reaches.
    Error "check.age-implausible" AgeImplausible {
        /// Full years.
        age: i32,
        /// Highest plausible.
        max: i32 }
    /// Too young for this card.
    Error "check.age-below-minimum" AgeBelowMinimum {
        /// Full years on the day of issue.
        age: i32,
        /// The profile's least.
        min: i32 }
    /// Issued before birth.
    Error "check.issue-before-birth" IssueBeforeBirth {
        /// The date of issue, Gregorian.
        issue: String,
        /// The birth date, Gregorian.
        birth: String }
    /// Issued after the day of checking, further than the profile lets.
    Error "check.issue-in-future" IssueInFuture {
        /// The date of issue, Gregorian.
        issue: String,
        /// Days ahead that the profile lets.
        days: i32 }
    /// Expires on or before the day of issue.
    Error "check.expiry-before-issue" ExpiryBeforeIssue {
        /// The date of expiry, Gregorian.
        expiry: String,
        /// The date of issue, Gregorian.
        issue: String }
    /// Already expired on the day of checking.
    Error "check.expired" Expired {
        /// The date of expiry, Gregorian.
        expiry: String }
    /// Valid for longer than the profile lets.
    Error "check.validity-too-long" ValidityTooLong {
        /// The date of expiry, Gregorian.
        expiry: String,
        /// The last that the profile lets, Gregorian.
        latest: String }
    /// No Latin name: the one in the machine-readable zone is transliterated.
    Warning "check.latin-name-missing" LatinNameMissing {
        /// The name as it will stand.
        name: String }
    /// The national number is in the order twice.
    Error "check.national-number-duplicate" NationalNumberDuplicate {
        /// The other record's file.
        other: String }
    /// The photo is the same image as another record's.
    Error "check.photo-duplicate" PhotoDuplicate {
        /// The other record's file.
        other: String }
    /// The photo is of another format than the profile lets.
    Error "check.photo-format" PhotoFormat {
        /// The formats allowed.
        known: String }
    /// The photo cannot be decoded: damaged or truncated.
    Error "check.photo-damaged" PhotoDamaged {
        /// What the decoder said.
        detail: String }
    /// The photo has too few pixels.
    Error "check.photo-too-small" PhotoTooSmall {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Least across.
        min_width: u32,
        /// Least down.
        min_height: u32 }
    /// The photo file is larger than the card has room for.
    Error "check.photo-too-large" PhotoTooLarge {
        /// Bytes found.
        bytes: usize,
        /// Bytes allowed.
        max: usize }
    /// The photo is too wide or too narrow.
    Error "check.photo-aspect" PhotoAspect {
        /// Width over height.
        aspect: String,
        /// Least.
        min: String,
        /// Most.
        max: String }
    /// The photo is one even area.
    Error "check.photo-blank" PhotoBlank {}
    /// Fewer fingers than the profile enrols, and no word of missing ones.
    Error "check.fingers-too-few" FingersTooFew {
        /// Fingers given.
        found: usize,
        /// Fingers wanted.
        wanted: usize }
    /// No finger can be used: delivery goes the way of two persons.
    Warning "check.fingers-none" FingersNone {}
    /// The finger's image is no image that can be decoded.
    Error "check.finger-damaged" FingerDamaged {
        /// The finger's code.
        finger: u8,
        /// What the decoder said.
        detail: String }
    /// The finger's image ends before its last line.
    Error "check.finger-truncated" FingerTruncated {
        /// The finger's code.
        finger: u8 }
    /// The finger's image is blank: no print in it.
    Error "check.finger-blank" FingerBlank {
        /// The finger's code.
        finger: u8 }
    /// The finger's image is of a size no print has.
    Error "check.finger-size" FingerSize {
        /// The finger's code.
        finger: u8,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Millimetres a side, at least.
        min_mm: u32,
        /// Millimetres a side, at most.
        max_mm: u32 }
    /// No template could be made of the finger's image.
    Error "check.finger-unusable" FingerUnusable {
        /// The finger's code.
        finger: u8,
        /// What the extractor said.
        detail: String }
    /// Too few minutiae for the card.
    Error "check.finger-minutiae" FingerMinutiae {
        /// The finger's code.
        finger: u8,
        /// Minutiae found.
        found: usize,
        /// Fewest the profile lets.
        min: usize }
    /// The image is of poor quality.
    Warning "check.finger-quality" FingerQuality {
        /// The finger's code.
        finger: u8,
        /// Quality found, 0 to 100.
        found: u8,
        /// Least the profile lets.
        min: u8 }
    /// The same image stands elsewhere in the order.
    Error "check.finger-duplicate" FingerDuplicate {
        /// The finger's code.
        finger: u8,
        /// The other image.
        other: String }
    /// Two positions of one record show the same finger.
    Warning "check.fingers-same" FingersSame {
        /// The finger's code.
        finger: u8,
        /// The other finger's code.
        other: u8 }
    /// Two impressions of one position show different fingers.
    Warning "check.impressions-differ" ImpressionsDiffer {
        /// The finger's code.
        finger: u8,
        /// The other image.
        other: String }

    /// The profile is no TOML, or has a field it should not have, or lacks one.
    Error "profile.syntax" ProfileSyntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser said.
        detail: String }
    /// A number in the profile is outside what the card can do.
    Error "profile.out-of-range" ProfileOutOfRange {
        /// Line, from 1.
        line: usize,
        /// The number found.
        found: String,
        /// Least.
        min: String,
        /// Most.
        max: String }
    /// A word in the profile is none of those known.
    Error "profile.word-unknown" ProfileWordUnknown {
        /// Line, from 1.
        line: usize,
        /// The word found.
        found: String,
        /// The words it may be.
        known: String }
    /// Something in the profile is named twice.
    Error "profile.repeated" ProfileRepeated {
        /// Line, from 1.
        line: usize,
        /// What is repeated.
        found: String }
    /// Something in the profile names what the profile does not hold.
    Error "profile.missing" ProfileMissing {
        /// Line, from 1.
        line: usize,
        /// What is missing.
        wanted: String }
}

impl Fault {
    /// A file that the system did not give.
    pub(crate) fn unreadable(error: &std::io::Error) -> Self {
        Self::FileUnreadable {
            detail: error.to_string(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key())?;
        let params = self.params();
        for (index, (name, value)) in params.iter().enumerate() {
            let lead = if index == 0 { " (" } else { ", " };
            write!(f, "{lead}{name}: {value}")?;
        }
        if params.is_empty() {
            Ok(())
        } else {
            write!(f, ")")
        }
    }
}

impl std::error::Error for Fault {}

/// A character as a fault shows it: `U+06A9 ک`; controls and marks only by their number.
#[must_use]
pub(crate) fn show(character: char) -> String {
    let number = u32::from(character);
    let printable = character.is_alphanumeric() || character.is_ascii_graphic();
    if printable {
        format!("U+{number:04X} {character}")
    } else {
        format!("U+{number:04X}")
    }
}
