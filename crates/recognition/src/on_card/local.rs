//! The surroundings of a minutia, and how alike two surroundings are.

use super::SEEDS;
use super::record::{MAX_MINUTIAE, ONE, Point, cos, sin, turn};

/// Neighbours kept for a minutia.
const NEIGHBOURS: usize = 12;

/// Farthest neighbour, in units of 0.1 mm.
const REACH: i32 = 75;

/// Largest difference of relative angle of two corresponding neighbours, in steps.
const MAX_TURN: i32 = 6;

/// A neighbour as seen from its minutia, which looks along the positive x axis.
#[derive(Clone, Copy, Default)]
struct Neighbour {
    along: i16,
    across: i16,
    turn: i8,
    distance: u8,
}

/// The surroundings of every minutia of a record, nearest neighbour first.
pub(super) struct Neighbourhoods {
    counts: [u8; MAX_MINUTIAE],
    neighbours: [[Neighbour; NEIGHBOURS]; MAX_MINUTIAE],
}

impl Neighbourhoods {
    pub fn of(points: &[Point]) -> Self {
        let mut all = Self {
            counts: [0; MAX_MINUTIAE],
            neighbours: [[Neighbour::default(); NEIGHBOURS]; MAX_MINUTIAE],
        };
        for (i, centre) in points.iter().enumerate() {
            let (c, s) = (cos(centre.angle), sin(centre.angle));
            let mut count = 0;
            for (j, other) in points.iter().enumerate() {
                let (dx, dy) = (other.x - centre.x, other.y - centre.y);
                let square = dx * dx + dy * dy;
                if i == j || square > REACH * REACH {
                    continue;
                }
                let neighbour = Neighbour {
                    along: ((dx * c + dy * s) / ONE) as i16,
                    across: ((dy * c - dx * s) / ONE) as i16,
                    turn: turn(other.angle, centre.angle) as i8,
                    distance: square.isqrt() as u8,
                };
                count = insert(&mut all.neighbours[i], count, neighbour);
            }
            all.counts[i] = count as u8;
        }
        all
    }

    fn around(&self, i: usize) -> &[Neighbour] {
        &self.neighbours[i][..usize::from(self.counts[i])]
    }
}

/// Keeps the nearest neighbours in order; gives the new count.
fn insert(kept: &mut [Neighbour; NEIGHBOURS], count: usize, new: Neighbour) -> usize {
    let at = kept[..count].partition_point(|other| other.distance <= new.distance);
    if at == NEIGHBOURS {
        return count;
    }
    let end = count.min(NEIGHBOURS - 1);
    kept.copy_within(at..end, at + 1);
    kept[at] = new;
    end + 1
}

/// How alike the surroundings of each pair are, 0 to 255; `[i][j]` for minutia i of the first, j of the second.
pub(super) type Similarities = [[u8; MAX_MINUTIAE]; MAX_MINUTIAE];

pub(super) fn similarities(
    a: &[Point],
    around_a: &Neighbourhoods,
    b: &[Point],
    around_b: &Neighbourhoods,
) -> Similarities {
    let mut all = [[0; MAX_MINUTIAE]; MAX_MINUTIAE];
    for (i, row) in all.iter_mut().enumerate().take(a.len()) {
        for (j, cell) in row.iter_mut().enumerate().take(b.len()) {
            *cell = similarity(around_a.around(i), around_b.around(j));
        }
    }
    all
}

/// Each neighbour of the one is given the nearest still free neighbour of the other, nearest neighbours first.
fn similarity(first: &[Neighbour], second: &[Neighbour]) -> u8 {
    if first.len().min(second.len()) < 3 {
        return 0;
    }
    let mut taken = [false; NEIGHBOURS];
    let mut sum = 0;
    for one in first {
        let tolerance = 6 + i32::from(one.distance) / 10;
        let mut best = (0, 0);
        for (k, other) in second.iter().enumerate() {
            // Both lists rise in distance (rounded, hence 3): only a stretch of the second can be within the tolerance.
            let farther = i32::from(other.distance) - i32::from(one.distance);
            if farther < -tolerance - 3 {
                continue;
            }
            if farther > tolerance + 3 {
                break;
            }
            let across = i32::from(one.across) - i32::from(other.across);
            let along = i32::from(one.along) - i32::from(other.along);
            let square = along * along + across * across;
            let turned = turn(i32::from(one.turn), i32::from(other.turn)).abs();
            if taken[k] || square > tolerance * tolerance || turned > MAX_TURN {
                continue;
            }
            let closeness = 32 - 16 * square / (tolerance * tolerance) - 12 * turned / MAX_TURN;
            if closeness > best.0 {
                best = (closeness, k);
            }
        }
        if best.0 > 0 {
            taken[best.1] = true;
            sum += best.0;
        }
    }
    // At the edge of a print one side has neighbours the other cannot have; three quarters of the shorter list
    // and one of the longer keep such a pair in play.
    let (short, long) = (
        first.len().min(second.len()) as i32,
        first.len().max(second.len()) as i32,
    );
    (sum * 255 * 4 / (32 * (3 * short + long))).clamp(0, 255) as u8
}

/// A short list of pairs.
pub(super) struct Seeds {
    count: usize,
    pairs: [(usize, usize); SEEDS],
}

impl Seeds {
    pub fn as_slice(&self) -> &[(usize, usize)] {
        &self.pairs[..self.count]
    }
}

/// The pairs most alike, best first.
pub(super) fn seeds(similarities: &Similarities, rows: usize, columns: usize) -> Seeds {
    let mut best = Seeds {
        count: 0,
        pairs: [(0, 0); SEEDS],
    };
    for i in 0..rows {
        for j in 0..columns {
            let value = similarities[i][j];
            if value == 0 {
                continue;
            }
            let at = best
                .as_slice()
                .partition_point(|&(k, l)| similarities[k][l] >= value);
            if at < SEEDS {
                let end = best.count.min(SEEDS - 1);
                best.pairs.copy_within(at..end, at + 1);
                best.pairs[at] = (i, j);
                best.count = end + 1;
            }
        }
    }
    best
}
