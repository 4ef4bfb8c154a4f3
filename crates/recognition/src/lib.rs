//! The fingerprint engine: extraction, quality, comparison.
#![forbid(unsafe_code)]

pub mod bench;
mod compare;
pub mod enrol;
mod error;
mod extract;
mod grid;
mod maths;
pub mod on_card;
pub mod picture;
pub mod quality;
mod spare;
pub mod threshold;

pub use compare::{Alignment, Comparison, Prepared, compare};
pub use error::Error;
pub use extract::{Extraction, extract};
