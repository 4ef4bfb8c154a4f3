//! How far apart the ridges are: the strongest frequency across the ridges of a window, smoothed over the print.

use std::f32::consts::TAU;
use std::sync::LazyLock;

use super::orientation::Orientation;
use super::segmentation::Mask;
use crate::grid::Grid;
use crate::maths;

/// Side of a cell of the period map in pixels.
pub(crate) const CELL: usize = 16;

/// Shortest and longest period looked for, in pixels at 500 dpi.
pub(crate) const RANGE: (f32, f32) = (4.5, 18.0);

/// Half the window across the ridges and along them, in pixels.
const ACROSS: isize = 24;
const ALONG: isize = 8;

/// Periods in pixels by cell, and their median over the print.
pub(crate) struct Period {
    map: Grid,
    scale: f32,
    pub median: f32,
    /// How much of what is seen across the ridges is their wave, mean over the print, 0 to 1.
    pub share: f32,
    /// How far the periods scatter about the median, mean over the print, as a share of it.
    pub scatter: f32,
}

impl Period {
    /// The period at a pixel.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        self.scale * self.map.at_pixel(x / self.scale, y / self.scale, CELL)
    }

    /// How many times as large as at 500 dpi the image is that these are the periods of.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The periods of the image `factor` times as large.
    pub fn scaled(self, factor: f32) -> Self {
        Self {
            map: self.map,
            scale: self.scale * factor,
            median: self.median * factor,
            ..self
        }
    }
}

/// Samples of a signature.
const SAMPLES: usize = 2 * ACROSS as usize + 1;

/// Periods tried, evenly in log scale over [`RANGE`].
const TRIED: usize = 37;

/// The waves of the periods tried, under a Hann window, sample by sample.
struct Waves {
    periods: [f32; TRIED],
    cosine: Vec<[f32; TRIED]>,
    sine: Vec<[f32; TRIED]>,
    window: [f32; SAMPLES],
}

impl Waves {
    fn new() -> Self {
        let ratio = maths::exp(maths::ln(RANGE.1 / RANGE.0) / (TRIED - 1) as f32);
        let periods = std::array::from_fn(|i| RANGE.0 * ratio.powi(i as i32));
        let wave =
            |sample: usize| periods.map(|period| maths::sin_cos(TAU * sample as f32 / period));
        let hann =
            |sample: usize| 0.5 - 0.5 * maths::cos(TAU * (sample as f32 + 0.5) / SAMPLES as f32);
        Self {
            periods,
            cosine: (0..SAMPLES).map(|i| wave(i).map(|(_, c)| c)).collect(),
            sine: (0..SAMPLES).map(|i| wave(i).map(|(s, _)| s)).collect(),
            window: std::array::from_fn(hann),
        }
    }

    /// The power of each wave in a signature.
    fn powers(&self, signature: &[f32; SAMPLES]) -> [f32; TRIED] {
        let (mut re, mut im) = ([0.0; TRIED], [0.0; TRIED]);
        for ((value, cosine), sine) in signature.iter().zip(&self.cosine).zip(&self.sine) {
            for i in 0..TRIED {
                re[i] += value * cosine[i];
                im[i] += value * sine[i];
            }
        }
        std::array::from_fn(|i| re[i] * re[i] + im[i] * im[i])
    }
}

