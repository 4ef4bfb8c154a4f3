//! A reader's own keys and display: the PIN goes from the holder's finger to the card, past this machine.
//!
//! The commands a pad builds are plain (PC/SC part 10 section 2.5); what the card takes in plain is the card's rule.
//! [`PinVerify`] and [`PinModify`] tell the pad what to build.

mod structures;

use crate::{Response, StatusWord, TransmitError};

pub use structures::{PinFormat, PinModify, PinVerify, Prompts};

/// Why a pad gave no answer of the card. What a caller can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PinPadError {
    /// Nobody pressed a key in time (6400).
    #[error("nobody entered a PIN in time")]
    TimedOut,
    /// The holder pressed the cancel key (6401).
    #[error("the holder cancelled")]
    Cancelled,
    /// The new PIN and its repetition differ (6402). Nothing was sent to the card.
    #[error("the new PIN and its repetition differ")]
    NotConfirmed,
    /// The PIN is shorter or longer than asked for (6403). Nothing was sent to the card.
    #[error("the PIN is too short or too long")]
    Length,
    /// The pad does not know how to do that.
    #[error("the pad cannot do that")]
    Unsupported,
    /// No answer came.
    #[error(transparent)]
    Transmit(
        /// Why not.
        #[from]
        TransmitError,
    ),
}

impl PinPadError {
    /// All keys that [`PinPadError::key`] gives; those of [`TransmitError`] are the card's.
    pub const KEYS: &'static [&'static str] = &[
        "pin-pad.timed-out",
        "pin-pad.cancelled",
        "pin-pad.not-confirmed",
        "pin-pad.length",
        "pin-pad.unsupported",
        "pin-pad.no-answer",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::TimedOut => "pin-pad.timed-out",
            Self::Cancelled => "pin-pad.cancelled",
            Self::NotConfirmed => "pin-pad.not-confirmed",
            Self::Length => "pin-pad.length",
            Self::Unsupported => "pin-pad.unsupported",
            Self::Transmit(_) => "pin-pad.no-answer",
        }
    }
}

/// A reader's own keys for PINs.
pub trait PinPad: Send {
    /// Has the holder enter a PIN and the card verify it.
    ///
    /// # Errors
    /// [`PinPadError`]; a status word of the card is an answer.
    fn verify(&mut self, ask: &PinVerify) -> Result<StatusWord, PinPadError>;

    /// Has the holder enter a new PIN, twice, and the card take it.
    ///
    /// # Errors
    /// [`PinPadError`]; a status word of the card is an answer.
    fn modify(&mut self, ask: &PinModify) -> Result<StatusWord, PinPadError>;
}

/// What came back from the pad: the card's status word, or one of the pad's own (PC/SC part 10 section 2.5.2).
///
/// # Errors
/// [`PinPadError`] for the pad's own words, [`TransmitError::Malformed`] for what is no answer.
pub fn outcome(answer: &[u8]) -> Result<StatusWord, PinPadError> {
    match Response::parse(answer)?.sw {
        StatusWord(0x6400) => Err(PinPadError::TimedOut),
        StatusWord(0x6401) => Err(PinPadError::Cancelled),
        StatusWord(0x6402) => Err(PinPadError::NotConfirmed),
        StatusWord(0x6403) => Err(PinPadError::Length),
        sw => Ok(sw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pads_own_words_are_no_answers_of_the_card() {
        for (answer, error) in [
            (&[0x64, 0x00][..], PinPadError::TimedOut),
            (&[0x64, 0x01], PinPadError::Cancelled),
            (&[0x64, 0x02], PinPadError::NotConfirmed),
            (&[0x64, 0x03], PinPadError::Length),
            (&[0x64], PinPadError::Transmit(TransmitError::Malformed)),
        ] {
            assert_eq!(outcome(answer), Err(error));
        }
        assert_eq!(outcome(&[0x90, 0x00]), Ok(StatusWord::SUCCESS));
        assert_eq!(outcome(&[0x63, 0xC2]), Ok(StatusWord(0x63C2)));
    }

    #[test]
    fn every_key_is_listed() {
        let all = [
            PinPadError::TimedOut,
            PinPadError::Cancelled,
            PinPadError::NotConfirmed,
            PinPadError::Length,
            PinPadError::Unsupported,
            PinPadError::Transmit(TransmitError::CardRemoved),
        ];
        assert_eq!(all.map(|error| error.key()), PinPadError::KEYS);
    }
}
