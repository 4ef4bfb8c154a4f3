//! Which way the ridges run: the structure tensor at several scales, each trusted as far as it is coherent.

use std::f32::consts::PI;

use super::segmentation::{CELL, Mask};
use crate::grid::Grid;

/// Orientations by cell, as doubled angles: (cos 2θ, sin 2θ) times the coherence, θ along the ridge in the image's
/// own sense (y downward).
pub(crate) struct Orientation {
    cosine: Grid,
    sine: Grid,
}

impl Orientation {
    /// Angle along the ridge at a pixel, 0 to π, y downward.
    pub fn angle(&self, x: f32, y: f32) -> f32 {
        let (c, s) = (
            self.cosine.at_pixel(x, y, CELL),
            self.sine.at_pixel(x, y, CELL),
        );
        (s.atan2(c) / 2.0).rem_euclid(PI)
    }

    /// Angle along the ridge in a cell, 0 to π, y downward.
    pub fn cell_angle(&self, x: usize, y: usize) -> f32 {
        (self.sine.at(x, y).atan2(self.cosine.at(x, y)) / 2.0).rem_euclid(PI)
    }

    /// How much the ridges in a cell agree, 0 to 1.
    pub fn cell_coherence(&self, x: usize, y: usize) -> f32 {
        self.cosine.at(x, y).hypot(self.sine.at(x, y)).min(1.0)
    }

    /// How much the ridges around a pixel agree, 0 to 1.
    pub fn coherence(&self, x: f32, y: f32) -> f32 {
        let (c, s) = (
            self.cosine.at_pixel(x, y, CELL),
            self.sine.at_pixel(x, y, CELL),
        );
        c.hypot(s).min(1.0)
    }
}

/// Doubled gradient directions and their weight, by cell.
struct Tensor {
    cosine: Grid,
    sine: Grid,
    energy: Grid,
}

impl Tensor {
    fn of(image: &Grid, smoothing: f32) -> Self {
        let smooth = image.blur(smoothing);
        let (width, height) = (image.width(), image.height());
        let mut cosine = Grid::new(width, height);
        let mut sine = Grid::new(width, height);
        let mut energy = Grid::new(width, height);
        for y in 0..height {
            for x in 0..width {
                let (xi, yi) = (x as isize, y as isize);
                let gx = smooth.clamped(xi + 1, yi) - smooth.clamped(xi - 1, yi);
                let gy = smooth.clamped(xi, yi + 1) - smooth.clamped(xi, yi - 1);
                // The ridge runs across the gradient: the doubled angle turns by π.
                cosine.set(x, y, gy * gy - gx * gx);
                sine.set(x, y, -2.0 * gx * gy);
                energy.set(x, y, gx * gx + gy * gy);
            }
        }
        Self {
            cosine: cosine.shrink(CELL),
            sine: sine.shrink(CELL),
            energy: energy.shrink(CELL),
        }
    }

    fn blur(&self, sigma: f32) -> Self {
        Self {
            cosine: self.cosine.blur(sigma),
            sine: self.sine.blur(sigma),
            energy: self.energy.blur(sigma),
        }
    }

    /// The orientation at a cell, its length the coherence.
    fn at(&self, x: usize, y: usize) -> (f32, f32) {
        let energy = self.energy.at(x, y) + 1e-4;
        (self.cosine.at(x, y) / energy, self.sine.at(x, y) / energy)
    }
}

/// The orientation of a normalised image. `scales` are deviations in cells, the finest first; where a scale is not
/// coherent the next coarser one fills in.
pub(crate) fn estimate(
    image: &Grid,
    mask: &Mask,
    smoothing: f32,
    scales: &[f32],
    last: f32,
) -> Orientation {
    let tensor = Tensor::of(image, smoothing);
    let blurred: Vec<Tensor> = scales.iter().map(|&sigma| tensor.blur(sigma)).collect();
    let (width, height) = (mask.cells_wide(), mask.cells_high());
    let mut cosine = Grid::new(width, height);
    let mut sine = Grid::new(width, height);
    for y in 0..height {
        for x in 0..width {
            let (mut c, mut s, mut left) = (0.0, 0.0, 1.0);
            for scale in &blurred {
                let (cos2, sin2) = scale.at(x, y);
                let coherence = cos2.hypot(sin2).min(1.0);
                c += left * cos2;
                s += left * sin2;
                left *= 1.0 - coherence;
            }
            let inside = if mask.cell(x, y) { 1.0 } else { 0.25 };
            cosine.set(x, y, c * inside);
            sine.set(x, y, s * inside);
        }
    }
    Orientation {
        cosine: cosine.blur(last),
        sine: sine.blur(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::segmentation::segment;

    #[test]
    fn parallel_ridges_are_found_at_every_angle() {
        for step in 0..12 {
            let angle = step as f32 * PI / 12.0;
            let image = Grid::from_fn(160, 160, |x, y| {
                let across = -(x as f32) * angle.sin() + y as f32 * angle.cos();
                127.0 + 100.0 * (across * std::f32::consts::TAU / 9.0).cos()
            });
            let segmented = segment(&image).expect("a print");
            let orientation = estimate(
                &segmented.normalized,
                &segmented.mask,
                1.0,
                &[2.0, 4.0],
                1.0,
            );
            let found = orientation.angle(80.0, 80.0);
            let off = (found - angle)
                .rem_euclid(PI)
                .min((angle - found).rem_euclid(PI));
            assert!(off < 0.03, "{angle} gave {found}");
            assert!(orientation.coherence(80.0, 80.0) > 0.9);
        }
    }
}
