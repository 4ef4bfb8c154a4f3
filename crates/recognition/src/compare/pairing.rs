//! Which minutiae fall on which: from a seed's surroundings to the whole print, first stiff, then bending.
//!
//! Skin stretches: what a stiff alignment leaves over of the pairs near a minutia is where that minutia will lie,
//! too. The last rounds expect each minutia there, and can therefore ask for more.

use super::Prepared;
use super::alignment::{Alignment, Motion, Point};
use super::similarity::Similarities;

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

/// How far a seed is grown.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// Its surroundings.
    Near,
    /// What lies around those.
    Far,
    /// The whole print, bending.
    Whole,
}

impl Reach {
    fn rounds(self) -> &'static [Round] {
        match self {
            Self::Near => &ROUNDS[..1],
            Self::Far => &ROUNDS[1..2],
            Self::Whole => &ROUNDS[2..],
        }
    }
}

/// A seed, as far as it has grown.
pub(super) struct Sprout {
    pub matched: Matched,
    /// The seed's minutia of the first template.
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

/// Two templates between which seeds grow, and what is needed again in every round.
pub(super) struct Bed<'a> {
    pub a: &'a [Point],
    pub b: &'a [Point],
    pub similarities: Similarities<'a>,
    by_x: &'a ByX,
    stretched: Stretched,
    /// [`Candidate`]s of the round.
    candidates: Vec<Candidate>,
}

/// A possible pair as one number, the smaller the better: closeness, then the minutia of the first, then of the second
/// template. No closeness is negative, so its bits are in its order.
type Candidate = u64;

impl Pair {
    fn candidate(&self) -> Candidate {
        u64::from(!self.closeness.to_bits()) << 32 | (self.a as u64) << 16 | self.b as u64
    }

    fn of(candidate: Candidate) -> Self {
        Self {
            a: (candidate >> 16 & 0xFFFF) as usize,
            b: (candidate & 0xFFFF) as usize,
            closeness: f32::from_bits(!((candidate >> 32) as u32)),
        }
    }
}

impl<'a> Bed<'a> {
    /// At most [`super::MOST_MINUTIAE`] points each.
    pub fn between(first: &'a Prepared, second: &'a Prepared) -> Self {
        let (a, b) = (&first.points, &second.points);
        Self {
            a,
            b,
            similarities: Similarities::between(&first.surroundings, &second.surroundings),
            by_x: &second.by_x,
            stretched: Stretched::default(),
            candidates: Vec::with_capacity(4 * a.len()),
        }
    }

    /// What the surroundings of a seed make of it; `None` when there are fewer than three pairs.
    pub fn sprout(&mut self, seed: (usize, usize)) -> Option<Sprout> {
        let mut sprout = Sprout {
            matched: Matched {
                alignment: Alignment::of_pair(self.a.get(seed.0)?, self.b.get(seed.1)?),
                pairs: Vec::new(),
            },
            start: seed.0,
        };
        self.extend(&mut sprout, Reach::Near).then_some(sprout)
    }

    /// Grows a sprout so far; false when that leaves fewer than three pairs.
    pub fn extend(&mut self, sprout: &mut Sprout, reach: Reach) -> bool {
        let start = sprout.start;
        let mut rounds = reach.rounds().iter();
        rounds.all(|round| self.grow(&mut sprout.matched, start, round).is_some())
    }

    /// One round; `None` when it leaves fewer than three pairs.
    fn grow(&mut self, matched: &mut Matched, start: usize, round: &Round) -> Option<()> {
        let motion = matched.alignment.motion();
        self.stretched.clear();
        if round.bend > 0.0 {
            let pairs = matched.pairs.iter();
            pairs.for_each(|pair| self.stretched.add(pair, self.a, self.b, &motion));
        }
        let (square_reach, start) = (round.reach * round.reach, &self.a[start]);
        let per_square = 1.0 / (round.distance * round.distance);
        let per_turn = 1.0 / round.turn;
        self.candidates.clear();
        for (i, point) in self.a.iter().enumerate() {
            if point.square_distance(start) > square_reach {
                continue;
            }
            let mut expected = motion.of(point);
            self.stretched.bend(i, point, round.bend, &mut expected);
            for (other, j) in self.by_x.from(expected.x - round.distance) {
                if other.x > expected.x + round.distance {
                    break;
                }
                let square = expected.square_distance(other) * per_square;
                if square > 1.0 {
                    continue;
                }
                let turned = expected.turned_from(other).abs() * per_turn;
                if turned > 1.0 {
                    continue;
                }
                let kind = if point.kind == other.kind { 0.0 } else { 0.06 };
                let closeness = 1.0 - 0.375 * square - 0.25 * turned - kind
                    + 0.25 * (self.similarities.at(i, *j) - 0.5);
                if closeness > 0.0 {
                    let pair = Pair {
                        a: i,
                        b: *j,
                        closeness: closeness.min(1.0),
                    };
                    self.candidates.push(pair.candidate());
                }
            }
        }
        best_of_each(&mut self.candidates, &mut matched.pairs);
        if matched.pairs.len() < 3 {
            return None;
        }
        matched.alignment = Alignment::fit(
            matched
                .pairs
                .iter()
                .map(|pair| (&self.a[pair.a], &self.b[pair.b], pair.closeness)),
        )?;
        Some(())
    }
}

/// Points from left to right, each with its index, and where in that row a place lies.
pub(super) struct ByX {
    points: Vec<(Point, usize)>,
    left: f32,
    /// Columns to a pixel.
    columns: f32,
    /// For each of [`COLUMNS`] of equal width the first point that is not left of it.
    first: [u8; COLUMNS],
}

