//! A template: the minutiae of one impression.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{FingerPosition, Minutia};

/// The minutiae of one impression of one finger, in pixels at 500 dpi.
///
/// Wiped when dropped; `Debug` shows sizes only.
#[derive(Clone, PartialEq, Default)]
pub struct Template {
    /// Width of the image in pixels at 500 dpi.
    pub width: u32,
    /// Height of the image in pixels at 500 dpi.
    pub height: u32,
    /// Which finger.
    pub finger: FingerPosition,
    /// Quality of the whole impression, 0 (worst) to 100 (best).
    pub quality: u8,
    /// The minutiae, in no order that means anything.
    pub minutiae: Vec<Minutia>,
}

impl Template {
    /// A template of an image of `width` × `height` pixels at 500 dpi, its finger not told.
    pub fn new(width: u32, height: u32, quality: u8, minutiae: Vec<Minutia>) -> Self {
        Self {
            width,
            height,
            finger: FingerPosition::Unknown,
            quality,
            minutiae,
        }
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("finger", &self.finger)
            .field("quality", &self.quality)
            .field("minutiae", &self.minutiae.len())
            .finish()
    }
}

impl Zeroize for Template {
    fn zeroize(&mut self) {
        self.minutiae.zeroize();
        self.quality.zeroize();
        self.width.zeroize();
        self.height.zeroize();
        self.finger = FingerPosition::Unknown;
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Template {}
