//! Where a demo's cards lie: in readers of this process, or in simulated readers behind the system's PC/SC service.
//!
//! Behind the service, host and card are two programs. The maker's blank card is a file; a card is put in and taken out
//! through the simulator's control socket, so that sixteen readers do for any number of cards, and what the host sees of
//! it, it sees through the registry's `pcsc:` readers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use negin_device::Address;
use negin_firmware_sim::bus::share;
use negin_firmware_sim::card::Card;
use negin_reader::{CardEvent, Connection, Reader, Readers, pcsc};
use rand_chacha::ChaCha20Rng;

use crate::commands;
use crate::devices::{self, SimReader, simulated};
use crate::files;
use crate::problem::Problem;

/// How long the service may take to see a card.
const PATIENCE: Duration = Duration::from_secs(10);

/// The readers of a demo.
pub enum Tray {
    /// In this process.
    Process,
    /// Behind the system's PC/SC service.
    Pcsc(Arc<Rack>),
}

/// Simulated readers behind the service.
pub struct Rack {
    readers: Readers,
    names: Vec<String>,
    free: Mutex<Vec<usize>>,
    freed: Condvar,
}

/// A card that lies in a reader; it is taken out when this is dropped.
pub struct Laid {
    reader: Box<dyn Reader>,
    _place: Option<Place>,
}

impl Laid {
    /// Powers the card.
    pub fn connect(&mut self) -> Result<Box<dyn Connection>, Problem> {
        Ok(self.reader.connect()?)
    }
}

struct Place {
    rack: Arc<Rack>,
    reader: usize,
    /// A copy's file, gone with it.
    copy: Option<PathBuf>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if simulated::say(&format!("remove {}", self.reader)).is_err() {
            log::warn!("{}: the card stays", self.rack.names[self.reader]);
        }
        if let Some(copy) = &self.copy {
            // A copy that stays takes room and harms nobody.
            let _ = std::fs::remove_file(copy);
        }
        self.rack.free().push(self.reader);
        self.rack.freed.notify_one();
    }
}

impl Tray {
    /// The readers behind the service that `negin-sim pcsc` lends this program.
    pub fn behind_the_service() -> Result<Self, Problem> {
        let bays = simulated::say("list")?.len();
        let names: Vec<String> = pcsc::readers()
            .map_err(|fault| negin_device::Error::Unavailable {
                address: Address::new("pcsc", "*"),
                reason: fault.to_string(),
            })?
            .into_iter()
            .map(|reader| reader.name)
            .take(bays)
            .collect();
        Ok(Self::Pcsc(Arc::new(Rack {
            readers: devices::readers(),
            free: Mutex::new((0..names.len()).rev().collect()),
            names,
            freed: Condvar::new(),
        })))
    }

    /// Lays a card in that has no file yet; the file follows it from here on.
    pub fn lay_new(&self, mut card: Card, file: &Path) -> Result<Laid, Problem> {
        match self {
            Self::Process => Ok(in_process(card, Some(file))),
            Self::Pcsc(rack) => {
                keep(file, &card.state_bytes())?;
                rack.lay(file, None)
            }
        }
    }

    /// Lays in the card of a file, which follows it.
    pub fn lay(&self, file: &Path, rng: ChaCha20Rng) -> Result<Laid, Problem> {
        match self {
            Self::Process => Ok(in_process(read(file, rng)?, Some(file))),
            Self::Pcsc(rack) => rack.lay(file, None),
        }
    }

    /// Lays in a copy of the card of a file, which nothing follows.
    pub fn lay_copy(&self, file: &Path, rng: ChaCha20Rng) -> Result<Laid, Problem> {
        match self {
            Self::Process => Ok(in_process(read(file, rng)?, None)),
            Self::Pcsc(rack) => {
                let copy = file.with_extension("copy");
                keep(
                    &copy,
                    &std::fs::read(file).map_err(|error| Problem::file(file, &error))?,
                )?;
                rack.lay(&copy, Some(copy.clone()))
            }
        }
    }
}

impl Rack {
    fn free(&self) -> MutexGuard<'_, Vec<usize>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the card of a file into a reader that is free, and waits until the service has seen it.
    fn lay(self: &Arc<Self>, file: &Path, copy: Option<PathBuf>) -> Result<Laid, Problem> {
        let file = file
            .canonicalize()
            .map_err(|error| Problem::file(file, &error))?;
        let mut free = self.free();
        let reader = loop {
            match free.pop() {
                Some(reader) => break reader,
                None => {
                    free = self
                        .freed
                        .wait(free)
                        .unwrap_or_else(PoisonError::into_inner)
                }
            }
        };
        drop(free);
        let place = Place {
            rack: Arc::clone(self),
            reader,
            copy,
        };
        let address = Address::new("pcsc", &self.names[reader]);
        let mut slot = self.readers.open(&address)?;
        // The card before may be out, and the service not have seen it yet.
        slot.wait_for(CardEvent::Removed, PATIENCE)?;
        let line = format!("insert {reader} {}", file.display());
        simulated::say(&line)?;
        slot.wait_for(CardEvent::Inserted, PATIENCE)?;
        Ok(Laid {
            reader: slot,
            _place: Some(place),
        })
    }
}

fn in_process(card: Card, file: Option<&Path>) -> Laid {
    let reader = SimReader::new(
        "simulated reader".to_owned(),
        share(card),
        file.map(Path::to_path_buf),
    );
    Laid {
        reader: Box::new(reader),
        _place: None,
    }
}

fn read(file: &Path, rng: ChaCha20Rng) -> Result<Card, Problem> {
    let state = std::fs::read(file).map_err(|error| Problem::file(file, &error))?;
    Card::from_state_bytes(&state, rng).map_err(commands::simulated)
}

fn keep(file: &Path, state: &[u8]) -> Result<(), Problem> {
    files::replace(file, state, files::Access::Owner).map_err(|error| Problem::file(file, &error))
}
