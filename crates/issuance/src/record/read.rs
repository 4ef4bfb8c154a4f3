//! Reading a record: every fault is found, each with its path.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use negin_fingerprint::FingerPosition;
use serde_json::Value;
use zeroize::Zeroizing;

use super::birth_certificate::{self, BirthCertificate};
use super::calendar::{CALENDARS, Calendar, Date};
use super::file_name::FileName;
use super::finger::{DPI_DEFAULT, DPI_MAX, DPI_MIN, Finger, MissingFinger, MissingReason};
use super::latin::LatinText;
use super::national_number::NationalNumber;
use super::persian::PersianText;
use super::postal_code::PostalCode;
use super::{Bilingual, Birth, GivenFamily, Name, Record, Sex, VERSION};
use crate::fault::Fault;
use crate::finding::Finding;
use crate::json::{Node, Sink};

/// What came of reading a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The record, where every field could be read.
    pub record: Option<Record>,
    /// Everything wrong with it.
    pub findings: Vec<Finding>,
}

impl Record {
    /// Reads a record file. `name` is how findings call it.
    #[must_use]
    pub fn read(path: &Path, name: &str) -> Reading {
        Self::from_file(crate::file::read(path), name)
    }

    /// Reads a record from what its file gave.
    pub(crate) fn from_file(file: io::Result<Zeroizing<Vec<u8>>>, name: &str) -> Reading {
        match file {
            Ok(bytes) => Self::from_json(&bytes, name),
            Err(error) => Reading {
                record: None,
                findings: vec![Finding::of_file(Fault::unreadable(&error), name)],
            },
        }
    }

    /// Reads a record from a JSON document. `name` is how findings call it.
    #[must_use]
    pub fn from_json(json: &[u8], name: &str) -> Reading {
        let sink = Sink::new(name);
        let record = sink
            .parse_bytes(json)
            .and_then(|value| record(&Node::root(&sink, &value)));
        let findings = sink.into_findings();
        Reading {
            // A field named twice leaves it open which one was meant.
            record: record.filter(|_| findings.is_empty()),
            findings,
        }
    }

    /// Reads a record from a value inside another document of which `node` is a part.
    pub(crate) fn from_node(node: &Node<'_>) -> Option<Self> {
        record(node)
    }
}

const FIELDS: &[&str] = &[
    "version",
    "national_number",
    "name",
    "father_name",
    "birth",
    "birth_certificate",
    "sex",
    "postal_code",
    "issue_date",
    "expiry_date",
    "photo",
    "fingers",
    "missing_fingers",
];

fn record(node: &Node<'_>) -> Option<Record> {
    let fields = node.object(FIELDS)?;
    // Each is read before any is needed, so that no fault hides another.
    let version = fields.version(VERSION);
    let national_number = fields
        .required("national_number")
        .and_then(|node| node.read(NationalNumber::parse));
    let name = fields.required("name").and_then(|node| name(&node));
    let father_name = fields
        .required("father_name")
        .and_then(|node| bilingual(&node, PersianText::name, LatinText::name));
    let birth = fields.required("birth").and_then(|node| birth(&node));
    let birth_certificate = fields
        .required("birth_certificate")
        .and_then(|node| certificate(&node));
    let sex = fields
        .required("sex")
        .and_then(|node| node.word(&Sex::WORDS));
    let postal_code = fields
        .required("postal_code")
        .and_then(|node| node.read(PostalCode::parse));
    let issue_date = fields.required("issue_date").and_then(|node| date(&node));
    let expiry_date = optional(fields.optional("expiry_date"), date);
    let photo = fields
        .required("photo")
        .and_then(|node| node.read(FileName::parse));
    let mut positions = BTreeSet::new();
    let fingers = fields
        .required("fingers")
        .and_then(|node| all(node.list()?, |node| finger(node, &mut positions)));
    let missing_fingers = match fields.optional("missing_fingers") {
        None => Some(Vec::new()),
        Some(node) => node
            .list()
            .and_then(|items| all(items, |node| missing_finger(node, &mut positions))),
    };
    version?;
    Some(Record {
        national_number: national_number?,
        name: name?,
        father_name: father_name?,
        birth: birth?,
        birth_certificate: birth_certificate?,
        sex: sex?,
        postal_code: postal_code?,
        issue_date: issue_date?,
        expiry_date: expiry_date?,
        photo: photo?,
        fingers: fingers?,
        missing_fingers: missing_fingers?,
    })
}

/// A field that may be missing: `Some(None)` where it is, `None` where it is there and wrong.
fn optional<'a, T>(
    node: Option<Node<'a>>,
    read: impl FnOnce(&Node<'a>) -> Option<T>,
) -> Option<Option<T>> {
    match node {
        None => Some(None),
        Some(node) => read(&node).map(Some),
    }
}

/// Every item read, or none; all are tried.
fn all<'a, T>(
    items: Vec<Node<'a>>,
    mut read: impl FnMut(&Node<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = items.iter().map(&mut read).collect();
    read.into_iter().collect()
}

