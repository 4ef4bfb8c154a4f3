//! Contextual filtering: at every pixel a band-pass across the ridges, a low-pass along them, tuned to the local
//! orientation and period.

use std::f32::consts::{PI, TAU};
use std::sync::OnceLock;

use super::orientation::Orientation;
use super::period::{Period, RANGE};
use super::segmentation::{CELL, Mask};
use crate::grid::Grid;
use crate::maths;

/// Orientations the kernels are made for.
const ANGLES: usize = 32;

/// Kernels for each factor e of the period.
const PERIODS_AN_E: f32 = 12.0;

/// The steps of the shortest and the longest period of [`RANGE`]: its logarithm by [`PERIODS_AN_E`], rounded.
const STEPS: (i32, i32) = (18, 35);

/// Deviations of the kernel's envelope in periods.
const ACROSS: f32 = 0.4;
const ALONG: f32 = 0.6;

/// How far a kernel reaches, in pixels.
fn reach(period: f32) -> usize {
    (2.2 * period * ALONG).ceil() as usize
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
    /// The kernel for an orientation and a period, made when it is first asked for: every print needs the same few
    /// hundred.
    fn tuned_to(tuning: Tuning) -> &'static Self {
        static ALL: [[OnceLock<Kernel>; (STEPS.1 - STEPS.0) as usize + 1]; ANGLES] =
            [const { [const { OnceLock::new() }; (STEPS.1 - STEPS.0) as usize + 1] }; ANGLES];
        ALL[tuning.angle][(tuning.step - STEPS.0) as usize].get_or_init(|| {
            Self::new(
                tuning.angle as f32 * PI / ANGLES as f32,
                maths::exp(tuning.step as f32 / PERIODS_AN_E),
            )
        })
    }

    /// Even, without response to a flat image, with gain 1 for its own wave.
    fn new(angle: f32, period: f32) -> Self {
        let (across, along) = (ACROSS * period, ALONG * period);
        let reach = reach(period);
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

/// What a kernel is tuned to: which of the orientations, and which step of the period.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tuning {
    angle: usize,
    step: i32,
}

/// A filtered image, and what it was filtered by.
pub(crate) struct Filtered {
    /// About -1 on ridges to 1 in valleys where the image shows them clearly, 0 outside the print.
    pub image: Grid,
    /// For each cell of the mask; `None` outside.
    tuned: Vec<Option<Tuning>>,
}

/// Filters an image by the orientations and periods of its cells.
pub(crate) fn filter(
    image: &Grid,
    mask: &Mask,
    orientation: &Orientation,
    period: &Period,
) -> Filtered {
    let step = |x: usize, y: usize| {
        let middle = |cell: usize| (cell * CELL) as f32 + CELL as f32 / 2.0;
        let local = period.at(middle(x), middle(y)).clamp(RANGE.0, RANGE.1);
        ((maths::ln(local) * PERIODS_AN_E).round() as i32).clamp(STEPS.0, STEPS.1)
    };
    let cells = mask.cells_wide() * mask.cells_high();
    let out = Filtered {
        image: Grid::new(image.width(), image.height()),
        tuned: vec![None; cells],
    };
    turned(out, image, mask, orientation, step)
}

/// Filters the same image again, by other orientations. Where they ask for the same kernel as before, there already is
/// what it gives.
pub(crate) fn filter_again(
    before: Filtered,
    image: &Grid,
    mask: &Mask,
    orientation: &Orientation,
) -> Filtered {
    let wide = mask.cells_wide();
    let known: Vec<i32> = before
        .tuned
        .iter()
        .map(|tuning| tuning.map_or(STEPS.0, |it| it.step))
        .collect();
    turned(before, image, mask, orientation, |x, y| known[y * wide + x])
}

fn turned(
    mut out: Filtered,
    image: &Grid,
    mask: &Mask,
    orientation: &Orientation,
    step: impl Fn(usize, usize) -> i32,
) -> Filtered {
    let padded = Padded::new(image, reach(RANGE.1 * 1.1));
    for y in 0..mask.cells_high() {
        for x in (0..mask.cells_wide()).filter(|x| mask.cell(*x, y)) {
            let angle =
                (orientation.cell_angle(x, y) / PI * ANGLES as f32).round() as usize % ANGLES;
            let tuning = Tuning {
                angle,
                step: step(x, y),
            };
            let before = out.tuned[y * mask.cells_wide() + x].replace(tuning);
            if before == Some(tuning) {
                continue;
            }
            let (left, top) = (x * CELL, y * CELL);
            let values = Kernel::tuned_to(tuning).apply(&padded, left, top);
            let within = CELL.min(image.width().saturating_sub(left));
            for (dy, row) in values
                .iter()
                .enumerate()
                .take(image.height().saturating_sub(top))
            {
                out.image.row_mut(top + dy)[left..left + within].copy_from_slice(&row[..within]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_those_of_the_range() {
        let step = |period: f32| (maths::ln(period) * PERIODS_AN_E).round() as i32;
        assert_eq!((step(RANGE.0), step(RANGE.1)), STEPS);
    }

    #[test]
    fn a_kernel_passes_its_wave_and_stops_the_flat_and_the_crossing() {
        let kernel = Kernel::new(0.5, 9.0);
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
