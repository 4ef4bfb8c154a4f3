//! How a simulated device is plugged in: inside the process, or behind the system's PC/SC.

#[cfg(unix)]
pub mod ifd;
pub mod in_process;

pub use in_process::{InProcess, SharedCard, Slot, share};
