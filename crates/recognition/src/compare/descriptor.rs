//! The surroundings of a minutia, and how alike two surroundings are: no shift or turn changes them.

use std::f32::consts::{PI, TAU};

use super::alignment::{Point, wrapped};

/// Neighbours kept for a minutia.
const NEIGHBOURS: usize = 14;

/// Farthest neighbour in pixels.
const REACH: f32 = 150.0;

/// Largest difference of relative angle of two corresponding neighbours, in radians.
const MAX_TURN: f32 = 0.6;

/// How far a neighbour may lie from where another of this distance lies, in pixels.
fn tolerance(distance: f32) -> f32 {
    12.0 + distance / 10.0
}

/// A neighbour as seen from its minutia, which looks along the positive x axis.
#[derive(Clone, Copy)]
struct Neighbour {
    along: f32,
    across: f32,
    turn: f32,
    distance: f32,
    /// The classes it is in, one for each of [`Classes`].
    class: [u8; 3],
}

/// For each class by direction, by turn and by distance which neighbours can correspond to one of that class: one bit
/// each. Wide enough that none is missed; who is in all three is looked at closely.
#[derive(Clone, Copy, Default)]
struct Classes([[u16; CLASSES]; 3]);

/// Classes of a kind.
const CLASSES: usize = 16;

/// So that rounding loses nobody.
const SLACK: f32 = 1e-3;

/// The class of a direction, 0 to 16, rising with its angle.
fn by_direction(along: f32, across: f32) -> f32 {
    let norm = along.abs() + across.abs();
    let share = if norm > 0.0 { across / norm } else { 0.0 };
    let turn = match (along >= 0.0, across >= 0.0) {
        (true, true) => share,
        (false, _) => 2.0 - share,
        (true, false) => 4.0 + share,
    };
    turn * (CLASSES as f32 / 4.0)
}

fn by_turn(turn: f32) -> f32 {
    (turn + PI) * (CLASSES as f32 / TAU)
}

fn by_distance(distance: f32) -> f32 {
    (distance * (CLASSES as f32 / (REACH + 1.0))).clamp(0.0, CLASSES as f32 - 1.0)
}

impl Classes {
    /// Puts a neighbour into the classes from `low` to `high` of a kind, round the circle.
    fn put(&mut self, kind: usize, bit: u16, low: f32, high: f32) {
        // One round more, so that the numbers are positive and a cast rounds down.
        let class = |at: f32| (at + CLASSES as f32) as usize;
        let (low, high) = (class(low - SLACK), class(high + SLACK));
        for class in low..=high.min(low + CLASSES - 1) {
            self.0[kind][class % CLASSES] |= bit;
        }
    }

    fn add(&mut self, place: usize, neighbour: &Neighbour) {
        let bit = 1 << place;
        let Neighbour {
            along,
            across,
            turn,
            distance,
            ..
        } = *neighbour;
        // The farthest that corresponds to it, and what that one is allowed.
        let farthest = (distance + 12.0) / 0.9;
        let sine = tolerance(farthest) / distance.max(SLACK);
        if sine >= 0.99 {
            self.put(0, bit, 0.0, CLASSES as f32);
        } else {
            let cosine = (1.0 - sine * sine).sqrt();
            let turned = |sine: f32| {
                by_direction(
                    along * cosine - across * sine,
                    across * cosine + along * sine,
                )
            };
            let (low, high) = (turned(-sine), turned(sine));
            let round = if high < low { CLASSES as f32 } else { 0.0 };
            self.put(0, bit, low, high + round);
        }
        self.put(1, bit, by_turn(turn - MAX_TURN), by_turn(turn + MAX_TURN));
        let nearest = (distance - 12.0) / 1.1;
        self.put(2, bit, by_distance(nearest), by_distance(farthest));
    }

    /// The neighbours that one of these classes can correspond to.
    fn of(&self, class: [u8; 3]) -> u16 {
        let [direction, turn, distance] = class.map(usize::from);
        self.0[0][direction] & self.0[1][turn] & self.0[2][distance]
    }
}

/// The surroundings of a minutia, nearest neighbour first.
#[derive(Clone)]
struct Surroundings {
    neighbours: Vec<Neighbour>,
    classes: Classes,
}

/// The surroundings of every minutia of a template.
pub(super) struct Neighbourhoods(Vec<Surroundings>);

