//! The simulators: cards, scanners and fingers as devices that answer in bytes.
#![forbid(unsafe_code)]

pub mod card;
pub mod fault;
pub mod finger;
pub mod scanner;
