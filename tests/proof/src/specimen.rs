//! A card kept as an image, of which copies are made in microseconds: each is the image and the pages it has written
//! itself. What it holds can be looked up by object, as nobody outside the card ever can.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use negin_firmware_sim::card::Card;
use negin_firmware_sim::card::nvm::{ERASED, Nvm, PAGE, Page, PowerLost};
use negin_firmware_sim::card::store::Store;
use negin_secure_channel::key::{Key, KeySet};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// Numbers of objects in a card's memory. They are part of the state file's format and never change.
pub mod id {
    /// States of card, PIV and travel document, a byte each.
    pub const LIFE: u32 = 0x01;
    /// Tries left: PIN, PUK, both fingers, keys.
    pub const TRIES: u32 = 0x02;
    /// The PIN, salted and hashed.
    pub const PIN: u32 = 0x10;
    /// The PUK, salted and hashed.
    pub const PUK: u32 = 0x11;
    /// The administration switch, with its key.
    pub const ADMINISTRATION: u32 = 0x13;
    /// Key sets of the security domain, by version.
    pub const KEY_SETS: u32 = 0x100;
    /// Private keys, by key reference.
    pub const KEY_PAIRS: u32 = 0x200;
    /// Enrolled fingers, by key reference.
    pub const FINGERS: u32 = 0x300;
}

/// Header and checksum of a `.card` file.
const HEADER: usize = 15;
const SUM: usize = 32;

/// A card as it was at one moment.
#[derive(Clone)]
pub struct Specimen {
    image: Arc<[u8]>,
}

impl Specimen {
    /// The card of a `.card` file's bytes.
    ///
    /// # Panics
    /// Where they are not that.
    #[must_use]
    pub fn of_state(state: &[u8]) -> Self {
        assert!(state.starts_with(b"NEGINCARD"), "not a card");
        Self {
            image: state[HEADER..state.len() - SUM].into(),
        }
    }

    /// The bytes of its `.card` file.
    #[must_use]
    pub fn state(&self) -> Vec<u8> {
        self.memory().card(1).state_bytes()
    }

    /// A copy's memory.
    #[must_use]
    pub fn memory(&self) -> Memory {
        Memory(Arc::new(Mutex::new(Pages {
            image: Arc::clone(&self.image),
            written: BTreeMap::new(),
            writes: 0,
        })))
    }

    /// The object `id` of the card's memory.
    #[must_use]
    pub fn object(&self, id: u32) -> Option<Vec<u8>> {
        self.memory().object(id)
    }

    /// Every object of the card's memory.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<u32, Vec<u8>> {
        self.memory().objects()
    }
}

struct Pages {
    image: Arc<[u8]>,
    written: BTreeMap<usize, Box<Page>>,
    writes: u64,
}

/// A copy's memory; clones are the same memory.
#[derive(Clone)]
pub struct Memory(Arc<Mutex<Pages>>);

impl Memory {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A card over this memory, without power. The seed decides what it draws.
    #[must_use]
    pub fn card(&self, seed: u64) -> Card {
        Card::new(Box::new(self.clone()), ChaCha20Rng::seed_from_u64(seed))
    }

    /// Writes so far.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.pages().writes
    }

    /// The same content in a memory of its own.
    #[must_use]
    pub fn fork(&self) -> Self {
        let pages = self.pages();
        Self(Arc::new(Mutex::new(Pages {
            image: Arc::clone(&pages.image),
            written: pages.written.clone(),
            writes: 0,
        })))
    }

    /// This moment.
    #[must_use]
    pub fn specimen(&self) -> Specimen {
        Specimen {
            image: self.clone().image().into(),
        }
    }

    fn store(&self) -> Store<Self> {
        let mut store = Store::over(self.fork());
        store.power_on().expect("a whole state");
        store
    }

    /// The object `id`, as the last commit left it.
    ///
    /// # Panics
    /// Where the memory holds no whole state.
    #[must_use]
    pub fn object(&self, id: u32) -> Option<Vec<u8>> {
        let found = self.store().get(id).expect("readable");
        found.map(|bytes| bytes.to_vec())
    }

    /// The key set of a version.
    #[must_use]
    pub fn key_set(&self, version: u8) -> Option<KeySet> {
        let bytes = self.object(id::KEY_SETS | u32::from(version))?;
        let keys: Vec<Key> = bytes
            .chunks(bytes.len() / 3)
            .map(|key| Key::new(key).expect("an AES key"))
            .collect();
        let [enc, mac, dek] = keys.try_into().expect("three keys");
        Some(KeySet::new(enc, mac, dek).expect("of one length"))
    }

    /// Every object.
    ///
    /// # Panics
    /// Where the memory holds no whole state.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<u32, Vec<u8>> {
        let mut store = self.store();
        let ids = store.ids().expect("mounted");
        ids.into_iter()
            .filter_map(|id| Some((id, store.get(id).expect("readable")?.to_vec())))
            .collect()
    }
}

impl Nvm for Memory {
    fn pages(&self) -> usize {
        Memory::pages(self).image.len() / PAGE
    }

    fn read(&mut self, page: usize) -> Result<Page, PowerLost> {
        let pages = Memory::pages(self);
        if let Some(written) = pages.written.get(&page) {
            return Ok(**written);
        }
        let mut bytes = ERASED;
        if let Some(held) = pages.image.get(page * PAGE..(page + 1) * PAGE) {
            bytes.copy_from_slice(held);
        }
        Ok(bytes)
    }

    fn write(&mut self, page: usize, bytes: &Page) -> Result<(), PowerLost> {
        let mut pages = Memory::pages(self);
        pages.writes += 1;
        pages.written.insert(page, Box::new(*bytes));
        Ok(())
    }

    fn image(&mut self) -> Vec<u8> {
        let pages = Memory::pages(self);
        let mut image = pages.image.to_vec();
        for (page, bytes) in &pages.written {
            image[page * PAGE..(page + 1) * PAGE].copy_from_slice(&bytes[..]);
        }
        image
    }
}
