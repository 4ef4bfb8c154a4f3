//! What the pairs under an alignment are worth.

use super::align::FRACTION;
use super::local::Similarities;
use super::pairing::{Matched, within};
use super::record::{MAX_MINUTIAE, Point};
use super::weight::MEAN;

/// A minutia counts as in the common part when one of the other record lies this near, in units.
const OVERLAP: i32 = 30;

/// Added to what both count, so that a few pairs in a small common part do not look like a whole print.
const PRIOR: i32 = 6 * MEAN;

/// 0 to 1000: the squared sum of closeness over the minutiae of the common part of both, each counting by its weight.
pub(super) fn score(
    a: &[Point],
    b: &[Point],
    similarities: &Similarities,
    matched: &Matched,
) -> u16 {
    let pairs = &matched.pairs[..matched.count];
    let sum: i32 = pairs
        .iter()
        .map(|&(k, l, closeness)| {
            let (k, l) = (usize::from(k), usize::from(l));
            let weight = (a[k].weight * b[l].weight).isqrt();
            weight * i32::from(closeness) * (128 + i32::from(similarities[k][l])) / 256
        })
        .sum();
    let limit = (OVERLAP * FRACTION) * (OVERLAP * FRACTION);
    let near = |p: (i32, i32), q: (i32, i32)| {
        let (dx, dy) = ((p.0 - q.0).abs(), (p.1 - q.1).abs());
        dx <= OVERLAP * FRACTION && dy <= OVERLAP * FRACTION && dx * dx + dy * dy <= limit
    };
    let scaled = |p: &Point| (p.x * FRACTION, p.y * FRACTION);
    let mut moved = [(0, 0); MAX_MINUTIAE];
    let mut common_a = 0;
    for (p, moved) in a.iter().zip(&mut moved) {
        *moved = matched.alignment.apply(p);
        if within(b, moved.0, OVERLAP * FRACTION).any(|(_, q)| near(*moved, scaled(q))) {
            common_a += p.weight;
        }
    }
    let near_moved = |q: &&Point| moved[..a.len()].iter().any(|p| near(*p, scaled(q)));
    let common_b: i32 = b.iter().filter(near_moved).map(|q| q.weight).sum();
    let value = i64::from(sum) * i64::from(sum) * 1000
        / (32 * 32 * i64::from((common_a + PRIOR) * (common_b + PRIOR)));
    value.clamp(0, 1000) as u16
}
