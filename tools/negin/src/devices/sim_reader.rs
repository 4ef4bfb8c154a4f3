//! `sim:<file>`: a reader with the simulated card whose state lies in that file.
//!
//! The file is the card's memory: whatever a command changed is in the file before the command is answered, so that a
//! program killed in mid-work leaves the card as a real one would be left.

use std::path::{Path, PathBuf};
use std::time::Duration;

use negin_apdu::{Atr, Interface, Limits, Transmit, TransmitError};
use negin_device::{Address, Backend, Error as DeviceError};
use negin_firmware_sim::bus::{InProcess, SharedCard, Slot, share};
use negin_firmware_sim::card::Card;
use negin_reader::{CardEvent, Connection, Error, Reader, traced};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use crate::files;

/// Opens [`SimReader`]s for `sim:` addresses.
pub struct SimReaderBackend;

impl Backend<dyn Reader> for SimReaderBackend {
    fn scheme(&self) -> &'static str {
        "sim"
    }

    fn list(&self) -> Result<Vec<Address>, DeviceError> {
        Ok(Vec::new())
    }

    fn open(&self, locator: &str) -> Result<Box<dyn Reader>, DeviceError> {
        let address = || Address::new("sim", locator);
        let failed = |reason: String| DeviceError::Backend {
            address: address(),
            reason,
        };
        let bytes = std::fs::read(locator).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => DeviceError::NoSuchDevice { address: address() },
            _ => failed(error.to_string()),
        })?;
        let mut seed = [0; 32];
        crate::entropy::fill(&mut seed);
        let card = Card::from_state_bytes(&bytes, ChaCha20Rng::from_seed(seed))
            .map_err(|error| failed(error.to_string()))?;
        Ok(Box::new(SimReader::new(
            format!("sim:{locator}"),
            share(card),
            Some(PathBuf::from(locator)),
        )))
    }
}

/// A reader in which a simulated card lies.
pub struct SimReader {
    name: String,
    slot: Slot,
    card: SharedCard,
    file: Option<PathBuf>,
}

impl SimReader {
    /// A reader with `card` in it; `file`, where given, follows the card's memory.
    pub fn new(name: String, card: SharedCard, file: Option<PathBuf>) -> Self {
        let slot = Slot::new(Interface::Contact, Limits::EXTENDED);
        slot.insert(card.clone());
        Self {
            name,
            slot,
            card,
            file,
        }
    }
}

impl Reader for SimReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn card_present(&mut self) -> Result<bool, Error> {
        Ok(self.slot.is_present())
    }

    fn wait_for(&mut self, event: CardEvent, timeout: Duration) -> Result<(), Error> {
        let present = self.slot.is_present();
        if present == (event == CardEvent::Inserted) {
            Ok(())
        } else {
            Err(Error::TimedOut {
                reader: self.name.clone(),
                waited: timeout,
            })
        }
    }

    fn connect(&mut self) -> Result<Box<dyn Connection>, Error> {
        let no_card = |_| Error::NoCard {
            reader: self.name.clone(),
        };
        let link = self.slot.connect().map_err(no_card)?;
        let atr = Atr::parse(link.atr()).map_err(|_| Error::BadAtr {
            reader: self.name.clone(),
        })?;
        let mut connection = SimConnection {
            link,
            atr,
            card: self.card.clone(),
            file: self.file.clone(),
            kept: Vec::new(),
        };
        connection.kept = connection.state();
        connection.keep().map_err(|error| Error::System {
            reader: self.name.clone(),
            reason: error.to_string(),
            code: error
                .raw_os_error()
                .and_then(|code| u32::try_from(code).ok())
                .unwrap_or_default(),
        })?;
        Ok(traced(Box::new(connection), &self.name))
    }
}

/// A powered simulated card.
struct SimConnection {
    link: InProcess,
    atr: Atr,
    card: SharedCard,
    file: Option<PathBuf>,
    kept: Vec<u8>,
}

impl SimConnection {
    fn state(&self) -> Vec<u8> {
        let mut card = self
            .card
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        card.state_bytes()
    }

    fn write(file: &Path, state: &[u8]) -> std::io::Result<()> {
        files::replace(file, state, files::Access::Owner)
    }

    fn keep(&mut self) -> std::io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let state = self.state();
        if state != self.kept {
            Self::write(file, &state)?;
            self.kept = state;
        }
        Ok(())
    }
}

impl Transmit for SimConnection {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let answer = self.link.transmit(command);
        // A card whose memory cannot be kept is a card that lost its power.
        self.keep()
            .map_err(|error| TransmitError::Other(error.raw_os_error().unwrap_or(-1)))?;
        answer
    }

    fn limits(&self) -> Limits {
        self.link.limits()
    }

    fn interface(&self) -> Interface {
        self.link.interface()
    }
}

impl Connection for SimConnection {
    fn atr(&self) -> &Atr {
        &self.atr
    }

    fn reset(&mut self) -> Result<(), TransmitError> {
        self.link.reconnect()
    }
}
