//! A rectangle of numbers, and the few operations on it that every stage uses. Wiped when dropped: it holds a print.

use std::ops::Range;

use crate::{maths, spare};

/// Row-major numbers.
pub(crate) struct Grid {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Grid {
    pub fn new(width: usize, height: usize) -> Self {
        let mut values = spare::take(width * height);
        values.resize(width * height, 0.0);
        Self {
            width,
            height,
            values,
        }
    }

    /// A grid of `width` × `height` bytes.
    pub fn of_bytes(width: usize, height: usize, bytes: &[u8]) -> Self {
        Self::of_values(width, height, bytes.iter().map(|&byte| f32::from(byte)))
    }

    /// A grid of `width` × `height` values.
    fn of_values(width: usize, height: usize, all: impl Iterator<Item = f32>) -> Self {
        let mut values = spare::take(width * height);
        values.extend(all);
        Self {
            width,
            height,
            values,
        }
    }

    /// A grid whose value at (x, y) is `value(x, y)`.
    pub fn from_fn(
        width: usize,
        height: usize,
        mut value: impl FnMut(usize, usize) -> f32,
    ) -> Self {
        let mut values = spare::take(width * height);
        for y in 0..height {
            values.extend((0..width).map(|x| value(x, y)));
        }
        Self {
            width,
            height,
            values,
        }
    }

    /// A part of it.
    pub fn cropped(&self, columns: &Range<usize>, rows: &Range<usize>) -> Self {
        let mut values = spare::take(columns.len() * rows.len());
        for y in rows.clone() {
            values.extend_from_slice(&self.row(y)[columns.clone()]);
        }
        Self {
            width: columns.len(),
            height: rows.len(),
            values,
        }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.height
    }

    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..(y + 1) * self.width]
    }

    pub fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[y * self.width..(y + 1) * self.width]
    }

    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    pub fn set(&mut self, x: usize, y: usize, value: f32) {
        self.values[y * self.width + x] = value;
    }

    /// The value nearest to (x, y), which may lie outside.
    pub fn clamped(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.at(x, y)
    }

    /// The value at (x, y) between cells, bilinear; the edge's outside.
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let upper = self.at(x0, y0) * (1.0 - fx) + self.at(x1, y0) * fx;
        let lower = self.at(x0, y1) * (1.0 - fx) + self.at(x1, y1) * fx;
        upper * (1.0 - fy) + lower * fy
    }

    /// A grid of the same size whose values are those of both combined.
    pub fn combine(&self, other: &Self, operation: impl Fn(f32, f32) -> f32) -> Self {
        let both = self.values.iter().zip(&other.values);
        let values = both.map(|(&a, &b)| operation(a, b));
        Self::of_values(self.width, self.height, values)
    }

    pub fn map(&self, operation: impl Fn(f32) -> f32) -> Self {
        let values = self.values.iter().map(|&value| operation(value));
        Self::of_values(self.width, self.height, values)
    }

    /// The means of cells of `cell` × `cell`, the last ones of what is left.
    pub fn shrink(&self, cell: usize) -> Self {
        let mut means = CellMeans::new(self.width, self.height, cell);
        for y in 0..self.height {
            means.add_row(y, self.row(y));
        }
        means.finish()
    }

    /// The means over cells of what becomes of the values, row by row: `operation` fills a row, of the grid's width.
    pub fn shrink_of(&self, cell: usize, mut operation: impl FnMut(usize, &mut [f32])) -> Self {
        let mut means = CellMeans::new(self.width, self.height, cell);
        let mut row = Self::new(self.width, 1);
        for y in 0..self.height {
            operation(y, &mut row.values);
            means.add_row(y, &row.values);
        }
        means.finish()
    }

    /// The grid at another scale, `factor` pixels for one, bilinear: `width` × `height` pixels of it.
    pub fn resample(&self, factor: f32, width: usize, height: usize) -> Self {
        let mut out = Self::new(width, height);
        let mut resampled = self.resampled(factor, width);
        for y in 0..height {
            resampled.fill(y, out.row_mut(y));
        }
        out
    }

    /// As [`resample`](Self::resample), for who takes it row by row. A grid that was shrunk by a cell comes back with that
    /// as its factor: at each pixel the value of [`at_pixel`](Self::at_pixel).
    pub fn resampled(&self, factor: f32, width: usize) -> Resampled<'_> {
        let columns = match factor {
            4.0 => Vec::new(),
            _ => (0..width).map(|x| between(x, factor, self.width)).collect(),
        };
        Resampled {
            grid: self,
            factor,
            columns,
            blended: Self::new(self.width, 1),
        }
    }

    /// The value at pixel (x, y) of a grid that was shrunk by `cell`.
    pub fn at_pixel(&self, x: f32, y: f32, cell: usize) -> f32 {
        let cell = cell as f32;
        self.sample((x + 0.5) / cell - 0.5, (y + 0.5) / cell - 0.5)
    }

    /// Convolved with a Gaussian of the deviation given, in cells; the edge repeated outside.
    pub fn blur(&self, sigma: f32) -> Self {
        let reach = (3.0 * sigma).ceil() as usize;
        let mut weights: Vec<f32> = (0..=2 * reach)
            .map(|k| maths::exp(-0.5 * ((k as f32 - reach as f32) / sigma).powi(2)))
            .collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        let mut across = Self::new(self.width, self.height);
        let mut padded = Self::new(self.width + 2 * reach, 1);
        let padded = &mut padded.values;
        for y in 0..self.height {
            let row = self.row(y);
            padded[..reach].fill(row[0]);
            padded[reach..reach + self.width].copy_from_slice(row);
            padded[reach + self.width..].fill(row[self.width - 1]);
            weigh(across.row_mut(y), &weights, |k| &padded[k..k + self.width]);
        }
        let mut down = Self::new(self.width, self.height);
        for y in 0..self.height {
            let from = |k: usize| (y + k).saturating_sub(reach).min(self.height - 1);
            weigh(down.row_mut(y), &weights, |k| across.row(from(k)));
        }
        down
    }

    /// As [`blur`](Self::blur), for a deviation of many cells: from every second cell.
    pub fn blur_wide(&self, sigma: f32) -> Self {
        self.shrink(2)
            .blur(sigma / 2.0)
            .resample(2.0, self.width, self.height)
    }
}