const COLUMNS: usize = 64;

impl ByX {
    pub fn of(points: &[Point]) -> Self {
        let mut points: Vec<(Point, usize)> = points.iter().copied().zip(0..).collect();
        points.sort_unstable_by(|(p, i), (q, j)| p.x.total_cmp(&q.x).then(i.cmp(j)));
        let end = |end: Option<&(Point, usize)>| end.map_or(0.0, |(point, _)| point.x);
        let (left, right) = (end(points.first()), end(points.last()));
        let mut by_x = Self {
            left,
            columns: COLUMNS as f32 / (right - left).max(1.0),
            first: [0; COLUMNS],
            points,
        };
        let mut next = 0;
        for column in 0..COLUMNS {
            while (by_x.points.get(next)).is_some_and(|(point, _)| by_x.column(point.x) < column) {
                next += 1;
            }
            by_x.first[column] = u8::try_from(next).unwrap_or(u8::MAX);
        }
        by_x
    }

    /// Overwrites them.
    pub fn wipe(&mut self) {
        self.points.iter_mut().for_each(|(point, _)| point.wipe());
    }

    fn column(&self, x: f32) -> usize {
        (((x - self.left) * self.columns) as usize).min(COLUMNS - 1)
    }

    /// The points that are not left of a place, nearest first.
    fn from(&self, x: f32) -> &[(Point, usize)] {
        let points = &self.points[usize::from(self.first[self.column(x)])..];
        let before = points.iter().take_while(|(point, _)| point.x < x).count();
        &points[before..]
    }
}

/// Pairs that are added up side by side.
const LANES: usize = 4;

/// What a stiff alignment leaves over of [`LANES`] pairs; what is not filled weighs nothing.
#[derive(Clone, Copy, Default)]
struct Leftover {
    x: [f32; LANES],
    y: [f32; LANES],
    dx: [f32; LANES],
    dy: [f32; LANES],
    weight: [f32; LANES],
}

/// What a stiff alignment leaves over of each pair.
#[derive(Default)]
struct Stretched {
    leftovers: Vec<Leftover>,
    /// Which minutiae of the first template they are of.
    of: Vec<usize>,
}

impl Stretched {
    fn clear(&mut self) {
        self.leftovers.clear();
        self.of.clear();
    }

    fn add(&mut self, pair: &Pair, a: &[Point], b: &[Point], motion: &Motion) {
        let lane = self.of.len() % LANES;
        if lane == 0 {
            self.leftovers.push(Leftover::default());
        }
        self.of.push(pair.a);
        if let Some(left) = self.leftovers.last_mut() {
            let (from, stiff, end) = (&a[pair.a], motion.of(&a[pair.a]), &b[pair.b]);
            (left.x[lane], left.y[lane]) = (from.x, from.y);
            (left.dx[lane], left.dy[lane]) = (end.x - stiff.x, end.y - stiff.y);
            left.weight[lane] = pair.closeness;
        }
    }

    /// Moves where a minutia of the first is expected in the second; its own pair has no say in it.
    ///
    /// A pair's weight falls with its distance as a bell of the width `bend`: (1 + r²/16)⁻⁸, which is e^(-r²/2) but for
    /// its thin tail, and the same on every machine.
    fn bend(&self, index: usize, point: &Point, bend: f32, expected: &mut Point) {
        if self.of.is_empty() {
            return;
        }
        let per_square = 1.0 / (16.0 * bend * bend);
        let [mut total, mut dx, mut dy] = [[0.0; LANES]; 3];
        for left in &self.leftovers {
            for lane in 0..LANES {
                let (x, y) = (point.x - left.x[lane], point.y - left.y[lane]);
                let far = 1.0 + (x * x + y * y) * per_square;
                let second = far * far;
                let fourth = second * second;
                let weight = left.weight[lane] / (fourth * fourth);
                total[lane] += weight;
                dx[lane] += weight * left.dx[lane];
                dy[lane] += weight * left.dy[lane];
            }
        }
        let sum = |lanes: [f32; LANES]| (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
        let [mut total, mut dx, mut dy] = [sum(total), sum(dx), sum(dy)];
        if let Some(own) = self.of.iter().position(|&of| of == index) {
            let (left, lane) = (&self.leftovers[own / LANES], own % LANES);
            total -= left.weight[lane];
            dx -= left.weight[lane] * left.dx[lane];
            dy -= left.weight[lane] * left.dy[lane];
        }
        // One pair's worth of no stretch, so that a single far pair does not decide.
        expected.x += dx / (1.0 + total);
        expected.y += dy / (1.0 + total);
    }
}

/// Of all candidates those that sit best, each minutia once.
fn best_of_each(candidates: &mut [Candidate], pairs: &mut Vec<Pair>) {
    candidates.sort_unstable();
    let [mut taken_a, mut taken_b] = [[0_u64; 4]; 2];
    pairs.clear();
    for pair in candidates.iter().map(|&candidate| Pair::of(candidate)) {
        let (word_a, bit_a) = (pair.a / 64 % 4, 1 << (pair.a % 64));
        let (word_b, bit_b) = (pair.b / 64 % 4, 1 << (pair.b % 64));
        if taken_a[word_a] & bit_a == 0 && taken_b[word_b] & bit_b == 0 {
            taken_a[word_a] |= bit_a;
            taken_b[word_b] |= bit_b;
            pairs.push(pair);
        }
    }
}
