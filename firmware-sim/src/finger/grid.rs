//! A plane of numbers with a value at every pixel.

/// Values on a pixel grid, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Grid {
    /// The grid of `width` × `height` px whose values `value(x, y)` gives.
    pub(crate) fn from_fn(
        width: usize,
        height: usize,
        mut value: impl FnMut(usize, usize) -> f32,
    ) -> Self {
        let values = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| value(x, y))
            .collect();
        Self {
            width,
            height,
            values,
        }
    }

    /// Width, px.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Height, px.
    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// The value at a pixel; the nearest one's outside.
    pub(crate) fn pixel(&self, x: usize, y: usize) -> f32 {
        self.values[y.min(self.height - 1) * self.width + x.min(self.width - 1)]
    }

    /// The value at a pixel, to change.
    pub(crate) fn pixel_mut(&mut self, x: usize, y: usize) -> &mut f32 {
        &mut self.values[y * self.width + x]
    }

    /// The value between pixels, bilinear; outside, the edge's value.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (x0, fx) = split(x, self.width);
        let (y0, fy) = split(y, self.height);
        let row = &self.values[y0 * self.width + x0..][..2];
        let below = &self.values[(y0 + 1) * self.width + x0..][..2];
        let top = row[0] + (row[1] - row[0]) * fx;
        let bottom = below[0] + (below[1] - below[0]) * fx;
        top + (bottom - top) * fy
    }
}

fn split(position: f32, size: usize) -> (usize, f32) {
    let clamped = position.clamp(0.0, (size - 1) as f32);
    let whole = (clamped as usize).min(size - 2);
    (whole, clamped - whole as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_between_pixels_are_bilinear() {
        let grid = Grid::from_fn(4, 3, |x, y| (2 * x + 10 * y) as f32);
        assert_eq!(grid.at(1.5, 0.5), 8.0);
        assert_eq!(grid.at(-5.0, 0.0), 0.0);
        assert_eq!(grid.at(3.0, 2.0), 26.0);
        assert_eq!(grid.at(99.0, 99.0), 26.0);
    }
}
