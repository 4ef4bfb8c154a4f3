//! The card's lasting state by name: what its objects in the [store](super::store) are and how they are written.
//!
//! The rules:
//! - All that must outlive a power cut is here; a change is committed before the card answers for it.
//! - A counter of tries falls, committed, before what it guards is compared.

use negin_apdu::StatusWord;
use negin_eid::gp::{ApplicationState, CardState};
use negin_eid::piv::{Administration, Container, FingerReference};
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::scp03::Options;

use super::fault::Fault;
use super::nvm::Nvm;
use super::store::{Bytes, Store, StoreError, Transaction};

/// Numbers of the objects in the store. They are part of the state file's format: never changed, never used again.
pub(super) mod id {
    use negin_eid::lds::FileId;
    use negin_eid::piv::{Container, FingerReference, KeyReference};

    pub const LIFE: u32 = 0x01;
    pub const TRIES: u32 = 0x02;
    pub const CHIP: u32 = 0x03;
    pub const SEQUENCE: u32 = 0x04;
    pub const PIN: u32 = 0x10;
    pub const PUK: u32 = 0x11;
    /// Most tries of PIN and PUK, where others than the maker's were set.
    pub const RETRIES: u32 = 0x12;
    /// There while pages that were the holder's are to be erased.
    pub const ERASING: u32 = 0x14;
    /// The administration switch, as PUT DATA brought it.
    pub const ADMINISTRATION: u32 = 0x13;
    /// The secret of PIV's secure messaging key, 04.
    pub const MESSAGING_KEY: u32 = 0x204;
    pub const ISSUER_IDENTIFICATION: u32 = 0x20;
    pub const CARD_IMAGE: u32 = 0x21;

    /// The card's own key for attesting, and its certificate.
    pub const ATTESTATION_KEY: u32 = 0x2F9;
    pub const ATTESTATION_CERTIFICATE: u32 = 0x015F_FF01;

    pub const fn key_set(version: u8) -> u32 {
        0x100 | version as u32
    }
    pub const fn key_pair(key: KeyReference) -> u32 {
        0x200 | key.code() as u32
    }
    pub const fn finger(finger: FingerReference) -> u32 {
        0x300 | finger.code() as u32
    }
    pub const fn file(file: FileId) -> u32 {
        0x0001_0000 | file.id() as u32
    }
    pub const fn container(container: Container) -> u32 {
        0x0100_0000 | container.tag()
    }
}

/// How far card and applications have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    pub card: CardState,
    pub piv: ApplicationState,
    pub travel_document: ApplicationState,
}

impl Life {
    pub const BLANK: Self = Self {
        card: CardState::OpReady,
        piv: ApplicationState::SELECTABLE,
        travel_document: ApplicationState::SELECTABLE,
    };

    pub fn encode(self) -> [u8; 3] {
        [
            self.card.code(),
            self.piv.code(),
            self.travel_document.code(),
        ]
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let &[card, piv, travel_document] = bytes else {
            return None;
        };
        Some(Self {
            card: CardState::from_code(card)?,
            piv: ApplicationState::from_code(piv)?,
            travel_document: ApplicationState::from_code(travel_document)?,
        })
    }
}

/// What a counter of tries guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guarded {
    Pin,
    Puk,
    Finger(FingerReference),
    /// The key sets of the security domain, together.
    Keys,
}

/// Tries left, or the most there may be, of everything guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tries([u8; 5]);

impl Tries {
    pub const fn new(pin: u8, puk: u8, finger: u8, keys: u8) -> Self {
        Self([pin, puk, finger, finger, keys])
    }

    const fn place(guarded: Guarded) -> usize {
        match guarded {
            Guarded::Pin => 0,
            Guarded::Puk => 1,
            Guarded::Finger(FingerReference::Primary) => 2,
            Guarded::Finger(FingerReference::Secondary) => 3,
            Guarded::Keys => 4,
        }
    }

    pub const fn of(self, guarded: Guarded) -> u8 {
        self.0[Self::place(guarded)]
    }

    #[must_use]
    pub const fn with(mut self, guarded: Guarded, tries: u8) -> Self {
        self.0[Self::place(guarded)] = tries;
        self
    }
}