/// The two pixels between which a pixel lies in a row `factor` times as short, of so many, and the share of the second.
fn between(pixel: usize, factor: f32, of: usize) -> (usize, usize, f32) {
    let at = ((pixel as f32 + 0.5) / factor - 0.5).clamp(0.0, (of - 1) as f32);
    let first = at as usize;
    (first, (first + 1).min(of - 1), at - first as f32)
}

/// A grid at another scale, row by row.
pub(crate) struct Resampled<'a> {
    grid: &'a Grid,
    factor: f32,
    /// For each pixel what it lies between; not filled for a factor of 4, where it repeats itself.
    columns: Vec<(usize, usize, f32)>,
    /// The row blended of two, not yet at its scale.
    blended: Grid,
}

impl Resampled<'_> {
    /// Fills the row `y`.
    pub fn fill(&mut self, y: usize, out: &mut [f32]) {
        let (upper, lower, share) = between(y, self.factor, self.grid.height);
        let (upper, lower) = (self.grid.row(upper), self.grid.row(lower));
        let blended = self.blended.values.as_mut_slice();
        for ((to, a), b) in blended.iter_mut().zip(upper).zip(lower) {
            *to = a * (1.0 - share) + b * share;
        }
        if !self.columns.is_empty() {
            for (to, &(left, right, share)) in out.iter_mut().zip(&self.columns) {
                *to = blended[left] * (1.0 - share) + blended[right] * share;
            }
            return;
        }
        const SHARES: [f32; 4] = [0.125, 0.375, 0.625, 0.875];
        let (first, rest) = out.split_at_mut(2.min(out.len()));
        first.fill(blended[0]);
        let (fours, _) = rest.as_chunks_mut::<4>();
        for (four, pair) in fours.iter_mut().zip(blended.windows(2)) {
            for (to, share) in four.iter_mut().zip(SHARES) {
                *to = pair[0] * (1.0 - share) + pair[1] * share;
            }
        }
        let done = first.len() + 4 * fours.len().min(blended.len() - 1);
        for (x, to) in out.iter_mut().enumerate().skip(done) {
            let (left, right, share) = between(x, 4.0, blended.len());
            *to = blended[left] * (1.0 - share) + blended[right] * share;
        }
    }
}

