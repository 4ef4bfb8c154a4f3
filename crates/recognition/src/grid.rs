//! A rectangle of numbers, and the few operations on it that every stage uses. Wiped when dropped: it holds a print.

use zeroize::Zeroize;

/// Row-major numbers.
#[derive(Clone)]
pub(crate) struct Grid {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Grid {
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            values: vec![0.0; width * height],
        }
    }

    /// A grid whose value at (x, y) is `value(x, y)`.
    pub fn from_fn(
        width: usize,
        height: usize,
        mut value: impl FnMut(usize, usize) -> f32,
    ) -> Self {
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            values.extend((0..width).map(|x| value(x, y)));
        }
        Self {
            width,
            height,
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
        let values = self
            .values
            .iter()
            .zip(&other.values)
            .map(|(&a, &b)| operation(a, b))
            .collect();
        Self {
            width: self.width,
            height: self.height,
            values,
        }
    }

    pub fn map(&self, operation: impl Fn(f32) -> f32) -> Self {
        let values = self.values.iter().map(|&value| operation(value)).collect();
        Self {
            width: self.width,
            height: self.height,
            values,
        }
    }

    /// The means of cells of `cell` × `cell`, the last ones of what is left.
    pub fn shrink(&self, cell: usize) -> Self {
        let (width, height) = (self.width.div_ceil(cell), self.height.div_ceil(cell));
        let mut out = Self::new(width, height);
        for y in 0..height {
            let rows = y * cell..((y + 1) * cell).min(self.height);
            for x in 0..width {
                let columns = x * cell..((x + 1) * cell).min(self.width);
                let count = (rows.len() * columns.len()) as f32;
                let sum: f32 = rows
                    .clone()
                    .map(|row| self.row(row)[columns.clone()].iter().sum::<f32>())
                    .sum();
                out.set(x, y, sum / count);
            }
        }
        out
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
            .map(|k| (-0.5 * ((k as f32 - reach as f32) / sigma).powi(2)).exp())
            .collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        let mut across = Self::new(self.width, self.height);
        let mut padded = vec![0.0; self.width + 2 * reach];
        for y in 0..self.height {
            let row = self.row(y);
            padded[..reach].fill(row[0]);
            padded[reach..reach + self.width].copy_from_slice(row);
            padded[reach + self.width..].fill(row[self.width - 1]);
            for (k, &weight) in weights.iter().enumerate() {
                add_scaled(across.row_mut(y), &padded[k..k + self.width], weight);
            }
        }
        padded.zeroize();
        let mut down = Self::new(self.width, self.height);
        for y in 0..self.height {
            for (k, &weight) in weights.iter().enumerate() {
                let from = (y + k).saturating_sub(reach).min(self.height - 1);
                add_scaled(down.row_mut(y), across.row(from), weight);
            }
        }
        down
    }
}

fn add_scaled(to: &mut [f32], from: &[f32], factor: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}

impl Drop for Grid {
    fn drop(&mut self) {
        self.values.zeroize();
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
