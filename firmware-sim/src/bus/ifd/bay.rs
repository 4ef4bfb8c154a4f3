//! One reader of the rack: a slot, the card in it with its file and a hand on its power, and who watches it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use negin_apdu::{Interface, Limits, StatusWord, Transmit, TransmitError};
use negin_link::{Failure, PinEntry};
use rand_chacha::ChaCha20Rng;

use super::card_file::{CardFile, CardFileError};
use super::line::Line;
use super::pin_pad::PinPad;
use crate::bus::{InProcess, SharedCard, Slot, share};
use crate::card::Card;
use crate::fault::{Cut, Tear, TearControl};

/// Why something cannot be done with a reader.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BayError {
    /// The file gives no card.
    #[error(transparent)]
    File(#[from] CardFileError),
    /// A card is in already.
    #[error("a card is in this reader; remove it first")]
    Occupied,
    /// No card is in.
    #[error("no card is in this reader")]
    Empty,
    /// It has no keys of its own.
    #[error("this reader has no keys of its own; begin with --pin-pad")]
    NoPinPad,
    /// No card was in, so that none can be put in again.
    #[error("no card was in this reader yet; name the file of one")]
    NoCardBefore,
}

/// What one sees of a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// How it speaks to cards.
    pub interface: Interface,
    /// The file of the card that is in.
    pub card: Option<PathBuf>,
    /// Whether the card has power.
    pub powered: bool,
    /// Commands that were carried out in this reader.
    pub commands: u64,
    /// Commands that wait because the reader is held.
    pub waiting: u64,
    /// Pages the card wrote since it was put in.
    pub writes: u64,
}

struct Held {
    card: SharedCard,
    file: CardFile,
    power: TearControl,
    /// How many writes of the card are in the file.
    kept: u64,
}

impl Held {
    /// Writes the card's memory to its file where it changed.
    fn keep(&mut self) -> std::io::Result<()> {
        let mut card = lock(&self.card);
        let writes = self.power.writes();
        if writes != self.kept {
            self.file.replace(&card.state_bytes())?;
            self.kept = writes;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Inside {
    held: Option<Held>,
    /// Where the card that is or was in is kept.
    file: Option<PathBuf>,
    watchers: Vec<Arc<Line>>,
}

impl Inside {
    fn tell(&mut self) {
        let present = self.held.is_some();
        // Who cannot be told is gone.
        self.watchers
            .retain(|watcher| watcher.presence(present).is_ok());
    }
}

#[derive(Default)]
struct Gate {
    held: bool,
    waiting: u64,
}

/// One reader of a rack.
pub struct Bay {
    slot: Slot,
    interface: Interface,
    inside: Mutex<Inside>,
    gate: Mutex<Gate>,
    opened: Condvar,
    commands: AtomicU64,
    pad: Option<PinPad>,
}

/// What is behind a lock. A thread that panicked while it held it leaves it as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Bay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bay({:?})", self.slot)
    }
}

impl Bay {
    /// An empty reader.
    #[must_use]
    pub fn new(interface: Interface) -> Self {
        Self {
            slot: Slot::new(interface, Limits::EXTENDED),
            interface,
            inside: Mutex::default(),
            gate: Mutex::default(),
            opened: Condvar::new(),
            commands: AtomicU64::new(0),
            pad: None,
        }
    }

    /// The same reader with keys of its own for PINs.
    #[must_use]
    pub fn with_pin_pad(mut self) -> Self {
        self.pad = Some(PinPad::default());
        self
    }

    /// Its keys for PINs.
    #[must_use]
    pub const fn pin_pad(&self) -> Option<&PinPad> {
        self.pad.as_ref()
    }

    /// Puts in the card of a file, or the one that was in last. What it draws comes from `entropy`.
    ///
    /// # Errors
    /// [`BayError`]; the reader is then as it was.
    pub fn insert(
        &self,
        file: Option<&Path>,
        entropy: ChaCha20Rng,
        seed: u64,
    ) -> Result<(), BayError> {
        let mut inside = lock(&self.inside);
        if inside.held.is_some() {
            return Err(BayError::Occupied);
        }
        let path = file
            .or(inside.file.as_deref())
            .ok_or(BayError::NoCardBefore)?;
        let (file, bytes) = CardFile::open(path)?;
        let mut power = TearControl::default();
        let card = Card::from_state_bytes_in(&bytes, entropy, |nvm| {
            let nvm = Tear::new(nvm, seed);
            power = nvm.control();
            Box::new(nvm)
        });
        let card = card.map_err(|reason| CardFileError::State {
            path: path.to_owned(),
            reason,
        })?;
        let card = share(card);
        self.slot.insert(Arc::clone(&card));
        inside.file = Some(file.path().to_owned());
        let kept = power.writes();
        inside.held = Some(Held {
            card,
            file,
            power,
            kept,
        });
        inside.tell();
        Ok(())
    }

