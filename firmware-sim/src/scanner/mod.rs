//! Simulated fingerprint scanners.

pub mod image_scanner;
pub mod zfm;

pub use image_scanner::{Frame, ImageScanner, NoFrame, Press};
