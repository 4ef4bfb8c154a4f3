//! The key store for development: keys in the clear in a file that only its owner may read.

pub(crate) mod disk;
mod foreign;
mod form;
mod make;
mod secret;

use core::fmt;
use std::collections::BTreeMap;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use negin_secure_channel::kdf3::diversify;
use negin_secure_channel::key::KeySet;
use negin_secure_channel::put_key::PutKey;
use negin_secure_channel::scp03::kdf::SessionKeys;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::Sha256;
use zeroize::Zeroizing;

pub(crate) use self::disk::Kind;
pub use self::foreign::ForeignBatch;
pub use self::make::{KeyLength, NewKeys};
use self::secret::Secret;
pub(crate) use self::secret::StoredKeySet;
use crate::share::OverrideId;
use crate::{CardKeySet, Error, Kdd, KeyStore, OfficeCode, OverrideShare, SigningKeyId};

/// The maker's keys of a batch of blank chips.
#[derive(Clone, Debug)]
pub struct TransportBatch {
    /// The batch's name.
    pub name: String,
    /// What the diversification data of its chips begins with; empty for all chips. Of two batches that fit a chip, the
    /// longer beginning holds.
    pub chips: Vec<u8>,
    /// Whether each chip has its own keys, by KDF3 of these; otherwise these are on every chip.
    pub diversified: bool,
    /// The keys, or masters.
    pub keys: KeySet,
}

/// Where delivery keys come from.
#[derive(Clone)]
enum Delivery {
    National(KeySet),
    Office(OfficeCode, KeySet),
}

/// A signing key, or only its public part.
#[derive(Clone)]
struct Signer {
    public: VerifyingKey,
    private: Option<SigningKey>,
}

/// The override master while both shares lie in the store.
#[derive(Clone)]
struct Unlocked {
    master: KeySet,
    officers: [String; 2],
}

/// A key store in a file, for development: the file holds keys in the clear, and only its permissions guard it.
///
/// It is a value in memory; [`create_file`](Self::create_file) and [`replace_file`](Self::replace_file) write it down. What
/// [`unlock_override`](Self::unlock_override) brings in is never written.
#[derive(Clone, Default)]
pub struct FileKeyStore {
    transport: Vec<TransportBatch>,
    issuer: Option<KeySet>,
    delivery: Option<Delivery>,
    override_id: Option<OverrideId>,
    unlocked: Option<Unlocked>,
    ca: Option<Signer>,
    document_signer: Option<Signer>,
    seats: BTreeMap<String, Signer>,
    citizens: Option<Secret>,
    puks: Option<Secret>,
    management: Option<Secret>,
    foreign: Vec<ForeignBatch>,
}

/// A file of keys.
const KIND: Kind = Kind {
    format: "negin-keys",
    version: 1,
};