fn name(node: &Node<'_>) -> Option<Name> {
    let fields = node.object(&["persian", "latin"])?;
    let persian = fields
        .required("persian")
        .and_then(|node| given_family(&node, PersianText::name));
    let latin = optional(fields.optional("latin"), |node| {
        given_family(node, LatinText::name)
    });
    Some(Name {
        persian: persian?,
        latin: latin?,
    })
}

fn given_family<T>(
    node: &Node<'_>,
    read: impl Fn(&str) -> Result<T, Fault>,
) -> Option<GivenFamily<T>> {
    let fields = node.object(&["given", "family"])?;
    let given = fields.required("given").and_then(|node| node.read(&read));
    let family = fields.required("family").and_then(|node| node.read(&read));
    Some(GivenFamily {
        given: given?,
        family: family?,
    })
}

fn bilingual(
    node: &Node<'_>,
    persian: impl FnOnce(&str) -> Result<PersianText, Fault>,
    latin: impl FnOnce(&str) -> Result<LatinText, Fault>,
) -> Option<Bilingual> {
    let fields = node.object(&["persian", "latin"])?;
    let persian = fields
        .required("persian")
        .and_then(|node| node.read(persian));
    let latin = optional(fields.optional("latin"), |node| node.read(latin));
    Some(Bilingual {
        persian: persian?,
        latin: latin?,
    })
}

fn birth(node: &Node<'_>) -> Option<Birth> {
    let fields = node.object(&["date", "place"])?;
    let date = fields.required("date").and_then(|node| date(&node));
    let place = fields
        .required("place")
        .and_then(|node| bilingual(&node, PersianText::place, LatinText::place));
    Some(Birth {
        date: date?,
        place: place?,
    })
}

fn certificate(node: &Node<'_>) -> Option<BirthCertificate> {
    let fields = node.object(&["number", "series", "serial"])?;
    let number = fields
        .required("number")
        .and_then(|node| node.read(birth_certificate::number));
    let series = fields
        .required("series")
        .and_then(|node| node.read(birth_certificate::series));
    let serial = fields
        .required("serial")
        .and_then(|node| node.read(birth_certificate::serial));
    Some(BirthCertificate::from_parts(number?, series?, serial?))
}

/// A date: `"2024-03-20"`, `"persian:1403-01-01"` or
/// `{"calendar": "persian", "date": "1403-01-01"}`.
fn date(node: &Node<'_>) -> Option<Date> {
    if !matches!(node.value(), Value::Object(_)) {
        return node.read(Date::parse);
    }
    let fields = node.object(&["calendar", "date"])?;
    let calendar = fields.required("calendar").and_then(|node| {
        node.read(|name| {
            Calendar::from_name(name).ok_or_else(|| Fault::DateCalendar {
                found: name.to_owned(),
                known: CALENDARS,
            })
        })
    });
    let date = fields.required("date");
    let calendar = calendar?;
    date?.read(|text| Date::parse_in(calendar, text))
}

fn finger(node: &Node<'_>, positions: &mut BTreeSet<u8>) -> Option<Finger> {
    let fields = node.object(&["position", "images", "dpi"])?;
    let position = fields
        .required("position")
        .and_then(|node| position(&node, positions));
    let images = fields.required("images").and_then(|list| {
        let items = list.list()?;
        if items.is_empty() {
            let finger = position.map_or(0, FingerPosition::code);
            list.report(Fault::FingerWithoutImage { finger });
            return None;
        }
        all(items, |node| node.read(FileName::parse))
    });
    let dpi = optional(fields.optional("dpi"), |node| {
        let number = node.number()?;
        let dpi = number
            .as_u64()
            .and_then(|dpi| u16::try_from(dpi).ok())
            .filter(|dpi| (DPI_MIN..=DPI_MAX).contains(dpi));
        if dpi.is_none() {
            node.report(Fault::FingerDpi {
                found: number.to_string(),
                min: DPI_MIN,
                max: DPI_MAX,
            });
        }
        dpi
    });
    Some(Finger {
        position: position?,
        images: images?,
        dpi: dpi?.unwrap_or(DPI_DEFAULT),
    })
}

fn missing_finger(node: &Node<'_>, positions: &mut BTreeSet<u8>) -> Option<MissingFinger> {
    let fields = node.object(&["position", "reason"])?;
    let position = fields
        .required("position")
        .and_then(|node| position(&node, positions));
    let reason = fields
        .required("reason")
        .and_then(|node| node.word(&MissingReason::WORDS));
    Some(MissingFinger {
        position: position?,
        reason: reason?,
    })
}

/// A finger's code, 1 to 10, not yet among `seen`.
fn position(node: &Node<'_>, seen: &mut BTreeSet<u8>) -> Option<FingerPosition> {
    let number = node.number()?;
    let position = number
        .as_u64()
        .and_then(|code| u8::try_from(code).ok())
        .and_then(FingerPosition::from_code)
        .filter(|position| *position != FingerPosition::Unknown);
    let Some(position) = position else {
        node.report(Fault::FingerPositionUnknown {
            found: number.to_string(),
        });
        return None;
    };
    if !seen.insert(position.code()) {
        node.report(Fault::FingerRepeated {
            finger: position.code(),
        });
        return None;
    }
    Some(position)
}
