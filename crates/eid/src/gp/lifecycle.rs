//! Life cycle states of the card and of its applications (GlobalPlatform Card Specification 2.3 §5, §11.1.1).

/// The card's state, which is that of its issuer security domain (table 11-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CardState {
    /// OP_READY (01): the maker's card, ready to be personalised.
    OpReady,
    /// INITIALIZED (07): personalisation is under way.
    Initialized,
    /// SECURED (0F): personalised; in the field.
    Secured,
    /// CARD_LOCKED (7F): blocked, reversible.
    Locked,
    /// TERMINATED (FF): the end.
    Terminated,
}

impl CardState {
    /// Every state, in the order of life.
    pub const ALL: [Self; 5] = [
        Self::OpReady,
        Self::Initialized,
        Self::Secured,
        Self::Locked,
        Self::Terminated,
    ];

    /// The state as SET STATUS and GET STATUS code it.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::OpReady => 0x01,
            Self::Initialized => 0x07,
            Self::Secured => 0x0F,
            Self::Locked => 0x7F,
            Self::Terminated => 0xFF,
        }
    }

    /// Reads a coded state; `None` for a code the specification does not give.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether SET STATUS may lead from here to `next` (figure 5-1): forward one at a time, between SECURED and
    /// CARD_LOCKED both ways, and to TERMINATED from everywhere. Staying is allowed, so that a command can be repeated.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use CardState::{Initialized, Locked, OpReady, Secured, Terminated};
        self == next
            || next == Terminated
            || matches!(
                (self, next),
                (OpReady, Initialized)
                    | (Initialized, Secured)
                    | (Secured, Locked)
                    | (Locked, Secured)
            )
    }
}

/// An application's state (table 11-4): SELECTABLE and above, with its lock beside it.
///
/// Our card's applications are there from the maker, so INSTALLED without SELECTABLE does not occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApplicationState {
    /// What the application has reached.
    pub stage: ApplicationStage,
    /// Whether it is LOCKED (bit 80): it cannot be selected until it is unlocked, and then is what it was.
    pub locked: bool,
}

/// How far an application has come; the last two are PIV's own (application specific bits 4 and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApplicationStage {
    /// SELECTABLE (07).
    Selectable,
    /// PERSONALISED (0F): written and closed; waits for its holder.
    Personalised,
    /// ACTIVATED (1F): live in its holder's hand. No SET STATUS leads here, only the card's own ACTIVATE.
    Activated,
}

impl ApplicationStage {
    /// Every stage, in the order of life.
    pub const ALL: [Self; 3] = [Self::Selectable, Self::Personalised, Self::Activated];

    /// The stage's code, without the lock bit.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Selectable => 0x07,
            Self::Personalised => 0x0F,
            Self::Activated => 0x1F,
        }
    }
}

impl ApplicationState {
    /// A fresh application: SELECTABLE, not locked.
    pub const SELECTABLE: Self = Self {
        stage: ApplicationStage::Selectable,
        locked: false,
    };

    /// The state as SET STATUS and GET STATUS code it.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.stage.code() | if self.locked { 0x80 } else { 0 }
    }

    /// Reads a coded state; `None` for a code our card does not use.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let stage = ApplicationStage::ALL
            .into_iter()
            .find(|stage| stage.code() == code & 0x7F)?;
        Some(Self {
            stage,
            locked: code & 0x80 != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_state_codes_read_back() {
        for state in CardState::ALL {
            assert_eq!(CardState::from_code(state.code()), Some(state));
        }
        assert_eq!(CardState::from_code(0x03), None);
    }

    #[test]
    fn the_card_only_goes_forward_except_for_its_lock() {
        let ways: Vec<(u8, u8)> = CardState::ALL
            .into_iter()
            .flat_map(|from| CardState::ALL.map(|to| (from, to)))
            .filter(|(from, to)| from != to && from.may_become(*to))
            .map(|(from, to)| (from.code(), to.code()))
            .collect();
        assert_eq!(
            ways,
            [
                (0x01, 0x07),
                (0x01, 0xFF),
                (0x07, 0x0F),
                (0x07, 0xFF),
                (0x0F, 0x7F),
                (0x0F, 0xFF),
                (0x7F, 0x0F),
                (0x7F, 0xFF)
            ]
        );
    }

    #[test]
    fn application_state_codes_read_back() {
        let mut known = 0;
        for code in 0..=255 {
            if let Some(state) = ApplicationState::from_code(code) {
                assert_eq!(state.code(), code);
                known += 1;
            }
        }
        assert_eq!(known, 6);
        let blocked = ApplicationState {
            stage: ApplicationStage::Activated,
            locked: true,
        };
        assert_eq!(blocked.code(), 0x9F);
    }
}
