//! Thinning: a binary image reduced to lines one pixel wide that keep how it hangs together.
//!
//! Two alternating passes remove a pixel whose removal cuts nothing and shortens no line (Z. Guo and R. W. Hall,
//! Parallel thinning with two-subiteration algorithms, 1989).

use zeroize::Zeroize;

use crate::grid::Grid;

/// Pixels of a word.
pub(crate) const WORD: usize = u64::BITS as usize;

/// A binary image, a bit a pixel. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct Binary {
    width: usize,
    height: usize,
    /// Row by row, the leftmost pixel the lowest bit, in a frame of unset ones: a word on either side of a row, a row
    /// above and below.
    words: Vec<u64>,
}

/// The eight neighbours, clockwise from above.
pub(crate) const AROUND: [(isize, isize); 8] = [
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
];

/// The neighbours of the pixels of a word, a word for each of [`AROUND`].
pub(crate) type Around = [u64; 8];

impl Binary {
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(WORD) + 2;
        Self {
            width,
            height,
            words: vec![0; stride * (height + 2)],
        }
    }

    #[cfg(test)]
    pub fn from_fn(width: usize, height: usize, mut set: impl FnMut(usize, usize) -> bool) -> Self {
        let mut all = Self::new(width, height);
        for y in 0..height {
            let row = all.row_mut(y);
            for x in 0..width {
                row[x / WORD] |= u64::from(set(x, y)) << (x % WORD);
            }
        }
        all
    }

    /// The values that pass a test.
    pub fn of(grid: &Grid, test: impl Fn(f32) -> bool) -> Self {
        let mut all = Self::new(grid.width(), grid.height());
        for y in 0..grid.height() {
            let words = all.row_mut(y).iter_mut();
            for (word, values) in words.zip(grid.row(y).chunks(WORD)) {
                for (x, value) in values.iter().enumerate() {
                    *word |= u64::from(test(*value)) << x;
                }
            }
        }
        all
    }

    /// What is set here and not there; both of one size.
    pub fn without(mut self, other: &Self) -> Self {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
        self
    }

    fn stride(&self) -> usize {
        self.width.div_ceil(WORD) + 2
    }

    /// The words of a row, those of the frame left out.
    pub fn row_mut(&mut self, y: usize) -> &mut [u64] {
        let stride = self.stride();
        &mut self.words[(y + 1) * stride + 1..(y + 2) * stride - 1]
    }

    /// Whether a pixel is set; none outside the image is.
    pub fn get(&self, x: isize, y: isize) -> bool {
        (0..self.width as isize).contains(&x) && (0..self.height as isize).contains(&y) && {
            let (x, y) = (x as usize, y as usize);
            let word = self.words[(y + 1) * self.stride() + 1 + x / WORD];
            word >> (x % WORD) & 1 != 0
        }
    }

    pub fn set(&mut self, x: usize, y: usize, value: bool) {
        let word = &mut self.row_mut(y)[x / WORD];
        let bit = 1 << (x % WORD);
        *word = if value { *word | bit } else { *word & !bit };
    }

    /// The set neighbours of a pixel, one bit each in the order of [`AROUND`].
    pub fn neighbours(&self, x: usize, y: usize) -> u8 {
        let stride = self.stride();
        // Bits from the beginning of the row, of which the first word is the frame's.
        let left = WORD + x - 1;
        let (word, shift) = (left / WORD, left % WORD);
        // The pixel to the left, the one in the middle, the one to the right.
        let three = |row: usize| {
            let at = row * stride + word;
            let next = if shift > WORD - 3 {
                self.words[at + 1] << (WORD - shift)
            } else {
                0
            };
            ((self.words[at] >> shift | next) & 0b111) as u8
        };
        let (above, row, below) = (three(y), three(y + 1), three(y + 2));
        above >> 1
            | (row & 0b100)
            | (below & 0b100) << 1
            | (below & 0b010) << 3
            | (below & 0b001) << 5
            | (row & 0b001) << 6
            | (above & 0b001) << 7
    }

    /// The set pixels.
    pub fn points(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.points_where(|_| !0)
    }

    /// The set pixels whose neighbours pass a test, which is made for a word of them at once.
    pub fn points_where<'a>(
        &'a self,
        test: impl Fn(&Around) -> u64 + 'a,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        let stride = self.stride();
        let places = (1..=self.height).flat_map(move |y| (1..stride - 1).map(move |k| (k, y)));
        places.flat_map(move |(k, y)| {
            let rows = [y - 1, y, y + 1].map(|y| &self.words[y * stride..(y + 1) * stride]);
            let mut left = match rows[1][k] {
                0 => 0,
                word => word & test(&around(rows, k)),
            };
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < WORD).then_some(((k - 1) * WORD + bit, y - 1))
            })
        })
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        self.words.zeroize();
    }
}

