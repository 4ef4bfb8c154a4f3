//! How a simulated device is plugged in: inside the process, behind the system's PC/SC, or on USB.

#[cfg(unix)]
pub mod ifd;
pub mod in_process;
pub mod usb;

pub use in_process::{InProcess, SharedCard, Slot, share};
