//! Why a command was not carried out: a status word for the host, or no answer at all.

use negin_apdu::StatusWord;

use super::nvm::PowerLost;
use super::store::StoreError;

/// What a handler gives instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The host is told this.
    Status(StatusWord),
    /// Power went: the host is told nothing.
    PowerLost,
}

impl From<StatusWord> for Fault {
    fn from(sw: StatusWord) -> Self {
        Self::Status(sw)
    }
}

impl From<PowerLost> for Fault {
    fn from(PowerLost: PowerLost) -> Self {
        Self::PowerLost
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::PowerLost => Self::PowerLost,
            StoreError::Full => Self::Status(StatusWord::NOT_ENOUGH_MEMORY),
            StoreError::Damaged => Self::Status(StatusWord::MEMORY_FAILURE),
        }
    }
}
