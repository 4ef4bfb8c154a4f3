//! Which fingers are enrolled: the preferred ones, as far as they are good enough.

use negin_fingerprint::FingerPosition;

/// The order in which PIV takes fingers: both index fingers first (NIST SP 800-76-2 §4.2 with FIPS 201-3 §2.3).
pub const PREFERENCE: [FingerPosition; 10] = [
    FingerPosition::RightIndex,
    FingerPosition::LeftIndex,
    FingerPosition::RightThumb,
    FingerPosition::LeftThumb,
    FingerPosition::RightMiddle,
    FingerPosition::LeftMiddle,
    FingerPosition::RightRing,
    FingerPosition::LeftRing,
    FingerPosition::RightLittle,
    FingerPosition::LeftLittle,
];

/// Chooses `count` fingers of those given with their quality, 0 to 100.
///
/// Of the `preference`, in its order, those of quality `least` and more; where these are too few, the best of what is
/// left of it, among equals the preferred one. A finger outside the preference is never chosen.
pub fn choose(
    given: &[(FingerPosition, u8)],
    preference: &[FingerPosition],
    least: u8,
    count: usize,
) -> Vec<FingerPosition> {
    let preferred = preference.iter().filter_map(|finger| {
        let of_finger = given.iter().filter(|(position, _)| position == finger);
        Some((*finger, of_finger.map(|(_, quality)| *quality).max()?))
    });
    let (good, mut rest): (Vec<_>, Vec<_>) = preferred.partition(|(_, quality)| *quality >= least);
    rest.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
    good.into_iter()
        .chain(rest)
        .take(count)
        .map(|(finger, _)| finger)
        .collect()
}

#[cfg(test)]
mod tests {
    use FingerPosition::{LeftIndex, LeftThumb, RightIndex, RightMiddle, RightThumb, Unknown};

    use super::*;

    #[test]
    fn good_fingers_are_taken_in_their_order() {
        let given = [
            (LeftThumb, 90),
            (LeftIndex, 60),
            (RightIndex, 41),
            (RightThumb, 99),
        ];
        assert_eq!(
            choose(&given, &PREFERENCE, 40, 2),
            [RightIndex, LeftIndex],
            "good enough is enough"
        );
        assert_eq!(
            choose(&given, &PREFERENCE, 50, 2),
            [LeftIndex, RightThumb],
            "the next of the preference stands in"
        );
    }

    #[test]
    fn poor_fingers_fill_up_best_first() {
        let given = [
            (RightIndex, 10),
            (LeftThumb, 30),
            (RightMiddle, 30),
            (Unknown, 99),
        ];
        assert_eq!(
            choose(&given, &PREFERENCE, 40, 2),
            [LeftThumb, RightMiddle],
            "among equals the preferred"
        );
        assert_eq!(choose(&given, &PREFERENCE, 40, 9).len(), 3);
        assert_eq!(choose(&given, &[RightIndex], 40, 2), [RightIndex]);
        assert_eq!(choose(&[], &PREFERENCE, 40, 2), []);
    }
}
