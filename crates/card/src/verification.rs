//! What came of showing the card a PIN or a finger.

use negin_apdu::{Response, StatusWord};

use crate::Error;

/// The outcome of a verification. Only these three; anything else is an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It is the right one.
    Passed,
    /// It is not; the card's counter fell.
    Failed {
        /// Tries left, 0 to 15.
        retries: u8,
    },
    /// No tries are left: the card compares no more.
    Blocked,
}

impl Verification {
    /// Whether it was the right one.
    #[must_use]
    pub const fn passed(self) -> bool {
        matches!(self, Self::Passed)
    }

    /// Reads it from the answer to the command named.
    pub(crate) fn of(instruction: &'static str, response: &Response) -> Result<Self, Error> {
        let sw = response.sw;
        match sw.retries() {
            _ if sw.is_success() => Ok(Self::Passed),
            _ if sw == StatusWord::AUTHENTICATION_METHOD_BLOCKED => Ok(Self::Blocked),
            Some(retries) => Ok(Self::Failed { retries }),
            None => Err(Error::Refused { instruction, sw }),
        }
    }
}
