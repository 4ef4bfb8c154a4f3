//! How a simulated device is plugged in.

pub mod in_process;

pub use in_process::{InProcess, SharedCard, Slot, share};
