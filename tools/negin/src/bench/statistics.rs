//! The ratio of two medians, and how sure it is.
//!
//! Two ways of doing the same are timed in turn, pair after pair, so that whatever else the machine does falls on both.
//! The interval is a bootstrap's: stretches of neighbouring pairs (what disturbs one disturbs the next) are drawn with
//! replacement until there are as many pairs as were measured, the ratio of the medians is taken anew, and of all such
//! ratios the middle 95 % are the interval (moving blocks, percentiles).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use serde_json::{Value, json};

/// Pairs in a stretch.
const STRETCH: usize = 50;
/// How often pairs are drawn anew.
const DRAWS: u64 = 1_000;

/// The times of a pair in nanoseconds: ours, and what it is held against.
pub type Pair = [u32; 2];

/// A ratio of medians and its interval of 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The interval's lower end.
    pub low: f64,
    /// The ratio as measured.
    pub median: f64,
    /// The interval's upper end.
    pub high: f64,
}

impl Ratio {
    /// Of these pairs, at least one.
    pub fn of(pairs: &[Pair]) -> Self {
        let median = ratio(pairs.to_vec());
        let mut drawn: Vec<f64> = (0..DRAWS)
            .into_par_iter()
            .map(|seed| ratio(draw(pairs, seed)))
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |part: f64| drawn[((drawn.len() - 1) as f64 * part).round() as usize];
        Self {
            low: at(0.025),
            median,
            high: at(0.975),
        }
    }

    /// For scripts; four digits after the point.
    pub fn json(self) -> Value {
        let short = |value: f64| (value * 10_000.0).round() / 10_000.0;
        json!({
            "low": short(self.low),
            "median": short(self.median),
            "high": short(self.high),
        })
    }
}

/// As many pairs, stretch by stretch from anywhere.
fn draw(pairs: &[Pair], seed: u64) -> Vec<Pair> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let stretch = STRETCH.min(pairs.len());
    let starts = pairs.len() - stretch + 1;
    let mut drawn = Vec::with_capacity(pairs.len() + stretch);
    while drawn.len() < pairs.len() {
        let start = rng.next_u64() as usize % starts;
        drawn.extend_from_slice(&pairs[start..start + stretch]);
    }
    drawn.truncate(pairs.len());
    drawn
}

fn ratio(pairs: Vec<Pair>) -> f64 {
    let [ours, other] = [0, 1].map(|which| {
        let mut times: Vec<u32> = pairs.iter().map(|pair| pair[which]).collect();
        median(&mut times)
    });
    ours / other
}

/// The middle of these times; the mean of the two middle ones where they are even in number.
pub fn median(times: &mut [u32]) -> f64 {
    let middle = times.len() / 2;
    let even = times.len().is_multiple_of(2);
    let (below, &mut upper, _) = times.select_nth_unstable(middle);
    let upper = f64::from(upper);
    match below.iter().max() {
        Some(&lower) if even => (f64::from(lower) + upper) / 2.0,
        _ => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times around a middle, with a long tail as on a busy machine.
    fn times(count: usize, ours: f64, seed: u64) -> Vec<Pair> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut noise = move || {
            let part = f64::from(rng.next_u32()) / f64::from(u32::MAX);
            1.0 + 0.1 * part + if part > 0.95 { 3.0 } else { 0.0 }
        };
        (0..count)
            .map(|_| [ours, 100_000.0].map(|time| (time * noise()) as u32))
            .collect()
    }

    #[test]
    fn medians() {
        assert_eq!(median(&mut [7]), 7.0);
        assert_eq!(median(&mut [9, 1, 5]), 5.0);
        assert_eq!(median(&mut [9, 1, 5, 6]), 5.5);
    }

    #[test]
    fn the_interval_holds_what_is_true_and_not_much_beside() {
        let mut held = 0;
        for seed in 0..20 {
            let ratio = Ratio::of(&times(2_000, 103_000.0, seed));
            assert!(ratio.low <= ratio.median && ratio.median <= ratio.high);
            assert!(ratio.high - ratio.low < 0.02, "{ratio:?}");
            held += usize::from(ratio.low <= 1.03 && 1.03 <= ratio.high);
        }
        assert!(held >= 16, "{held} of 20");
    }

    #[test]
    fn a_difference_is_seen() {
        let slower = Ratio::of(&times(5_000, 110_000.0, 1));
        assert!(slower.low > 1.05, "{slower:?}");
        let same = Ratio::of(&times(5_000, 100_000.0, 2));
        assert!(same.low < 1.0 && same.high > 1.0, "{same:?}");
    }

    #[test]
    fn a_single_pair_is_its_own_interval() {
        let ratio = Ratio::of(&[[30, 20]]);
        assert_eq!((ratio.low, ratio.median, ratio.high), (1.5, 1.5, 1.5));
    }
}
