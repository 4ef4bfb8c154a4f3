//! What the simulators' own files and settings may get wrong. What a simulated device gets wrong it says in its own
//! protocol's bytes.

/// Why a simulator could not be made or loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not a simulated card's state.
    #[error("this is not the state of a simulated card")]
    NotACard,
    /// The state was written by a release that this one does not know.
    #[error("the card state is of version {0}, which this release does not know")]
    CardStateVersion(u16),
    /// The state is cut short, too long, or its checksum does not fit.
    #[error("the card state is damaged")]
    CardStateDamaged,
    /// The settings of a blank card ask for what no card is.
    #[error("a blank card cannot be made so: {0}")]
    BlankCard(&'static str),
}

impl Error {
    /// All keys that [`Error::key`] gives.
    pub const KEYS: &'static [&'static str] = &[
        "simulator.not-a-card",
        "simulator.card-state-version",
        "simulator.card-state-damaged",
        "simulator.blank-card",
    ];

    /// The stable key under which the texts for people are found.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::NotACard => "simulator.not-a-card",
            Self::CardStateVersion(_) => "simulator.card-state-version",
            Self::CardStateDamaged => "simulator.card-state-damaged",
            Self::BlankCard(_) => "simulator.blank-card",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_listed_key() {
        let all = [
            Error::NotACard,
            Error::CardStateVersion(9),
            Error::CardStateDamaged,
            Error::BlankCard("no pages"),
        ];
        assert_eq!(all.map(|error| error.key()), Error::KEYS);
    }
}
