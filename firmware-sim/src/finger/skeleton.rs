//! A ridge pattern reduced to lines one pixel wide, and walks along them.
//!
//! Thinning deletes border pixels from the four sides in turn where that cuts and shortens
//! nothing (Rosenfeld, Information and Control 29(3), 1975).

use super::grid::Grid;

/// Round a pixel, in order: east, north-east, north, … (y down, so north is y − 1).
const AROUND: [(isize, isize); 8] = [
    (1, 0),
    (1, -1),
    (0, -1),
    (-1, -1),
    (-1, 0),
    (-1, 1),
    (0, 1),
    (1, 1),
];

/// A pixel's place.
pub(crate) type Point = (usize, usize);

/// Ridges as lines. The outermost pixels are never on one.
#[derive(Clone, Debug)]
pub(crate) struct Skeleton {
    width: usize,
    height: usize,
    on: Vec<bool>,
}

/// A walk along a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Walk {
    /// The pixels after the start, in order; the last is where the walk stopped.
    pub(crate) path: Vec<Point>,
    /// Why it stopped.
    pub(crate) stop: Stop,
}

/// Why a walk stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It went as far as it was to go.
    Far,
    /// The line ends.
    Ending,
    /// The line forks.
    Fork,
}

impl Skeleton {
    /// Thins where `pattern` is positive.
    pub(crate) fn of(pattern: &Grid) -> Self {
        let (width, height) = (pattern.width(), pattern.height());
        let inner = |x: usize, y: usize| x > 0 && y > 0 && x + 1 < width && y + 1 < height;
        let on = (0..width * height)
            .map(|i| inner(i % width, i / width) && pattern.pixel(i % width, i / width) > 0.0)
            .collect();
        let mut skeleton = Self { width, height, on };
        skeleton.thin();
        skeleton
    }

