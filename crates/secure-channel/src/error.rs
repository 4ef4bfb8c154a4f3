//! What can go wrong: [`Error`] on the host's end, [`SmError`] on the card's.

use negin_apdu::{StatusWord, TransmitError};

use crate::scp03::SecurityLevel;

/// What the host's end refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An AES key has 16, 24 or 32 bytes.
    #[error("an AES key has 16, 24 or 32 bytes, here {0}")]
    KeyLength(usize),
    /// Keys of one set have one length.
    #[error("the keys of one set differ in length")]
    KeySetLengths,
    /// The answer to INITIALIZE UPDATE is not of SCP03's form.
    #[error("the answer to INITIALIZE UPDATE is not of SCP03's form")]
    InitializeUpdate,
    /// The card speaks another secure channel protocol.
    #[error("the card speaks secure channel protocol {0:02X}, not 03")]
    Protocol(u8),
    /// The parameter "i" asks for something Amendment D does not define.
    #[error("the card's SCP03 parameter i is {0:02X}, which is not defined")]
    Options(u8),
    /// The challenge is as long as the mode (S8, S16) says: 8 or 16 bytes.
    #[error("a challenge of {0} bytes does not fit the card's mode")]
    ChallengeLength(usize),
    /// The card's cryptogram is wrong: it holds other keys than these. No try of the card was spent.
    #[error("the card's cryptogram is wrong: the card holds other keys")]
    CardCryptogram,
    /// The card's challenge is not the one its sequence counter gives.
    #[error("the card's challenge does not follow from its sequence counter")]
    CardChallenge,
    /// The card does not offer this security level.
    #[error("the card does not offer security level {:02X}", *.0 as u8)]
    LevelNotOffered(SecurityLevel),
    /// The answer failed the check of secure messaging; the session is over.
    #[error("the answer failed the check of secure messaging")]
    Response,
    /// The session is over: after a failed check or a lost answer.
    #[error("the session is over")]
    Ended,
    /// The command has no room for what secure messaging adds, or carries an unknown encoding.
    #[error("the command is too long for secure messaging")]
    CommandTooLong,
    /// The answer to PUT KEY does not confirm the keys that were sent.
    #[error("the card did not confirm the keys that were sent")]
    KeysNotConfirmed,
    /// The answer to the key establishment of PIV's secure messaging is not of its form.
    #[error("the answer to the key establishment is not of PIV's form")]
    KeyEstablishment,
    /// A card-verifiable certificate is not of PIV's form, or not of P-256.
    #[error("the card-verifiable certificate is not of PIV's form")]
    Certificate,
    /// The card's certificate is not one of the signer that is trusted.
    #[error("the card's certificate was not issued by the signer that is trusted")]
    UntrustedCertificate,
    /// The card does not hold the key of its certificate: it agreed on other session keys.
    #[error("the card does not hold the key of its certificate")]
    KeysNotAgreed,
}

impl Error {
    /// All keys that [`Error::key`] gives.
    pub const KEYS: &'static [&'static str] = &[
        "secure-channel.key-length",
        "secure-channel.key-set-lengths",
        "secure-channel.initialize-update",
        "secure-channel.protocol",
        "secure-channel.options",
        "secure-channel.challenge-length",
        "secure-channel.wrong-key",
        "secure-channel.card-challenge",
        "secure-channel.level-not-offered",
        "secure-channel.response",
        "secure-channel.ended",
        "secure-channel.command-too-long",
        "secure-channel.keys-not-confirmed",
        "secure-channel.key-establishment",
        "secure-channel.certificate",
        "secure-channel.untrusted-certificate",
        "secure-channel.keys-not-agreed",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::KeyLength(_) => "secure-channel.key-length",
            Self::KeySetLengths => "secure-channel.key-set-lengths",
            Self::InitializeUpdate => "secure-channel.initialize-update",
            Self::Protocol(_) => "secure-channel.protocol",
            Self::Options(_) => "secure-channel.options",
            Self::ChallengeLength(_) => "secure-channel.challenge-length",
            Self::CardCryptogram => "secure-channel.wrong-key",
            Self::CardChallenge => "secure-channel.card-challenge",
            Self::LevelNotOffered(_) => "secure-channel.level-not-offered",
            Self::Response => "secure-channel.response",
            Self::Ended => "secure-channel.ended",
            Self::CommandTooLong => "secure-channel.command-too-long",
            Self::KeysNotConfirmed => "secure-channel.keys-not-confirmed",
            Self::KeyEstablishment => "secure-channel.key-establishment",
            Self::Certificate => "secure-channel.certificate",
            Self::UntrustedCertificate => "secure-channel.untrusted-certificate",
            Self::KeysNotAgreed => "secure-channel.keys-not-agreed",
        }
    }
}

impl From<Error> for TransmitError {
    /// For a layer that is a `Transmit`: what is too long stays that, all else is secure messaging's.
    fn from(error: Error) -> Self {
        match error {
            Error::CommandTooLong => Self::TooLong,
            _ => Self::SecureMessaging,
        }
    }
}

/// What the card's end refuses, with the status word to answer. Every one of them ends the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmError {
    /// The command is of the wrong length.
    #[error("wrong length")]
    Length,
    /// The parameters name a security level that is not offered, or anything else that is not EXTERNAL AUTHENTICATE.
    #[error("wrong parameters of EXTERNAL AUTHENTICATE")]
    Parameters,
    /// The host's cryptogram, or the MAC over it, is wrong.
    #[error("the host's cryptogram is wrong")]
    HostCryptogram,
    /// A command without secure messaging where the session's level asks for it.
    #[error("a command without secure messaging in a session")]
    NotSecured,
    /// The MAC is missing or wrong.
    #[error("the MAC is wrong")]
    Mac,
    /// What was decrypted does not end in padding.
    #[error("the padding is wrong")]
    Padding,
    /// A data object that secure messaging needs is not there.
    #[error("a data object of secure messaging is missing")]
    Missing,
    /// A data object that secure messaging does not know, or not there.
    #[error("a data object that is not secure messaging's")]
    Object,
    /// The host's part of a key establishment is not of its form, or its point is none.
    #[error("the host's part of the key establishment is wrong")]
    Request,
    /// The card's own key is none.
    #[error("the card's key is damaged")]
    Key,
    /// The session is over.
    #[error("the session is over")]
    Ended,
}

impl SmError {
    /// What the card answers (GlobalPlatform 2.3 §11.1.3, Amendment D §7.1.2.6; ISO/IEC 7816-4 §5.6).
    #[must_use]
    pub const fn status(self) -> StatusWord {
        match self {
            Self::Length => StatusWord::WRONG_LENGTH,
            Self::Parameters => StatusWord::INCORRECT_P1P2,
            Self::HostCryptogram => StatusWord::AUTHENTICATION_FAILED,
            Self::NotSecured | Self::Ended => StatusWord::SECURITY_STATUS_NOT_SATISFIED,
            Self::Mac | Self::Padding | Self::Object => StatusWord::SECURE_MESSAGING_INCORRECT,
            Self::Missing => StatusWord::SECURE_MESSAGING_DATA_MISSING,
            Self::Request => StatusWord::WRONG_DATA,
            Self::Key => StatusWord::MEMORY_FAILURE,
        }
    }
}
