//! Faults, made on purpose and by number, so that each can be made again.

pub mod tear;

pub use tear::{Cut, Tear, TearControl, Way};