/// What the maker wrote and nobody changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chip {
    /// The chip's own number: the key diversification data.
    pub kdd: [u8; 10],
    pub options: Options,
    pub most_tries: Tries,
}

impl Chip {
    fn encode(self) -> Vec<u8> {
        [&self.kdd[..], &[self.options.get()], &self.most_tries.0].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (kdd, rest) = bytes.split_first_chunk()?;
        let (options, tries) = rest.split_first()?;
        Some(Self {
            kdd: *kdd,
            options: Options::new(*options).ok()?,
            most_tries: Tries(tries.try_into().ok()?),
        })
    }
}

/// The store, by name.
pub(super) struct Memory {
    store: Store<Box<dyn Nvm + Send>>,
}

/// What a whole card has and this one lacks: its memory is damaged.
fn whole<T>(found: Option<T>) -> Result<T, Fault> {
    found.ok_or(Fault::from(StoreError::Damaged))
}

impl Memory {
    /// Memory that already holds a card.
    pub fn over(nvm: Box<dyn Nvm + Send>) -> Self {
        Self {
            store: Store::over(nvm),
        }
    }

    /// Makes a blank card in `nvm`.
    pub fn blank(
        nvm: Box<dyn Nvm + Send>,
        chip: Chip,
        transport: &KeySet,
        version: u8,
    ) -> Result<Self, StoreError> {
        let mut store = Store::format(nvm)?;
        let mut transaction = Transaction::new();
        transaction
            .put(id::LIFE, Life::BLANK.encode())
            .put(id::TRIES, chip.most_tries.0)
            .put(id::CHIP, chip.encode())
            .put(id::SEQUENCE, [0; 3]);
        put_key_set(&mut transaction, version, transport);
        store.commit(transaction)?;
        store.power_off();
        Ok(Self { store })
    }

    pub fn power_on(&mut self) -> Result<(), StoreError> {
        self.store.power_on()?;
        if self.store.contains(id::ERASING)? {
            self.erase()?;
        }
        Ok(())
    }

    /// Commits what is not to be found again, not even in pages that nobody uses any more. Power may go meanwhile: what
    /// is committed is committed, and the rest is erased at the next power-on, before the card answers.
    pub fn commit_and_erase(&mut self, mut transaction: Transaction) -> Result<(), Fault> {
        transaction.put(id::ERASING, [1]);
        self.store.commit(transaction)?;
        Ok(self.erase()?)
    }

    fn erase(&mut self) -> Result<(), StoreError> {
        self.store.forget_earlier_states()?;
        let mut done = Transaction::new();
        done.remove(id::ERASING);
        self.store.commit(done)
    }

    pub fn power_off(&mut self) {
        self.store.power_off();
    }

    pub fn image(&mut self) -> Vec<u8> {
        self.store.image()
    }

    /// Rises with every commit.
    pub fn sequence(&self) -> Result<u64, Fault> {
        Ok(self.store.sequence()?)
    }

    pub fn commit(&mut self, transaction: Transaction) -> Result<(), Fault> {
        Ok(self.store.commit(transaction)?)
    }

    pub fn get(&mut self, id: u32) -> Result<Option<Bytes>, Fault> {
        Ok(self.store.get(id)?)
    }

    pub fn contains(&self, id: u32) -> Result<bool, Fault> {
        Ok(self.store.contains(id)?)
    }

    /// All that the card holds, by number.
    #[cfg(test)]
    pub fn objects(&mut self) -> Result<std::collections::BTreeMap<u32, Vec<u8>>, Fault> {
        let ids = self.store.ids()?;
        ids.into_iter()
            .map(|id| Ok((id, whole(self.get(id)?)?.to_vec())))
            .collect()
    }

    pub fn life(&mut self) -> Result<Life, Fault> {
        whole(self.get(id::LIFE)?.and_then(|bytes| Life::decode(&bytes)))
    }

    pub fn chip(&mut self) -> Result<Chip, Fault> {
        whole(self.get(id::CHIP)?.and_then(|bytes| Chip::decode(&bytes)))
    }

    fn tries(&mut self) -> Result<Tries, Fault> {
        let bytes = whole(self.get(id::TRIES)?)?;
        whole(bytes.as_slice().try_into().ok().map(Tries))
    }

