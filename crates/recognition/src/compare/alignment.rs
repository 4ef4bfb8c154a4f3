//! A turn and a shift that lay one template on the other.

use std::f32::consts::{PI, TAU};

use negin_fingerprint::{MinutiaKind, Template, normalize_angle};
use zeroize::Zeroize;

use super::weight;
use crate::maths;

/// A difference of two angles from 0 to 2π, brought to -π to π.
pub(super) fn wrapped(difference: f32) -> f32 {
    if difference > PI {
        difference - TAU
    } else if difference < -PI {
        difference + TAU
    } else {
        difference
    }
}

/// A minutia as the comparison sees it: pixels at 500 dpi, y upward, its angle 0 to 2π.
#[derive(Clone, Copy, Default)]
pub(super) struct Point {
    pub x: f32,
    pub y: f32,
    pub angle: f32,
    pub kind: MinutiaKind,
    /// How far it counts beside the others of its template, whose mean is about 1.
    pub weight: f32,
}

impl Point {
    /// The minutiae of a template, in its order; one that lies nowhere is put far away, alone.
    pub fn of_template(template: &Template) -> Vec<Self> {
        let finite = |value: f32, far: f32| if value.is_finite() { value } else { far };
        let minutiae = &template.minutiae;
        let mut points: Vec<Self> = minutiae
            .iter()
            .take(super::MOST_MINUTIAE)
            .enumerate()
            .map(|(i, m)| Self {
                x: finite(m.x, 1e5 + 1e3 * i as f32),
                y: -finite(m.y, 1e5),
                angle: normalize_angle(finite(m.angle, 0.0)),
                kind: m.kind,
                weight: 1.0,
            })
            .collect();
        weight::weigh(&mut points, minutiae);
        points
    }

    /// What templates are put in order by.
    pub fn order(&self) -> [u32; 5] {
        let [x, y, angle, weight] = [self.x, self.y, self.angle, self.weight].map(f32::to_bits);
        [x, y, angle, weight, self.kind as u32]
    }

    /// Overwrites it.
    pub fn wipe(&mut self) {
        [&mut self.x, &mut self.y, &mut self.angle, &mut self.weight]
            .into_iter()
            .for_each(Zeroize::zeroize);
        self.kind = MinutiaKind::default();
    }

    /// The difference of two directions, -π to π: how far this one is turned from the other.
    pub fn turned_from(&self, other: &Self) -> f32 {
        wrapped(self.angle - other.angle)
    }

    pub fn square_distance(&self, other: &Self) -> f32 {
        (self.x - other.x).powi(2) + (self.y - other.y).powi(2)
    }
}

/// How one impression lies on another: turn about the origin, then shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// Radians, counter-clockwise as seen on the page, -π to π.
    pub rotation: f32,
    /// Pixels at 500 dpi to the right.
    pub dx: f32,
    /// Pixels at 500 dpi downward.
    pub dy: f32,
}

/// An alignment, ready to move many points.
pub(super) struct Motion {
    rotation: f32,
    sine: f32,
    cosine: f32,
    dx: f32,
    dy: f32,
}

impl Motion {
    pub fn of(&self, point: &Point) -> Point {
        let angle = point.angle + self.rotation;
        let turn = if angle < 0.0 {
            TAU
        } else if angle >= TAU {
            -TAU
        } else {
            0.0
        };
        Point {
            x: point.x * self.cosine - point.y * self.sine + self.dx,
            y: point.y * self.cosine + point.x * self.sine - self.dy,
            angle: angle + turn,
            kind: point.kind,
            weight: point.weight,
        }
    }
}

impl Alignment {
    /// Where a point of the first image (pixels, y downward) lies in the second.
    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let (s, c) = maths::sin_cos(self.rotation);
        (x * c + y * s + self.dx, y * c - x * s + self.dy)
    }

    /// From the second to the first.
    pub fn inverse(&self) -> Self {
        let back = Self {
            rotation: -self.rotation,
            dx: 0.0,
            dy: 0.0,
        };
        let (x, y) = back.apply(self.dx, self.dy);
        Self {
            rotation: -self.rotation,
            dx: -x,
            dy: -y,
        }
    }

    /// The same, for many points.
    pub(super) fn motion(&self) -> Motion {
        let (sine, cosine) = maths::sin_cos(self.rotation);
        Motion {
            rotation: self.rotation,
            sine,
            cosine,
            dx: self.dx,
            dy: self.dy,
        }
    }

    /// The one that lays a minutia on another with its direction.
    pub(super) fn of_pair(a: &Point, b: &Point) -> Self {
        Self {
            rotation: b.turned_from(a),
            dx: 0.0,
            dy: 0.0,
        }
        .through(a, b)
    }

    fn through(mut self, a: &Point, b: &Point) -> Self {
        let (x, y) = Self {
            dx: 0.0,
            dy: 0.0,
            ..self
        }
        .apply(a.x, -a.y);
        (self.dx, self.dy) = (b.x - x, -b.y - y);
        self
    }

    /// The weighted least-squares fit of pairs; `None` for fewer than two or when they coincide.
    pub(super) fn fit<'a>(
        pairs: impl Iterator<Item = (&'a Point, &'a Point, f32)> + Clone,
    ) -> Option<Self> {
        let (mut count, mut total) = (0, 0.0);
        let (mut mean_a, mut mean_b) = (Point::default(), Point::default());
        for (a, b, weight) in pairs.clone() {
            count += 1;
            total += weight;
            (mean_a.x, mean_a.y) = (mean_a.x + weight * a.x, mean_a.y + weight * a.y);
            (mean_b.x, mean_b.y) = (mean_b.x + weight * b.x, mean_b.y + weight * b.y);
        }
        if count < 2 || total <= 0.0 {
            return None;
        }
        (mean_a.x, mean_a.y) = (mean_a.x / total, mean_a.y / total);
        (mean_b.x, mean_b.y) = (mean_b.x / total, mean_b.y / total);
        let (mut dot, mut cross) = (0.0, 0.0);
        for (a, b, weight) in pairs {
            let (ax, ay) = (a.x - mean_a.x, a.y - mean_a.y);
            let (bx, by) = (b.x - mean_b.x, b.y - mean_b.y);
            dot += weight * (ax * bx + ay * by);
            cross += weight * (ax * by - ay * bx);
        }
        if dot.abs() + cross.abs() < 1e-3 {
            return None;
        }
        let rotation = maths::atan2(cross, dot).clamp(-PI, PI);
        Some(
            Self {
                rotation,
                dx: 0.0,
                dy: 0.0,
            }
            .through(&mean_a, &mean_b),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_finds_turn_and_shift_and_goes_back() {
        let a = [(10.0, 20.0), (200.0, 40.0), (90.0, 180.0)].map(|(x, y)| Point {
            x,
            y,
            ..Point::default()
        });
        let truth = Alignment {
            rotation: 0.7,
            dx: -12.0,
            dy: 31.0,
        };
        let motion = truth.motion();
        let b = a.map(|point| motion.of(&point));
        let fit = Alignment::fit(a.iter().zip(&b).map(|(a, b)| (a, b, 1.0))).expect("three pairs");
        assert!(
            (fit.rotation - 0.7).abs() < 1e-4
                && (fit.dx + 12.0).abs() < 0.01
                && (fit.dy - 31.0).abs() < 0.01
        );
        let (x, y) = fit.apply(5.0, 6.0);
        let (x, y) = fit.inverse().apply(x, y);
        assert!((x - 5.0).abs() < 0.01 && (y - 6.0).abs() < 0.01);
    }
}
