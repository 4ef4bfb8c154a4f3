//! A citizen without their number.
//!
//! National numbers are few: whoever has an unkeyed hash, salted or not, tries them all in seconds. So the number never
//! comes here. A keyed tag does (the key store makes it), the chain holds a hash of the tag with a salt of its own in each
//! entry, and the tag stays in an index beside the chain. Without the index the chain does not even say which two records
//! are one citizen's; without the key nobody gets from the index to a number; wiping the key or the index makes every
//! entry anonymous, and the chain still verifies.

use core::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Digest, Salt};

/// A keyed pseudonym of a citizen: 32 bytes, such as HMAC-SHA-256 of the national number under a key of the key store.
/// One citizen has the same tag in every ledger under that key. Masked in Debug.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CitizenTag(Digest);

impl CitizenTag {
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl From<[u8; 32]> for CitizenTag {
    fn from(tag: [u8; 32]) -> Self {
        Self(tag.into())
    }
}

impl fmt::Debug for CitizenTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenTag(..)")
    }
}

/// How an entry names its citizen: a salt and SHA-256 of `"negin.ledger.citizen.v1"`, the salt and the [`CitizenTag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CitizenHash {
    /// The salt, new in each entry.
    pub salt: Salt,
    /// The hash.
    pub hash: Digest,
}

impl CitizenHash {
    /// The hash of `tag` with `salt`.
    #[must_use]
    pub fn new(tag: &CitizenTag, salt: Salt) -> Self {
        let hash = Sha256::new()
            .chain_update(b"negin.ledger.citizen.v1")
            .chain_update(salt.as_bytes())
            .chain_update(tag.as_bytes())
            .finalize();
        Self {
            salt,
            hash: Digest::from(<[u8; 32]>::from(hash)),
        }
    }

    /// Whether this is `tag`'s.
    #[must_use]
    pub fn is_of(&self, tag: &CitizenTag) -> bool {
        *self == Self::new(tag, self.salt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_recognised_and_masked() {
        let (tag, other) = (CitizenTag::from([1; 32]), CitizenTag::from([2; 32]));
        let first = CitizenHash::new(&tag, Salt::from([1; 16]));
        let second = CitizenHash::new(&tag, Salt::from([2; 16]));
        assert!(first.is_of(&tag) && second.is_of(&tag) && !first.is_of(&other));
        assert_ne!(first.hash, second.hash);
        assert_eq!(format!("{tag:?}"), "CitizenTag(..)");
    }
}
