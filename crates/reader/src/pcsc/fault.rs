//! The system's codes, and what they mean to a caller.

use std::fmt;

use negin_apdu::TransmitError;
use pcsc::Error as Code;

use crate::Error;

/// A failure of the system's service, its code kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault(pub(super) Code);

/// Whether the service can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The service does not run.
    Stopped,
    /// It runs and does not let this person in.
    Forbidden,
    /// It is there; something else went wrong.
    Other,
}

impl Fault {
    /// The service does not run.
    pub const NO_SERVICE: Self = Self(Code::NoService);
    /// The service does not let this person in.
    pub const FORBIDDEN: Self = Self(Code::SecurityViolation);

    /// The system's code.
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0 as u32
    }

    /// Whether the service can be reached.
    #[must_use]
    pub const fn reach(self) -> Reach {
        match self.0 {
            Code::NoService | Code::ServiceStopped | Code::Shutdown | Code::ServerTooBusy => {
                Reach::Stopped
            }
            // A context or card handle from before the service stopped.
            Code::InvalidHandle => Reach::Stopped,
            Code::SecurityViolation | Code::NoAccess => Reach::Forbidden,
            _ => Reach::Other,
        }
    }

    /// What a reader says of it that was asked to do something with its card.
    pub(super) fn of_reader(self, reader: &str) -> Error {
        let reader = reader.to_owned();
        let code = self.code();
        match self.0 {
            Code::NoSmartcard | Code::RemovedCard => Error::NoCard { reader },
            Code::UnresponsiveCard
            | Code::UnpoweredCard
            | Code::ProtoMismatch
            | Code::UnsupportedCard
            | Code::CardUnsupported
            | Code::InvalidAtr => Error::BadAtr { reader },
            Code::SharingViolation => Error::Busy { reader },
            Code::UnknownReader | Code::ReaderUnavailable | Code::NoReadersAvailable => {
                Error::Gone { reader }
            }
            Code::Cancelled => Error::Cancelled { reader },
            _ => match self.reach() {
                Reach::Stopped => Error::ServiceStopped { reader, code },
                Reach::Forbidden => Error::Forbidden { reader, code },
                Reach::Other => Error::System {
                    reader,
                    reason: self.0.to_string(),
                    code,
                },
            },
        }
    }

    /// What it means in an exchange; none where the code says no more than that nothing came. (A service that dies while
    /// it is waited for looks like a refusal to some clients' libraries.)
    pub(super) const fn of_exchange(self) -> Option<TransmitError> {
        Some(match self.0 {
            Code::RemovedCard | Code::NoSmartcard | Code::UnpoweredCard => {
                TransmitError::CardRemoved
            }
            Code::ResetCard => TransmitError::CardReset,
            Code::UnknownReader | Code::ReaderUnavailable => TransmitError::ReaderGone,
            Code::SharingViolation => TransmitError::Sharing,
            Code::Timeout => TransmitError::Timeout,
            Code::InsufficientBuffer => TransmitError::TooLong,
            _ => match self.reach() {
                Reach::Stopped => TransmitError::ServiceStopped,
                Reach::Forbidden | Reach::Other => return None,
            },
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#010x})", self.0, self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_kept() {
        let fault = Fault(Code::NoService);
        assert_eq!(fault.code(), 0x8010_001D);
        assert!(fault.to_string().ends_with("(0x8010001d)"));
        let Error::System { code, .. } = Fault(Code::BadSeek).of_reader("one") else {
            panic!("not the system's own");
        };
        assert_eq!(code, 0x8010_0029);
    }

    #[test]
    fn what_a_caller_can_act_on_is_told_apart() {
        for (code, key) in [
            (Code::NoSmartcard, "reader.no-card"),
            (Code::RemovedCard, "reader.no-card"),
            (Code::UnresponsiveCard, "reader.bad-atr"),
            (Code::SharingViolation, "reader.busy"),
            (Code::UnknownReader, "reader.gone"),
            (Code::NoService, "reader.service-stopped"),
            (Code::InvalidHandle, "reader.service-stopped"),
            (Code::SecurityViolation, "reader.forbidden"),
            (Code::Cancelled, "reader.cancelled"),
            (Code::NoMemory, "reader.system"),
        ] {
            assert_eq!(Fault(code).of_reader("one").key(), key);
        }
        for (code, error) in [
            (Code::RemovedCard, Some(TransmitError::CardRemoved)),
            (Code::ResetCard, Some(TransmitError::CardReset)),
            (Code::ReaderUnavailable, Some(TransmitError::ReaderGone)),
            (Code::SharingViolation, Some(TransmitError::Sharing)),
            (Code::ServiceStopped, Some(TransmitError::ServiceStopped)),
            (Code::InsufficientBuffer, Some(TransmitError::TooLong)),
            (Code::SecurityViolation, None),
            (Code::NoMemory, None),
            (Code::NotTransacted, None),
            (Code::CommError, None),
        ] {
            assert_eq!(Fault(code).of_exchange(), error);
        }
    }
}
