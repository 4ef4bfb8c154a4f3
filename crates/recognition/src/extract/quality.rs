//! How clearly the ridges show: the correlation of the image with what the contextual filter made of it.
//!
//! Where they agree, the filter had little to invent, and minutiae are trusted; the first quality figure is the
//! clarity over the print, scaled by how much print there is.

use super::orientation::Orientation;
use super::segmentation::{CELL, Mask};
use crate::grid::Grid;

/// Area of print in square millimetres from which on more of it adds nothing to the quality.
const FULL_AREA: f32 = 150.0;

/// Clarity by cell, 0 to 1.
pub(crate) struct Clarity {
    map: Grid,
}

impl Clarity {
    /// The local correlation of the normalised image and the filtered one.
    pub fn new(normalized: &Grid, filtered: &Grid, mask: &Mask) -> Self {
        let blurred = |grid: Grid| grid.shrink(CELL).blur(2.0);
        let product = blurred(normalized.combine(filtered, |a, b| a * b));
        let first = blurred(normalized.map(|value| value * value));
        let second = blurred(filtered.map(|value| value * value));
        let norm = first.combine(&second, |a, b| (a * b).sqrt() + 1e-4);
        let correlation = product.combine(&norm, |a, b| (a / b).clamp(0.0, 1.0));
        let inside = mask.as_grid();
        Self {
            map: correlation.combine(&inside, |a, b| a * b),
        }
    }

    /// Clarity at a pixel.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        self.map.at_pixel(x, y, CELL)
    }

    /// Quality of a minutia, 1 to 100.
    pub fn of_minutia(&self, x: f32, y: f32, coherence: f32) -> u8 {
        let clear = ((self.at(x, y) - 0.35) / 0.55).clamp(0.0, 1.0);
        (100.0 * clear * (0.4 + 0.6 * coherence))
            .round()
            .clamp(1.0, 100.0) as u8
    }

    /// Quality of the impression, 0 to 100. `orientation` is that of the image before the filter, whose coherence
    /// tells ridges from other clear things; `scale` is how many pixels here are one at 500 dpi.
    pub fn of_print(&self, mask: &Mask, orientation: &Orientation, scale: f32) -> u8 {
        let cells = mask.area().max(1) as f32;
        let of_cell = |x: usize, y: usize| self.map.at(x, y) * orientation.cell_coherence(x, y);
        let sum: f32 = (0..mask.cells_high())
            .map(|y| (0..mask.cells_wide()).map(|x| of_cell(x, y)).sum::<f32>())
            .sum();
        let mean = sum / cells;
        let millimetres = cells * (CELL * CELL) as f32 * (25.4 / 500.0 / scale).powi(2);
        let clear = ((mean - 0.25) / 0.65).clamp(0.0, 1.0);
        (100.0 * clear * (millimetres / FULL_AREA).min(1.0).sqrt()).round() as u8
    }
}
