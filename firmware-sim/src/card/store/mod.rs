//! Objects in non-volatile memory, changed by transactions that either happened or did not.
//!
//! The rules:
//! - A transaction writes what it changes into pages nobody uses, then one root page. Until that page is complete the
//!   state before it stands; from then on the state after it does.
//! - Roots go round [`ROOTS`] slots, so the root in force is never the one being written.
//! - Before the card answers after power-on, the newest root is written to every slot, its own last. A root page left
//!   unstable by a tear is thereby settled: a state, once seen, stays. A page counts as a root only if it reads the
//!   same [`READS`] times. With four slots this holds for any three tears in a row, whatever the unstable pages read;
//!   more in a row would need each of them to read as whole at the wrong moment.
//! - Small objects (counters, flags) live in the root page itself: changing one is a single write.

mod root;
mod tree;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::nvm::{ERASED, Nvm, PowerLost};
use root::{Root, SMALL_HEADER, SMALL_ROOM, checksum, small_size};
use tree::{Extent, Usage};

/// Slots that roots go round.
pub const ROOTS: usize = 4;

/// How often a page must read the same to count as a root.
pub const READS: usize = 3;

/// Objects up to this many bytes live in the root while it has room.
const SMALL: usize = 24;

/// Bytes of a directory entry: identifier 4, length 4, page 2.
const ENTRY: usize = 10;

/// An object's bytes, wiped when dropped: keys are among them.
pub type Bytes = Zeroizing<Vec<u8>>;

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Power went; nothing more can be said until power-on.
    #[error("the card lost its power")]
    PowerLost,
    /// No free page is left; nothing was changed.
    #[error("the card's memory is full")]
    Full,
    /// What is in memory is not a state this store wrote.
    #[error("the card's memory holds no whole state")]
    Damaged,
}

impl From<PowerLost> for StoreError {
    fn from(PowerLost: PowerLost) -> Self {
        Self::PowerLost
    }
}

/// Changes to be made together.
#[derive(Default)]
pub struct Transaction {
    changes: BTreeMap<u32, Option<Bytes>>,
}

impl Transaction {
    /// No change yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The object `id` shall hold `bytes`.
    pub fn put(&mut self, id: u32, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.insert(id, Some(Bytes::from(bytes.into())));
        self
    }

