//! Retired key management keys: their places on the card, each with a key reference and a container for its
//! certificate (NIST SP 800-73-4 Part 1 tables 2, 3 and 4b).

/// One of the twenty places for retired key management keys, numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RetiredKey(u8);

/// Key reference of the first place.
const FIRST_REFERENCE: u8 = 0x82;

impl RetiredKey {
    /// How many places there are.
    pub const COUNT: u8 = 20;

    /// Every place, the first one first.
    pub const ALL: [Self; Self::COUNT as usize] = {
        let mut all = [Self(1); Self::COUNT as usize];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self(at as u8 + 1);
            at += 1;
        }
        all
    };

    /// The place of this number, 1 to 20.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            1..=Self::COUNT => Some(Self(number)),
            _ => None,
        }
    }

    /// The number, 1 to 20.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The key reference, 82 to 95.
    #[must_use]
    pub const fn code(self) -> u8 {
        FIRST_REFERENCE + self.0 - 1
    }

    /// The place of a key reference.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code.checked_sub(FIRST_REFERENCE) {
            Some(before) => Self::new(before.saturating_add(1)),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_places_from_82_to_95() {
        assert_eq!(
            RetiredKey::ALL.map(RetiredKey::number),
            std::array::from_fn(|n| n as u8 + 1)
        );
        let known: Vec<u8> = (0..=255)
            .filter(|code| RetiredKey::from_code(*code).is_some())
            .collect();
        assert_eq!(known, (0x82..=0x95).collect::<Vec<u8>>());
        for key in RetiredKey::ALL {
            assert_eq!(RetiredKey::from_code(key.code()), Some(key));
            assert_eq!(RetiredKey::new(key.number()), Some(key));
        }
        assert_eq!((RetiredKey::new(0), RetiredKey::new(21)), (None, None));
    }
}
