//! Simulated fingerprint scanners.

pub mod glass;
pub mod image_scanner;
pub mod uru4000;
pub mod zfm;

pub use glass::{Glass, GlassError, Hand, Lying, Print, Wish};
pub use image_scanner::{Frame, ImageScanner, NoFrame, Press};
pub use uru4000::Uru4000;
