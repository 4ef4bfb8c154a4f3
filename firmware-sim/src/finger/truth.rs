//! The true minutiae of a finger, read from its noise-free ridge pattern.
//!
//! Where a ridge line ends or forks there is a minutia. Stubs, dots and gaps narrower than a
//! ridge are no minutiae and are cleared from the lines first. An ending's angle points
//! along its ridge, a bifurcation's between its two near branches, counter-clockwise from +x
//! (ISO/IEC 19794-2).

use super::grid::Grid;
use super::skeleton::{Point, Skeleton, Stop, Walk};
use negin_fingerprint::{Minutia, MinutiaKind, normalize_angle};
use std::f32::consts::PI;

/// How far lines are followed for a direction, px.
const SIGHT: usize = 10;
/// A line from fork to ending shorter than this is a stub, px.
const STUB: usize = 8;
/// A line with two ends shorter than this is a dot, px.
const DOT: usize = 12;
/// Two minutiae nearer than this are one accident of the lines and neither counts, px.
const APART: f32 = 6.0;
/// The quality of a minutia that is certain.
const CERTAIN: u8 = 100;

/// The minutiae of `pattern`, whose ridges (positive) flow along `orientation` (radians
/// counter-clockwise); none nearer than `margin` px to its edge.
pub(crate) fn minutiae(pattern: &Grid, orientation: &Grid, margin: usize) -> Vec<Minutia> {
    let mut skeleton = Skeleton::of(pattern);
    clean(&mut skeleton);
    let inside = |(x, y): &Point| {
        *x >= margin
            && *y >= margin
            && *x + margin < pattern.width()
            && *y + margin < pattern.height()
    };
    let found: Vec<Minutia> = skeleton
        .points()
        .filter(inside)
        .filter_map(|point| {
            let kind = match skeleton.branches(point) {
                1 => MinutiaKind::Ending,
                3 => MinutiaKind::Bifurcation,
                _ => return None,
            };
            let towards = heading(&skeleton, point)?;
            Some(Minutia {
                x: point.0 as f32,
                y: point.1 as f32,
                angle: along(orientation.pixel(point.0, point.1), towards),
                kind,
                quality: CERTAIN,
            })
        })
        .collect();
    let alone = |m: &&Minutia| {
        let near = |o: &&Minutia| (o.x - m.x).powi(2) + (o.y - m.y).powi(2) < APART * APART;
        found.iter().filter(near).count() == 1
    };
    found.iter().filter(alone).copied().collect()
}

/// Clears stubs and dots; clearing one may join two lines into one, so it goes on until nothing is found.
fn clean(skeleton: &mut Skeleton) {
    loop {
        let ends: Vec<Point> = skeleton
            .points()
            .filter(|&p| skeleton.branches(p) <= 1)
            .collect();
        let mut changed = false;
        for end in ends {
            if !skeleton.is_on(end) {
                continue;
            }
            let walk = skeleton.walks(end, DOT).pop().unwrap_or(Walk {
                path: Vec::new(),
                stop: Stop::Ending,
            });
            let keep_last = match walk.stop {
                Stop::Far => continue,
                Stop::Fork if walk.path.len() > STUB => continue,
                Stop::Fork => 1,
                Stop::Ending => 0,
            };
            skeleton.clear(end);
            for &point in &walk.path[..walk.path.len() - keep_last] {
                skeleton.clear(point);
            }
            changed = true;
        }
        if !changed {
            break;
        }
    }
}

/// The way a minutia points, as (right, up): into an ending's ridge, or into the valley between
/// the two branches of a fork that lie closest.
fn heading(skeleton: &Skeleton, point: Point) -> Option<(f32, f32)> {
    let ways: Vec<(f32, f32)> = skeleton
        .walks(point, SIGHT)
        .iter()
        .filter_map(|walk| {
            let last = walk.path.last()?;
            let (dx, dy) = (
                last.0 as f32 - point.0 as f32,
                point.1 as f32 - last.1 as f32,
            );
            let length = (dx * dx + dy * dy).sqrt();
            Some((dx / length, dy / length))
        })
        .collect();
    match ways[..] {
        [way] => Some(way),
        [a, b, c] => {
            let alike = |p: (f32, f32), q: (f32, f32)| p.0 * q.0 + p.1 * q.1;
            let sum = |p: (f32, f32), q: (f32, f32)| (p.0 + q.0, p.1 + q.1);
            let pairs = [(a, b), (b, c), (a, c)];
            pairs
                .into_iter()
                .max_by(|x, y| alike(x.0, x.1).total_cmp(&alike(y.0, y.1)))
                .map(|(p, q)| sum(p, q))
        }
        _ => None,
    }
}

/// Of the two directions of `orientation`, the one nearer to `towards`, in 0..2π.
fn along(orientation: f32, towards: (f32, f32)) -> f32 {
    let with = libm::cosf(orientation) * towards.0 + libm::sinf(orientation) * towards.1;
    let angle = if with < 0.0 {
        orientation + PI
    } else {
        orientation
    };
    normalize_angle(angle)
}
