//! Where the print is, and the image brought to one contrast there.
//!
//! A cell belongs to the print when the grey values around it vary enough, by the measure of the image's own best
//! cells; holes are filled, small islands dropped, ragged edges smoothed.

use std::ops::Range;

use super::skeleton::{Binary, WORD};
use crate::Error;
use crate::grid::Grid;
use crate::spare;

/// Side of a cell in pixels.
pub(crate) const CELL: usize = 4;

/// Share of the contrast of the better cells from which on a cell belongs to the print.
const RELATIVE_CONTRAST: f32 = 0.28;

/// Standard deviation in grey levels below which there is nothing to see.
const LEAST_CONTRAST: f32 = 4.0;

/// Least area of a print in cells: 4 mm × 4 mm.
const LEAST_AREA: usize = 80 * 80 / (CELL * CELL);

/// Which cells belong to the print.
pub(crate) struct Mask {
    width: usize,
    height: usize,
    cells: Vec<bool>,
}

impl Mask {
    pub fn cells_wide(&self) -> usize {
        self.width
    }

    pub fn cells_high(&self) -> usize {
        self.height
    }

    pub fn cell(&self, x: usize, y: usize) -> bool {
        self.cells[y * self.width + x]
    }

    /// Whether a pixel belongs to the print; none outside the image does.
    pub fn pixel(&self, x: f32, y: f32) -> bool {
        if x < 0.0 || y < 0.0 {
            return false;
        }
        let (x, y) = (x as usize / CELL, y as usize / CELL);
        x < self.width && y < self.height && self.cell(x, y)
    }

    /// The same print in an image `factor` times as large, `width` × `height` pixels of it.
    pub fn resample(&self, factor: f32, width: usize, height: usize) -> Self {
        let (width, height) = (width.div_ceil(CELL), height.div_ceil(CELL));
        let middle = |cell: usize| (cell * CELL) as f32 + CELL as f32 / 2.0;
        let cells = (0..width * height)
            .map(|i| self.pixel(middle(i % width) / factor, middle(i / width) / factor))
            .collect();
        Self {
            width,
            height,
            cells,
        }
    }

    /// Number of cells of the print.
    pub fn area(&self) -> usize {
        self.cells.iter().filter(|cell| **cell).count()
    }

    /// The pixels of an image of `width` × `height` around the print, with a rim of `rim`: columns, then rows, from a
    /// multiple of [`CELL`] on.
    pub fn surroundings(
        &self,
        rim: usize,
        width: usize,
        height: usize,
    ) -> (Range<usize>, Range<usize>) {
        let within = |cells: &mut dyn Iterator<Item = usize>, side: usize| {
            let (first, last) = cells.fold((usize::MAX, 0), |(first, last), cell| {
                (first.min(cell), last.max(cell))
            });
            let first = (first * CELL).saturating_sub(rim) / 16 * 16;
            first.min(side)..((last + 1) * CELL + rim).min(side)
        };
        let inside = || (0..self.cells.len()).filter(|&i| self.cells[i]);
        (
            within(&mut inside().map(|i| i % self.width), width),
            within(&mut inside().map(|i| i / self.width), height),
        )
    }

    /// What of the mask lies in a part of its image, which begins at multiples of [`CELL`].
    pub fn cropped(&self, columns: &Range<usize>, rows: &Range<usize>) -> Self {
        let (width, height) = (columns.len().div_ceil(CELL), rows.len().div_ceil(CELL));
        let (left, top) = (columns.start / CELL, rows.start / CELL);
        Self {
            width,
            height,
            cells: (0..width * height)
                .map(|i| self.cell(left + i % width, top + i / width))
                .collect(),
        }
    }