    /// Takes the card out, once the command it is at is carried out; what it changed is in its file then.
    ///
    /// # Errors
    /// [`BayError::Empty`]; [`BayError::File`] where the file could not be written: the card is out all the same.
    pub fn remove(&self) -> Result<(), BayError> {
        let mut inside = lock(&self.inside);
        let mut held = inside.held.take().ok_or(BayError::Empty)?;
        self.slot.remove();
        inside.tell();
        let path = held.file.path().to_owned();
        held.keep()
            .map_err(|reason| CardFileError::System { path, reason }.into())
    }

    /// Takes the card's power for a moment: it forgets what was selected, opened and verified, and answers nothing
    /// until the reader powers it on.
    ///
    /// # Errors
    /// [`BayError::Empty`].
    pub fn cut_power(&self) -> Result<(), BayError> {
        let inside = lock(&self.inside);
        let held = inside.held.as_ref().ok_or(BayError::Empty)?;
        lock(&held.card).power_off();
        Ok(())
    }

    /// The card's power will go at one of its writes.
    ///
    /// # Errors
    /// [`BayError::Empty`].
    pub fn tear(&self, cut: Cut) -> Result<(), BayError> {
        let inside = lock(&self.inside);
        inside.held.as_ref().ok_or(BayError::Empty)?.power.arm(cut);
        Ok(())
    }

    /// From here on commands wait before the card gets them, until [`Bay::release`].
    pub fn hold(&self) {
        lock(&self.gate).held = true;
    }

    /// Commands that waited go on to the card.
    pub fn release(&self) {
        lock(&self.gate).held = false;
        self.opened.notify_all();
    }

    fn pass_gate(&self) {
        let mut gate = lock(&self.gate);
        if gate.held {
            gate.waiting += 1;
            while gate.held {
                gate = self
                    .opened
                    .wait(gate)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            gate.waiting -= 1;
        }
    }

    /// What one sees of it.
    #[must_use]
    pub fn look(&self) -> Look {
        let inside = lock(&self.inside);
        let held = inside.held.as_ref();
        Look {
            interface: self.interface,
            card: held.map(|held| held.file.path().to_owned()),
            powered: held.is_some_and(|held| lock(&held.card).is_on()),
            commands: self.commands.load(Ordering::Relaxed),
            waiting: lock(&self.gate).waiting,
            writes: held.map_or(0, |held| held.power.writes()),
        }
    }

    /// Tells `watcher` whether a card is in, now and at every change.
    pub(super) fn watch(&self, watcher: Arc<Line>) {
        let mut inside = lock(&self.inside);
        if watcher.presence(inside.held.is_some()).is_ok() {
            inside.watchers.push(watcher);
        }
    }

    /// `watcher` is gone.
    pub(super) fn forget(&self, watcher: &Arc<Line>) {
        lock(&self.inside)
            .watchers
            .retain(|each| !Arc::ptr_eq(each, watcher));
    }

    /// Powers the card on, or resets it.
    pub(super) fn power_up(&self) -> Result<InProcess, Failure> {
        let powered = self.slot.connect();
        self.keep()?;
        powered.map_err(|_| Failure::Mute)
    }

    /// Carries out a command; what the card changed is kept before the response is given.
    pub(super) fn transmit(
        &self,
        card: &mut InProcess,
        command: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        self.pass_gate();
        let answered = card.transmit(command);
        self.commands.fetch_add(1, Ordering::Relaxed);
        self.keep()?;
        answered.map_err(|error| match error {
            TransmitError::TooLong => Failure::TooLong,
            // There is a card: `keep` would have said otherwise. Torn, reset by another connection, or another card.
            _ => Failure::NoPower,
        })
    }

    /// Has a PIN entered at the reader's keys, and carries out the command that comes of it.
    pub(super) fn enter_pin(
        &self,
        card: &mut InProcess,
        entry: PinEntry,
        structure: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let Some(pad) = &self.pad else {
            return Ok(StatusWord::FUNCTION_NOT_SUPPORTED.0.to_be_bytes().to_vec());
        };
        match pad.command(entry, structure) {
            Ok(command) => self.transmit(card, &command),
            Err(sw) => Ok(sw.0.to_be_bytes().to_vec()),
        }
    }

    /// A card whose memory cannot be kept answers nothing.
    fn keep(&self) -> Result<(), Failure> {
        let mut inside = lock(&self.inside);
        let held = inside.held.as_mut().ok_or(Failure::NoCard)?;
        held.keep().map_err(|error| {
            log::error!(
                "{}: the card's memory could not be written, its power is cut: {error}",
                held.file.path().display()
            );
            lock(&held.card).power_off();
            Failure::NotKept
        })
    }
}
