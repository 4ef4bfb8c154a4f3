//! Which minutiae fall on which: from a seed's surroundings to the whole print, first stiff, then bending.
//!
//! Skin stretches: what a stiff alignment leaves over of the pairs near a minutia is where that minutia will lie,
//! too. The last rounds expect each minutia there, and can therefore ask for more.

use negin_fingerprint::angle_difference;

use super::alignment::{Alignment, Point};
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

/// Pairs that belong to a seed; `None` when there are fewer than three.
pub(super) fn from_seed(
    a: &[Point],
    b: &[Point],
    similarities: &Similarities,
    seed: (usize, usize),
) -> Option<Matched> {
    let start = a.get(seed.0)?;
    let mut alignment = Alignment::of_pair(start, b.get(seed.1)?);
    let mut pairs: Vec<Pair> = Vec::new();
    for round in &ROUNDS {
        let expected: Vec<Option<Point>> = a
            .iter()
            .enumerate()
            .map(|(i, point)| {
                let near = point.square_distance(start) <= round.reach * round.reach;
                near.then(|| expect(i, point, a, b, &alignment, &pairs, round.bend))
            })
            .collect();
        pairs = pair(&expected, b, similarities, round);
        if pairs.len() < 3 {
            return None;
        }
        alignment = Alignment::fit(
            pairs
                .iter()
                .map(|pair| (&a[pair.a], &b[pair.b], pair.closeness)),
        )?;
    }
    Some(Matched { alignment, pairs })
}

/// Where a minutia of the first should lie in the second; its own pair has no say in it.
fn expect(
    index: usize,
    point: &Point,
    a: &[Point],
    b: &[Point],
    alignment: &Alignment,
    pairs: &[Pair],
    bend: f32,
) -> Point {
    let mut expected = alignment.apply_point(point);
    if bend <= 0.0 {
        return expected;
    }
    // One pair's worth of no stretch, so that a single far pair does not decide.
    let (mut total, mut dx, mut dy) = (1.0, 0.0, 0.0);
    for pair in pairs.iter().filter(|pair| pair.a != index) {
        let weight =
            pair.closeness * (-0.5 * point.square_distance(&a[pair.a]) / (bend * bend)).exp();
        let stiff = alignment.apply_point(&a[pair.a]);
        total += weight;
        dx += weight * (b[pair.b].x - stiff.x);
        dy += weight * (b[pair.b].y - stiff.y);
    }
    expected.x += dx / total;
    expected.y += dy / total;
    expected
}

fn pair(
    expected: &[Option<Point>],
    b: &[Point],
    similarities: &Similarities,
    round: &Round,
) -> Vec<Pair> {
    let mut candidates: Vec<Pair> = Vec::new();
    for (i, point) in expected.iter().enumerate() {
        let Some(point) = point else { continue };
        for (j, other) in b.iter().enumerate() {
            let square = point.square_distance(other) / (round.distance * round.distance);
            if square > 1.0 {
                continue;
            }
            let turned = angle_difference(point.angle, other.angle).abs() / round.turn;
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
    candidates.sort_by(|p, q| {
        q.closeness
            .total_cmp(&p.closeness)
            .then((p.a, p.b).cmp(&(q.a, q.b)))
    });
    let (mut taken_a, mut taken_b) = (vec![false; expected.len()], vec![false; b.len()]);
    candidates.retain(|pair| {
        let free = !taken_a[pair.a] && !taken_b[pair.b];
        taken_a[pair.a] |= free;
        taken_b[pair.b] |= free;
        free
    });
    candidates
}