    /// The cells from which the nearest cell outside is farther than `cells`; the image's edge counts as outside.
    pub fn eroded(&self, cells: usize) -> Self {
        let reach = cells as isize;
        let near: Vec<(isize, isize)> = (-reach..=reach)
            .flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)))
            .filter(|(dx, dy)| dx * dx + dy * dy <= reach * reach)
            .collect();
        let inside = |x: isize, y: isize| {
            (0..self.width as isize).contains(&x)
                && (0..self.height as isize).contains(&y)
                && self.cell(x as usize, y as usize)
        };
        let cells = (0..self.cells.len())
            .map(|i| {
                let (x, y) = ((i % self.width) as isize, (i / self.width) as isize);
                self.cells[i] && near.iter().all(|(dx, dy)| inside(x + dx, y + dy))
            })
            .collect();
        Self {
            width: self.width,
            height: self.height,
            cells,
        }
    }

    /// The pixels of the print, in an image of `width` × `height`.
    pub fn pixels(&self, width: usize, height: usize) -> Binary {
        let mut all = Binary::new(width, height);
        for y in 0..height {
            let cells = &self.cells[y / CELL * self.width..][..self.width];
            let row = all.row_mut(y);
            for (x, _) in cells.iter().enumerate().filter(|(_, inside)| **inside) {
                let (word, from) = (x * CELL / WORD, x * CELL % WORD);
                let pixels = CELL.min(width.saturating_sub(x * CELL));
                row[word] |= ((1 << pixels) - 1) << from;
            }
        }
        all
    }

    /// The cells as numbers, 1 inside.
    pub fn as_grid(&self) -> Grid {
        Grid::from_fn(self.width, self.height, |x, y| {
            f32::from(u8::from(self.cell(x, y)))
        })
    }

    fn from_grid(grid: &Grid, threshold: f32) -> Self {
        let cells = grid
            .values()
            .iter()
            .map(|&value| value > threshold)
            .collect();
        Self {
            width: grid.width(),
            height: grid.height(),
            cells,
        }
    }

    /// The connected parts of cells of a value, as lists of indices.
    fn parts(&self, value: bool) -> Vec<Vec<usize>> {
        let mut seen = vec![false; self.cells.len()];
        let mut parts = Vec::new();
        for start in 0..self.cells.len() {
            if seen[start] || self.cells[start] != value {
                continue;
            }
            seen[start] = true;
            let mut part = vec![start];
            let mut next = 0;
            while next < part.len() {
                let i = part[next];
                next += 1;
                let (x, y) = (i % self.width, i / self.width);
                let neighbours = [
                    (x > 0).then(|| i - 1),
                    (x + 1 < self.width).then(|| i + 1),
                    (y > 0).then(|| i - self.width),
                    (y + 1 < self.height).then(|| i + self.width),
                ];
                for j in neighbours.into_iter().flatten() {
                    if !seen[j] && self.cells[j] == value {
                        seen[j] = true;
                        part.push(j);
                    }
                }
            }
            parts.push(part);
        }
        parts
    }

    /// Drops islands below a tenth of the largest part, and fills holes that do not touch the image's edge.
    fn tidy(&mut self) {
        let islands = self.parts(true);
        let largest = islands.iter().map(Vec::len).max().unwrap_or(0);
        for part in islands.iter().filter(|part| part.len() * 10 < largest) {
            part.iter().for_each(|&i| self.cells[i] = false);
        }
        let (width, height) = (self.width, self.height);
        let edge = |i: usize| {
            let (x, y) = (i % width, i / width);
            x == 0 || y == 0 || x + 1 == width || y + 1 == height
        };
        for part in self
            .parts(false)
            .iter()
            .filter(|part| part.len() < 400 && !part.iter().any(|&i| edge(i)))
        {
            part.iter().for_each(|&i| self.cells[i] = true);
        }
    }
}

/// What of the image around the print is looked at, in pixels.
const RIM: usize = 16;

/// The part of an image with a print in it.
pub(crate) struct Segmented {
    /// Which part: columns and rows, from multiples of [`CELL`] on.
    pub columns: Range<usize>,
    pub rows: Range<usize>,
    /// The part with local mean 0 and deviation 1 inside the print and 0 outside.
    pub normalized: Grid,
    /// Where in it the print is.
    pub mask: Mask,
}

/// Finds the print in an image of grey levels 0 to 255.
pub(crate) fn segment(image: &Grid) -> Result<Segmented, Error> {
    let (width, height) = (image.width(), image.height());
    let mean = image.shrink(CELL).blur(2.5);
    let mut mean = mean.resampled(CELL as f32, width);
    let mut centred = Grid::new(width, height);
    let contrast = image
        .shrink_of(CELL, |y, squares| {
            let row = centred.row_mut(y);
            mean.fill(y, row);
            for ((to, value), square) in row.iter_mut().zip(image.row(y)).zip(squares) {
                *to = value - *to;
                *square = *to * *to;
            }
        })
        .blur(2.5)
        .map(f32::sqrt);
    let mut levels = contrast.values().to_vec();
    let ninth = levels.len() * 9 / 10;
    let (_, &mut strong, _) = levels.select_nth_unstable_by(ninth, f32::total_cmp);
    spare::give(levels);
    if strong < LEAST_CONTRAST {
        return Err(Error::Blank);
    }
    let threshold = (strong * RELATIVE_CONTRAST).max(LEAST_CONTRAST * 0.5);
    let mut mask = Mask::from_grid(&contrast, threshold);
    mask.tidy();
    mask = Mask::from_grid(&mask.as_grid().blur(3.0), 0.5);
    mask.tidy();
    if mask.area() < LEAST_AREA {
        return Err(Error::Blank);
    }
    let (columns, rows) = mask.surroundings(RIM, width, height);
    let soft = mask.as_grid().blur(1.0);
    let floor = threshold * 0.5;
    let mut normalized = centred.cropped(&columns, &rows);
    let (mut contrast, mut soft) = (
        contrast.resampled(CELL as f32, width),
        soft.resampled(CELL as f32, width),
    );
    let mut row_of = [(); 2].map(|()| Grid::new(width, 1));
    for y in rows.clone() {
        let [deviations, softness] = row_of.each_mut().map(|row| row.row_mut(0));
        contrast.fill(y, deviations);
        soft.fill(y, softness);
        let row = normalized.row_mut(y - rows.start);
        let by = deviations[columns.clone()]
            .iter()
            .zip(&softness[columns.clone()]);
        for (value, (deviation, softness)) in row.iter_mut().zip(by) {
            *value = (*value / (deviation + floor)).clamp(-2.5, 2.5) * softness;
        }
    }
    Ok(Segmented {
        mask: mask.cropped(&columns, &rows),
        columns,
        rows,
        normalized,
    })
}
