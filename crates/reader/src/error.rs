//! What can go wrong between a reader and its card.

use std::time::Duration;

/// Why a reader gave no card.
#[derive(Debug, thiserror::Error)]
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
    /// What the card answered to reset is no ATR (ISO/IEC 7816-3 section 8).
    #[error("the card in reader '{reader}' answered to reset with bytes that are no ATR")]
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
    /// The system's own failure, its code kept.
    #[error("reader '{reader}' failed: {reason}")]
    System {
        /// The reader's name.
        reader: String,
        /// What the system said, its code included.
        reason: String,
    },
}

impl Error {
    /// Every key [`Error::key`] can give.
    pub const KEYS: &'static [&'static str] = &[
        "reader.no-card",
        "reader.timed-out",
        "reader.bad-atr",
        "reader.busy",
        "reader.system",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoCard { .. } => "reader.no-card",
            Self::TimedOut { .. } => "reader.timed-out",
            Self::BadAtr { .. } => "reader.bad-atr",
            Self::Busy { .. } => "reader.busy",
            Self::System { .. } => "reader.system",
        }
    }
}
