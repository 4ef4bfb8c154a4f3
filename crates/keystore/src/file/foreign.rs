//! Cards of other makers: what those of a batch leave their factory with.
//!
//! The rule: the management key goes into the store and is used there as a key for challenges; it never comes out.

use core::fmt;

use negin_secure_channel::challenge::ChallengeKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::FileKeyStore;
use super::secret::Secret;
use crate::Error;

/// What the maker of PIV cards that are not ours put on those of a batch: the management key (9B), the PIN and the PUK.
#[derive(Clone)]
pub struct ForeignBatch {
    /// The batch's name.
    pub name: String,
    /// The management key, the same on all its cards.
    pub key: ChallengeKey,
    pin: Secret,
    puk: Secret,
}

impl ForeignBatch {
    /// A batch with this management key, its PIN (6 to 8 ASCII digits) and PUK (8 bytes).
    ///
    /// # Errors
    /// [`Error::InvalidName`] where PIN or PUK are of another form.
    pub fn new(name: &str, key: ChallengeKey, pin: &[u8], puk: &[u8]) -> Result<Self, Error> {
        if !(6..=8).contains(&pin.len()) || !pin.iter().all(u8::is_ascii_digit) {
            return Err(Error::InvalidName { what: "PIN" });
        }
        if puk.len() != 8 {
            return Err(Error::InvalidName { what: "PUK" });
        }
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=32).contains(&name.len()) || !name.bytes().all(letter) {
            return Err(Error::InvalidName { what: "batch" });
        }
        Ok(Self {
            name: name.to_owned(),
            key,
            pin: Secret::new(pin),
            puk: Secret::new(puk),
        })
    }

    /// What development tokens leave their factory with; everybody knows it.
    ///
    /// # Errors
    /// None but for a name of another form.
    pub fn factory(name: &str) -> Result<Self, Error> {
        let key = ChallengeKey::TripleDes(core::array::from_fn(|at| at as u8 % 8 + 1));
        Self::new(name, key, b"123456", b"12345678")
    }

    /// The PIN's digits.
    #[must_use]
    pub fn pin(&self) -> &[u8] {
        self.pin.expose()
    }

    /// The PUK.
    #[must_use]
    pub fn puk(&self) -> Zeroizing<[u8; 8]> {
        let mut puk = Zeroizing::new([0xFF; 8]);
        puk.iter_mut()
            .zip(self.puk.expose())
            .for_each(|(to, from)| *to = *from);
        puk
    }
}

impl fmt::Debug for ForeignBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignBatch")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl FileKeyStore {
    /// Takes the keys of a batch of cards that are not ours.
    ///
    /// # Errors
    /// [`Error::Taken`] where there is a batch of that name.
    pub fn add_foreign(&mut self, batch: ForeignBatch) -> Result<(), Error> {
        if self.foreign.iter().any(|held| held.name == batch.name) {
            return Err(Error::Taken { name: batch.name });
        }
        self.foreign.push(batch);
        Ok(())
    }

    /// The names of these batches.
    pub fn foreign_batches(&self) -> impl Iterator<Item = &str> {
        self.foreign.iter().map(|batch| batch.name.as_str())
    }
}

/// A batch as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredForeign {
    name: String,
    algorithm: StoredAlgorithm,
    key: Secret,
    pin: Secret,
    puk: Secret,
}

#[derive(Serialize, Deserialize)]
enum StoredAlgorithm {
    #[serde(rename = "3des")]
    TripleDes,
    #[serde(rename = "aes")]
    Aes,
}

impl From<&ForeignBatch> for StoredForeign {
    fn from(batch: &ForeignBatch) -> Self {
        let (algorithm, key) = match &batch.key {
            ChallengeKey::TripleDes(bytes) => (StoredAlgorithm::TripleDes, Secret::new(bytes)),
            ChallengeKey::Aes(key) => (StoredAlgorithm::Aes, Secret::new(key.expose())),
        };
        Self {
            name: batch.name.clone(),
            algorithm,
            key,
            pin: batch.pin.clone(),
            puk: batch.puk.clone(),
        }
    }
}

impl StoredForeign {
    /// `None` where a part is of another form.
    pub(super) fn batch(&self) -> Option<ForeignBatch> {
        let key = match self.algorithm {
            StoredAlgorithm::TripleDes => ChallengeKey::triple_des(self.key.expose()),
            StoredAlgorithm::Aes => ChallengeKey::aes(self.key.expose()),
        };
        ForeignBatch::new(&self.name, key.ok()?, self.pin.expose(), self.puk.expose()).ok()
    }
}
