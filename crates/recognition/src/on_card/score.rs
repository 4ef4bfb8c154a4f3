//! What the pairs under an alignment are worth.

use super::align::FRACTION;
use super::local::Similarities;
use super::pairing::Matched;
use super::record::Point;

/// A minutia counts as in the common part when one of the other record lies this near, in units.
const OVERLAP: i32 = 30;

/// Added to both counts, so that a few pairs in a small common part do not look like a whole print.
const PRIOR: i32 = 6;

/// 0 to 1000: the squared sum of closeness over the minutiae of the common part of both.
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
            i32::from(closeness) * (128 + i32::from(similarities[usize::from(k)][usize::from(l)]))
                / 256
        })
        .sum();
    let limit = (OVERLAP * FRACTION) * (OVERLAP * FRACTION);
    let near = |p: (i32, i32), q: (i32, i32)| {
        let (dx, dy) = ((p.0 - q.0).abs(), (p.1 - q.1).abs());
        dx <= OVERLAP * FRACTION && dy <= OVERLAP * FRACTION && dx * dx + dy * dy <= limit
    };
    let scaled = |p: &Point| (p.x * FRACTION, p.y * FRACTION);
    let common_a = a
        .iter()
        .filter(|p| {
            b.iter()
                .any(|q| near(matched.alignment.apply(p), scaled(q)))
        })
        .count() as i32;
    let common_b = b
        .iter()
        .filter(|q| {
            a.iter()
                .any(|p| near(matched.alignment.apply(p), scaled(q)))
        })
        .count() as i32;
    let value = i64::from(sum) * i64::from(sum) * 1000
        / (32 * 32 * i64::from((common_a + PRIOR) * (common_b + PRIOR)));
    value.clamp(0, 1000) as u16
}
