//! Faults, made on purpose and by number, so that each can be made again.

pub mod player;
pub mod script;
pub mod serial;
pub mod tear;
pub mod usb;

pub use player::Player;
pub use script::{Fault, Script, ScriptError, Touch};
pub use tear::{Cut, Tear, TearControl, Way};
pub use usb::{Afflicted, Faults, Faulty};
