//! The override master in two halves, one for each of two officers.
//!
//! One half is random, the other is the master XOR that: each alone is nothing but random bytes.

use core::fmt;
use std::path::Path;

use negin_secure_channel::key::{Key, KeySet};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::file::{Kind, StoredKeySet, disk};

const KIND: Kind = Kind {
    format: "negin-override-share",
    version: 1,
};

/// What is known of the override without the shares: which pair of shares it is, and the check values of what they give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideId {
    pub(crate) id: String,
    pub(crate) check_values: [String; 3],
}

/// One officer's half of the override master.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideShare {
    of: OverrideId,
    half: u8,
    officer: String,
    keys: StoredKeySet,
}

impl OverrideShare {
    /// Splits a master for two officers.
    pub(crate) fn split<R: CryptoRng + ?Sized>(
        master: &KeySet,
        officers: [&str; 2],
        rng: &mut R,
    ) -> (OverrideId, [Self; 2]) {
        let mut id = [0; 8];
        rng.fill_bytes(&mut id);
        let of = OverrideId {
            id: hex::encode(id),
            check_values: master.kcvs().map(hex::encode),
        };
        let mut random = |key: &Key| key.same_length(|out| rng.fill_bytes(out));
        let first = KeySet {
            enc: random(&master.enc),
            mac: random(&master.mac),
            dek: random(&master.dek),
        };
        let second = xor(master, &first);
        let share = |half: u8, officer: &str, keys: &KeySet| Self {
            of: of.clone(),
            half,
            officer: officer.to_owned(),
            keys: keys.into(),
        };
        let [one, two] = officers;
        let shares = [share(1, one, &first), share(2, two, &second)];
        (of, shares)
    }

    /// The master of two shares that belong together and to `of`.
    pub(crate) fn join(of: &OverrideId, first: &Self, second: &Self) -> Result<KeySet, Error> {
        let mismatch = |reason| Error::ShareMismatch { reason };
        if first.half == second.half || first.officer == second.officer {
            return Err(mismatch("are the same half, or one officer's"));
        }
        if first.of != *of || second.of != *of {
            return Err(mismatch("are not both of this key store's override"));
        }
        let keys = |share: &Self| share.keys.keys();
        let (Some(one), Some(two)) = (keys(first), keys(second)) else {
            return Err(mismatch("hold no keys"));
        };
        if one.enc.len() != two.enc.len() {
            return Err(mismatch("have different lengths"));
        }
        let master = xor(&one, &two);
        if master.kcvs().map(hex::encode) == of.check_values {
            Ok(master)
        } else {
            Err(mismatch("do not give the key they were made from"))
        }
    }

    /// Whose share it is.
    #[must_use]
    pub fn officer(&self) -> &str {
        &self.officer
    }

    /// Writes the share to a new file, for its owner only.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::DiskFull`], [`Error::Io`].
    pub fn create_file(&self, path: &Path) -> Result<(), Error> {
        disk::write(path, &KIND, self, false)
    }

    /// Reads a share from its officer's file.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Permissions`], [`Error::Damaged`], [`Error::NewerVersion`], [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        disk::read(path, &KIND)
    }
}

impl fmt::Debug for OverrideShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "OverrideShare({} of {}, {})",
            self.half, self.of.id, self.officer
        )
    }
}

/// Key by key; the two sets have keys of one length.
fn xor(one: &KeySet, two: &KeySet) -> KeySet {
    let key = |one: &Key, two: &Key| {
        one.same_length(|out| {
            out.iter_mut()
                .zip(two.expose())
                .for_each(|(out, with)| *out ^= with)
        })
    };
    KeySet {
        enc: key(&one.enc, &two.enc),
        mac: key(&one.mac, &two.mac),
        dek: key(&one.dek, &two.dek),
    }
}
