//! Which minutiae fall on which: from a seed's surroundings to the whole print, first stiff, then bending.
//!
//! Skin stretches: what a stiff alignment leaves over of the pairs near a minutia is where that minutia will lie,
//! too. The last rounds expect each minutia there, and can therefore ask for more.

use super::alignment::{Alignment, Motion, Point};
use super::descriptor::Similarities;

/// Two minutiae that belong together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Pair {
    pub a: usize,
    pub b: usize,
    /// How well they sit, 0 to 1.
    pub closeness: f32,
}

/// Pairs found, and the alignment they were found under.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Matched {
    pub alignment: Alignment,
    pub pairs: Vec<Pair>,
}

/// One round: how far (pixels) and how much turned (radians) two minutiae of a pair may be.
struct Round {
    distance: f32,
    turn: f32,
    /// Only pairs this near to the seed, in pixels.
    reach: f32,
    /// How far the stretch of the pairs around a minutia tells of its own, in pixels; 0 for a stiff round.
    bend: f32,
}

const ROUNDS: [Round; 5] = [
    Round {
        distance: 15.0,
        turn: 0.5,
        reach: 150.0,
        bend: 0.0,
    },
    Round {
        distance: 17.0,
        turn: 0.5,
        reach: 280.0,
        bend: 0.0,
    },
    Round {
        distance: 18.0,
        turn: 0.5,
        reach: f32::INFINITY,
        bend: 0.0,
    },
    Round {
        distance: 16.0,
        turn: 0.5,
        reach: f32::INFINITY,
        bend: 70.0,
    },
    Round {
        distance: 14.0,
        turn: 0.5,
        reach: f32::INFINITY,
        bend: 70.0,
    },
];

/// Rounds that tell whether a seed leads anywhere.
const FIRST_ROUNDS: usize = 2;

/// The second template, to be looked up by place.
pub(super) struct Places<'a> {
    points: &'a [Point],
    /// From left to right: place and index.
    by_x: Vec<(f32, usize)>,
}

impl<'a> Places<'a> {
    pub fn of(points: &'a [Point]) -> Self {
        let mut by_x: Vec<(f32, usize)> = points.iter().map(|p| p.x).zip(0..).collect();
        by_x.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self { points, by_x }
    }

    /// The points not farther to the left or right than `distance`.
    fn beside(&self, x: f32, distance: f32) -> impl Iterator<Item = (usize, &Point)> {
        let first = self
            .by_x
            .partition_point(|(other, _)| *other < x - distance);
        self.by_x[first..]
            .iter()
            .take_while(move |(other, _)| *other <= x + distance)
            .map(|&(_, i)| (i, &self.points[i]))
    }
}

/// A seed, grown as far as its first rounds bring it.
#[derive(Clone)]
pub(super) struct Sprout {
    matched: Matched,
    start: usize,
}

impl Sprout {
    /// How much speaks for it: the sum of its pairs' closeness.
    pub fn promise(&self) -> f32 {
        self.matched.pairs.iter().map(|pair| pair.closeness).sum()
    }

    /// Whether it has this pair.
    pub fn holds(&self, seed: (usize, usize)) -> bool {
        self.matched
            .pairs
            .iter()
            .any(|pair| (pair.a, pair.b) == seed)
    }
}

/// What the surroundings of a seed make of it; `None` when there are fewer than three pairs.
pub(super) fn sprout(
    a: &[Point],
    b: &Places<'_>,
    similarities: &Similarities,
    seed: (usize, usize),
) -> Option<Sprout> {
    let mut sprout = Sprout {
        matched: Matched {
            alignment: Alignment::of_pair(a.get(seed.0)?, b.points.get(seed.1)?),
            pairs: Vec::new(),
        },
        start: seed.0,
    };
    let rounds = &ROUNDS[..FIRST_ROUNDS];
    rounds
        .iter()
        .try_for_each(|round| grow(&mut sprout, a, b, similarities, round))?;
    Some(sprout)
}

/// The pairs of the whole print; `None` when there are fewer than three.
pub(super) fn full_grown(
    mut sprout: Sprout,
    a: &[Point],
    b: &Places<'_>,
    similarities: &Similarities,
) -> Option<Matched> {
    let rounds = &ROUNDS[FIRST_ROUNDS..];
    rounds
        .iter()
        .try_for_each(|round| grow(&mut sprout, a, b, similarities, round))?;
    Some(sprout.matched)
}

