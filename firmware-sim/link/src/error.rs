//! What can go wrong between the two ends.

use std::fmt;
use std::io;

use crate::message::{Failure, Malformed};

/// Why the simulator does not welcome a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It speaks another version of the protocol: this one.
    Version(u16),
    /// It has no reader of that number.
    NoSuchReader,
}

/// Why an exchange over the link came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The other end is gone.
    Closed,
    /// The other end was silent for longer than the link waits.
    TimedOut,
    /// The system refused; its error's kind.
    Io(io::ErrorKind),
    /// What came is no message of this protocol, or not one that belongs here.
    Malformed(Malformed),
    /// The simulator welcomes no such connection.
    Refused(Refusal),
    /// The simulator could not do what was asked; the link is sound.
    Failed(Failure),
}

impl Error {
    /// Whether the connection can still be used.
    #[must_use]
    pub const fn leaves_link_usable(self) -> bool {
        matches!(self, Self::Failed(_))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted => Self::Closed,
            // What a socket's time-out is called depends on the system.
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::TimedOut,
            kind => Self::Io(kind),
        }
    }
}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the other end is gone"),
            Self::TimedOut => f.write_str("the other end is silent"),
            Self::Io(kind) => write!(f, "the system refused: {kind}"),
            Self::Malformed(malformed) => write!(f, "this is no message of the link: {malformed}"),
            Self::Refused(Refusal::Version(theirs)) => {
                write!(
                    f,
                    "the simulator speaks version {theirs} of the link, not {}",
                    crate::VERSION
                )
            }
            Self::Refused(Refusal::NoSuchReader) => f.write_str("the simulator has no such reader"),
            Self::Failed(failure) => write!(f, "{failure}"),
        }
    }
}

impl std::error::Error for Error {}
