//! Contextual filtering: at every pixel a band-pass across the ridges, a low-pass along them, tuned to the local
//! orientation and period.

use std::collections::HashMap;
use std::f32::consts::{PI, TAU};

use super::orientation::Orientation;
use super::period::{Period, RANGE};
use super::segmentation::{CELL, Mask};
use crate::grid::Grid;
use crate::maths;

/// Orientations the kernels are made for.
const ANGLES: usize = 32;

/// Kernels for each factor e of the period.
const PERIODS_AN_E: f32 = 12.0;

/// Deviations of the kernel's envelope in periods.
#[derive(Clone, Copy)]
pub(crate) struct Envelope {
    pub across: f32,
    pub along: f32,
}

/// How far a kernel reaches, in pixels.
fn reach(period: f32, envelope: Envelope) -> usize {
    (2.2 * period * envelope.across.max(envelope.along)).ceil() as usize
}

/// Weight of the envelope below which a kernel ends.
const FAINT: f32 = 0.05;

/// A kernel as lines of weights, each only as long as its envelope is not faint.
struct Kernel {
    reach: usize,
    /// For each line from above its first place in it, and its weights.
    lines: Vec<(usize, Vec<f32>)>,
}

impl Kernel {
    /// Even, without response to a flat image, with gain 1 for its own wave.
    fn new(angle: f32, period: f32, envelope: Envelope) -> Self {
        let (across, along) = (envelope.across * period, envelope.along * period);
        let reach = reach(period, envelope);
        let (s, c) = maths::sin_cos(angle);
        let side = 2 * reach + 1;
        // Place, envelope and wave of all that is not faint.
        let mut points = Vec::with_capacity(side * side);
        for y in 0..side {
            for x in 0..side {
                let (dx, dy) = (x as f32 - reach as f32, y as f32 - reach as f32);
                let (u, v) = (dx * c + dy * s, dy * c - dx * s);
                let bell = maths::exp(-0.5 * ((u / along).powi(2) + (v / across).powi(2)));
                if bell >= FAINT {
                    points.push((x, y, bell, maths::cos(TAU * v / period)));
                }
            }
        }
        let sum = |of: &dyn Fn(f32, f32) -> f32| -> f32 {
            points
                .iter()
                .map(|&(_, _, bell, wave)| of(bell, wave))
                .sum()
        };
        let offset = sum(&|bell, wave| bell * wave) / sum(&|bell, _| bell);
        let gain = sum(&|bell, wave| bell * (wave - offset) * wave);
        let mut lines = vec![(0, Vec::new()); side];
        for (x, y, bell, wave) in points {
            let (first, weights) = &mut lines[y];
            if weights.is_empty() {
                *first = x;
            }
            weights.push(bell * (wave - offset) / gain);
        }
        Self { reach, lines }
    }

    /// The responses at the pixels of the cell whose upper left pixel is (x, y) of the image that was padded.
    ///
    /// Weight by weight over the whole cell: neighbouring sums are independent, so that vector instructions serve.
    fn apply(&self, padded: &Padded, x: usize, y: usize) -> [[f32; CELL]; CELL] {
        let mut sums = [[0.0; CELL]; CELL];
        let (left, top) = (
            x + padded.margin - self.reach,
            y + padded.margin - self.reach,
        );
        for (line, (first, weights)) in self.lines.iter().enumerate() {
            let span = left + first..left + first + weights.len() + CELL - 1;
            let rows: [&[f32]; CELL] =
                std::array::from_fn(|row| &padded.grid.row(top + line + row)[span.clone()]);
            for (at, weight) in weights.iter().enumerate() {
                for (sums, row) in sums.iter_mut().zip(rows) {
                    for (sum, pixel) in sums.iter_mut().zip(&row[at..at + CELL]) {
                        *sum += weight * pixel;
                    }
                }
            }
        }
        sums
    }
}

/// An image with its edge repeated outward, so that kernels may reach beyond it.
struct Padded {
    grid: Grid,
    margin: usize,
}

impl Padded {
    fn new(image: &Grid, margin: usize) -> Self {
        let whole = |side: usize| side.next_multiple_of(CELL) + 2 * margin;
        let grid = Grid::from_fn(whole(image.width()), whole(image.height()), |x, y| {
            image.clamped(x as isize - margin as isize, y as isize - margin as isize)
        });
        Self { grid, margin }
    }
}

/// The filtered image: about -1 on ridges to 1 in valleys where the image shows them clearly, 0 outside the print.
pub(crate) fn filter(
    image: &Grid,
    mask: &Mask,
    orientation: &Orientation,
    period: &Period,
    envelope: Envelope,
) -> Grid {
    let mut kernels: HashMap<(usize, i32), Kernel> = HashMap::new();
    let padded = Padded::new(image, reach(RANGE.1 * 1.1, envelope));
    let mut out = Grid::new(image.width(), image.height());
    for y in 0..mask.cells_high() {
        for x in (0..mask.cells_wide()).filter(|x| mask.cell(*x, y)) {
            let angle =
                (orientation.cell_angle(x, y) / PI * ANGLES as f32).round() as usize % ANGLES;
            let (left, top) = (x * CELL, y * CELL);
            let middle = |edge: usize| edge as f32 + CELL as f32 / 2.0;
            let local = period.at(middle(left), middle(top)).clamp(RANGE.0, RANGE.1);
            let step = (maths::ln(local) * PERIODS_AN_E).round() as i32;
            let kernel = kernels.entry((angle, step)).or_insert_with(|| {
                Kernel::new(
                    angle as f32 * PI / ANGLES as f32,
                    maths::exp(step as f32 / PERIODS_AN_E),
                    envelope,
                )
            });
            for (dy, row) in kernel.apply(&padded, left, top).iter().enumerate() {
                for (dx, &value) in row.iter().enumerate() {
                    if left + dx < image.width() && top + dy < image.height() {
                        out.set(left + dx, top + dy, value);
                    }
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_passes_its_wave_and_stops_the_flat_and_the_crossing() {
        let kernel = Kernel::new(
            0.5,
            9.0,
            Envelope {
                across: 0.4,
                along: 0.5,
            },
        );
        let wave = |angle: f32| {
            let image = Grid::from_fn(61, 61, |x, y| {
                let (dx, dy) = (x as f32 - 30.0, y as f32 - 30.0);
                ((dy * angle.cos() - dx * angle.sin()) * TAU / 9.0).cos()
            });
            kernel.apply(&Padded::new(&image, 20), 28, 28)[2][2]
        };
        assert!((wave(0.5) - 1.0).abs() < 0.05);
        assert!(wave(0.5 + PI / 2.0).abs() < 0.15);
        let flat = Padded::new(&Grid::from_fn(61, 61, |_, _| 3.0), 20);
        assert!(kernel.apply(&flat, 28, 28)[1][1].abs() < 1e-3);
    }
}
