//! What can go wrong between host and card.

use negin_apdu::{StatusWord, TransmitError};
use negin_eid::aid::Application;

use crate::recognise::Presence;

/// Why something could not be done with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No answer came.
    #[error("no answer from the card: {0}")]
    Transmit(
        /// Why not.
        #[from]
        TransmitError,
    ),
    /// The card answered with another status word than the command can succeed with.
    #[error("the card refused {instruction}: {sw}")]
    Refused {
        /// The command's name in its standard.
        instruction: &'static str,
        /// What the card answered.
        sw: StatusWord,
    },
    /// The card does not hold this application: it is another kind of card.
    #[error("the card does not hold the application {0:?}")]
    NoApplication(Application),
    /// The card is none of ours.
    #[error("not a card of ours: {0:?}")]
    Foreign(Presence),
    /// The card is one of ours, but not where it should be in its life.
    #[error("the card is not in the state in which it was needed: {0:?}")]
    UnexpectedState(Presence),
    /// The application, or the whole card, is blocked.
    #[error("the application {0:?} is blocked")]
    Blocked(Application),
    /// The card has no key set of this version.
    #[error("the card has no key set of version {version:02X}")]
    NoSuchKey {
        /// The version that was asked for.
        version: u8,
    },
    /// The card holds other keys than these. Nothing was sent with which it could have counted a failed try.
    #[error("the card holds other keys than the ones used")]
    WrongKey,
    /// The card holds another card management key (9B) than the one used, or could not prove that it holds it.
    #[error("the card holds another card management key than the one used")]
    WrongManagementKey,
    /// The card takes PINs of another number of digits. Nothing was sent; no try was spent.
    #[error("the card takes PINs of {fewest} to {most} digits")]
    PinPolicy {
        /// Fewest digits.
        fewest: u8,
        /// Most digits.
        most: u8,
    },
    /// The card refused EXTERNAL AUTHENTICATE after its own proof was right; it may have counted a failed try.
    #[error("the card refused the host's authentication: {sw}")]
    AuthenticationRefused {
        /// What the card answered.
        sw: StatusWord,
    },
    /// The card opens no more channels: too many failed authentications.
    #[error("the card's keys are blocked after too many failed authentications")]
    KeysBlocked,
    /// The opening of the channel failed in another way, or the card does not offer what was asked.
    #[error("the secure channel could not be opened: {0}")]
    Channel(
        /// How.
        negin_secure_channel::Error,
    ),
    /// The card did not confirm the keys that were put in.
    #[error("the card did not confirm the keys that were put in")]
    KeysNotConfirmed,
    /// What the card returned is not what its standard says.
    #[error("what the card returned cannot be read: {0}")]
    Data(
        /// What is wrong.
        #[from]
        negin_eid::Error,
    ),
    /// The card wants a finger in another format than the compact card format of ISO/IEC 19794-2.
    #[error("the card wants fingers in format {owner:04X}/{format:04X}, which is not known")]
    FingerFormat {
        /// The format's owner.
        owner: u16,
        /// The owner's number of it.
        format: u16,
    },
    /// A finger shows fewer minutiae than the card asks for. Nothing was sent; no try was spent.
    #[error("the card asks for {needed} minutiae at least, the finger shows {found}")]
    TooFewMinutiae {
        /// Minutiae there are.
        found: usize,
        /// Minutiae the card asks for.
        needed: usize,
    },
    /// A file is longer than READ BINARY and UPDATE BINARY reach.
    #[error("a file of {length} bytes is longer than can be addressed")]
    FileTooLong {
        /// Its length in bytes.
        length: usize,
    },
}