    fn thin(&mut self) {
        let deletable: Vec<bool> = (0..=255u8).map(deletable).collect();
        let mut doomed = Vec::new();
        loop {
            let mut changed = false;
            for side in [2, 6, 0, 4] {
                doomed.clear();
                for y in 1..self.height - 1 {
                    for x in 1..self.width - 1 {
                        if self.is_on((x, y)) {
                            let round = self.round((x, y));
                            if round & (1 << side) == 0 && deletable[usize::from(round)] {
                                doomed.push((x, y));
                            }
                        }
                    }
                }
                changed |= !doomed.is_empty();
                for &point in &doomed {
                    self.clear(point);
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// Whether a line runs through a pixel.
    pub(crate) fn is_on(&self, (x, y): Point) -> bool {
        self.on[y * self.width + x]
    }

    /// Takes a pixel off its line.
    pub(crate) fn clear(&mut self, (x, y): Point) {
        self.on[y * self.width + x] = false;
    }

    /// All pixels on lines, row by row.
    pub(crate) fn points(&self) -> impl Iterator<Item = Point> + '_ {
        (0..self.on.len())
            .filter(|&i| self.on[i])
            .map(|i| (i % self.width, i / self.width))
    }

    /// The pixels round one, a bit each, in the order of `AROUND`.
    fn round(&self, point: Point) -> u8 {
        (0..8).fold(0, |bits, i| {
            bits | (u8::from(self.is_on(step(point, i))) << i)
        })
    }

    /// How many lines leave a pixel: 1 at an ending, 2 along a line, 3 and more at a fork.
    pub(crate) fn branches(&self, point: Point) -> usize {
        self.exits(point).len()
    }

    /// The first pixel of each line that leaves `point`.
    fn exits(&self, point: Point) -> Vec<Point> {
        let round = self.round(point);
        let on = |i: usize| round & (1 << (i % 8)) != 0;
        // Of neighbours that touch one another, the one side by side with the pixel leads out.
        (0..8)
            .filter(|&i| on(i))
            .filter(|&i| i % 2 == 0 || !(on(i + 1) || on(i + 7)))
            .map(|i| step(point, i))
            .collect()
    }

    /// Walks from `start` (a pixel on a line) through each of its exits, at most `most` pixels.
    pub(crate) fn walks(&self, start: Point, most: usize) -> Vec<Walk> {
        let exits = self.exits(start);
        exits
            .iter()
            .map(|&exit| {
                let mut behind = vec![start];
                behind.extend(exits.iter().filter(|&&e| e != exit));
                self.walk(behind, exit, most)
            })
            .collect()
    }

    fn walk(&self, mut behind: Vec<Point>, first: Point, most: usize) -> Walk {
        let mut path = vec![first];
        let mut here = first;
        while path.len() < most {
            let ahead: Vec<Point> = self
                .exits(here)
                .into_iter()
                .filter(|next| !behind.contains(next))
                .collect();
            match ahead[..] {
                [] => {
                    return Walk {
                        path,
                        stop: Stop::Ending,
                    };
                }
                [next] => {
                    behind = vec![here];
                    behind.extend(path.iter().rev().skip(1).take(2));
                    here = next;
                    path.push(next);
                }
                _ => {
                    return Walk {
                        path,
                        stop: Stop::Fork,
                    };
                }
            }
        }
        Walk {
            path,
            stop: Stop::Far,
        }
    }
}

fn step((x, y): Point, direction: usize) -> Point {
    let (dx, dy) = AROUND[direction];
    (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy))
}

/// Whether a pixel with these neighbours may go: they stay in one piece without it (Yokoi's
/// connectivity number is 1) and it is not the end of a line.
fn deletable(round: u8) -> bool {
    let off = |i: usize| u32::from(round & (1 << (i % 8)) == 0);
    let connectivity: u32 = (0..8)
        .step_by(2)
        .map(|i| off(i) - off(i) * off(i + 1) * off(i + 2))
        .sum();
    connectivity == 1 && round.count_ones() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: &[&str]) -> Grid {
        Grid::from_fn(rows[0].len(), rows.len(), |x, y| {
            if rows[y].as_bytes()[x] == b'#' {
                1.0
            } else {
                -1.0
            }
        })
    }

    #[test]
    fn a_thick_bar_becomes_a_line_with_two_endings() {
        let skeleton = Skeleton::of(&drawn(&[
            "..............",
            "..##########..",
            "..##########..",
            "..##########..",
            "..............",
        ]));
        let ends = skeleton
            .points()
            .filter(|&p| skeleton.branches(p) == 1)
            .count();
        let between = skeleton
            .points()
            .filter(|&p| skeleton.branches(p) == 2)
            .count();
        assert_eq!(ends, 2);
        assert_eq!(skeleton.points().count(), ends + between);
    }

    #[test]
    fn a_fork_has_three_branches_and_walks_reach_the_ends() {
        let skeleton = Skeleton::of(&drawn(&[
            "...............",
            ".#...........#.",
            "..#.........#..",
            "...#.......#...",
            "....#.....#....",
            ".....#...#.....",
            "......#.#......",
            ".......#.......",
            ".......#.......",
            ".......#.......",
            ".......#.......",
            ".......#.......",
            "...............",
        ]));
        let forks: Vec<Point> = skeleton
            .points()
            .filter(|&p| skeleton.branches(p) > 2)
            .collect();
        assert_eq!(forks, [(7, 7)]);
        let walks = skeleton.walks((7, 7), 100);
        let mut ends: Vec<Point> = walks.iter().map(|w| w.path[w.path.len() - 1]).collect();
        ends.sort_unstable();
        assert_eq!(ends, [(1, 1), (7, 11), (13, 1)]);
        assert!(walks.iter().all(|w| w.stop == Stop::Ending));
        assert!(
            skeleton
                .walks((7, 7), 3)
                .iter()
                .all(|w| w.stop == Stop::Far)
        );
    }
}