/// The neighbours of the pixels of word `k` of the middle one of three rows, which is not the first or the last.
fn around([above, row, below]: [&[u64]; 3], k: usize) -> Around {
    let right = |row: &[u64]| row[k] >> 1 | row[k + 1] << (WORD - 1);
    let left = |row: &[u64]| row[k] << 1 | row[k - 1] >> (WORD - 1);
    [
        above[k],
        right(above),
        right(row),
        right(below),
        below[k],
        left(below),
        left(row),
        left(above),
    ]
}

/// Where at least one, two and three of these are set.
pub(crate) fn at_least(words: impl IntoIterator<Item = u64>) -> [u64; 3] {
    words.into_iter().fold([0; 3], |[one, two, three], word| {
        [one | word, two | one & word, three | two & word]
    })
}

/// The pixels that may go in the first or the second pass, by their neighbours.
fn removable(p: &Around, second: bool) -> u64 {
    let parts = [(0, 1, 2), (2, 3, 4), (4, 5, 6), (6, 7, 0)];
    let [one, two, _] = at_least(parts.map(|(a, b, c)| !p[a] & (p[b] | p[c])));
    let whole = one & !two;
    let lower = [p[7] | p[0], p[1] | p[2], p[3] | p[4], p[5] | p[6]];
    let upper = [p[0] | p[1], p[2] | p[3], p[4] | p[5], p[6] | p[7]];
    // No end of a line, and not all around it: the smaller of both counts is two or three.
    let enough = at_least(lower)[1] & at_least(upper)[1];
    let all = |of: [u64; 4]| of[0] & of[1] & of[2] & of[3];
    let surrounded = all(lower) & all(upper);
    let kept = if second {
        (p[4] | p[5] | !p[7]) & p[6]
    } else {
        (p[0] | p[1] | !p[3]) & p[2]
    };
    whole & enough & !surrounded & !kept
}

/// The skeleton of a binary image.
///
/// Whether a pixel goes hangs on its neighbours and on the pass alone: a row is looked at again only after it, or one
/// beside it, has changed since this pass last saw it.
pub(crate) fn thin(image: &Binary) -> Binary {
    let mut out = image.clone();
    let stride = out.stride();
    // In which pass, counted from 2 on, a row changed last.
    let mut changed = vec![1; image.height + 2];
    let mut rows = Rows::new(stride);
    let (mut pass, mut last) = (2, 2);
    while pass <= last + 2 {
        rows.clear();
        for y in 1..=image.height {
            let (before, below) = out.words.split_at_mut((y + 1) * stride);
            let row = &mut before[y * stride..];
            rows.next(row);
            if changed[y - 1..=y + 1].iter().all(|&at| at + 2 < pass) {
                continue;
            }
            let below = &below[..stride];
            let inner = row.iter_mut().enumerate().take(stride - 1).skip(1);
            for (k, word) in inner.filter(|(_, word)| **word != 0) {
                let around = around([&rows.above, &rows.own, below], k);
                *word &= !removable(&around, pass % 2 == 1);
            }
            if *row != rows.own {
                (changed[y], last) = (pass, pass);
            }
        }
        pass += 1;
    }
    out
}

/// Rows as they were before a pass that changes them in place. Wiped when dropped.
struct Rows {
    above: Vec<u64>,
    own: Vec<u64>,
}

impl Rows {
    fn new(stride: usize) -> Self {
        Self {
            above: vec![0; stride],
            own: vec![0; stride],
        }
    }

    fn clear(&mut self) {
        self.own.fill(0);
    }

    fn next(&mut self, row: &[u64]) {
        std::mem::swap(&mut self.above, &mut self.own);
        self.own.copy_from_slice(row);
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.above.zeroize();
        self.own.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(rows: &[&str]) -> Binary {
        Binary::from_fn(rows[0].len(), rows.len(), |x, y| {
            rows[y].as_bytes()[x] == b'#'
        })
    }

    #[test]
    fn a_bar_becomes_a_line_and_stays_whole() {
        let bar = Binary::from_fn(40, 11, |x, y| (3..37).contains(&x) && (3..8).contains(&y));
        let line = thin(&bar);
        let points: Vec<_> = line.points().collect();
        assert!(points.len() >= 28 && points.iter().all(|&(_, y)| (4..=6).contains(&y)));
        let ends = points
            .iter()
            .filter(|&&(x, y)| line.neighbours(x, y).count_ones() == 1)
            .count();
        assert_eq!(ends, 2);
    }

    #[test]
    fn a_ring_keeps_its_hole_and_a_thin_line_stays() {
        let ring = picture(&["......", ".####.", ".#..#.", ".####.", "......"]);
        assert_eq!(
            thin(&ring)
                .points()
                .filter(|&(x, y)| thin(&ring).neighbours(x, y) == 0)
                .count(),
            0
        );
        assert!(thin(&ring).points().count() >= 6);
        let line = picture(&[".....", "####.", "....."]);
        assert_eq!(thin(&line).points().count(), 4);
    }
}
