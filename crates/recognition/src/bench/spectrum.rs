//! Whether minutiae prefer the lines of a grid: the periodogram of where they lie, and of which way they look.
//!
//! Minutiae that lie anywhere give each frequency a power that is exponentially distributed with mean 1; what lies on
//! the lines of a grid of period p, as an extractor that works in blocks leaves them, gives the frequency 1/p a power
//! that grows with the number of minutiae. The bound is what positions without a grid exceed anywhere in one run
//! out of a thousand.

use std::f64::consts::{PI, TAU};

/// Shortest and longest period looked at, in pixels.
pub const PERIODS: (f64, f64) = (2.0, 32.0);

/// Directions are looked at for this many to that many equal steps in a turn. Fewer are how fingers are: ridges run more often one way than another.
const STEPS: std::ops::RangeInclusive<u32> = 16..=128;

/// Chance of one power in the spectrum lying above the bound where there is no grid.
const CHANCE: f64 = 1e-3;

/// Powers by frequency.
#[derive(Debug, Clone)]
pub struct Spectrum {
    /// Columns: frequencies across, from -1/2 to 1/2 a pixel.
    pub width: usize,
    /// Rows: frequencies down, from 0 to 1/2 a pixel.
    pub height: usize,
    /// Row by row; 0 for periods beyond those that are looked at.
    pub powers: Vec<f64>,
    /// The highest power.
    pub peak: f64,
    /// Periods across and down of the highest power, in pixels; infinite along an axis.
    pub peak_at: (f64, f64),
    /// What the highest power exceeds once in a thousand runs where there is no grid.
    pub bound: f64,
}

/// What powers reach above, once in a thousand runs, when so many are looked at.
fn bound(powers: usize) -> f64 {
    (powers as f64 / CHANCE).ln()
}

/// The spectrum of positions in an area of `width` × `height` pixels; those outside are passed over.
///
/// Each counts by a window that falls off to the area's edges, so that the edges themselves make no power.
pub fn spectrum(
    positions: impl IntoIterator<Item = (f32, f32)>,
    width: f64,
    height: f64,
) -> Spectrum {
    let (columns, rows) = (width as usize, (height / 2.0) as usize + 1);
    let middle = columns / 2;
    let across = |column: usize| (column as f64 - middle as f64) / width;
    let down = |row: usize| row as f64 / height;
    let mut sums = vec![(0.0f32, 0.0f32); columns * rows];
    let mut squares = 0.0;
    for (x, y) in positions {
        let (x, y) = (f64::from(x), f64::from(y));
        if !(0.0..width).contains(&x) || !(0.0..height).contains(&y) {
            continue;
        }
        let weight = (PI * x / width).sin().powi(2) * (PI * y / height).sin().powi(2);
        squares += weight * weight;
        let wave = |turns: f64| {
            let (sine, cosine) = (TAU * turns).sin_cos();
            (cosine as f32, sine as f32)
        };
        let of_columns: Vec<(f32, f32)> = (0..columns).map(|i| wave(x * across(i))).collect();
        for (row, sums) in sums.chunks_exact_mut(columns).enumerate() {
            let (cosine, sine) = wave(y * down(row));
            let (cosine, sine) = (cosine * weight as f32, sine * weight as f32);
            for (sum, (c, s)) in sums.iter_mut().zip(&of_columns) {
                sum.0 += c * cosine - s * sine;
                sum.1 += c * sine + s * cosine;
            }
        }
    }
    let frequencies = (1.0 / PERIODS.1, 1.0 / PERIODS.0);
    let mut found = Spectrum {
        width: columns,
        height: rows,
        powers: vec![0.0; columns * rows],
        peak: 0.0,
        peak_at: (f64::INFINITY, f64::INFINITY),
        bound: 0.0,
    };
    let mut looked_at = 0;
    for (i, (re, im)) in sums.iter().enumerate() {
        let (fx, fy) = (across(i % columns), down(i / columns));
        let frequency = fx.abs().max(fy);
        if fx.hypot(fy) < frequencies.0 || frequency > frequencies.1 || squares == 0.0 {
            continue;
        }
        looked_at += 1;
        let power = (f64::from(*re).powi(2) + f64::from(*im).powi(2)) / squares;
        found.powers[i] = power;
        if power > found.peak {
            found.peak = power;
            found.peak_at = (1.0 / fx.abs(), 1.0 / fy);
        }
    }
    found.bound = bound(looked_at);
    found
}

