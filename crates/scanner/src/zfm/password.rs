//! A module's password.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A module's password. Wiped when dropped; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Password([u8; 4]);

impl Password {
    /// A password as the number that it is.
    #[must_use]
    pub fn new(number: u32) -> Self {
        Self(number.to_be_bytes())
    }

    /// As it goes over the line.
    pub(super) fn bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

/// The one a module leaves the maker's hands with, all zero.
impl Default for Password {
    fn default() -> Self {
        Self::new(0)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(format!("{:?}", Password::new(9)), "Password(…)");
    }
}
