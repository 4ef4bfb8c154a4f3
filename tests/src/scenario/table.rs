//! Where a scenario's cards lie: in memory, in readers behind pcscd, in a reader on the desk.

use negin_apdu::{Interface, Transmit};
use negin_eid::roles::Role;
use negin_secure_channel::key::KeySet;

use super::bytes::Values;

/// The state a scenario's card begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardState {
    /// From the maker.
    Blank,
    /// Personalised and shipped: it waits for its holder.
    Waiting,
    /// In its holder's hand.
    Live,
    /// CARD_LOCKED.
    Locked,
    /// TERMINATED.
    Terminated,
}

impl CardState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Blank,
        Self::Waiting,
        Self::Live,
        Self::Locked,
        Self::Terminated,
    ];

    /// The word of scenarios for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Locked => "locked",
            Self::Terminated => "terminated",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A connection to a card whose power is in the runner's hand.
pub trait Reader: Transmit {
    /// Takes the power away and gives it back.
    ///
    /// # Errors
    /// Why there is no answer to reset.
    fn reset(&mut self) -> Result<Vec<u8>, String>;
}

/// A card on the table.
pub struct Laid {
    /// The connection, under power.
    pub reader: Box<dyn Reader>,
    /// Its answer to reset.
    pub atr: Vec<u8>,
    /// What scenarios may name: `pin`, `puk`, `kdd`, `probe96`, `probe97`, `stranger`.
    pub values: Values,
    /// Its key sets, as far as they are known.
    pub keys: Vec<(Role, KeySet)>,
}

/// Lays cards.
pub trait Table {
    /// A fresh card in this state.
    ///
    /// # Errors
    /// Why there is none.
    fn lay(&mut self, state: CardState, interface: Interface) -> Result<Laid, String>;
}