impl Error {
    /// All keys that [`Error::key`] gives.
    pub const KEYS: &'static [&'static str] = &[
        "card.removed",
        "card.reset",
        "card.reader-gone",
        "card.service-stopped",
        "card.timeout",
        "card.malformed-answer",
        "card.too-long",
        "card.in-use",
        "card.secure-messaging",
        "card.system",
        "card.refused",
        "card.no-application",
        "card.foreign",
        "card.unexpected-state",
        "card.blocked",
        "card.no-such-key",
        "card.wrong-key",
        "card.wrong-management-key",
        "card.pin-policy",
        "card.authentication-refused",
        "card.keys-blocked",
        "card.channel",
        "card.keys-not-confirmed",
        "card.data",
        "card.finger-format",
        "card.too-few-minutiae",
        "card.file-too-long",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Transmit(TransmitError::CardRemoved) => "card.removed",
            Self::Transmit(TransmitError::CardReset) => "card.reset",
            Self::Transmit(TransmitError::ReaderGone) => "card.reader-gone",
            Self::Transmit(TransmitError::ServiceStopped) => "card.service-stopped",
            Self::Transmit(TransmitError::Timeout) => "card.timeout",
            Self::Transmit(TransmitError::Malformed) => "card.malformed-answer",
            Self::Transmit(TransmitError::TooLong) => "card.too-long",
            Self::Transmit(TransmitError::Sharing) => "card.in-use",
            Self::Transmit(TransmitError::SecureMessaging) => "card.secure-messaging",
            Self::Transmit(TransmitError::Other(_)) => "card.system",
            Self::Refused { .. } => "card.refused",
            Self::NoApplication(_) => "card.no-application",
            Self::Foreign(_) => "card.foreign",
            Self::UnexpectedState(_) => "card.unexpected-state",
            Self::Blocked(_) => "card.blocked",
            Self::NoSuchKey { .. } => "card.no-such-key",
            Self::WrongKey => "card.wrong-key",
            Self::WrongManagementKey => "card.wrong-management-key",
            Self::PinPolicy { .. } => "card.pin-policy",
            Self::AuthenticationRefused { .. } => "card.authentication-refused",
            Self::KeysBlocked => "card.keys-blocked",
            Self::Channel(_) => "card.channel",
            Self::KeysNotConfirmed => "card.keys-not-confirmed",
            Self::Data(_) => "card.data",
            Self::FingerFormat { .. } => "card.finger-format",
            Self::TooFewMinutiae { .. } => "card.too-few-minutiae",
            Self::FileTooLong { .. } => "card.file-too-long",
        }
    }

    /// Whether power or contact was lost, so that the same work, begun again, may well succeed.
    #[must_use]
    pub const fn is_interruption(&self) -> bool {
        matches!(
            self,
            Self::Transmit(
                TransmitError::CardRemoved
                    | TransmitError::CardReset
                    | TransmitError::ReaderGone
                    | TransmitError::ServiceStopped
                    | TransmitError::Timeout
            )
        )
    }
}

impl From<negin_secure_channel::Error> for Error {
    fn from(error: negin_secure_channel::Error) -> Self {
        match error {
            negin_secure_channel::Error::CardCryptogram => Self::WrongKey,
            negin_secure_channel::Error::KeysNotConfirmed => Self::KeysNotConfirmed,
            other => Self::Channel(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_listed_once() {
        let transmit = [
            TransmitError::CardRemoved,
            TransmitError::CardReset,
            TransmitError::ReaderGone,
            TransmitError::ServiceStopped,
            TransmitError::Timeout,
            TransmitError::Malformed,
            TransmitError::TooLong,
            TransmitError::Sharing,
            TransmitError::SecureMessaging,
            TransmitError::Other(-1),
        ];
        let sw = StatusWord::CONDITIONS_NOT_SATISFIED;
        let others = [
            Error::Refused {
                instruction: "SELECT",
                sw,
            },
            Error::NoApplication(Application::Piv),
            Error::Foreign(Presence::Unknown),
            Error::UnexpectedState(Presence::Blank),
            Error::Blocked(Application::Piv),
            Error::NoSuchKey { version: 0x30 },
            Error::WrongKey,
            Error::WrongManagementKey,
            Error::PinPolicy { fewest: 8, most: 8 },
            Error::AuthenticationRefused { sw },
            Error::KeysBlocked,
            Error::Channel(negin_secure_channel::Error::Ended),
            Error::KeysNotConfirmed,
            Error::Data(negin_eid::Error::Pin),
            Error::FingerFormat {
                owner: 1,
                format: 2,
            },
            Error::TooFewMinutiae {
                found: 1,
                needed: 2,
            },
            Error::FileTooLong { length: 1 },
        ];
        let keys: Vec<_> = transmit
            .map(Error::Transmit)
            .iter()
            .chain(&others)
            .map(Error::key)
            .collect();
        assert_eq!(keys, Error::KEYS);
        let mut once = keys.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), keys.len());
    }
}
