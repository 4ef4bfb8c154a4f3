//! Checkpoints: the heads of all chains at one moment, signed by one seat.
//!
//! Kept outside the ledger, a checkpoint shows later whether the end of any chain was cut off or replaced.

use p256::ecdsa::VerifyingKey;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::entry::{field, sha256};
use crate::{Digest, Entry, Error, Event, SeatName};

/// The last entry of a seat's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The seat.
    pub seat: SeatName,
    /// Its last entry's number.
    pub number: u64,
    /// Its last entry's hash.
    pub hash: Digest,
}

/// A checkpoint: an entry and the heads it lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    entry: Entry,
    heads: Vec<Head>,
    root: Digest,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    heads: Vec<Head>,
    root: Digest,
}

impl Checkpoint {
    /// Reads an entry as a checkpoint.
    ///
    /// # Errors
    /// [`Error::Malformed`] where it is none, or its root is not that of its heads.
    pub fn from_entry(entry: Entry) -> Result<Self, Error> {
        let malformed = |reason: &str| Error::Malformed {
            reason: reason.to_owned(),
        };
        if entry.event != Event::Checkpoint {
            return Err(malformed("the entry is no checkpoint"));
        }
        let listed: Listed =
            serde_json::from_str(&entry.detail).map_err(|error| Error::Malformed {
                reason: error.to_string(),
            })?;
        if root(&listed.heads) != listed.root {
            return Err(malformed("the checkpoint's root is not that of its heads"));
        }
        Ok(Self {
            entry,
            heads: listed.heads,
            root: listed.root,
        })
    }

    /// Reads what [`to_json`](Self::to_json) wrote, and checks hash and signature.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the text is no checkpoint, [`Error::BadEntry`] where it is not `key`'s.
    pub fn from_json(text: &str, key: &VerifyingKey) -> Result<Self, Error> {
        let entry: Entry = serde_json::from_str(text).map_err(|error| Error::Malformed {
            reason: error.to_string(),
        })?;
        let fault = if entry.computed_hash() != entry.hash {
            Some(crate::EntryFault::Hash)
        } else if !entry.is_signed_by(key) {
            Some(crate::EntryFault::Signature)
        } else {
            None
        };
        match fault {
            Some(fault) => Err(Error::BadEntry {
                seat: entry.seat,
                number: entry.number,
                fault,
            }),
            None => Self::from_entry(entry),
        }
    }

    /// The checkpoint as JSON, to be kept elsewhere.
    ///
    /// # Errors
    /// [`Error::Malformed`] never in practice: an entry always has a JSON form.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(&self.entry).map_err(|error| Error::Malformed {
            reason: error.to_string(),
        })
    }

    /// The entry itself.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// One hash over all heads: short enough to print or read out.
    #[must_use]
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// The heads it lists, by seat, and the checkpoint's own entry, which is its seat's head from now on.
    pub fn heads(&self) -> impl Iterator<Item = Head> {
        let own = Head {
            seat: self.entry.seat.clone(),
            number: self.entry.number,
            hash: self.entry.hash,
        };
        self.heads.iter().cloned().chain(core::iter::once(own))
    }
}

/// A checkpoint's detail.
pub(crate) fn detail(heads: &[Head]) -> String {
    json!({ "heads": heads, "root": root(heads) }).to_string()
}

fn root(heads: &[Head]) -> Digest {
    let mut out = b"negin.ledger.heads.v1".to_vec();
    for head in heads {
        field(&mut out, Some(head.seat.as_str().as_bytes()));
        out.extend_from_slice(&head.number.to_be_bytes());
        out.extend_from_slice(head.hash.as_bytes());
    }
    sha256(&out)
}
