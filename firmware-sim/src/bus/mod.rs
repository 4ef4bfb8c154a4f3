//! How a simulated device is plugged in: inside the process, behind the system's PC/SC, or on USB.

#[cfg(unix)]
pub mod control;
#[cfg(unix)]
pub mod ifd;
pub mod in_process;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub mod preload;
pub mod serial;
pub mod usb;

pub use in_process::{InProcess, SharedCard, Slot, share};
