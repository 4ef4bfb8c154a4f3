//! One minutia, and arithmetic on angles.

use std::f32::consts::{PI, TAU};
use std::fmt;

use zeroize::Zeroize;

/// What a minutia is (ISO/IEC 19794-2:2005, 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum MinutiaKind {
    /// Neither, or not told.
    #[default]
    Other = 0,
    /// A ridge ends.
    Ending = 1,
    /// A ridge forks.
    Bifurcation = 2,
}

impl MinutiaKind {
    /// The two-bit code of the standard: 0 other, 1 ending, 2 bifurcation.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The kind of a two-bit code; `None` for the reserved 3 and above.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Other),
            1 => Some(Self::Ending),
            2 => Some(Self::Bifurcation),
            _ => None,
        }
    }
}

/// A minutia in the frame of this crate: pixels at 500 dpi, upper left origin.
#[derive(Clone, Copy, PartialEq, Default)]
pub struct Minutia {
    /// Pixels at 500 dpi from the left edge.
    pub x: f32,
    /// Pixels at 500 dpi from the upper edge.
    pub y: f32,
    /// Radians in 0..2π, counter-clockwise from the positive x axis: for an ending, from the end back along the
    /// ridge; for a bifurcation, from the fork into the valley between its arms (ISO/IEC 19794-2:2005, 6.5).
    pub angle: f32,
    /// What it is.
    pub kind: MinutiaKind,
    /// 1 (worst) to 100 (best); 0 where not known.
    pub quality: u8,
}

/// Shows that there is one, and nothing of it.
impl fmt::Debug for Minutia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Minutia(..)")
    }
}

impl Zeroize for Minutia {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
        self.angle.zeroize();
        self.quality.zeroize();
        self.kind = MinutiaKind::Other;
    }
}

/// The angle brought into 0..2π; 0 for one that is not finite.
pub fn normalize_angle(angle: f32) -> f32 {
    if !angle.is_finite() {
        return 0.0;
    }
    let turned = angle.rem_euclid(TAU);
    // rem_euclid of a tiny negative number rounds up to TAU itself.
    if turned >= TAU { 0.0 } else { turned }
}

/// The signed difference `a - b` of two angles in radians, brought into -π..=π.
pub fn angle_difference(a: f32, b: f32) -> f32 {
    let turned = normalize_angle(a - b);
    if turned > PI { turned - TAU } else { turned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_wrap() {
        assert_eq!(normalize_angle(-1e-9), 0.0);
        assert!((normalize_angle(-PI / 2.0) - 1.5 * PI).abs() < 1e-6);
        assert!((angle_difference(0.1, TAU - 0.1) - 0.2).abs() < 1e-6);
        assert!((angle_difference(TAU - 0.1, 0.1) + 0.2).abs() < 1e-6);
        assert_eq!(normalize_angle(f32::NAN), 0.0);
    }

    #[test]
    fn debug_shows_nothing() {
        let minutia = Minutia {
            x: 123.0,
            y: 45.0,
            ..Minutia::default()
        };
        assert_eq!(format!("{minutia:?}"), "Minutia(..)");
    }
}
