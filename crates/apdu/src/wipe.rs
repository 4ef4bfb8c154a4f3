//! Bytes that are wiped, quickly.
//!
//! The crate zeroize, in the release that the other crates allow, writes byte after byte: over a microsecond for a long
//! APDU, several times for each exchange, a tenth of what an exchange through PC/SC takes. Here the bytes are filled at
//! once, and a barrier that the optimiser does not look behind keeps the filling from being left out.

use alloc::vec::Vec;
use core::fmt;
use core::hint::black_box;
use core::ops::{Deref, DerefMut};

/// Overwrites all that the vector has room for with zeros, and empties it.
pub(crate) fn wipe(bytes: &mut Vec<u8>) {
    bytes.clear();
    // What an earlier, longer content left behind its end is wiped, too; the room is there already.
    bytes.resize(bytes.capacity(), 0);
    black_box(bytes.as_mut_slice());
    bytes.clear();
}

/// Bytes that are wiped when they are dropped. `Debug` shows how many they are.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Wiped(Vec<u8>);

impl Wiped {
    /// These bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, which nobody wipes any more.
    #[must_use]
    pub fn into_inner(mut self) -> Vec<u8> {
        core::mem::take(&mut self.0)
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl Deref for Wiped {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl fmt::Debug for Wiped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wiped({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use super::*;

    #[test]
    fn wiped_bytes_are_gone_and_do_not_show() {
        let mut bytes = vec![0x5A; 300];
        bytes.truncate(2);
        wipe(&mut bytes);
        assert!(bytes.is_empty());
        assert_eq!(format!("{:?}", Wiped::new(vec![1, 2])), "Wiped(2 bytes)");
        assert_eq!(Wiped::new(vec![1, 2]).into_inner(), [1, 2]);
    }
}
