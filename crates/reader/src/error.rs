//! What can go wrong between a reader and its card.

use std::time::Duration;

/// Why a reader gave no card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No card lies in the reader.
    #[error("no card lies in reader '{reader}'")]
    NoCard {
        /// The reader's name.
        reader: String,
    },
    /// Nothing happened in the time given.
    #[error("nothing happened in reader '{reader}' within {waited:?}")]
    TimedOut {
        /// The reader's name.
        reader: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The wait was called off.
    #[error("the wait for reader '{reader}' was called off")]
    Cancelled {
        /// The reader's name.
        reader: String,
    },
    /// The card answered to reset with bytes that are no ATR (ISO/IEC 7816-3 section 8), or with none, or speaks no
    /// protocol that the reader knows.
    #[error("the card in reader '{reader}' does not answer to reset as a card does")]
    BadAtr {
        /// The reader's name.
        reader: String,
    },
    /// Another program holds the card.
    #[error("another program holds the card in reader '{reader}'")]
    Busy {
        /// The reader's name.
        reader: String,
    },
    /// The reader is not there any more.
    #[error("reader '{reader}' is gone")]
    Gone {
        /// The reader's name.
        reader: String,
    },
    /// The system's service that serves the reader does not run.
    #[error("the card service that serves reader '{reader}' does not run (code {code:#010x})")]
    ServiceStopped {
        /// The reader's name.
        reader: String,
        /// The system's code.
        code: u32,
    },
    /// The system does not let this person use the reader.
    #[error("the system does not let you use reader '{reader}' (code {code:#010x})")]
    Forbidden {
        /// The reader's name.
        reader: String,
        /// The system's code.
        code: u32,
    },
    /// The system's own failure.
    #[error("reader '{reader}' failed: {reason} (code {code:#010x})")]
    System {
        /// The reader's name.
        reader: String,
        /// What the system said.
        reason: String,
        /// The system's code; 0 where it gave none.
        code: u32,
    },
}

impl Error {
    /// Every key [`Error::key`] can give.
    pub const KEYS: &'static [&'static str] = &[
        "reader.no-card",
        "reader.timed-out",
        "reader.cancelled",
        "reader.bad-atr",
        "reader.busy",
        "reader.gone",
        "reader.service-stopped",
        "reader.forbidden",
        "reader.system",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoCard { .. } => "reader.no-card",
            Self::TimedOut { .. } => "reader.timed-out",
            Self::Cancelled { .. } => "reader.cancelled",
            Self::BadAtr { .. } => "reader.bad-atr",
            Self::Busy { .. } => "reader.busy",
            Self::Gone { .. } => "reader.gone",
            Self::ServiceStopped { .. } => "reader.service-stopped",
            Self::Forbidden { .. } => "reader.forbidden",
            Self::System { .. } => "reader.system",
        }
    }
}