/// Means of cells, gathered row by row.
pub(crate) struct CellMeans {
    sums: Grid,
    cell: usize,
    width: usize,
    height: usize,
}

impl CellMeans {
    /// For an image of `width` × `height` pixels.
    pub fn new(width: usize, height: usize, cell: usize) -> Self {
        Self {
            sums: Grid::new(width.div_ceil(cell), height.div_ceil(cell)),
            cell,
            width,
            height,
        }
    }

    /// Adds the values of the image's row `y`.
    pub fn add_row(&mut self, y: usize, values: &[f32]) {
        let sums = self.sums.row_mut(y / self.cell);
        if self.cell == 4 {
            let (fours, rest) = values.as_chunks::<4>();
            for (sum, [a, b, c, d]) in sums.iter_mut().zip(fours) {
                *sum += a + b + c + d;
            }
            if let (Some(sum), false) = (sums.get_mut(fours.len()), rest.is_empty()) {
                *sum += rest.iter().sum::<f32>();
            }
            return;
        }
        for (sum, cell) in sums.iter_mut().zip(values.chunks(self.cell)) {
            *sum += cell.iter().sum::<f32>();
        }
    }

    /// The means.
    pub fn finish(mut self) -> Grid {
        let (cell, width, height) = (self.cell, self.width, self.height);
        let share = |index: usize, side: usize| ((index + 1) * cell).min(side) - index * cell;
        for y in 0..self.sums.height() {
            let high = share(y, height);
            for (x, sum) in self.sums.row_mut(y).iter_mut().enumerate() {
                *sum /= (high * share(x, width)) as f32;
            }
        }
        self.sums
    }
}

/// `out` becomes the sum of rows, each by its weight. A block of it at a time, which stays in registers.
fn weigh<'a>(out: &mut [f32], weights: &[f32], row: impl Fn(usize) -> &'a [f32]) {
    const BLOCK: usize = 16;
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    let tail = blocks.len() * BLOCK;
    for (i, block) in blocks.iter_mut().enumerate() {
        let mut sums = [0.0; BLOCK];
        for (k, weight) in weights.iter().enumerate() {
            for (sum, value) in sums.iter_mut().zip(&row(k)[i * BLOCK..(i + 1) * BLOCK]) {
                *sum += weight * value;
            }
        }
        *block = sums;
    }
    rest.fill(0.0);
    for (k, weight) in weights.iter().enumerate() {
        for (sum, value) in rest.iter_mut().zip(&row(k)[tail..]) {
            *sum += weight * value;
        }
    }
}

impl Drop for Grid {
    fn drop(&mut self) {
        spare::give(std::mem::take(&mut self.values));
    }
}

#[cfg(test)]
mod tests {
    use super::Grid;

    #[test]
    fn blurring_keeps_the_mean_and_spreads() {
        let mut grid = Grid::new(31, 31);
        grid.set(15, 15, 1.0);
        let blurred = grid.blur(2.0);
        assert!((blurred.values().iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert!(blurred.at(15, 15) < 0.05 && blurred.at(17, 15) > 0.01);
        let flat = Grid::from_fn(5, 3, |_, _| 4.0).blur(3.0);
        assert!(flat.values().iter().all(|value| (value - 4.0).abs() < 1e-4));
    }

    #[test]
    fn shrinking_averages_and_pixels_find_their_cell() {
        let grid = Grid::from_fn(9, 9, |x, _| x as f32);
        let small = grid.shrink(4);
        assert_eq!(
            (
                small.width(),
                small.height(),
                small.at(0, 0),
                small.at(2, 2)
            ),
            (3, 3, 1.5, 8.0)
        );
        assert!((small.at_pixel(3.5, 3.0, 4) - 3.5).abs() < 1e-6);
        assert_eq!(Grid::from_fn(1, 1, |_, _| 7.0).sample(-3.0, 9.0), 7.0);
    }
}
