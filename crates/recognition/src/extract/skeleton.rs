//! Thinning: a binary image reduced to lines one pixel wide that keep how it hangs together.
//!
//! Two alternating passes remove a pixel whose removal cuts nothing and shortens no line (Z. Guo and R. W. Hall,
//! Parallel thinning with two-subiteration algorithms, 1989).

use zeroize::Zeroize;

/// A binary image. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct Binary {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
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

impl Binary {
    pub fn from_fn(width: usize, height: usize, mut set: impl FnMut(usize, usize) -> bool) -> Self {
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            pixels.extend((0..width).map(|x| u8::from(set(x, y))));
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Whether a pixel is set; none outside the image is.
    pub fn get(&self, x: isize, y: isize) -> bool {
        (0..self.width as isize).contains(&x)
            && (0..self.height as isize).contains(&y)
            && self.pixels[y as usize * self.width + x as usize] != 0
    }

    pub fn set(&mut self, x: usize, y: usize, value: bool) {
        self.pixels[y * self.width + x] = u8::from(value);
    }

    /// The set neighbours of a pixel, one bit each in the order of [`AROUND`].
    pub fn neighbours(&self, x: usize, y: usize) -> u8 {
        let mut bits = 0;
        for (k, (dx, dy)) in AROUND.iter().enumerate() {
            bits |= u8::from(self.get(x as isize + dx, y as isize + dy)) << k;
        }
        bits
    }

    /// The set pixels.
    pub fn points(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let width = self.width;
        self.pixels
            .iter()
            .enumerate()
            .filter(|(_, pixel)| **pixel != 0)
            .map(move |(i, _)| (i % width, i / width))
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        self.pixels.zeroize();
    }
}

/// For each pattern of neighbours whether the pixel may go in the first and in the second pass.
fn removable() -> [[bool; 2]; 256] {
    let mut table = [[false; 2]; 256];
    for (pattern, passes) in table.iter_mut().enumerate() {
        let p = |k: usize| pattern >> (k % 8) & 1 == 1;
        let count =
            |pairs: [(usize, usize); 4]| pairs.iter().filter(|(a, b)| p(*a) || p(*b)).count();
        let parts = [(0, 1, 2), (2, 3, 4), (4, 5, 6), (6, 7, 0)]
            .iter()
            .filter(|(a, b, c)| !p(*a) && (p(*b) || p(*c)))
            .count();
        let lower = count([(7, 0), (1, 2), (3, 4), (5, 6)]);
        let upper = count([(0, 1), (2, 3), (4, 5), (6, 7)]);
        let common = parts == 1 && (2..=3).contains(&lower.min(upper));
        passes[0] = common && !((p(0) || p(1) || !p(3)) && p(2));
        passes[1] = common && !((p(4) || p(5) || !p(7)) && p(6));
    }
    table
}

/// The skeleton of a binary image.
pub(crate) fn thin(image: &Binary) -> Binary {
    let table = removable();
    let mut out = image.clone();
    let mut active: Vec<(usize, usize)> = out.points().collect();
    let mut unchanged = 0;
    let mut pass = 0;
    while unchanged < 2 {
        let (gone, left): (Vec<_>, Vec<_>) = active
            .iter()
            .partition(|&&(x, y)| table[usize::from(out.neighbours(x, y))][pass]);
        unchanged = if gone.is_empty() { unchanged + 1 } else { 0 };
        for (x, y) in gone {
            out.set(x, y, false);
        }
        active = left;
        pass = 1 - pass;
    }
    out
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
