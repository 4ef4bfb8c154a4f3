//! Contextual filtering: at every pixel a band-pass across the ridges, a low-pass along them, tuned to the local
//! orientation and period.

use std::collections::HashMap;
use std::f32::consts::{PI, TAU};

use super::orientation::Orientation;
use super::period::Period;
use super::segmentation::Mask;
use crate::grid::Grid;

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

/// A square kernel of side `2 * reach + 1`.
struct Kernel {
    reach: usize,
    weights: Vec<f32>,
}

impl Kernel {
    /// Even, without response to a flat image, with gain 1 for its own wave.
    fn new(angle: f32, period: f32, envelope: Envelope) -> Self {
        let (across, along) = (envelope.across * period, envelope.along * period);
        let reach = (2.2 * across.max(along)).ceil() as usize;
        let (s, c) = angle.sin_cos();
        let side = 2 * reach + 1;
        let mut weights = Vec::with_capacity(side * side);
        let mut bells = Vec::with_capacity(side * side);
        let mut waves = Vec::with_capacity(side * side);
        for y in 0..side {
            for x in 0..side {
                let (dx, dy) = (x as f32 - reach as f32, y as f32 - reach as f32);
                let (u, v) = (dx * c + dy * s, dy * c - dx * s);
                bells.push((-0.5 * ((u / along).powi(2) + (v / across).powi(2))).exp());
                waves.push((TAU * v / period).cos());
            }
        }
        let total: f32 = bells.iter().sum();
        let offset = bells
            .iter()
            .zip(&waves)
            .map(|(bell, wave)| bell * wave)
            .sum::<f32>()
            / total;
        weights.extend(
            bells
                .iter()
                .zip(&waves)
                .map(|(bell, wave)| bell * (wave - offset)),
        );
        let gain: f32 = weights
            .iter()
            .zip(&waves)
            .map(|(weight, wave)| weight * wave)
            .sum();
        weights.iter_mut().for_each(|weight| *weight /= gain);
        Self { reach, weights }
    }

    fn apply(&self, image: &Grid, x: usize, y: usize) -> f32 {
        let side = 2 * self.reach + 1;
        let fits = x >= self.reach
            && y >= self.reach
            && x + self.reach < image.width()
            && y + self.reach < image.height();
        let mut sum = 0.0;
        for (row, weights) in self.weights.chunks_exact(side).enumerate() {
            if fits {
                let from = &image.row(y + row - self.reach)[x - self.reach..=x + self.reach];
                sum += dot(weights, from);
            } else {
                let yi = y as isize + row as isize - self.reach as isize;
                for (column, weight) in weights.iter().enumerate() {
                    sum += weight
                        * image.clamped(x as isize + column as isize - self.reach as isize, yi);
                }
            }
        }
        sum
    }
}

/// Four sums side by side, so that the compiler may use vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f32 = a4
        .remainder()
        .iter()
        .zip(b4.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a4.zip(b4) {
        for k in 0..4 {
            sums[k] += a[k] * b[k];
        }
    }
    sums.iter().sum::<f32>() + rest
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
    let mut out = Grid::new(image.width(), image.height());
    for y in 0..image.height() {
        for x in 0..image.width() {
            let (px, py) = (x as f32, y as f32);
            if !mask.pixel(px, py) {
                continue;
            }
            let angle = (orientation.angle(px, py) / PI * ANGLES as f32).round() as usize % ANGLES;
            let step = (period.at(px, py).ln() * PERIODS_AN_E).round() as i32;
            let kernel = kernels.entry((angle, step)).or_insert_with(|| {
                Kernel::new(
                    angle as f32 * PI / ANGLES as f32,
                    (step as f32 / PERIODS_AN_E).exp(),
                    envelope,
                )
            });
            out.set(x, y, kernel.apply(image, x, y));
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
            Grid::from_fn(61, 61, |x, y| {
                let (dx, dy) = (x as f32 - 30.0, y as f32 - 30.0);
                ((dy * angle.cos() - dx * angle.sin()) * TAU / 9.0).cos()
            })
        };
        assert!((kernel.apply(&wave(0.5), 30, 30) - 1.0).abs() < 0.05);
        assert!(kernel.apply(&wave(0.5 + PI / 2.0), 30, 30).abs() < 0.15);
        assert!(
            kernel
                .apply(&Grid::from_fn(61, 61, |_, _| 3.0), 30, 30)
                .abs()
                < 1e-3
        );
    }
}
