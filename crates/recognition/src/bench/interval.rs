//! How far a figure would be another one with other fingers.
//!
//! Comparisons that share a finger are not independent, fingers are: the bootstrap draws as many fingers with
//! replacement and measures again (Bolle, Ratha and Pankanti, 'Error analysis of pattern recognition systems: the
//! subsets bootstrap', CVIU 93(1), 2004). A finger that was drawn twice brings its comparisons twice, and a comparison
//! of two fingers counts as often as the product of both; a finger against its own copy is no comparison of different
//! fingers.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// Draws the fingers anew so many times and measures with each draw: `measure` is given how often each finger was
/// drawn. The same for the same seed.
pub fn resample<T>(
    fingers: usize,
    draws: usize,
    seed: u64,
    measure: impl Fn(&[f64]) -> T,
) -> Vec<T> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // The upper half of a product is even enough for numbers of fingers.
    let mut below = |most: usize| ((u64::from(rng.next_u32()) * most as u64) >> 32) as usize;
    let mut drawn = vec![0.0; fingers];
    let mut draw = || {
        drawn.fill(0.0);
        for _ in 0..fingers {
            drawn[below(fingers)] += 1.0;
        }
        measure(&drawn)
    };
    (0..draws).map(|_| draw()).collect()
}

/// Where 95 of 100 draws lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Two and a half in a hundred are lower.
    pub low: f64,
    /// Two and a half in a hundred are higher.
    pub high: f64,
}

impl Interval {
    /// Of the figures of all draws; `None` of none.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let last = figures.len().checked_sub(1)?;
        let at = |share: f64| figures[(share * last as f64).round() as usize];
        Some(Self {
            low: at(0.025),
            high: at(0.975),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
        // 400 fingers, half of them 0 and half of them 1: the mean's deviation is 0.5 / 20.
        let value = |finger: usize| (finger % 2) as f64;
        let mean = |drawn: &[f64]| {
            let sum: f64 = drawn.iter().enumerate().map(|(i, n)| n * value(i)).sum();
            sum / drawn.iter().sum::<f64>()
        };
        let found = Interval::of(resample(400, 2000, 3, mean)).expect("measured");
        assert!((found.low - (0.5 - 1.96 * 0.025)).abs() < 0.006);
        assert!((found.high - (0.5 + 1.96 * 0.025)).abs() < 0.006);
        assert_eq!(Interval::of(resample(400, 2000, 3, mean)), Some(found));
        assert_ne!(resample(400, 9, 4, mean), resample(400, 9, 3, mean));
    }

    #[test]
    fn nothing_has_no_interval() {
        assert_eq!(Interval::of([]), None);
        let one = Interval::of([7.0]).expect("one");
        assert_eq!((one.low, one.high), (7.0, 7.0));
        assert_eq!(resample(0, 2, 1, <[f64]>::len), [0, 0]);
    }
}
