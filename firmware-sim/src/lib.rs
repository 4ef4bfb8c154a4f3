//! The simulators: cards, scanners and fingers as devices that answer in bytes.
#![forbid(unsafe_code)]

pub mod bus;
pub mod card;
pub mod echo;
mod error;
pub mod fault;
pub mod finger;
pub mod loopback;
pub mod scanner;

pub use error::Error;
