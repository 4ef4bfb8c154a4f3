//! From what is seen of a print to one figure and one advice.
//!
//! The rule: a print is as good as its ridges are one wave, times how much of it there is; where it was filtered and
//! extracted, also how far the filter agreed with it, and whether there are minutiae enough. The figure is that product
//! on the scale of NFIQ 2: two numbers, and no more, were chosen so that both run from the same worst to the same best.

use super::{Advice, Parts};
use crate::maths;

/// The area, in square millimetres, of which another one still adds a third of what is lacking.
const AREA: f32 = 60.0;

/// The same for minutiae.
const MINUTIAE: f32 = 3.0;

/// Clarity of a usual print.
const USUAL_CLARITY: f32 = 0.81;

/// Smear from which on it costs, and how much of it is the worst.
const SMEAR: (f32, f32) = (0.5, 1.0);

/// The product at which the figure is 0, and that at which it is 100.
const RANGE: (f32, f32) = (0.265, 0.79);

/// The figure, 0 (worst) to 100 (best).
pub(super) fn score(parts: &Parts) -> u8 {
    let mut product = parts.regularity * (1.0 - maths::exp(-parts.area / AREA));
    if let Some(clarity) = parts.clarity {
        product *= (clarity / USUAL_CLARITY).sqrt();
    }
    if let Some(minutiae) = parts.minutiae {
        product *= 1.0 - maths::exp(-minutiae / MINUTIAE);
    }
    product *= 1.0 - ((parts.smear - SMEAR.0) / (SMEAR.1 - SMEAR.0)).clamp(0.0, 1.0);
    let figure = 100.0 * (product - RANGE.0) / (RANGE.1 - RANGE.0);
    figure.round().clamp(0.0, 100.0) as u8
}

/// Area in square millimetres below which there is too little to compare: a round of 10 mm.
const LITTLE: f32 = 80.0;

/// The figure from which on nothing is said of skin and motion.
const GOOD: u8 = 50;

/// Balance of dark and light below which a poor print is a dry one, and above which a wet one.
const DRY: f32 = -0.7;
const WET: f32 = 0.5;

/// Smear from which on a poor print is a smeared one, and from which on any print is.
const SMEARED: (f32, f32) = (0.35, 0.5);

/// What would make the next impression better.
pub(super) fn advice(parts: &Parts, score: u8) -> Advice {
    let poor = score < GOOD;
    if parts.area < LITTLE {
        Advice::TooLittle
    } else if parts.smear >= SMEARED.1 || poor && parts.smear >= SMEARED.0 {
        Advice::Moved
    } else if poor && parts.moisture <= DRY {
        Advice::TooDry
    } else if poor && parts.moisture >= WET {
        Advice::TooWet
    } else {
        Advice::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine() -> Parts {
        Parts {
            area: 200.0,
            certainty: 0.95,
            regularity: 0.75,
            scatter: 0.1,
            moisture: -0.3,
            contrast: 60.0,
            smear: 0.05,
            clarity: None,
            minutiae: None,
        }
    }

    #[test]
    fn each_part_moves_the_figure_its_way() {
        let all = score(&fine());
        assert!(all > 80);
        let worse = |change: fn(&mut Parts)| {
            let mut parts = fine();
            change(&mut parts);
            assert!(score(&parts) < all, "{parts:?}");
        };
        worse(|parts| parts.area = 90.0);
        worse(|parts| parts.regularity = 0.6);
        worse(|parts| parts.smear = 0.6);
        worse(|parts| parts.clarity = Some(0.6));
        worse(|parts| parts.minutiae = Some(4.0));
        let nothing = Parts {
            area: 0.0,
            regularity: f32::NAN,
            ..fine()
        };
        assert_eq!(score(&nothing), 0);
    }

    #[test]
    fn the_advice_follows_what_is_wrong() {
        let told = |change: fn(&mut Parts)| {
            let mut parts = fine();
            change(&mut parts);
            advice(&parts, score(&parts))
        };
        assert_eq!(told(|_| ()), Advice::None);
        assert_eq!(
            told(|parts| parts.moisture = -1.5),
            Advice::None,
            "a good print"
        );
        assert_eq!(told(|parts| parts.area = 60.0), Advice::TooLittle);
        assert_eq!(told(|parts| parts.smear = 0.6), Advice::Moved);
        let poor = |moisture: f32| {
            let parts = Parts {
                regularity: 0.4,
                moisture,
                ..fine()
            };
            advice(&parts, score(&parts))
        };
        assert_eq!(poor(-1.5), Advice::TooDry);
        assert_eq!(poor(0.9), Advice::TooWet);
        assert_eq!(poor(0.0), Advice::None);
    }
}
