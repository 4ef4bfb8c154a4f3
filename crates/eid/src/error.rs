//! What can be wrong with a data object: one error for the crate, with a stable key for each kind.

/// A data object that cannot be read or built as its standard asks.
///
/// No variant carries the data itself: what is in a card is personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not the object they should be.
    #[error("{object}: {reason}")]
    Malformed {
        /// The object's name in its standard.
        object: &'static str,
        /// What is wrong, in a few words.
        reason: &'static str,
    },
    /// A field the standard makes mandatory is not there.
    #[error("{object}: {field} is missing")]
    Missing {
        /// The object's name in its standard.
        object: &'static str,
        /// The field's name in its standard.
        field: &'static str,
    },
    /// A field is longer than its standard allows.
    #[error("{field} is longer than {max}")]
    TooLong {
        /// The field's name in its standard.
        field: &'static str,
        /// The longest it may be, in bytes (characters for a machine readable zone).
        max: usize,
    },
    /// A character outside a field's repertoire.
    #[error("{field}: character {position} is not allowed there")]
    Character {
        /// The field's name in its standard.
        field: &'static str,
        /// Where, counted from 1.
        position: usize,
    },
    /// A check digit of a machine readable zone does not match what it checks.
    #[error("the check digit of {field} is wrong")]
    CheckDigit {
        /// The field's name in ICAO Doc 9303.
        field: &'static str,
    },
    /// No such day in the Gregorian calendar, or a year a field cannot hold.
    #[error("{field} is not a date")]
    Date {
        /// The field's name.
        field: &'static str,
    },
    /// Not a PIN: 6 to 8 decimal digits (NIST SP 800-73-4 Part 2 §2.4.3).
    #[error("a PIN is six to eight decimal digits")]
    Pin,
}

impl Error {
    /// Every key that [`Error::key`] can give.
    pub const KEYS: &[&str] = &[
        "eid.malformed",
        "eid.missing",
        "eid.too-long",
        "eid.character",
        "eid.check-digit",
        "eid.date",
        "eid.pin",
    ];

    /// The stable key under which a person's text for this error is found.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "eid.malformed",
            Self::Missing { .. } => "eid.missing",
            Self::TooLong { .. } => "eid.too-long",
            Self::Character { .. } => "eid.character",
            Self::CheckDigit { .. } => "eid.check-digit",
            Self::Date { .. } => "eid.date",
            Self::Pin => "eid.pin",
        }
    }

    pub(crate) const fn malformed(object: &'static str, reason: &'static str) -> Self {
        Self::Malformed { object, reason }
    }

    pub(crate) const fn missing(object: &'static str, field: &'static str) -> Self {
        Self::Missing { object, field }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_listed_key() {
        let all = [
            Error::malformed("a", "b"),
            Error::missing("a", "b"),
            Error::TooLong { field: "a", max: 1 },
            Error::Character {
                field: "a",
                position: 1,
            },
            Error::CheckDigit { field: "a" },
            Error::Date { field: "a" },
            Error::Pin,
        ];
        let keys: Vec<_> = all.iter().map(Error::key).collect();
        assert_eq!(keys, Error::KEYS);
    }
}
