//! From repaired skeletons to minutiae: the ends of ridges are endings, the ends of valleys bifurcations.
//!
//! An end at the rim of the print is where the finger, not the ridge, stops; it is told by following its line
//! onward past the end until the print is left.

use negin_fingerprint::{Minutia, MinutiaKind, angle_difference, normalize_angle};
use zeroize::Zeroizing;

use super::filter_spurious::{Lengths, direction, ends};
use super::orientation::Orientation;
use super::segmentation::Mask;
use super::skeleton::Binary;
use crate::maths;
use crate::quality::{self, Clarity};

/// What the position of a minutia is judged by.
pub(crate) struct Context<'a> {
    pub mask: &'a Mask,
    /// The print without its rim.
    pub inner: &'a Mask,
    pub orientation: &'a Orientation,
    pub clarity: &'a Clarity,
    pub period: f32,
}

/// The minutiae of one skeleton.
pub(crate) fn of_skeleton(
    skeleton: &Binary,
    kind: MinutiaKind,
    context: &Context<'_>,
) -> Vec<Minutia> {
    let lengths = Lengths::of_period(context.period);
    ends(skeleton)
        .into_iter()
        .filter_map(|end| {
            let (x, y) = (end.0 as f32, end.1 as f32);
            let back = direction(skeleton, end, lengths.direction)?;
            if !context.inner.pixel(x, y) || leaves_print(context, (x, y), back) {
                return None;
            }
            let quality = quality::of_minutia(
                context.clarity.at(x, y),
                context.orientation.coherence(x, y),
            );
            let angle = normalize_angle(along_field(context.orientation, (x, y), back));
            Some(Minutia {
                x,
                y,
                angle,
                kind,
                quality,
            })
        })
        .collect()
}

/// The direction of the field at a point, the way of `back`, in the sense of the standard (y upward).
fn along_field(orientation: &Orientation, at: (f32, f32), back: (f32, f32)) -> f32 {
    let angle = orientation.angle(at.0 + 3.0 * back.0, at.1 + 3.0 * back.1);
    let (s, c) = maths::sin_cos(angle);
    let sign = if s * back.1 + c * back.0 >= 0.0 {
        1.0
    } else {
        -1.0
    };
    maths::atan2(-s * sign, c * sign)
}

/// Whether the line, followed past its end along the field, leaves the print within two periods.
fn leaves_print(context: &Context<'_>, from: (f32, f32), back: (f32, f32)) -> bool {
    let (mut x, mut y) = from;
    let mut ahead = (-back.0, -back.1);
    let steps = (2.0 * context.period / 3.0).round() as usize;
    for _ in 0..steps {
        let (s, c) = maths::sin_cos(context.orientation.angle(x, y));
        let sign = if c * ahead.0 + s * ahead.1 >= 0.0 {
            1.0
        } else {
            -1.0
        };
        ahead = (c * sign, s * sign);
        (x, y) = (x + 3.0 * ahead.0, y + 3.0 * ahead.1);
        if !context.mask.pixel(x, y) {
            return true;
        }
    }
    false
}

/// Drops minutiae that contradict each other: two of one kind that face away from or into each other within less
/// than a period, and crowds, which are noise.
pub(crate) fn without_contradictions(minutiae: Vec<Minutia>, period: f32) -> Vec<Minutia> {
    let minutiae = Zeroizing::new(minutiae);
    let distance = |a: &Minutia, b: &Minutia| maths::length(a.x - b.x, a.y - b.y);
    let contradicted = |i: usize| {
        let one = &minutiae[i];
        let mut crowd = 0;
        for (_, other) in minutiae.iter().enumerate().filter(|(j, _)| *j != i) {
            let apart = distance(one, other);
            crowd += usize::from(apart < 2.0 * period);
            let turned = angle_difference(one.angle, other.angle).abs();
            if one.kind == other.kind && apart < 0.9 * period && turned > 2.4 {
                return true;
            }
        }
        crowd > 4
    };
    let kept = (0..minutiae.len()).filter(|&i| !contradicted(i));
    kept.map(|i| minutiae[i]).collect()
}