impl Neighbourhoods {
    pub fn of(points: &[Point]) -> Self {
        let mut near: Vec<(f32, usize)> = Vec::with_capacity(points.len());
        let mut around = |i: usize, centre: &Point| {
            near.clear();
            near.extend(
                points
                    .iter()
                    .enumerate()
                    .map(|(j, other)| (centre.square_distance(other), j))
                    .filter(|(square, j)| i != *j && *square <= REACH * REACH),
            );
            let nearest =
                |a: &(f32, usize), b: &(f32, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
            if near.len() > NEIGHBOURS {
                near.select_nth_unstable_by(NEIGHBOURS, nearest);
                near.truncate(NEIGHBOURS);
            }
            near.sort_unstable_by(nearest);
            let (s, c) = centre.angle.sin_cos();
            let mut classes = Classes::default();
            let neighbours = near
                .iter()
                .enumerate()
                .map(|(place, &(square, j))| {
                    let (dx, dy) = (points[j].x - centre.x, points[j].y - centre.y);
                    let (along, across) = (dx * c + dy * s, dy * c - dx * s);
                    let (turn, distance) = (points[j].turned_from(centre), square.sqrt());
                    let class = [
                        by_direction(along, across),
                        by_turn(turn),
                        by_distance(distance),
                    ];
                    let neighbour = Neighbour {
                        along,
                        across,
                        turn,
                        distance,
                        class: class.map(|class| class as u8 % CLASSES as u8),
                    };
                    classes.add(place, &neighbour);
                    neighbour
                })
                .collect();
            Surroundings {
                neighbours,
                classes,
            }
        };
        let every = points.iter().enumerate();
        Self(every.map(|(i, centre)| around(i, centre)).collect())
    }
}

/// How alike the surroundings of each pair are, 0 to 1: row for the first template, column for the second.
pub(super) struct Similarities {
    columns: usize,
    values: Vec<f32>,
}

impl Similarities {
    pub fn at(&self, a: usize, b: usize) -> f32 {
        self.values[a * self.columns + b]
    }
}

pub(super) fn similarities(a: &Neighbourhoods, b: &Neighbourhoods) -> Similarities {
    let values =
        a.0.iter()
            .flat_map(|one| b.0.iter().map(|other| similarity(one, other)))
            .collect();
    Similarities {
        columns: b.0.len(),
        values,
    }
}

/// Each neighbour of the one is given the nearest still free neighbour of the other, nearest neighbours first.
fn similarity(first: &Surroundings, second: &Surroundings) -> f32 {
    let (first, second, classes) = (&first.neighbours, &second.neighbours, &second.classes);
    if first.len().min(second.len()) < 3 {
        return 0.0;
    }
    let mut free = u16::MAX;
    let mut sum = 0.0;
    for one in first {
        let mut candidates = classes.of(one.class) & free;
        if candidates == 0 {
            continue;
        }
        let square_tolerance = tolerance(one.distance).powi(2);
        let mut best = (0.0, 0);
        while candidates != 0 {
            let other = &second[candidates.trailing_zeros() as usize];
            let bit = candidates & candidates.wrapping_neg();
            candidates ^= bit;
            let (along, across) = (one.along - other.along, one.across - other.across);
            let square = (along * along + across * across) / square_tolerance;
            let turned = wrapped(one.turn - other.turn).abs() / MAX_TURN;
            let closeness = 1.0 - 0.5 * square - 0.4 * turned;
            if square <= 1.0 && turned <= 1.0 && closeness > best.0 {
                best = (closeness, bit);
            }
        }
        free &= !best.1;
        sum += best.0;
    }
    // At the edge of a print one side has neighbours the other cannot have; three quarters of the shorter list
    // and one of the longer keep such a pair in play.
    let (short, long) = (
        first.len().min(second.len()) as f32,
        first.len().max(second.len()) as f32,
    );
    (4.0 * sum / (3.0 * short + long)).min(1.0)
}

/// The pairs most alike, best first.
pub(super) fn seeds(similarities: &Similarities, count: usize) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..similarities.values.len())
        .filter(|&i| similarities.values[i] > 0.0)
        .collect();
    let by_value = |i: &usize, j: &usize| {
        similarities.values[*j]
            .total_cmp(&similarities.values[*i])
            .then(i.cmp(j))
    };
    if order.len() > count {
        order.select_nth_unstable_by(count, by_value);
        order.truncate(count);
    }
    order.sort_by(by_value);
    order
        .into_iter()
        .map(|i| (i / similarities.columns, i % similarities.columns))
        .collect()
}
