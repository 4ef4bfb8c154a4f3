//! A turn and a shift that lay one record on the other.

use super::record::{ONE, Point, STEPS, cos, sin};

/// Fractional bits of shifted positions.
pub(super) const FRACTION: i32 = 16;

/// Turns about the origin, then shifts.
#[derive(Clone, Copy)]
pub(super) struct Rigid {
    cos: i32,
    sin: i32,
    /// The turn in whole steps of angle.
    pub turn: i32,
    x: i32,
    y: i32,
}

impl Rigid {
    /// The one that lays point `a` on point `b` with its direction.
    pub fn of_pair(a: &Point, b: &Point) -> Self {
        let turn = (b.angle - a.angle).rem_euclid(STEPS);
        Self {
            cos: cos(turn),
            sin: sin(turn),
            turn,
            x: 0,
            y: 0,
        }
        .through((a.x, a.y), (b.x, b.y), 1)
    }

    /// The same turn, with the shift that lays `a` on `b`, both sums over `count` points.
    fn through(mut self, a: (i32, i32), b: (i32, i32), count: i32) -> Self {
        let rotated = |p: i32, q: i32| {
            (i64::from(p) * i64::from(self.cos) - i64::from(q) * i64::from(self.sin))
                * i64::from(FRACTION)
                / i64::from(ONE)
        };
        let (x, y) = (rotated(a.0, a.1), {
            (i64::from(a.0) * i64::from(self.sin) + i64::from(a.1) * i64::from(self.cos))
                * i64::from(FRACTION)
                / i64::from(ONE)
        });
        self.x = ((i64::from(b.0) * i64::from(FRACTION) - x) / i64::from(count)) as i32;
        self.y = ((i64::from(b.1) * i64::from(FRACTION) - y) / i64::from(count)) as i32;
        self
    }

    /// The least-squares fit of pairs of points; `None` for fewer than two or when they all coincide.
    pub fn fit<'a>(pairs: impl Iterator<Item = (&'a Point, &'a Point)> + Clone) -> Option<Self> {
        let (mut count, mut sum_a, mut sum_b) = (0i32, (0, 0), (0, 0));
        for (a, b) in pairs.clone() {
            count += 1;
            sum_a = (sum_a.0 + a.x, sum_a.1 + a.y);
            sum_b = (sum_b.0 + b.x, sum_b.1 + b.y);
        }
        if count < 2 {
            return None;
        }
        let (mut dot, mut cross) = (0i64, 0i64);
        for (a, b) in pairs {
            let (ax, ay) = (
                i64::from(a.x * count - sum_a.0),
                i64::from(a.y * count - sum_a.1),
            );
            let (bx, by) = (
                i64::from(b.x * count - sum_b.0),
                i64::from(b.y * count - sum_b.1),
            );
            dot += ax * bx + ay * by;
            cross += ax * by - ay * bx;
        }
        let norm = (dot * dot + cross * cross).isqrt();
        if norm == 0 {
            return None;
        }
        let (c, s) = (
            (dot * i64::from(ONE) / norm) as i32,
            (cross * i64::from(ONE) / norm) as i32,
        );
        let turn = (0..STEPS).max_by_key(|&step| c * cos(step) / 2 + s * sin(step) / 2)?;
        Some(
            Self {
                cos: c,
                sin: s,
                turn,
                x: 0,
                y: 0,
            }
            .through(sum_a, sum_b, count),
        )
    }

    /// Where a point comes to lie, in [`FRACTION`]ths of a unit.
    pub fn apply(&self, point: &Point) -> (i32, i32) {
        let scale = ONE / FRACTION;
        (
            (point.x * self.cos - point.y * self.sin) / scale + self.x,
            (point.x * self.sin + point.y * self.cos) / scale + self.y,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_finds_turn_and_shift() {
        let points = [(10, -20), (200, -40), (90, -180), (30, -90)];
        let a = points.map(|(x, y)| Point {
            x,
            y,
            angle: 0,
            kind: 1,
            weight: 16,
        });
        let turned = |p: &Point| {
            let (x, y) = (f64::from(p.x), f64::from(p.y));
            let (s, c) = (std::f64::consts::TAU / 16.0).sin_cos();
            Point {
                x: (x * c - y * s + 33.0).round() as i32,
                y: (x * s + y * c - 7.0).round() as i32,
                ..*p
            }
        };
        let b = a.map(|p| turned(&p));
        let fit = Rigid::fit(a.iter().zip(&b)).expect("four pairs");
        assert_eq!(fit.turn, 4);
        for (a, b) in a.iter().zip(&b) {
            let (x, y) = fit.apply(a);
            assert!(
                (x - b.x * FRACTION).abs() <= FRACTION && (y - b.y * FRACTION).abs() <= FRACTION
            );
        }
        assert!(Rigid::fit(a.iter().zip(&b).take(1)).is_none());
        let same = [a[0]; 3];
        assert!(Rigid::fit(same.iter().zip(&same)).is_none());
    }
}
