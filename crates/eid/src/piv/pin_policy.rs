//! Our card's own: the PIN policy (DFC106), set at personalisation: how many digits a PIN has on this card, within the six
//! to eight of SP 800-73-4. `53 { 80 <fewest> <most> }`.
//!
//! The card asks it of every PIN that is set, by whomever; a card without one takes what the standard takes.

use super::Pin;
use crate::{Error, field};

const OBJECT: &str = "PIN policy";

/// How many digits a PIN has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PinPolicy {
    fewest: u8,
    most: u8,
}

impl Default for PinPolicy {
    /// What the standard takes: six to eight.
    fn default() -> Self {
        Self { fewest: 6, most: 8 }
    }
}

impl PinPolicy {
    /// A policy.
    ///
    /// # Errors
    /// [`Error::Malformed`] unless six ≤ `fewest` ≤ `most` ≤ eight.
    pub fn new(fewest: u8, most: u8) -> Result<Self, Error> {
        if 6 <= fewest && fewest <= most && most <= 8 {
            Ok(Self { fewest, most })
        } else {
            Err(Error::malformed(OBJECT, "digits are six to eight"))
        }
    }

    /// Fewest digits.
    #[must_use]
    pub const fn fewest(self) -> u8 {
        self.fewest
    }

    /// Most digits.
    #[must_use]
    pub const fn most(self) -> u8 {
        self.most
    }

    /// Whether this PIN may be set.
    #[must_use]
    pub fn allows(self, pin: &Pin) -> bool {
        (self.fewest..=self.most).contains(&pin.digits())
    }

    /// The object, tag 53 and all.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        field::field(0x53, &field::field(0x80, &[self.fewest, self.most]))
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        match field::only(OBJECT, value, 0x80)? {
            [fewest, most] => Self::new(*fewest, *most),
            _ => Err(Error::malformed(OBJECT, "not two numbers")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_within_the_standard() {
        for fewest in 0..12 {
            for most in 0..12 {
                let policy = PinPolicy::new(fewest, most);
                assert_eq!(
                    policy.is_ok(),
                    (6..=8).contains(&fewest) && (fewest..=8).contains(&most)
                );
                if let Ok(policy) = policy {
                    assert_eq!(PinPolicy::decode(&policy.encode()), Ok(policy));
                }
            }
        }
        assert!(PinPolicy::decode(&[0x53, 0x00]).is_err());
        assert!(PinPolicy::decode(&[0x53, 0x04, 0x80, 0x02, 0x08, 0x06]).is_err());
    }

    #[test]
    fn what_it_allows() {
        let pins = ["123456", "1234567", "12345678"].map(|digits| Pin::new(digits).unwrap());
        let of = |policy: PinPolicy| pins.each_ref().map(|pin| policy.allows(pin));
        assert_eq!(of(PinPolicy::default()), [true, true, true]);
        assert_eq!(of(PinPolicy::new(8, 8).unwrap()), [false, false, true]);
        assert_eq!(of(PinPolicy::new(6, 6).unwrap()), [true, false, false]);
    }
}
