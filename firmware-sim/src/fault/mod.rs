//! Faults, made on purpose and by number, so that each can be made again.

pub mod script;
pub mod tear;
pub mod usb;

pub use script::{Fault, Player, Script, Touch};
pub use tear::{Cut, Tear, TearControl, Way};
pub use usb::{Afflicted, Faults, Faulty};