/// The period of a normalised image by cell; `None` when no cell shows one.
pub(crate) fn estimate(image: &Grid, mask: &Mask, orientation: &Orientation) -> Option<Period> {
    let (width, height) = (image.width().div_ceil(CELL), image.height().div_ceil(CELL));
    static WAVES: LazyLock<Waves> = LazyLock::new(Waves::new);
    let waves = &*WAVES;
    let mut periods = Grid::new(width, height);
    let mut weights = Grid::new(width, height);
    let mut all = Vec::new();
    let mut looked_at = 0;
    for y in 0..height {
        for x in 0..width {
            let (cx, cy) = ((x * CELL + CELL / 2) as f32, (y * CELL + CELL / 2) as f32);
            if !mask.pixel(cx, cy) {
                continue;
            }
            looked_at += 1;
            let signature = signature(image, waves, cx, cy, orientation.angle(cx, cy));
            if let Some((period, share)) = strongest(&signature, waves) {
                let weight = share * orientation.coherence(cx, cy);
                periods.set(x, y, maths::ln(period) * weight);
                weights.set(x, y, weight);
                all.push((period, weight));
            }
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f32 = all.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    let median = all.iter().find(|(_, weight)| {
        sum += weight;
        sum >= total / 2.0
    })?;
    let median = median.0;
    let scattered: f32 = all
        .iter()
        .map(|(period, weight)| weight * maths::ln(period / median).abs())
        .sum();
    // A cell far from the median has caught a harmonic or a crease: it is left to its neighbours.
    for i in 0..width * height {
        let (x, y) = (i % width, i / width);
        let weight = weights.at(x, y);
        if weight > 0.0 && (periods.at(x, y) / weight - maths::ln(median)).abs() > 0.5 {
            periods.set(x, y, 0.0);
            weights.set(x, y, 0.0);
        }
    }
    let (periods, weights) = (periods.blur(1.5), weights.blur(1.5));
    let faint = 0.02;
    let map = periods.combine(&weights, |period, weight| {
        maths::exp((period + faint * maths::ln(median)) / (weight + faint))
    });
    Some(Period {
        map,
        scale: 1.0,
        median,
        share: total / looked_at as f32,
        scatter: scattered / total.max(1e-6),
    })
}

/// Grey values across the ridges, averaged along them, with a Hann window and without their mean.
fn signature(image: &Grid, waves: &Waves, cx: f32, cy: f32, angle: f32) -> [f32; SAMPLES] {
    let (s, c) = maths::sin_cos(angle);
    let mut values = [0.0; SAMPLES];
    for (value, across) in values.iter_mut().zip(-ACROSS..) {
        let (x, y) = (cx - across as f32 * s, cy + across as f32 * c);
        for along in (-ALONG..=ALONG).step_by(2) {
            let along = along as f32;
            *value += image.clamped(
                (x + along * c) as i32 as isize,
                (y + along * s) as i32 as isize,
            );
        }
    }
    let mean = values.iter().sum::<f32>() / SAMPLES as f32;
    for (value, window) in values.iter_mut().zip(&waves.window) {
        *value = (*value - mean) * window;
    }
    values
}

/// The strongest period of a signature, and the share of the signature's energy it explains.
fn strongest(signature: &[f32; SAMPLES], waves: &Waves) -> Option<(f32, f32)> {
    let energy: f32 = signature.iter().map(|value| value * value).sum();
    if energy < 1e-3 {
        return None;
    }
    let power = waves.powers(signature);
    let best = (1..TRIED - 1)
        .filter(|&i| power[i] >= power[i - 1] && power[i] >= power[i + 1])
        .max_by(|&i, &j| power[i].total_cmp(&power[j]))?;
    let (low, mid, high) = (power[best - 1], power[best], power[best + 1]);
    let curve = low - 2.0 * mid + high;
    let shift = if curve.abs() > 1e-12 {
        0.5 * (low - high) / curve
    } else {
        0.0
    };
    let ratio = maths::ln(waves.periods[best + 1] / waves.periods[best]);
    let period = waves.periods[best] * maths::exp(ratio * shift);
    // A pure wave under a Hann window has a share of one third of the sample count.
    let share = (mid / (energy * SAMPLES as f32 / 3.0)).min(1.0);
    Some((period, share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{orientation, segmentation::segment};

    #[test]
    fn the_period_of_parallel_ridges_is_found() {
        for period in [6.0f32, 9.0, 13.0] {
            let image = Grid::from_fn(200, 200, |x, y| {
                let across = 0.8 * x as f32 + 0.6 * y as f32;
                127.0 + 100.0 * (across * TAU / period).cos()
            });
            let segmented = segment(&image).expect("a print");
            let field = orientation::estimate(
                &segmented.normalized,
                &segmented.mask,
                1.0,
                &[2.0, 4.0],
                1.0,
            );
            let found = estimate(&segmented.normalized, &segmented.mask, &field).expect("a period");
            assert!(
                (found.median - period).abs() < 0.03 * period,
                "{period} gave {}",
                found.median
            );
            assert!((found.at(100.0, 100.0) - period).abs() < 0.05 * period);
        }
    }
}
