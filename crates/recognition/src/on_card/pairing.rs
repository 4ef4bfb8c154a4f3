//! Which minutiae fall on which, under an alignment that is refined as they are found.

use super::align::{FRACTION, Rigid};
use super::local::Similarities;
use super::record::{MAX_MINUTIAE, Point, turn};

/// Pairs found, and the alignment they were found under.
pub(super) struct Matched {
    pub alignment: Rigid,
    pub count: usize,
    /// Indices into the first and the second record, and the pair's closeness, 0 to 32.
    pub pairs: [(u8, u8, u8); MAX_MINUTIAE],
}

/// One round: how far (units) and how much turned (steps) two minutiae of a pair may be.
struct Round {
    distance: i32,
    turn: i32,
    /// Only pairs this near to the seed, in units.
    reach: i32,
}

/// From the seed's surroundings to the whole print: what lies near fixes the turn before what lies far is judged.
const ROUNDS: [Round; 3] = [
    Round {
        distance: 8,
        turn: 5,
        reach: 80,
    },
    Round {
        distance: 9,
        turn: 5,
        reach: 140,
    },
    Round {
        distance: 9,
        turn: 5,
        reach: 400,
    },
];

/// Pairs that belong to a seed; `None` when there are fewer than three.
pub(super) fn from_seed(
    a: &[Point],
    b: &[Point],
    similarities: &Similarities,
    seed: (usize, usize),
) -> Option<Matched> {
    let (i, j) = seed;
    let mut alignment = Rigid::of_pair(a.get(i)?, b.get(j)?);
    let mut matched = None;
    for round in &ROUNDS {
        let found = pair(a, b, similarities, a.get(i)?, alignment, round);
        if found.count < 3 {
            return None;
        }
        alignment = Rigid::fit(
            found.pairs[..found.count]
                .iter()
                .map(|&(k, l, _)| (&a[usize::from(k)], &b[usize::from(l)])),
        )?;
        matched = Some(found);
    }
    matched
}

/// The minutiae of a record not farther than `limit` from `x` along that axis, all in fractions of a unit, with their
/// places: a record is sorted by it.
pub(super) fn within(
    points: &[Point],
    x: i32,
    limit: i32,
) -> impl Iterator<Item = (usize, &Point)> {
    let first = points.partition_point(|point| point.x * FRACTION < x - limit);
    (first..)
        .zip(&points[first..])
        .take_while(move |(_, point)| point.x * FRACTION <= x + limit)
}

fn pair(
    a: &[Point],
    b: &[Point],
    similarities: &Similarities,
    seed: &Point,
    alignment: Rigid,
    round: &Round,
) -> Matched {
    // For each minutia of the first its best candidate; a minutia of the second goes to the best that asks for it.
    let mut asked: [(u8, u8); MAX_MINUTIAE] = [(u8::MAX, 0); MAX_MINUTIAE];
    let limit = round.distance * FRACTION;
    for (k, one) in a.iter().enumerate() {
        let from_seed = (one.x - seed.x, one.y - seed.y);
        if from_seed.0 * from_seed.0 + from_seed.1 * from_seed.1 > round.reach * round.reach {
            continue;
        }
        let (x, y) = alignment.apply(one);
        let mut best = (0, 0);
        for (l, other) in within(b, x, limit) {
            let (dx, dy) = (x - other.x * FRACTION, y - other.y * FRACTION);
            if dy.abs() > limit {
                continue;
            }
            let square = dx * dx + dy * dy;
            let turned = turn(one.angle + alignment.turn, other.angle).abs();
            if square > limit * limit || turned > round.turn {
                continue;
            }
            let mut closeness = 32 - 12 * square / (limit * limit) - 8 * turned / round.turn;
            closeness += i32::from(similarities[k][l]) / 32 - 4;
            if one.kind != other.kind {
                closeness -= 2;
            }
            if closeness > best.0 {
                best = (closeness, l);
            }
        }
        let holder = &mut asked[best.1];
        if best.0 > i32::from(holder.1) {
            *holder = (k as u8, best.0.min(32) as u8);
        }
    }
    let mut found = Matched {
        alignment,
        count: 0,
        pairs: [(0, 0, 0); MAX_MINUTIAE],
    };
    for (l, &(k, closeness)) in asked.iter().enumerate().filter(|(_, holder)| holder.1 > 0) {
        found.pairs[found.count] = (k, l as u8, closeness);
        found.count += 1;
    }
    found
}