impl FileKeyStore {
    /// Reads a store from its file.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Permissions`] where others than the owner may use the file, [`Error::Damaged`],
    /// [`Error::NewerVersion`], [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let content: form::Content = disk::read(path, &KIND)?;
        Self::from_content(&content).ok_or_else(|| Error::Damaged {
            path: path.to_owned(),
            line: 0,
            column: 0,
        })
    }

    /// Writes the store to a new file, for its owner only, as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::DiskFull`], [`Error::Io`].
    pub fn create_file(&self, path: &Path) -> Result<(), Error> {
        disk::write(path, &KIND, &self.content(), false)
    }

    /// Writes the store in the place of its older file, as a whole or not at all.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Io`].
    pub fn replace_file(&self, path: &Path) -> Result<(), Error> {
        disk::write(path, &KIND, &self.content(), true)
    }

    /// Lets the store derive override keys, by the shares of two officers.
    ///
    /// # Errors
    /// [`Error::ShareMismatch`], [`Error::NoCardKeys`] where the store knows no override.
    pub fn unlock_override(
        &mut self,
        first: &OverrideShare,
        second: &OverrideShare,
    ) -> Result<(), Error> {
        let of = self
            .override_id
            .as_ref()
            .ok_or(Error::NoCardKeys(CardKeySet::Override))?;
        let master = OverrideShare::join(of, first, second)?;
        let officers = [first.officer().to_owned(), second.officer().to_owned()];
        self.unlocked = Some(Unlocked { master, officers });
        Ok(())
    }

    /// Forgets the override master.
    pub fn lock_override(&mut self) {
        self.unlocked = None;
    }

    /// The two officers whose shares unlocked the override.
    #[must_use]
    pub fn override_officers(&self) -> Option<[&str; 2]> {
        self.unlocked
            .as_ref()
            .map(|unlocked| unlocked.officers.each_ref().map(String::as_str))
    }

    /// The office whose counters this store is for; `None` in a national store.
    #[must_use]
    pub const fn office(&self) -> Option<OfficeCode> {
        match &self.delivery {
            Some(Delivery::Office(office, _)) => Some(*office),
            _ => None,
        }
    }

    /// The seats whose public keys this store knows: what a ledger is verified with.
    pub fn seats(&self) -> impl Iterator<Item = (&str, VerifyingKey)> {
        self.seats
            .iter()
            .map(|(name, signer)| (name.as_str(), signer.public))
    }

    /// The keys of one card.
    fn card_keys(&self, set: CardKeySet, kdd: &Kdd) -> Result<KeySet, Error> {
        let missing = Error::NoCardKeys(set);
        match set {
            CardKeySet::Transport => {
                let fitting = self
                    .transport
                    .iter()
                    .filter(|batch| kdd.starts_with(&batch.chips));
                let batch = fitting
                    .max_by_key(|batch| batch.chips.len())
                    .ok_or(missing)?;
                Ok(if batch.diversified {
                    diversify(&batch.keys, kdd)
                } else {
                    batch.keys.clone()
                })
            }
            CardKeySet::Issuer => Ok(diversify(self.issuer.as_ref().ok_or(missing)?, kdd)),
            CardKeySet::Delivery { office } => Ok(diversify(&self.office_masters(office)?, kdd)),
            CardKeySet::Override => match (&self.unlocked, &self.override_id) {
                (Some(unlocked), _) => Ok(diversify(&unlocked.master, kdd)),
                (None, Some(_)) => Err(Error::OverrideLocked),
                (None, None) => Err(missing),
            },
        }
    }

    fn office_masters(&self, office: OfficeCode) -> Result<KeySet, Error> {
        match &self.delivery {
            None => Err(Error::NoCardKeys(CardKeySet::Delivery { office })),
            Some(Delivery::National(masters)) => Ok(diversify(masters, office.as_bytes())),
            Some(Delivery::Office(own, masters)) if *own == office => Ok(masters.clone()),
            Some(Delivery::Office(own, _)) => Err(Error::OtherOffice {
                own: *own,
                asked: office,
            }),
        }
    }

    fn signer(&self, key: &SigningKeyId) -> Option<&Signer> {
        match key {
            SigningKeyId::Ca => self.ca.as_ref(),
            SigningKeyId::DocumentSigner => self.document_signer.as_ref(),
            SigningKeyId::LedgerSeat(name) => self.seats.get(name),
        }
    }
}

impl KeyStore for FileKeyStore {
    fn derive_session(
        &self,
        set: CardKeySet,
        kdd: &Kdd,
        host_challenge: &[u8],
        card_challenge: &[u8],
    ) -> Result<SessionKeys, Error> {
        let (host, card) = (host_challenge.len(), card_challenge.len());
        if host != card || !matches!(host, 8 | 16) {
            return Err(Error::ChallengeLength { host, card });
        }
        Ok(SessionKeys::derive(
            &self.card_keys(set, kdd)?,
            host_challenge,
            card_challenge,
        ))
    }

    fn kcvs(&self, set: CardKeySet, kdd: &Kdd) -> Result<[[u8; 3]; 3], Error> {
        Ok(self.card_keys(set, kdd)?.kcvs())
    }

