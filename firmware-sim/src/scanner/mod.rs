//! Simulated fingerprint scanners.

pub mod image_scanner;

pub use image_scanner::{Frame, ImageScanner, NoFrame, Press};
