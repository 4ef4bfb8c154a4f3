//! Records as the card holds them.

use zeroize::Zeroize;

use super::weight::weigh;

/// Most minutiae a record may have.
pub const MAX_MINUTIAE: usize = 64;

/// Steps of angle in the full circle.
pub(super) const STEPS: i32 = 64;

/// One in the fixed-point numbers used for sines and cosines.
pub(super) const ONE: i32 = 1 << 14;

/// Cosines of the first quarter of the circle in [`ONE`]ths, 17 values at steps of 5.625°.
const QUARTER: [i32; 17] = [
    16384, 16305, 16069, 15679, 15137, 14449, 13623, 12665, 11585, 10394, 9102, 7723, 6270, 4756,
    3196, 1606, 0,
];

/// Cosine of an angle in steps.
pub(super) fn cos(step: i32) -> i32 {
    let step = step.rem_euclid(STEPS);
    let half = if step > 32 { STEPS - step } else { step };
    if half <= 16 {
        QUARTER[half as usize]
    } else {
        -QUARTER[(32 - half) as usize]
    }
}

/// Sine of an angle in steps.
pub(super) fn sin(step: i32) -> i32 {
    cos(step - 16)
}

/// The difference of two angles in steps, brought into -32..32.
pub(super) fn turn(a: i32, b: i32) -> i32 {
    (a - b + 32).rem_euclid(STEPS) - 32
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// The length is not a multiple of three.
    #[error("not a whole number of minutiae")]
    Length,
    /// More than [`MAX_MINUTIAE`].
    #[error("more minutiae than a card compares")]
    TooMany,
    /// A minutia of the reserved kind 3.
    #[error("a minutia of a reserved kind")]
    Kind,
}

/// The number of minutiae of a record.
///
/// # Errors
/// [`Malformed`] where the card would refuse it.
pub fn check(record: &[u8]) -> Result<usize, Malformed> {
    let (minutiae, []) = record.as_chunks::<3>() else {
        return Err(Malformed::Length);
    };
    if minutiae.len() > MAX_MINUTIAE {
        return Err(Malformed::TooMany);
    }
    if minutiae.iter().any(|minutia| minutia[2] >> 6 == 3) {
        return Err(Malformed::Kind);
    }
    Ok(minutiae.len())
}

/// A minutia in units of 0.1 mm, y upward, and its angle in steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Point {
    pub x: i32,
    pub y: i32,
    pub angle: i32,
    pub kind: u8,
    /// How far it counts beside the others of its record.
    pub weight: i32,
}

/// The minutiae of a record, in a fixed order. Wiped when dropped.
pub(super) struct Minutiae {
    count: usize,
    points: [Point; MAX_MINUTIAE],
}

impl Minutiae {
    pub fn decode(record: &[u8]) -> Result<Self, Malformed> {
        let count = check(record)?;
        let mut points = [Point::default(); MAX_MINUTIAE];
        for (point, minutia) in points.iter_mut().zip(record.as_chunks::<3>().0) {
            *point = Point {
                x: i32::from(minutia[0]),
                y: -i32::from(minutia[1]),
                angle: i32::from(minutia[2] & 0x3F),
                kind: minutia[2] >> 6,
                weight: 0,
            };
        }
        points[..count].sort_unstable();
        weigh::<MAX_MINUTIAE>(&mut points[..count]);
        Ok(Self { count, points })
    }

    pub fn points(&self) -> &[Point] {
        &self.points[..self.count]
    }
}

impl Drop for Minutiae {
    fn drop(&mut self) {
        for point in &mut self.points {
            point.x.zeroize();
            point.y.zeroize();
            point.angle.zeroize();
            point.kind.zeroize();
            point.weight.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigonometry_agrees_with_floating_point() {
        for step in -70..140 {
            let angle = f64::from(step) * std::f64::consts::TAU / 64.0;
            assert!(
                (f64::from(cos(step)) - angle.cos() * 16384.0).abs() <= 0.6,
                "cos {step}"
            );
            assert!(
                (f64::from(sin(step)) - angle.sin() * 16384.0).abs() <= 0.6,
                "sin {step}"
            );
        }
        assert_eq!((turn(1, 63), turn(63, 1), turn(32, 0)), (2, -2, -32));
    }

    #[test]
    fn malformed_records_are_told() {
        assert_eq!(check(&[0; 4]), Err(Malformed::Length));
        assert_eq!(check(&[0; 195]), Err(Malformed::TooMany));
        assert_eq!(check(&[0, 0, 0xC0]), Err(Malformed::Kind));
        assert_eq!(check(&[0; 192]), Ok(64));
    }
}
