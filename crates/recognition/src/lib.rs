//! The fingerprint engine: extraction, quality, comparison.
#![forbid(unsafe_code)]

pub mod bench;
mod error;
pub mod on_card;
pub mod threshold;

pub use error::Error;
