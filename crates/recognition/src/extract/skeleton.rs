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
    /// 0 or 1, row by row, in a frame of unset ones.
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
        let stride = width + 2;
        let mut pixels = vec![0; stride * (height + 2)];
        for y in 0..height {
            let row = &mut pixels[(y + 1) * stride + 1..][..width];
            for (x, pixel) in row.iter_mut().enumerate() {
                *pixel = u8::from(set(x, y));
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    fn stride(&self) -> usize {
        self.width + 2
    }

    /// Whether a pixel is set; none outside the image is.
    pub fn get(&self, x: isize, y: isize) -> bool {
        (0..self.width as isize).contains(&x)
            && (0..self.height as isize).contains(&y)
            && self.pixels[(y as usize + 1) * self.stride() + x as usize + 1] != 0
    }

    pub fn set(&mut self, x: usize, y: usize, value: bool) {
        let at = (y + 1) * self.stride() + x + 1;
        self.pixels[at] = u8::from(value);
    }

    /// The set neighbours of a pixel, one bit each in the order of [`AROUND`].
    pub fn neighbours(&self, x: usize, y: usize) -> u8 {
        self.around((y + 1) * self.stride() + x + 1)
    }

    /// From a pixel to its neighbours, in the order of [`AROUND`].
    fn offsets(&self) -> [isize; 8] {
        AROUND.map(|(dx, dy)| dy * self.stride() as isize + dx)
    }

    fn around(&self, index: usize) -> u8 {
        let stride = self.stride();
        let [above, row, below] = [index - stride, index, index + stride]
            .map(|middle| &self.pixels[middle - 1..=middle + 1]);
        above[1]
            | above[2] << 1
            | row[2] << 2
            | below[2] << 3
            | below[1] << 4
            | below[0] << 5
            | row[0] << 6
            | above[0] << 7
    }

    fn set_pixels(&self) -> impl Iterator<Item = usize> + '_ {
        const STEP: usize = 8;
        self.pixels
            .chunks(STEP)
            .enumerate()
            .filter(|(_, chunk)| chunk.iter().any(|pixel| *pixel != 0))
            .flat_map(|(k, chunk)| {
                let set = chunk.iter().enumerate().filter(|(_, pixel)| **pixel != 0);
                set.map(move |(i, _)| k * STEP + i)
            })
    }

    /// The set pixels.
    pub fn points(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let stride = self.stride();
        self.set_pixels()
            .map(move |i| (i % stride - 1, i / stride - 1))
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
///
/// Whether a pixel goes hangs on its neighbours and on the pass alone: it is looked at again only after one of them
/// went.
pub(crate) fn thin(image: &Binary) -> Binary {
    let table = removable();
    let mut out = image.clone();
    let rim: Vec<usize> = out
        .set_pixels()
        .filter(|&i| out.around(i) != 0xFF)
        .collect();
    // One bit for each pass in whose list a pixel waits.
    let mut waiting = vec![0u8; out.pixels.len()];
    rim.iter().for_each(|&i| waiting[i] = 0b11);
    let mut lists = [rim.clone(), rim];
    let offsets = out.offsets();
    let mut pass = 0;
    while lists.iter().any(|list| !list.is_empty()) {
        let mut gone = std::mem::take(&mut lists[pass]);
        gone.retain(|&i| {
            waiting[i] &= !(1 << pass);
            out.pixels[i] != 0 && table[usize::from(out.around(i))][pass]
        });
        gone.iter().for_each(|&i| out.pixels[i] = 0);
        for i in gone {
            for offset in offsets {
                let near = i.wrapping_add_signed(offset);
                if out.pixels[near] != 0 {
                    for (pass, list) in lists.iter_mut().enumerate() {
                        if waiting[near] >> pass & 1 == 0 {
                            waiting[near] |= 1 << pass;
                            list.push(near);
                        }
                    }
                }
            }
        }
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
