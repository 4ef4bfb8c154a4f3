//! What a card takes: how many minutiae, which of them, and in what order.

use crate::{Error, Minutia};

/// The order in which a card asks for its minutiae: bits 1 and 2 the direction, bits 3 to 5 the key
/// (ISO/IEC 19794-2:2005, 8.3; data object 82 of a BIT's B1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Order(pub u8);

/// By what minutiae are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// X first, then Y.
    XThenY,
    /// Y first, then X.
    YThenX,
    /// The angle.
    Angle,
    /// The distance from the centre of mass.
    Polar,
}

/// What is sorted by: x, y and angle as they are encoded.
pub(crate) type Place = (u16, u16, u8);

impl Order {
    /// No order asked for.
    pub const NONE: Self = Self(0x00);
    /// Ascending X, then Y.
    pub const ASCENDING_X_Y: Self = Self(0x05);
    /// Descending X, then Y.
    pub const DESCENDING_X_Y: Self = Self(0x06);
    /// Ascending Y, then X.
    pub const ASCENDING_Y_X: Self = Self(0x09);
    /// Descending Y, then X.
    pub const DESCENDING_Y_X: Self = Self(0x0A);
    /// Ascending angle.
    pub const ASCENDING_ANGLE: Self = Self(0x0D);
    /// Descending angle.
    pub const DESCENDING_ANGLE: Self = Self(0x0E);
    /// Ascending distance from the centre of mass.
    pub const ASCENDING_POLAR: Self = Self(0x11);
    /// Descending distance from the centre of mass.
    pub const DESCENDING_POLAR: Self = Self(0x12);

    /// Every order, with the name that commands have for it.
    pub const NAMED: [(&'static str, Self); 9] = [
        ("none", Self::NONE),
        ("xy", Self::ASCENDING_X_Y),
        ("xy-descending", Self::DESCENDING_X_Y),
        ("yx", Self::ASCENDING_Y_X),
        ("yx-descending", Self::DESCENDING_Y_X),
        ("angle", Self::ASCENDING_ANGLE),
        ("angle-descending", Self::DESCENDING_ANGLE),
        ("polar", Self::ASCENDING_POLAR),
        ("polar-descending", Self::DESCENDING_POLAR),
    ];

    /// The key and whether it descends; `None` where no (known) order is asked for.
    pub fn parts(self) -> Option<(SortKey, bool)> {
        let descending = match self.0 & 0x03 {
            1 => false,
            2 => true,
            _ => return None,
        };
        let key = match self.0 & 0x1C {
            0x04 => SortKey::XThenY,
            0x08 => SortKey::YThenX,
            0x0C => SortKey::Angle,
            0x10 => SortKey::Polar,
            _ => return None,
        };
        Some((key, descending))
    }

    /// Puts encoded minutiae into this order. Equal keys keep a fixed order (by their bytes).
    pub(crate) fn sort<const N: usize>(
        self,
        minutiae: &mut [[u8; N]],
        place: fn(&[u8; N]) -> Place,
    ) {
        let Some((key, descending)) = self.parts() else {
            return;
        };
        let ranks = self::ranks(minutiae, key, place);
        minutiae.sort_by(|a, b| {
            let by_key = ranks(a).cmp(&ranks(b));
            (if descending { by_key.reverse() } else { by_key }).then(a.cmp(b))
        });
    }

    /// Whether encoded minutiae are in this order; every order is none.
    pub(crate) fn holds<const N: usize>(
        self,
        minutiae: &[[u8; N]],
        place: fn(&[u8; N]) -> Place,
    ) -> bool {
        let Some((key, descending)) = self.parts() else {
            return true;
        };
        let ranks = self::ranks(minutiae, key, place);
        minutiae.is_sorted_by(|a, b| {
            let (a, b) = (ranks(a), ranks(b));
            if descending { a >= b } else { a <= b }
        })
    }
}

/// What an encoded minutia is ranked by, among these.
fn ranks<const N: usize>(
    minutiae: &[[u8; N]],
    key: SortKey,
    place: fn(&[u8; N]) -> Place,
) -> impl Fn(&[u8; N]) -> i64 + use<N> {
    let count = minutiae.len().max(1) as i64;
    let sum =
        |of: fn(Place) -> u16| -> i64 { minutiae.iter().map(|it| i64::from(of(place(it)))).sum() };
    let (sum_x, sum_y) = (sum(|it| it.0), sum(|it| it.1));
    move |minutia| {
        let (x, y, angle) = place(minutia);
        let (x, y) = (i64::from(x), i64::from(y));
        match key {
            SortKey::XThenY => x << 16 | y,
            SortKey::YThenX => y << 16 | x,
            SortKey::Angle => i64::from(angle),
            SortKey::Polar => (x * count - sum_x).pow(2) + (y * count - sum_y).pow(2),
        }
    }
}

/// What a card takes, from its BIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Fewest minutiae.
    pub min: u8,
    /// Most minutiae.
    pub max: u8,
    /// The order asked for.
    pub order: Order,
}

impl Default for Limits {
    /// No minimum, at most 60, no order.
    fn default() -> Self {
        Self {
            min: 0,
            max: 60,
            order: Order::NONE,
        }
    }
}

impl Limits {
    /// Of these minutiae those that a card gets: where there are more than it takes, the ones of the lowest quality go
    /// first; among equals the farthest from the centre of mass of them all, then ridge endings, then the largest
    /// angles (ISO/IEC 19794-2:2011, 9.3.2).
    ///
    /// # Errors
    /// [`Error::TooFewMinutiae`] when fewer than the minimum are left.
    pub(crate) fn choose<'a>(
        &self,
        mut minutiae: Vec<&'a Minutia>,
    ) -> Result<Vec<&'a Minutia>, Error> {
        let count = minutiae.len().max(1) as f32;
        let centre = (
            minutiae.iter().map(|m| m.x).sum::<f32>() / count,
            minutiae.iter().map(|m| m.y).sum::<f32>() / count,
        );
        let distance = |m: &Minutia| (m.x - centre.0).powi(2) + (m.y - centre.1).powi(2);
        let is_ending = |m: &Minutia| m.kind == crate::MinutiaKind::Ending;
        minutiae.sort_by(|a, b| {
            (b.quality.cmp(&a.quality))
                .then(distance(a).total_cmp(&distance(b)))
                .then(is_ending(a).cmp(&is_ending(b)))
                .then(a.angle.total_cmp(&b.angle))
        });
        minutiae.truncate(usize::from(self.max));
        if minutiae.len() < usize::from(self.min) {
            return Err(Error::TooFewMinutiae {
                found: minutiae.len(),
                needed: usize::from(self.min),
            });
        }
        Ok(minutiae)
    }
}
