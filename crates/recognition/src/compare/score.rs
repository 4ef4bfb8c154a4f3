//! What the pairs under an alignment are worth.

use super::alignment::Point;
use super::pairing::{Bed, Matched};

/// A minutia counts as in the common part when one of the other template lies this near, in pixels.
const OVERLAP: f32 = 60.0;

/// Added to both counts, so that a few pairs in a small common part do not look like a whole print.
const PRIOR: f32 = 8.0;

/// 0 to 1000: the squared sum of closeness over the minutiae of the common part of both, each counting by its quality.
pub(super) fn score(bed: &mut Bed<'_>, matched: &Matched) -> f64 {
    let (a, b) = (bed.a, bed.b);
    let sum: f32 = matched
        .pairs
        .iter()
        .map(|pair| {
            (a[pair.a].weight * b[pair.b].weight).sqrt()
                * pair.closeness
                * (0.5 + bed.similarities.at(pair.a, pair.b))
        })
        .sum();
    let motion = matched.alignment.motion();
    let moved: Vec<Point> = a.iter().map(|point| motion.of(point)).collect();
    let common = |of: &[Point], with: &[Point]| {
        let near = |p: &&Point| {
            with.iter()
                .any(|q| p.square_distance(q) <= OVERLAP * OVERLAP)
        };
        of.iter().filter(near).map(|p| p.weight).sum::<f32>()
    };
    let value = sum * sum / ((common(&moved, b) + PRIOR) * (common(b, &moved) + PRIOR));
    (1000.0 * f64::from(value)).clamp(0.0, 1000.0)
}
