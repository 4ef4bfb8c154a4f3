//! What was found wrong, or worth a look, in an order.
//!
//! The rule: reading and checking never stop at the first fault. Each fault is a [`Finding`]: a
//! [`Fault`] with its stable key and its parameters, the file, and the place in it. The sentences a
//! person reads are not here; the command line keeps them, in English and Persian, under the key.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

pub use crate::fault::{Fault, KEYS, PARAMETERS};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The record can be made into a card; a person should know.
    Warning,
    /// The record, or the whole order, cannot be accepted.
    Error,
}

impl Severity {
    /// `"warning"` or `"error"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One fault, and where it is.
///
/// Serialises to `{severity, key, file, path, params}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub fault: Fault,
    /// The file, relative to the order folder where it lies in one.
    pub file: String,
    /// The place in a JSON file as a JSON path (`$.birth.date`), or in a TOML file as a dotted
    /// field; none where the whole file is meant.
    pub path: Option<String>,
}

impl Finding {
    /// A finding about a whole file.
    #[must_use]
    pub fn of_file(fault: Fault, file: impl Into<String>) -> Self {
        Self {
            fault,
            file: file.into(),
            path: None,
        }
    }

    /// A finding about one place in a file.
    #[must_use]
    pub fn at(fault: Fault, file: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            fault,
            file: file.into(),
            path: Some(path.into()),
        }
    }

    /// The stable key under which the texts for a person are found.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.fault.key()
    }

    /// How much it weighs.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.fault.severity()
    }

    /// The values for the placeholders of the texts: those of the fault, and `file` and `path`.
    #[must_use]
    pub fn params(&self) -> Vec<(&'static str, String)> {
        let mut params = self.fault.params();
        params.push(("file", self.file.clone()));
        params.push(("path", self.path.clone().unwrap_or_default()));
        params
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(path) = &self.path {
            write!(f, " {path}")?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let params: std::collections::BTreeMap<_, _> = self.fault.params().into_iter().collect();
        let mut out = serializer.serialize_struct("Finding", 5)?;
        out.serialize_field("severity", &self.severity())?;
        out.serialize_field("key", self.key())?;
        out.serialize_field("file", &self.file)?;
        out.serialize_field("path", &self.path)?;
        out.serialize_field("params", &params)?;
        out.end()
    }
}

/// Findings for which something was refused as a whole; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    first: Box<Finding>,
    rest: Vec<Finding>,
}

impl Rejected {
    /// For a fault of a whole file.
    #[must_use]
    pub fn of_file(fault: Fault, file: impl Into<String>) -> Self {
        Self {
            first: Box::new(Finding::of_file(fault, file)),
            rest: Vec::new(),
        }
    }

    /// For findings, where there are any.
    #[must_use]
    pub fn from_findings(findings: Vec<Finding>) -> Option<Self> {
        let mut findings = findings.into_iter();
        findings.next().map(|first| Self {
            first: Box::new(first),
            rest: findings.collect(),
        })
    }

    /// The first of the findings.
    #[must_use]
    pub fn first(&self) -> &Finding {
        &self.first
    }

    /// The findings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        std::iter::once(&*self.first).chain(&self.rest)
    }

    /// The stable key of the first finding.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.first.key()
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.rest.is_empty() {
            Ok(())
        } else {
            write!(f, " (and {} more)", self.rest.len())
        }
    }
}

impl std::error::Error for Rejected {}

/// Whether none of the findings is an error.
#[must_use]
pub fn acceptable(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.severity() < Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_tells_where_and_what() {
        let finding = Finding::at(
            Fault::NationalNumberLength { found: 9 },
            "a/record.json",
            "$.national_number",
        );
        assert_eq!(
            finding.to_string(),
            "a/record.json $.national_number: record.national-number-length (found: 9)"
        );
        assert_eq!(
            serde_json::to_value(&finding).unwrap(),
            serde_json::json!({
                "severity": "error",
                "key": "record.national-number-length",
                "file": "a/record.json",
                "path": "$.national_number",
                "params": {"found": "9"},
            })
        );
    }

    #[test]
    fn keys_are_distinct() {
        let distinct: std::collections::BTreeSet<_> = KEYS.iter().collect();
        assert_eq!(distinct.len(), KEYS.len());
    }
}