/// One round; `None` when it leaves fewer than three pairs.
fn grow(
    sprout: &mut Sprout,
    a: &[Point],
    b: &Places<'_>,
    similarities: &Similarities,
    round: &Round,
) -> Option<()> {
    let start = &a[sprout.start];
    let matched = &mut sprout.matched;
    let motion = matched.alignment.motion();
    let stretched = Stretched::of(&matched.pairs, a, b.points, &motion, round.bend);
    let mut candidates: Vec<Pair> = Vec::with_capacity(2 * a.len());
    for (i, point) in a.iter().enumerate() {
        if point.square_distance(start) > round.reach * round.reach {
            continue;
        }
        let mut expected = motion.of(point);
        stretched.bend(i, point, &mut expected);
        for (j, other) in b.beside(expected.x, round.distance) {
            let square = expected.square_distance(other) / (round.distance * round.distance);
            if square > 1.0 {
                continue;
            }
            let turned = expected.turned_from(other).abs() / round.turn;
            if turned > 1.0 {
                continue;
            }
            let kind = if point.kind == other.kind { 0.0 } else { 0.06 };
            let closeness =
                1.0 - 0.375 * square - 0.25 * turned - kind + 0.25 * (similarities.at(i, j) - 0.5);
            if closeness > 0.0 {
                candidates.push(Pair {
                    a: i,
                    b: j,
                    closeness: closeness.min(1.0),
                });
            }
        }
    }
    matched.pairs = best_of_each(candidates, a.len(), b.points.len());
    if matched.pairs.len() < 3 {
        return None;
    }
    matched.alignment = Alignment::fit(
        matched
            .pairs
            .iter()
            .map(|pair| (&a[pair.a], &b.points[pair.b], pair.closeness)),
    )?;
    Some(())
}

/// What a stiff alignment leaves over of each pair.
struct Stretched<'a> {
    /// Index and place in the first template, what is left over, and its weight.
    pairs: Vec<(usize, &'a Point, f32, f32, f32)>,
    bend: f32,
}

impl<'a> Stretched<'a> {
    /// Nothing for a stiff round.
    fn of(pairs: &[Pair], a: &'a [Point], b: &[Point], motion: &Motion, bend: f32) -> Self {
        let pairs = if bend > 0.0 { pairs } else { &[] };
        let pairs = pairs
            .iter()
            .map(|pair| {
                let stiff = motion.of(&a[pair.a]);
                let end = &b[pair.b];
                let (dx, dy) = (end.x - stiff.x, end.y - stiff.y);
                (pair.a, &a[pair.a], dx, dy, pair.closeness)
            })
            .collect();
        Self { pairs, bend }
    }

    /// Moves where a minutia of the first is expected in the second; its own pair has no say in it.
    fn bend(&self, index: usize, point: &Point, expected: &mut Point) {
        // One pair's worth of no stretch, so that a single far pair does not decide.
        let (mut total, mut dx, mut dy) = (1.0, 0.0, 0.0);
        for &(_, from, left_x, left_y, closeness) in self.pairs.iter().filter(|(i, ..)| *i != index)
        {
            let square = point.square_distance(from) / (self.bend * self.bend);
            let weight = closeness * (-0.5 * square).exp();
            total += weight;
            dx += weight * left_x;
            dy += weight * left_y;
        }
        expected.x += dx / total;
        expected.y += dy / total;
    }
}

/// Of all candidates those that sit best, each minutia once.
fn best_of_each(mut candidates: Vec<Pair>, of_a: usize, of_b: usize) -> Vec<Pair> {
    candidates.sort_unstable_by(|p, q| {
        q.closeness
            .total_cmp(&p.closeness)
            .then((p.a, p.b).cmp(&(q.a, q.b)))
    });
    let (mut taken_a, mut taken_b) = (vec![false; of_a], vec![false; of_b]);
    candidates.retain(|pair| {
        let free = !taken_a[pair.a] && !taken_b[pair.b];
        taken_a[pair.a] |= free;
        taken_b[pair.b] |= free;
        free
    });
    candidates
}
