//! Making keys: the national ones, a seat's, an office's.

use negin_secure_channel::key::{Key, KeySet};
use p256::ecdsa::{SigningKey, VerifyingKey};
use p256::elliptic_curve::Generate;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::secret::Secret;
use super::{Delivery, FileKeyStore, Signer, TransportBatch};
use crate::{Error, OfficeCode, OverrideShare};

/// The length of AES keys, masters and cards' alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLength {
    /// 128 bits.
    Aes128,
    /// 192 bits.
    Aes192,
    /// 256 bits.
    Aes256,
}

impl KeyLength {
    const fn bytes(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

/// What a new national key store is made with.
#[derive(Clone, Debug)]
pub struct NewKeys {
    length: KeyLength,
    officers: [String; 2],
}

impl NewKeys {
    /// AES-256 keys, and the override shared between these two officers.
    #[must_use]
    pub fn new(first_officer: &str, second_officer: &str) -> Self {
        Self {
            length: KeyLength::Aes256,
            officers: [first_officer.to_owned(), second_officer.to_owned()],
        }
    }

    /// With AES keys of this length.
    #[must_use]
    pub const fn with_length(mut self, length: KeyLength) -> Self {
        self.length = length;
        self
    }
}

impl FileKeyStore {
    /// Makes all national keys: issuer, delivery, override, certification authority, document signer, citizens' tags, PUKs,
    /// management keys. The override master is in the two shares and nowhere else; transport keys are the maker's
    /// ([`add_transport`](Self::add_transport)), seats are added one by one.
    ///
    /// # Errors
    /// [`Error::InvalidName`] where an officer has no name, or both have the same.
    pub fn generate<R: CryptoRng + ?Sized>(
        new: &NewKeys,
        rng: &mut R,
    ) -> Result<(Self, [OverrideShare; 2]), Error> {
        let [one, two] = new.officers.each_ref().map(String::as_str);
        if one.is_empty() || two.is_empty() || one == two {
            return Err(Error::InvalidName {
                what: "pair of officers",
            });
        }
        let issuer = key_set(new.length, rng)?;
        let delivery = key_set(new.length, rng)?;
        let (override_id, shares) =
            OverrideShare::split(&key_set(new.length, rng)?, [one, two], rng);
        let store = Self {
            issuer: Some(issuer),
            delivery: Some(Delivery::National(delivery)),
            override_id: Some(override_id),
            ca: Some(signer(rng)),
            document_signer: Some(signer(rng)),
            citizens: Some(secret(rng)),
            puks: Some(secret(rng)),
            management: Some(secret(rng)),
            ..Self::default()
        };
        Ok((store, shares))
    }

    /// Takes the maker's keys of a batch.
    ///
    /// # Errors
    /// [`Error::Taken`] where there is a batch of that name, or for just those chips; [`Error::InvalidName`] where the
    /// chips' beginning is longer than diversification data.
    pub fn add_transport(&mut self, batch: TransportBatch) -> Result<(), Error> {
        if batch.chips.len() > 10 {
            return Err(Error::InvalidName {
                what: "beginning of diversification data",
            });
        }
        if self
            .transport
            .iter()
            .any(|held| held.name == batch.name || held.chips == batch.chips)
        {
            return Err(Error::Taken { name: batch.name });
        }
        self.transport.push(batch);
        Ok(())
    }

    /// Makes the key of a seat that signs with this store.
    ///
    /// # Errors
    /// [`Error::Taken`], [`Error::InvalidName`].
    pub fn add_seat<R: CryptoRng + ?Sized>(
        &mut self,
        name: &str,
        rng: &mut R,
    ) -> Result<VerifyingKey, Error> {
        self.free_seat(name)?;
        let signer = signer(rng);
        let public = signer.public;
        self.seats.insert(name.to_owned(), signer);
        Ok(public)
    }

    /// Notes the public key of a seat that signs elsewhere.
    ///
    /// # Errors
    /// [`Error::Taken`] where the seat is known with another key, [`Error::InvalidName`].
    pub fn trust_seat(&mut self, name: &str, public: VerifyingKey) -> Result<(), Error> {
        if self
            .seats
            .get(name)
            .is_some_and(|known| known.public == public)
        {
            return Ok(());
        }
        self.free_seat(name)?;
        self.seats.insert(
            name.to_owned(),
            Signer {
                public,
                private: None,
            },
        );
        Ok(())
    }

    /// Makes the store of a counter: the masters of its office's delivery keys, a new key for its seat, and public keys.
    /// It holds no national master, no certification authority's key and no key of another office; the override in it
    /// stays locked without the two officers. This store keeps the seat's public key.
    ///
    /// # Errors
    /// [`Error::NoCardKeys`] or [`Error::OtherOffice`] where this store cannot derive the office's masters,
    /// [`Error::Taken`] and [`Error::InvalidName`] for the seat.
    pub fn export_office<R: CryptoRng + ?Sized>(
        &mut self,
        office: OfficeCode,
        seat: &str,
        rng: &mut R,
    ) -> Result<Self, Error> {
        let masters = self.office_masters(office)?;
        self.free_seat(seat)?;
        let own = signer(rng);
        self.trust_seat(seat, own.public)?;
        let public = |signer: &Signer| Signer {
            public: signer.public,
            private: None,
        };
        let mut seats: std::collections::BTreeMap<_, _> = self
            .seats
            .iter()
            .map(|(name, signer)| (name.clone(), public(signer)))
            .collect();
        seats.insert(seat.to_owned(), own);
        Ok(Self {
            delivery: Some(Delivery::Office(office, masters)),
            override_id: self.override_id.clone(),
            ca: self.ca.as_ref().map(public),
            document_signer: self.document_signer.as_ref().map(public),
            seats,
            ..Self::default()
        })
    }

    fn free_seat(&self, name: &str) -> Result<(), Error> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(allowed) {
            return Err(Error::InvalidName { what: "seat" });
        }
        if self.seats.contains_key(name) {
            return Err(Error::Taken {
                name: name.to_owned(),
            });
        }
        Ok(())
    }
}

fn key_set<R: CryptoRng + ?Sized>(length: KeyLength, rng: &mut R) -> Result<KeySet, Error> {
    let mut bytes = Zeroizing::new([0; 32]);
    let mut key = || {
        let bytes = bytes.get_mut(..length.bytes()).unwrap_or_default();
        rng.fill_bytes(bytes);
        Key::new(bytes)
    };
    let keys = (|| KeySet::new(key()?, key()?, key()?))();
    keys.map_err(|_| Error::InvalidName { what: "key length" })
}

fn secret<R: CryptoRng + ?Sized>(rng: &mut R) -> Secret {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(bytes.as_mut_slice());
    Secret::new(bytes.as_slice())
}

fn signer<R: CryptoRng + ?Sized>(rng: &mut R) -> Signer {
    let private = SigningKey::generate_from_rng(rng);
    Signer {
        public: *private.verifying_key(),
        private: Some(private),
    }
}
