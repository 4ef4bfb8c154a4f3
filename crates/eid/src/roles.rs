//! Who may open a channel: our card's rule from key version numbers to roles.
//!
//! GlobalPlatform leaves the meaning of key versions to the issuer. On our card each version belongs to one role,
//! and the role of the open session decides what is served:
//!
//! | Version | Role | Serves |
//! |---|---|---|
//! | FF | [`Role::Transport`] | the maker's keys, on a blank card: good for being replaced |
//! | 30 | [`Role::Issuer`] | personalisation; afterwards what the renewal policy lists, blocking and unblocking |
//! | 31 | [`Role::Delivery`] | the delivery counter: display data, match, first PIN, activation; no card management |
//! | 32 | [`Role::Override`] | two persons centrally: first PIN and activation without a match |

/// The role that a key set's version number gives to the session opened with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The chip maker's initial keys, version FF.
    Transport,
    /// The issuer's personalisation keys, version 30.
    Issuer,
    /// The delivery counter's keys, version 31.
    Delivery,
    /// The central keys for citizens whose fingers do not match, version 32.
    Override,
}

impl Role {
    /// Every role, in the order of preference when INITIALIZE UPDATE asks for any key version (P1 = 00).
    pub const ALL: [Self; 4] = [
        Self::Transport,
        Self::Issuer,
        Self::Delivery,
        Self::Override,
    ];

    /// The key version number of this role.
    #[must_use]
    pub const fn key_version(self) -> u8 {
        match self {
            Self::Transport => 0xFF,
            Self::Issuer => 0x30,
            Self::Delivery => 0x31,
            Self::Override => 0x32,
        }
    }

    /// The role of a key version number; `None` for versions our card does not know.
    #[must_use]
    pub fn from_key_version(version: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.key_version() == version)
    }

    /// Whether the security domain obeys management commands (PUT KEY, SET STATUS, STORE DATA) of this role.
    #[must_use]
    pub const fn manages_card(self) -> bool {
        matches!(self, Self::Transport | Self::Issuer)
    }

    /// Whether this role's session can carry a delivery: set the first PIN and activate.
    #[must_use]
    pub const fn delivers(self) -> bool {
        matches!(self, Self::Delivery | Self::Override)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_roles_are_one_to_one() {
        let known: Vec<u8> = (0..=255)
            .filter(|v| Role::from_key_version(*v).is_some())
            .collect();
        assert_eq!(known, [0x30, 0x31, 0x32, 0xFF]);
        for role in Role::ALL {
            assert_eq!(Role::from_key_version(role.key_version()), Some(role));
            assert!(
                !(role.manages_card() && role.delivers()),
                "{role:?} is on one side of the counter"
            );
        }
    }
}
