//! How clearly the ridges show: the correlation of the image with what the contextual filter made of it.
//!
//! Where they agree the filter had little to invent, and minutiae are trusted.

use crate::extract::{CELL, Mask};
use crate::grid::Grid;

/// Clarity by cell, 0 to 1.
pub(crate) struct Clarity {
    map: Grid,
}

impl Clarity {
    /// The local correlation of the normalised image and the filtered one.
    pub fn new(normalized: &Grid, filtered: &Grid, mask: &Mask) -> Self {
        let moment = |of: &Grid, with: &Grid| {
            let product = |y: usize, out: &mut [f32]| {
                let both = of.row(y).iter().zip(with.row(y));
                for (to, (a, b)) in out.iter_mut().zip(both) {
                    *to = a * b;
                }
            };
            of.shrink_of(CELL, product).blur(2.0)
        };
        let product = moment(normalized, filtered);
        let first = moment(normalized, normalized);
        let second = moment(filtered, filtered);
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

    /// Mean clarity of the cells of a print.
    pub fn mean(&self, mask: &Mask) -> f32 {
        let sum: f32 = self.map.values().iter().sum();
        sum / mask.area().max(1) as f32
    }
}