    /// The object `id` shall not be.
    pub fn remove(&mut self, id: u32) -> &mut Self {
        self.changes.insert(id, None);
        self
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The state in force, as found from its root.
struct Mounted {
    root: Root,
    slot: usize,
    directory: BTreeMap<u32, Extent>,
    usage: Usage,
}

/// Objects by number, over any [`Nvm`].
pub struct Store<N> {
    nvm: N,
    mounted: Option<Mounted>,
}

fn encode_directory(directory: &BTreeMap<u32, Extent>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(directory.len() * ENTRY);
    for (id, extent) in directory {
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.extend_from_slice(&(extent.length as u32).to_be_bytes());
        bytes.extend_from_slice(&extent.page.to_be_bytes());
    }
    bytes
}

fn decode_directory(bytes: &[u8]) -> BTreeMap<u32, Extent> {
    let entry = |e: &[u8]| {
        let id = u32::from_be_bytes([e[0], e[1], e[2], e[3]]);
        let length = u32::from_be_bytes([e[4], e[5], e[6], e[7]]) as usize;
        (
            id,
            Extent {
                length,
                page: u16::from_be_bytes([e[8], e[9]]),
            },
        )
    };
    bytes.chunks_exact(ENTRY).map(entry).collect()
}

impl<N: Nvm> Store<N> {
    /// Makes an empty store in `nvm`, whatever was there.
    ///
    /// # Errors
    /// [`StoreError::Full`] if there is no room for anything but roots; [`StoreError::PowerLost`].
    pub fn format(nvm: N) -> Result<Self, StoreError> {
        let mut store = Self { nvm, mounted: None };
        if store.nvm.pages() <= ROOTS + 1 {
            return Err(StoreError::Full);
        }
        let mut usage = Usage::new(store.nvm.pages(), ROOTS);
        let directory = tree::write(&mut store.nvm, &mut usage, None, &[])?;
        let root = Root {
            sequence: 1,
            directory,
            directory_sum: checksum(&[]),
            small: BTreeMap::new(),
        };
        for slot in 0..ROOTS {
            store.nvm.write(slot, &root.encode())?;
        }
        store.mounted = Some(Mounted {
            root,
            slot: ROOTS - 1,
            directory: BTreeMap::new(),
            usage,
        });
        Ok(store)
    }

    /// A store over memory that holds one; it is read at [`Store::power_on`].
    #[must_use]
    pub fn over(nvm: N) -> Self {
        Self { nvm, mounted: None }
    }

    /// Gives the memory power, finds the state in force and settles it, so that it cannot fall back.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if there is no whole state; [`StoreError::PowerLost`] if power goes again meanwhile.
    pub fn power_on(&mut self) -> Result<(), StoreError> {
        self.mounted = None;
        self.nvm.power_on();
        let mut found: Option<Mounted> = None;
        for slot in 0..ROOTS {
            let Some(root) = self.read_root(slot)? else {
                continue;
            };
            if found
                .as_ref()
                .is_some_and(|found| found.root.sequence >= root.sequence)
            {
                continue;
            }
            if let Some(mounted) = self.mount(slot, root)? {
                found = Some(mounted);
            }
        }
        let mounted = found.ok_or(StoreError::Damaged)?;
        self.settle(mounted)
    }

    /// Writes the root in force to every slot, its own last.
    fn settle(&mut self, mut mounted: Mounted) -> Result<(), StoreError> {
        mounted.root.sequence += 1;
        let page = mounted.root.encode();
        for _ in 0..ROOTS {
            mounted.slot = (mounted.slot + 1) % ROOTS;
            self.nvm.write(mounted.slot, &page)?;
        }
        self.mounted = Some(mounted);
        Ok(())
    }

    /// Forgets everything that is not in memory.
    pub fn power_off(&mut self) {
        self.mounted = None;
    }

    fn read_root(&mut self, slot: usize) -> Result<Option<Root>, StoreError> {
        let page = self.nvm.read(slot)?;
        for _ in 1..READS {
            if self.nvm.read(slot)? != page {
                return Ok(None);
            }
        }
        Ok(Root::decode(&page))
    }

    fn mount(&mut self, slot: usize, root: Root) -> Result<Option<Mounted>, StoreError> {
        let mut bytes = Vec::new();
        match tree::read(&mut self.nvm, root.directory, &mut bytes) {
            Ok(()) if checksum(&bytes) == root.directory_sum => {}
            Ok(()) | Err(StoreError::Damaged) => return Ok(None),
            Err(error) => return Err(error),
        }
        let directory = decode_directory(&bytes);
        let usage = match self.usage(root.directory, &directory) {
            Ok(usage) => usage,
            Err(StoreError::Damaged) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(Mounted {
            root,
            slot,
            directory,
            usage,
        }))
    }

    fn usage(
        &mut self,
        top: Extent,
        directory: &BTreeMap<u32, Extent>,
    ) -> Result<Usage, StoreError> {
        let mut usage = Usage::new(self.nvm.pages(), ROOTS);
        tree::mark(&mut self.nvm, top, &mut usage)?;
        for extent in directory.values() {
            tree::mark(&mut self.nvm, *extent, &mut usage)?;
        }
        Ok(usage)
    }

    fn mounted(&self) -> Result<&Mounted, StoreError> {
        self.mounted.as_ref().ok_or(StoreError::PowerLost)
    }

    /// The object `id`, if there is one.
    ///
    /// # Errors
    /// [`StoreError::PowerLost`]; [`StoreError::Damaged`] if its pages cannot be.
    pub fn get(&mut self, id: u32) -> Result<Option<Bytes>, StoreError> {
        let mounted = self.mounted()?;
        if let Some(bytes) = mounted.root.small.get(&id) {
            return Ok(Some(bytes.clone()));
        }
        let Some(extent) = mounted.directory.get(&id).copied() else {
            return Ok(None);
        };
        let mut bytes = Bytes::default();
        tree::read(&mut self.nvm, extent, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// Whether there is an object `id`.
    ///
    /// # Errors
    /// [`StoreError::PowerLost`].
    pub fn contains(&self, id: u32) -> Result<bool, StoreError> {
        let mounted = self.mounted()?;
        Ok(mounted.root.small.contains_key(&id) || mounted.directory.contains_key(&id))
    }

    /// The numbers of all objects, ascending.
    ///
    /// # Errors
    /// [`StoreError::PowerLost`].
    pub fn ids(&self) -> Result<Vec<u32>, StoreError> {
        let mounted = self.mounted()?;
        let mut ids: Vec<u32> = mounted
            .root
            .small
            .keys()
            .chain(mounted.directory.keys())
            .copied()
            .collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// The sequence of the root in force: it rises with every commit and every power-on.
    ///
    /// # Errors
    /// [`StoreError::PowerLost`].
    pub fn sequence(&self) -> Result<u64, StoreError> {
        Ok(self.mounted()?.root.sequence)
    }

    /// Pages that hold nothing.
    ///
    /// # Errors
    /// [`StoreError::PowerLost`].
    pub fn free_pages(&self) -> Result<usize, StoreError> {
        Ok(self.mounted()?.usage.free())
    }

    /// Makes all of a transaction's changes, or none. One without changes writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Full`] if there is no room: nothing has changed. [`StoreError::PowerLost`]: at the next power-on
    /// either nothing or everything has.
    pub fn commit(&mut self, transaction: Transaction) -> Result<(), StoreError> {
        if transaction.is_empty() {
            return Ok(());
        }
        let (mut root, slot, mut directory, mut usage) = {
            let mounted = self.mounted()?;
            (
                mounted.root.clone(),
                mounted.slot,
                mounted.directory.clone(),
                mounted.usage.clone(),
            )
        };
        let mut directory_changed = false;
        for (id, change) in transaction.changes {
            root.small.remove(&id);
            let old = directory.remove(&id);
            directory_changed |= old.is_some();
            let Some(bytes) = change else { continue };
            let room = SMALL_ROOM - small_size(&root.small);
            if bytes.len() <= SMALL && bytes.len() + SMALL_HEADER <= room {
                root.small.insert(id, bytes);
            } else {
                directory.insert(id, tree::write(&mut self.nvm, &mut usage, old, &bytes)?);
                directory_changed = true;
            }
        }
        if directory_changed {
            let bytes = encode_directory(&directory);
            root.directory_sum = checksum(&bytes);
            root.directory = tree::write(&mut self.nvm, &mut usage, Some(root.directory), &bytes)?;
        }
        root.sequence += 1;
        let slot = (slot + 1) % ROOTS;
        self.nvm.write(slot, &root.encode())?;
        let usage = self.usage(root.directory, &directory)?;
        self.mounted = Some(Mounted {
            root,
            slot,
            directory,
            usage,
        });
        Ok(())
    }

    /// Leaves nothing of earlier states: roots that are not in force, and pages that the state in force does not use, are
    /// written over. Cut short, the pages are to be asked for again; the roots were, at the next power-on.
    ///
    /// # Errors
    /// [`StoreError::PowerLost`].
    pub fn forget_earlier_states(&mut self) -> Result<(), StoreError> {
        for page in self.mounted()?.usage.unused() {
            // Whatever it reads: a page that a tear left unstable reads erased once and otherwise the next time.
            self.nvm.write(page, &ERASED)?;
        }
        let mounted = self.mounted.take().ok_or(StoreError::PowerLost)?;
        self.settle(mounted)
    }

    /// All pages as they read now, power or not: [`Nvm::image`].
    pub fn image(&mut self) -> Vec<u8> {
        self.nvm.image()
    }
}

#[cfg(test)]
mod tests;
