//! Faults, made on purpose and by number, so that each can be made again.

pub mod script;
pub mod tear;

pub use script::{Fault, Player, Script, Touch};
pub use tear::{Cut, Tear, TearControl, Way};
