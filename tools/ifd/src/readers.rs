//! The readers that pcscd opened, by the number it gave each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::code::Code;
use crate::device::Device;
use crate::reader::Reader;

/// Readers by logical unit number: reader << 16 | slot.
#[derive(Debug, Default)]
pub struct Readers {
    open: Mutex<BTreeMap<u64, Arc<Reader>>>,
}

impl Readers {
    /// No readers.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            open: Mutex::new(BTreeMap::new()),
        }
    }

    fn open_ones(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Reader>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the reader of this device name under this number.
    ///
    /// # Errors
    /// [`Code::NoSuchDevice`] for a name that stands for no reader, [`Code::CommunicationError`] where the system has
    /// no thread for it.
    pub fn open(&self, lun: u64, name: &str) -> Result<(), Code> {
        let device = Device::parse(name).ok_or(Code::NoSuchDevice)?;
        let reader = Reader::open(device).map_err(|_| Code::CommunicationError)?;
        // One that had the number before is closed outside the lock: that may take a moment.
        let before = self.open_ones().insert(lun, Arc::new(reader));
        drop(before);
        Ok(())
    }

    /// The reader of this number.
    ///
    /// # Errors
    /// [`Code::NoSuchDevice`].
    pub fn get(&self, lun: u64) -> Result<Arc<Reader>, Code> {
        self.open_ones()
            .get(&lun)
            .cloned()
            .ok_or(Code::NoSuchDevice)
    }

    /// Closes the reader of this number.
    ///
    /// # Errors
    /// [`Code::NoSuchDevice`].
    pub fn close(&self, lun: u64) -> Result<(), Code> {
        let reader = self.open_ones().remove(&lun).ok_or(Code::NoSuchDevice)?;
        reader.wake();
        reader.power_down();
        Ok(())
    }
}
