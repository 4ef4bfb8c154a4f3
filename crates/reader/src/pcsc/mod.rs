//! `pcsc:<reader>`: the readers of the system's PC/SC service (pcscd; on Windows and macOS the system's own).
//!
//! The rules:
//! - A card is held exclusively, and in a transaction beside: no other program selects or resets anything under our
//!   hands. A program that looks at every card that is put in, as systems do, is waited for a few seconds; one that stays
//!   is [`Error::Busy`](crate::Error::Busy).
//! - Each reader and each connection has a context of its own. The client library lets one call in a context wait for
//!   the other, so a shared one would make readers wait for one another.
//! - The answer's buffer holds the longest answer there is (65,536 bytes and a status word), because a command whose
//!   answer did not fit has been carried out all the same and must not be sent again.
//! - An error that says only that nothing came (a driver's communication error) is looked into: is the card still
//!   there, is the reader, is the service? What is found is what is reported.
//! - A service that stopped and runs again is found again at the next call on the reader. A connection from before stays
//!   dead and says so.
//! - What a reader does not say it can is not asked of it: extended lengths only where the reader announces them
//!   (dwMaxAPDUDataSize, PC/SC part 10), the protocol is T=1 and the card does not deny them.
//!
//! Locators: the reader's whole name; or a part of it, in any case, that only one reader's name has; or `*`, the only
//! reader there is.

mod connection;
mod fault;
mod features;
mod interface;
mod keypad;
mod monitor;
mod name;
mod service;
mod slot;
mod watchdog;

use negin_device::{Address, Backend, Error as DeviceError};

use crate::Reader;

pub use connection::{BareCard, PcscConnection};
pub use fault::{Fault, Reach};
pub use monitor::{Event, Monitor};
pub use service::{ReaderAtHand, ReaderNow, readers};
pub use slot::PcscReader;

const SCHEME: &str = "pcsc";

/// The backend of `pcsc:` addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct PcscBackend;

impl Backend<dyn Reader> for PcscBackend {
    fn scheme(&self) -> &'static str {
        SCHEME
    }

    fn list(&self) -> Result<Vec<Address>, DeviceError> {
        let names = service::names().map_err(|fault| device_error("*", fault))?;
        Ok(names
            .into_iter()
            .map(|name| Address::new(SCHEME, name.to_string_lossy()))
            .collect())
    }

    fn open(&self, locator: &str) -> Result<Box<dyn Reader>, DeviceError> {
        Ok(Box::new(PcscReader::open(locator)?))
    }
}

fn device_error(locator: &str, fault: Fault) -> DeviceError {
    let address = Address::new(SCHEME, locator);
    let reason = fault.to_string();
    match fault.reach() {
        Reach::Stopped | Reach::Forbidden => DeviceError::Unavailable { address, reason },
        Reach::Other => DeviceError::Backend { address, reason },
    }
}