    fn wrap_keys(
        &self,
        new: CardKeySet,
        kdd: &Kdd,
        version: u8,
        under: CardKeySet,
    ) -> Result<PutKey, Error> {
        let new = self.card_keys(new, kdd)?;
        Ok(PutKey::encode(
            version,
            &new,
            &self.card_keys(under, kdd)?.dek,
        ))
    }

    fn sign(&self, key: &SigningKeyId, message: &[u8]) -> Result<Signature, Error> {
        let private = self.signer(key).and_then(|signer| signer.private.as_ref());
        Ok(private
            .ok_or_else(|| Error::NoSigningKey(key.clone()))?
            .sign(message))
    }

    fn public_key(&self, key: &SigningKeyId) -> Result<VerifyingKey, Error> {
        Ok(self
            .signer(key)
            .ok_or_else(|| Error::NoPublicKey(key.clone()))?
            .public)
    }

    fn citizen_tag(&self, national_number: &str) -> Result<[u8; 32], Error> {
        if national_number.len() != 10 || !national_number.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(Error::NationalNumber);
        }
        let key = self.citizens.as_ref().ok_or(Error::NoCitizenKey)?;
        let tag = hmac(
            key.expose(),
            b"negin.citizen.v1",
            national_number.as_bytes(),
        );
        tag.map(|tag| *tag).ok_or(Error::NoCitizenKey)
    }

    fn puk(&self, kdd: &Kdd) -> Result<Zeroizing<[u8; 8]>, Error> {
        let key = self.puks.as_ref().ok_or(Error::NoPukKey)?;
        let mac = hmac(key.expose(), b"negin.puk.v1", kdd).ok_or(Error::NoPukKey)?;
        Ok(digits(&mac))
    }

    fn pairing_code(&self, kdd: &Kdd) -> Result<Zeroizing<[u8; 8]>, Error> {
        let key = self.puks.as_ref().ok_or(Error::NoPukKey)?;
        let mac = hmac(key.expose(), b"negin.pairing-code.v1", kdd).ok_or(Error::NoPukKey)?;
        Ok(digits(&mac))
    }

    fn transport_pin(&self, office: OfficeCode, kdd: &Kdd) -> Result<Zeroizing<[u8; 8]>, Error> {
        let set = CardKeySet::Delivery { office };
        let keys = self.card_keys(set, kdd)?;
        let mac = hmac(keys.dek.expose(), b"negin.transport-pin.v1", kdd);
        Ok(digits(&*mac.ok_or(Error::NoCardKeys(set))?))
    }

    fn management_key(&self, kdd: &Kdd) -> Result<Zeroizing<[u8; 32]>, Error> {
        let key = self.management.as_ref().ok_or(Error::NoManagementKey)?;
        hmac(key.expose(), b"negin.management.v1", kdd).ok_or(Error::NoManagementKey)
    }

    fn foreign(&self, batch: &str) -> Result<ForeignBatch, Error> {
        let held = self.foreign.iter().find(|held| held.name == batch);
        held.cloned().ok_or_else(|| Error::NoForeignBatch {
            name: batch.to_owned(),
        })
    }
}

/// Eight ASCII digits of a MAC.
fn digits(mac: &[u8; 32]) -> Zeroizing<[u8; 8]> {
    let mut digits = Zeroizing::new([0; 8]);
    // Of 64 bits what remains below 10^8 is as good as even.
    let mut rest = mac
        .iter()
        .take(8)
        .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    for digit in digits.iter_mut() {
        // A remainder by ten fits a byte.
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// HMAC-SHA-256 of a label and data; `None` never: HMAC takes keys of every length.
fn hmac(key: &[u8], label: &[u8], data: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(label);
    mac.update(data);
    Some(Zeroizing::new(mac.finalize().into_bytes().into()))
}

impl fmt::Debug for FileKeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKeyStore")
            .field("office", &self.office())
            .field("override_unlocked", &self.unlocked.is_some())
            .field("seats", &self.seats.keys())
            .finish_non_exhaustive()
    }
}
