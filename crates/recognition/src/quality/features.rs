//! What of a print tells how good it is, as far as it shows before anything is filtered or extracted.

use crate::extract::{CELL, Mask, Orientation, Seen};
use crate::grid::Grid;
use crate::maths;

/// Millimetres of a pixel at 500 dpi.
const MILLIMETRES: f32 = 25.4 / 500.0;

/// Coherence from which on a cell's ridges have a direction to speak of.
const DIRECTED: f32 = 0.4;

/// Fewest cells that tell of a smear.
const LEAST_DIRECTED: usize = 200;

/// What shows at first sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Features {
    /// Area of print in square millimetres.
    pub area: f32,
    /// How much neighbouring ridges agree on their direction, mean over the print, 0 to 1.
    pub certainty: f32,
    /// How much of what is seen across the ridges is one wave, mean over the print, 0 to 1.
    pub regularity: f32,
    /// How far the periods of the ridges scatter about the print's own, as a share of it.
    pub scatter: f32,
    /// Third moment of the grey values, each place by its own mean and contrast: above 0 where dark is the rule and
    /// white the exception (wet), below where white is (dry).
    pub skew: f32,
    /// Median contrast in grey levels.
    pub contrast: f32,
    /// How much less the ridges of one direction show than those across it, 0 for none.
    pub smear: f32,
}

impl Features {
    pub fn of(seen: &Seen) -> Self {
        let mask = &seen.mask;
        let cells = mask.area().max(1) as f32;
        let contrast = contrast(&seen.grey);
        let inside = || cells_of(mask);
        let coherence: f32 = inside()
            .map(|(x, y)| seen.orientation.cell_coherence(x, y))
            .sum();
        let mut levels: Vec<f32> = inside().map(|(x, y)| contrast.at(x, y)).collect();
        levels.sort_unstable_by(f32::total_cmp);
        Self {
            area: cells * (CELL as f32 * MILLIMETRES).powi(2),
            certainty: coherence / cells,
            regularity: seen.period.share,
            scatter: seen.period.scatter,
            skew: skew(&seen.normalized, mask),
            contrast: levels.get(levels.len() / 2).copied().unwrap_or(0.0),
            smear: smear(&contrast, &seen.orientation, mask),
        }
    }
}

fn cells_of(mask: &Mask) -> impl Iterator<Item = (usize, usize)> {
    let wide = mask.cells_wide();
    (0..wide * mask.cells_high())
        .map(move |i| (i % wide, i / wide))
        .filter(|&(x, y)| mask.cell(x, y))
}

/// The standard deviation of the grey values around a cell.
fn contrast(grey: &Grid) -> Grid {
    let mean = grey.shrink(CELL).blur(2.5);
    let squares = |y: usize, out: &mut [f32]| {
        for (to, value) in out.iter_mut().zip(grey.row(y)) {
            *to = value * value;
        }
    };
    let square = grey.shrink_of(CELL, squares).blur(2.5);
    square.combine(&mean, |square, mean| (square - mean * mean).max(0.0).sqrt())
}

/// The third moment of what is inside, by the power of the second that makes it a number of no unit.
fn skew(normalized: &Grid, mask: &Mask) -> f32 {
    let (mut count, mut first, mut second, mut third) = (0.0, 0.0, 0.0, 0.0);
    for (x, y) in cells_of(mask) {
        let columns = x * CELL..((x + 1) * CELL).min(normalized.width());
        for y in y * CELL..((y + 1) * CELL).min(normalized.height()) {
            for &value in &normalized.row(y)[columns.clone()] {
                count += 1.0;
                first += value;
                second += value * value;
                third += value * value * value;
            }
        }
    }
    let (mean, square, cube) = (
        first / f32::max(count, 1.0),
        second / f32::max(count, 1.0),
        third / f32::max(count, 1.0),
    );
    let variance = (square - mean * mean).max(1e-3);
    (cube - 3.0 * mean * square + 2.0 * mean.powi(3)) / (variance * variance.sqrt())
}

/// A finger that slides wipes out the ridges that lie across its way and leaves those along it: how much the logarithm of
/// the contrast goes up and down with the direction of the ridges, by least squares.
fn smear(contrast: &Grid, orientation: &Orientation, mask: &Mask) -> f32 {
    let mut sums = [[0.0f64; 4]; 3];
    let mut count = 0;
    for (x, y) in cells_of(mask) {
        let coherence = orientation.cell_coherence(x, y);
        if coherence < DIRECTED {
            continue;
        }
        count += 1;
        let (sine, cosine) = maths::sin_cos(2.0 * orientation.cell_angle(x, y));
        let (sine, cosine) = (f64::from(sine), f64::from(cosine));
        let level = f64::from(maths::ln(contrast.at(x, y).max(1.0)));
        let row = [1.0, cosine, sine, level];
        for (sums, factor) in sums.iter_mut().zip(row) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += factor * value;
            }
        }
    }
    if count < LEAST_DIRECTED {
        return 0.0;
    }
    match solve(sums) {
        Some([_, cosine, sine]) => maths::length(cosine as f32, sine as f32),
        None => 0.0,
    }
}

/// Three linear equations, the right side last; `None` where they say too little.
fn solve(mut rows: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for i in 0..3 {
        let pivot = (i..3).max_by(|&a, &b| rows[a][i].abs().total_cmp(&rows[b][i].abs()))?;
        rows.swap(i, pivot);
        let scale = rows[i][i];
        if scale.abs() < 1e-6 {
            return None;
        }
        rows[i].iter_mut().for_each(|value| *value /= scale);
        let row = rows[i];
        for (_, other) in rows.iter_mut().enumerate().filter(|(k, _)| *k != i) {
            let factor = other[i];
            for (value, own) in other.iter_mut().zip(row) {
                *value -= factor * own;
            }
        }
    }
    Some(rows.map(|row| row[3]))
}
