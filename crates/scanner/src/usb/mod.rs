//! `usb:<vid:pid>[@bus-port]`: scanners on the system's USB, through libusb.

mod backend;
mod bus;
mod listener;
mod locator;
mod monitor;
mod wire;

/// What libusb says.
pub use rusb::Error as UsbError;

pub use backend::UsbBackend;
pub use bus::{Access, Found, found};
pub use locator::{Locator, LocatorError};
pub use monitor::{Event, Monitor};
