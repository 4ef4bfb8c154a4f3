//! How far each minutia of a record counts: by how far it stands from the next one.
//!
//! A record tells no qualities. But of minutiae in a crowd each tells little that its neighbours do not, and many are
//! noise.

use super::record::Point;

/// The weight of a minutia on the mean of its record.
pub(super) const MEAN: i32 = 16;

/// Least and greatest weight before they are brought to that mean.
const RANGE: (i32, i32) = (MEAN / 4, 2 * MEAN);

/// Sets the weights of a record, whose minutiae number at most `N`.
pub(super) fn weigh<const N: usize>(points: &mut [Point]) {
    let count = points.len().min(N);
    let mut nearest = [0; N];
    for (i, distance) in nearest[..count].iter_mut().enumerate() {
        // In quarters of a unit.
        *distance = 4 * square_to_next(points, i).isqrt();
    }
    let mut sorted = nearest;
    sorted[..count].sort_unstable();
    let middling = sorted.get(count / 2).copied().unwrap_or(0).max(1);
    let mut sum = 0;
    for (point, distance) in points.iter_mut().zip(nearest) {
        point.weight = (MEAN * distance / middling).clamp(RANGE.0, RANGE.1);
        sum += point.weight;
    }
    for point in points.iter_mut().take(count) {
        point.weight = (point.weight * MEAN * count as i32 + sum / 2) / sum.max(1);
    }
}

/// The square of the distance to the next minutia, in units; 0 for one alone.
fn square_to_next(points: &[Point], of: usize) -> i32 {
    let square = |other: &Point| {
        let (dx, dy) = (points[of].x - other.x, points[of].y - other.y);
        dx * dx + dy * dy
    };
    let others = points.iter().enumerate().filter(|(i, _)| *i != of);
    others.map(|(_, other)| square(other)).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(places: &[(i32, i32)]) -> Vec<i32> {
        let mut points: Vec<Point> = places
            .iter()
            .map(|&(x, y)| Point {
                x,
                y,
                ..Point::default()
            })
            .collect();
        weigh::<64>(&mut points);
        points.iter().map(|point| point.weight).collect()
    }

    #[test]
    fn a_crowd_counts_less_and_an_even_field_evenly() {
        let row: Vec<_> = (0..8).map(|i| (30 * i, 7)).collect();
        assert_eq!(weights(&row), [MEAN; 8]);
        let crowd = weights(&[(0, 0), (2, 0), (50, 0), (100, 0), (150, 0), (200, 0)]);
        assert!(crowd[0] * 3 < crowd[5] && crowd[0] == crowd[1]);
        assert_eq!(weights(&[(9, 9); 3]), [MEAN; 3]);
        assert_eq!((weights(&[(9, 9)]), weights(&[])), (vec![MEAN], vec![]));
    }
}
