//! Quality control: whether the records of an order can become cards.
//!
//! The rule: every record gets a [`RecordReport`], also the one that could not be read; nothing is
//! repaired here, and nothing is decided that the profile does not ask.
//!
//! A record is checked by itself ([`check_record`], which can run beside others); [`assemble`] then
//! looks at the order as a whole.

mod dates;
mod duplicates;
mod file;
mod fingers;
mod photo;

use negin_fingerprint::FingerPosition;
use serde::{Serialize, Serializer};

use crate::checked;
use crate::fault::Fault;
use crate::finding::{Finding, acceptable};
use crate::order::{Entry, Order};
use crate::profile::Profile;
use crate::record::calendar::Date;
use crate::record::national_number::NationalNumber;

use duplicates::Picture;

/// What quality control says of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The order's id.
    pub order: String,
    /// The delivery centre's id.
    pub centre: String,
    /// The profile's name.
    pub profile: String,
    /// The day of checking.
    pub checked_on: Date,
    /// Whether neither the order nor any record has an error.
    pub accepted: bool,
    /// The records, in the order of the list.
    pub records: Vec<RecordReport>,
    /// What was found in the order itself.
    pub findings: Vec<Finding>,
}

/// What quality control says of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordReport {
    /// What findings call it; see [`Entry::name`].
    pub name: String,
    /// The national number, where the record could be read.
    pub national_number: Option<NationalNumber>,
    /// Whether no finding is an error.
    pub accepted: bool,
    /// The portrait, where it could be decoded.
    pub photo: Option<PhotoReport>,
    /// The fingers' images that could be used.
    pub fingers: Vec<FingerReport>,
    /// The fingers to enrol, by the profile's preference; serialises as ISO/IEC 19794-2 codes.
    #[serde(serialize_with = "codes")]
    pub enrol: Vec<FingerPosition>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Digests of its pictures, to find the same one elsewhere.
    #[serde(skip)]
    pictures: Vec<Picture>,
    /// The digest of the record and its files, where all of them could be read.
    #[serde(skip)]
    pub(crate) content: Option<String>,
}

/// A portrait that could be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PhotoReport {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Bytes of the file.
    pub bytes: usize,
}

/// A finger's image that could be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FingerReport {
    /// The finger's ISO/IEC 19794-2 code.
    pub finger: u8,
    /// The image, from the order folder.
    pub image: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Dots an inch.
    pub dpi: u16,
    /// Quality, 0 to 100.
    pub quality: u8,
    /// Minutiae found.
    pub minutiae: usize,
}

/// Checks an order, record after record. `progress` is told how many are done.
#[must_use]
pub fn check(
    order: &Order,
    profile: &Profile,
    today: Date,
    mut progress: impl FnMut(usize),
) -> Report {
    let reports = order
        .entries
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let report = check_record(entry, profile, today);
            progress(index + 1);
            report
        })
        .collect();
    assemble(order, profile, today, reports)
}

/// Checks one record by itself.
#[must_use]
pub fn check_record(entry: &Entry, profile: &Profile, today: Date) -> RecordReport {
    let mut report = RecordReport {
        name: entry.name.clone(),
        national_number: None,
        accepted: false,
        photo: None,
        fingers: Vec::new(),
        enrol: Vec::new(),
        findings: entry.findings.clone(),
        pictures: Vec::new(),
        content: None,
    };
    if let Some(record) = &entry.record {
        report.national_number = Some(record.national_number.clone());
        // A file that cannot be read is found below.
        report.content = checked::digest(entry, record).ok();
        dates::check(record, profile, today, &mut report);
        if record.name.latin.is_none() {
            let name = record.latin_name();
            report.at(
                "$.name",
                Fault::LatinNameMissing {
                    name: format!("{}, {}", name.family, name.given),
                },
            );
        }
        photo::check(entry, record, profile, &mut report);
        fingers::check(entry, record, profile, &mut report);
    }
    report.accepted = entry.record.is_some() && acceptable(&report.findings);
    report
}

/// Joins the reports of an order's records, in the order of its list, and looks for what stands in
/// it twice.
#[must_use]
pub fn assemble(
    order: &Order,
    profile: &Profile,
    today: Date,
    mut records: Vec<RecordReport>,
) -> Report {
    duplicates::check(&mut records);
    for record in &mut records {
        record.accepted &= acceptable(&record.findings);
    }
    Report {
        order: order.id.clone(),
        centre: order.centre.clone(),
        profile: profile.name.clone(),
        checked_on: today,
        accepted: !records.is_empty()
            && acceptable(&order.findings)
            && records.iter().all(|record| record.accepted),
        records,
        findings: order.findings.clone(),
    }
}

impl RecordReport {
    /// Notes a fault of a place in the record.
    fn at(&mut self, path: impl Into<String>, fault: Fault) {
        self.findings
            .push(Finding::at(fault, self.name.clone(), path));
    }

    /// Notes a fault of one of the record's files.
    fn of_file(&mut self, file: &str, fault: Fault) {
        self.findings.push(Finding::of_file(fault, file));
    }
}

fn codes<S: Serializer>(fingers: &[FingerPosition], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(fingers.iter().map(|finger| finger.code()))
}