/// The spectrum of directions (radians): for each number of equal steps in a turn, from 16 to 128, how far they
/// prefer the steps.
pub fn turns(angles: impl IntoIterator<Item = f32>) -> Spectrum {
    let angles: Vec<f64> = angles.into_iter().map(f64::from).collect();
    let powers: Vec<f64> = STEPS
        .map(|steps| {
            let part = |of: fn(f64) -> f64| {
                let each = angles.iter().map(|angle| of(f64::from(steps) * angle));
                each.sum::<f64>().powi(2)
            };
            (part(f64::cos) + part(f64::sin)) / angles.len().max(1) as f64
        })
        .collect();
    let (mut peak, mut peak_at) = (0.0, f64::INFINITY);
    for (power, steps) in powers.iter().zip(STEPS) {
        if *power > peak {
            (peak, peak_at) = (*power, 360.0 / f64::from(steps));
        }
    }
    Spectrum {
        width: powers.len(),
        height: 1,
        bound: bound(powers.len()),
        powers,
        peak,
        peak_at: (peak_at, f64::INFINITY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng, SeedableRng};

    /// Numbers from 0 to 1.
    fn numbers(seed: u64) -> impl FnMut() -> f32 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        move || (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32
    }

    /// Anywhere, but more in the middle than at the edges.
    fn anywhere(seed: u64, count: usize) -> Vec<(f32, f32)> {
        let mut next = numbers(seed);
        (0..count)
            .map(|_| (100.0 * (next() + next()), 150.0 * (next() + next())))
            .collect()
    }

    #[test]
    fn positions_anywhere_have_no_peak() {
        for seed in 0..3 {
            let found = spectrum(anywhere(seed, 1500), 200.0, 300.0);
            assert!(
                found.peak < found.bound,
                "{} at {:?}",
                found.peak,
                found.peak_at
            );
            assert!(found.bound > 10.0 && found.bound < 20.0);
            let mean = found.powers.iter().sum::<f64>() / found.powers.len() as f64;
            assert!((0.85..1.15).contains(&mean), "{mean}");
        }
    }

    #[test]
    fn one_in_three_on_a_grid_is_a_peak_at_its_period() {
        for period in [4.0, 8.0, 16.0] {
            let mut places = anywhere(7, 1500);
            for place in places.iter_mut().step_by(3) {
                place.0 = (place.0 / period).floor() * period;
            }
            let found = spectrum(places, 200.0, 300.0);
            assert!(found.peak > 2.0 * found.bound, "{period}: {}", found.peak);
            // The period itself or a fraction of it.
            let times = f64::from(period) / found.peak_at.0;
            assert!((times - times.round()).abs() < 0.1, "{:?}", found.peak_at);
            assert!(found.peak_at.1 > 200.0);
        }
    }

    #[test]
    fn directions_in_steps_are_a_peak() {
        let mut next = numbers(1);
        let mut angles: Vec<f32> = (0..2000).map(|_| next() * std::f32::consts::TAU).collect();
        let found = turns(angles.iter().copied());
        assert!(found.peak < found.bound, "{}", found.peak);
        let step = std::f32::consts::TAU / 32.0;
        for angle in angles.iter_mut().step_by(4) {
            *angle = (*angle / step).round() * step;
        }
        let found = turns(angles);
        assert!(found.peak > 2.0 * found.bound, "{}", found.peak);
        assert!(
            (found.peak_at.0 / 11.25).fract() < 1e-9 || (11.25 / found.peak_at.0).fract() < 1e-9
        );
    }
}