    /// Tries left.
    pub fn tries_of(&mut self, guarded: Guarded) -> Result<u8, Fault> {
        Ok(self.tries()?.of(guarded))
    }

    /// Takes one try, committed before this returns; gives how many are left, or nothing where none was.
    pub fn take_try(&mut self, guarded: Guarded) -> Result<Option<u8>, Fault> {
        let tries = self.tries()?;
        let Some(left) = tries.of(guarded).checked_sub(1) else {
            return Ok(None);
        };
        let mut transaction = Transaction::new();
        transaction.put(id::TRIES, tries.with(guarded, left).0);
        self.commit(transaction)?;
        Ok(Some(left))
    }

    /// The most tries of everything guarded: the maker's, or what an administrator set instead.
    pub fn most_tries(&mut self) -> Result<Tries, Fault> {
        let most = self.chip()?.most_tries;
        let Some(set) = self.get(id::RETRIES)? else {
            return Ok(most);
        };
        let &[pin, puk] = whole(set.first_chunk())?;
        Ok(most.with(Guarded::Pin, pin).with(Guarded::Puk, puk))
    }

    /// Adds to `transaction` that PIN and PUK have this many tries, all of them left.
    pub fn set_most_tries(
        &mut self,
        transaction: &mut Transaction,
        pin: u8,
        puk: u8,
    ) -> Result<(), Fault> {
        let tries = self.tries()?;
        transaction.put(id::RETRIES, [pin, puk]).put(
            id::TRIES,
            tries.with(Guarded::Pin, pin).with(Guarded::Puk, puk).0,
        );
        Ok(())
    }

    /// Adds to `transaction` that these have all their tries again.
    pub fn restore_tries(
        &mut self,
        transaction: &mut Transaction,
        restored: &[Guarded],
    ) -> Result<(), Fault> {
        let most = self.most_tries()?;
        let tries = self.tries()?;
        let tries = restored.iter().fold(tries, |tries, guarded| {
            tries.with(*guarded, most.of(*guarded))
        });
        transaction.put(id::TRIES, tries.0);
        Ok(())
    }

    /// The next value of the counter that pseudo-random challenges are made of, committed before this returns. It does
    /// not come round: a challenge that came again would open the way to a recorded session.
    pub fn next_challenge(&mut self) -> Result<[u8; 3], Fault> {
        let [a, b, c] = self.last_challenge()?;
        let [0, next @ ..] = (u32::from_be_bytes([0, a, b, c]) + 1).to_be_bytes() else {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into());
        };
        let mut transaction = Transaction::new();
        transaction.put(id::SEQUENCE, next);
        self.commit(transaction)?;
        Ok(next)
    }

    /// The counter's value as it is.
    pub fn last_challenge(&mut self) -> Result<[u8; 3], Fault> {
        let bytes = whole(self.get(id::SEQUENCE)?)?;
        whole(bytes.as_slice().try_into().ok())
    }

    pub fn key_set(&mut self, version: u8) -> Result<Option<KeySet>, Fault> {
        let Some(bytes) = self.get(id::key_set(version))? else {
            return Ok(None);
        };
        let third = bytes.len() / 3;
        let key = |at: usize| Key::new(&bytes[at * third..(at + 1) * third]).ok();
        let keys = (|| KeySet::new(key(0)?, key(1)?, key(2)?).ok())();
        whole(keys).map(Some)
    }

    /// The administration switch; `None` where it is off.
    pub fn administration(&mut self) -> Result<Option<Administration>, Fault> {
        let stored = self.get(id::ADMINISTRATION)?;
        stored
            .map(|bytes| whole(Administration::decode(&bytes).ok()))
            .transpose()
    }

    pub fn container(&mut self, container: Container) -> Result<Option<Bytes>, Fault> {
        self.get(id::container(container))
    }
}

/// Adds a key set to a transaction: ENC, MAC, DEK one after the other.
pub(super) fn put_key_set(transaction: &mut Transaction, version: u8, keys: &KeySet) {
    let mut bytes = Bytes::new(Vec::with_capacity(96));
    for key in [&keys.enc, &keys.mac, &keys.dek] {
        bytes.extend_from_slice(key.expose());
    }
    transaction.put(id::key_set(version), bytes.to_vec());
}
