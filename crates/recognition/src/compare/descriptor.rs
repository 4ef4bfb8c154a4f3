//! The surroundings of a minutia, and how alike two surroundings are: no shift or turn changes them.

use negin_fingerprint::angle_difference;

use super::alignment::Point;

/// Neighbours kept for a minutia.
const NEIGHBOURS: usize = 14;

/// Farthest neighbour in pixels.
const REACH: f32 = 150.0;

/// Largest difference of relative angle of two corresponding neighbours, in radians.
const MAX_TURN: f32 = 0.6;

/// A neighbour as seen from its minutia, which looks along the positive x axis.
#[derive(Clone, Copy)]
struct Neighbour {
    along: f32,
    across: f32,
    turn: f32,
    distance: f32,
}

/// The surroundings of every minutia of a template, nearest neighbour first.
pub(super) struct Neighbourhoods(Vec<Vec<Neighbour>>);

impl Neighbourhoods {
    pub fn of(points: &[Point]) -> Self {
        let around = |(i, centre): (usize, &Point)| {
            let (s, c) = centre.angle.sin_cos();
            let mut neighbours: Vec<Neighbour> = points
                .iter()
                .enumerate()
                .filter(|(j, other)| i != *j && centre.square_distance(other) <= REACH * REACH)
                .map(|(_, other)| {
                    let (dx, dy) = (other.x - centre.x, other.y - centre.y);
                    Neighbour {
                        along: dx * c + dy * s,
                        across: dy * c - dx * s,
                        turn: angle_difference(other.angle, centre.angle),
                        distance: dx.hypot(dy),
                    }
                })
                .collect();
            neighbours.sort_by(|a, b| a.distance.total_cmp(&b.distance));
            neighbours.truncate(NEIGHBOURS);
            neighbours
        };
        Self(points.iter().enumerate().map(around).collect())
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
fn similarity(first: &[Neighbour], second: &[Neighbour]) -> f32 {
    if first.len().min(second.len()) < 3 {
        return 0.0;
    }
    let mut taken = [false; NEIGHBOURS];
    let mut sum = 0.0;
    for one in first {
        let tolerance = 12.0 + one.distance / 10.0;
        let mut best = (0.0, 0);
        // Both lists rise in distance: only a stretch of the second can be within the tolerance.
        let start = second.partition_point(|other| other.distance < one.distance - tolerance);
        for (k, other) in second.iter().enumerate().skip(start) {
            if other.distance > one.distance + tolerance {
                break;
            }
            let (along, across) = (one.along - other.along, one.across - other.across);
            let square = (along * along + across * across) / (tolerance * tolerance);
            if taken[k] || square > 1.0 {
                continue;
            }
            let turned = angle_difference(one.turn, other.turn).abs() / MAX_TURN;
            let closeness = 1.0 - 0.5 * square - 0.4 * turned;
            if turned <= 1.0 && closeness > best.0 {
                best = (closeness, k);
            }
        }
        if best.0 > 0.0 {
            taken[best.1] = true;
            sum += best.0;
        }
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
