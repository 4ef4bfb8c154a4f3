//! Which way the ridges run: the structure tensor at several scales, each trusted as far as it is coherent.

use std::f32::consts::PI;

use super::segmentation::{CELL, Mask};
use crate::grid::{CellMeans, Grid};
use crate::maths;

/// Deviation in cells from which on half of them serve.
const WIDE: f32 = 4.0;

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
        (maths::atan2(s, c) / 2.0).rem_euclid(PI)
    }

    /// Angle along the ridge in a cell, 0 to π, y downward.
    pub fn cell_angle(&self, x: usize, y: usize) -> f32 {
        (maths::atan2(self.sine.at(x, y), self.cosine.at(x, y)) / 2.0).rem_euclid(PI)
    }

    /// How much the ridges in a cell agree, 0 to 1.
    pub fn cell_coherence(&self, x: usize, y: usize) -> f32 {
        maths::length(self.cosine.at(x, y), self.sine.at(x, y)).min(1.0)
    }

    /// How much the ridges around a pixel agree, 0 to 1.
    pub fn coherence(&self, x: f32, y: f32) -> f32 {
        let (c, s) = (
            self.cosine.at_pixel(x, y, CELL),
            self.sine.at_pixel(x, y, CELL),
        );
        maths::length(c, s).min(1.0)
    }
}

impl Orientation {
    /// The same field over an image `factor` times as large, `width` × `height` cells of it.
    pub fn resample(&self, factor: f32, width: usize, height: usize) -> Self {
        Self {
            cosine: self.cosine.resample(factor, width, height),
            sine: self.sine.resample(factor, width, height),
        }
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
        let means = || CellMeans::new(width, height, CELL);
        let (mut cosine, mut sine, mut energy) = (means(), means(), means());
        let mut row_of = [(); 3].map(|()| Grid::new(width, 1));
        for y in 0..height {
            let (above, below) = (
                smooth.row(y.saturating_sub(1)),
                smooth.row((y + 1).min(height - 1)),
            );
            let row = smooth.row(y);
            let [cos2, sin2, square] = row_of.each_mut().map(|row| row.row_mut(0));
            let mut at = |x: usize, left: f32, right: f32| {
                let (gx, gy) = (right - left, below[x] - above[x]);
                // The ridge runs across the gradient: the doubled angle turns by π.
                cos2[x] = gy * gy - gx * gx;
                sin2[x] = -2.0 * gx * gy;
                square[x] = gx * gx + gy * gy;
            };
            at(0, row[0], row[1.min(width - 1)]);
            for x in 1..width.saturating_sub(1) {
                at(x, row[x - 1], row[x + 1]);
            }
            at(width - 1, row[width.saturating_sub(2)], row[width - 1]);
            cosine.add_row(y, cos2);
            sine.add_row(y, sin2);
            energy.add_row(y, square);
        }
        Self {
            cosine: cosine.finish(),
            sine: sine.finish(),
            energy: energy.finish(),
        }
    }

    fn blur(&self, sigma: f32) -> Self {
        let blur = |grid: &Grid| match sigma {
            WIDE.. => grid.blur_wide(sigma),
            _ => grid.blur(sigma),
        };
        Self {
            cosine: blur(&self.cosine),
            sine: blur(&self.sine),
            energy: blur(&self.energy),
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
                let coherence = maths::length(cos2, sin2).min(1.0);
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
