//! What goes wrong between the driver and a module.

use negin_fingerprint::capture::CaptureError;

use super::confirmation::Confirmation;

/// Why a module did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The line is gone: the adapter was pulled out.
    #[error("the serial line is gone")]
    Gone,
    /// The caller called it off.
    #[error("it was called off")]
    Cancelled,
    /// Nothing answers.
    #[error("no module answers")]
    NoAnswer,
    /// What came was damaged, and so it was when asked for again.
    #[error("what the module sent was damaged on the way, again and again")]
    Damaged,
    /// The module answers out of its protocol.
    #[error("the module answers out of its protocol")]
    Protocol,
    /// The data ended early, and did so again when asked for again.
    #[error("the module sent {received} of {expected} bytes")]
    Short {
        /// Bytes there should have been.
        expected: u32,
        /// Bytes that came.
        received: u32,
    },
    /// The data is longer or shorter than any image or template that is known.
    #[error("the module sent {received} bytes, which is the size of nothing known")]
    Size {
        /// Bytes that came.
        received: u32,
    },
    /// What was written reads otherwise.
    #[error("the module did not keep what it was given")]
    NotKept,
    /// The module is locked with another password.
    #[error("the module is locked with another password")]
    Password,
    /// The module refuses.
    #[error("the module refuses {command}: {confirmation}")]
    Refused {
        /// What it refuses, by the manuals' name.
        command: &'static str,
        /// Why.
        confirmation: Confirmation,
    },
    /// The system's error at the line.
    #[error("the serial line failed with the system's code {0}")]
    Line(i32),
}

impl From<Error> for CaptureError {
    fn from(error: Error) -> Self {
        match error {
            Error::Gone => Self::Disconnected,
            Error::Cancelled => Self::Cancelled,
            Error::NoAnswer => Self::NoAnswer,
            Error::Damaged => Self::Damaged,
            Error::Protocol | Error::NotKept => Self::Protocol,
            Error::Short { expected, received } => Self::ShortImage { expected, received },
            Error::Size { .. } => Self::BadImage,
            Error::Password => Self::Password,
            Error::Refused { confirmation, .. } => Self::Module(confirmation.code()),
            Error::Line(code) => Self::Other(code),
        }
    }
}
