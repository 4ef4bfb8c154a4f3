//! Error rates of two lists of scores.
//!
//! At threshold t, FNMR is the share of genuine scores below t and FMR the share of impostor scores at or above t.

/// Error rates of a set; all of them shares between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// Equal error rate, interpolated as the FVC competitions do: of the two thresholds between which FNMR and FMR
    /// cross, the one with the smaller sum, halved.
    pub eer: f64,
    /// Lowest FNMR at FMR ≤ 1 %.
    pub fmr100: f64,
    /// Lowest FNMR at FMR ≤ 0.1 %.
    pub fmr1000: f64,
    /// Lowest FNMR at FMR 0.
    pub zero_fmr: f64,
    /// The smallest threshold whose FMR is at most 0.1 %.
    pub threshold_fmr1000: f64,
}

/// The error rates of genuine and impostor scores (higher is more alike); `None` when either list is empty.
pub fn metrics(genuine: &[f64], impostor: &[f64]) -> Option<Metrics> {
    Scores::of(genuine, impostor).metrics(|_| 1.0, |_| 1.0)
}

/// Two lists of scores, sorted once, to be measured with any weights.
pub(super) struct Scores {
    genuine: Sorted,
    impostor: Sorted,
    /// Every score that occurs, ascending, and one above all; with how many genuine and impostor scores lie below.
    thresholds: Vec<(f64, usize, usize)>,
}

/// Scores ascending, with where each stood in its list.
struct Sorted(Vec<(f64, usize)>);

impl Sorted {
    fn of(scores: &[f64]) -> Self {
        let mut sorted: Vec<(f64, usize)> = scores.iter().copied().zip(0..).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self(sorted)
    }

    /// The weight of the first n, for every n; `None` where all of them weigh nothing.
    fn weights(&self, weight: impl Fn(usize) -> f64) -> Option<Vec<f64>> {
        let mut sum = 0.0;
        let mut sums = vec![0.0];
        sums.extend(self.0.iter().map(|(_, index)| {
            sum += weight(*index);
            sum
        }));
        (sum > 0.0).then_some(sums)
    }
}

impl Scores {
    pub fn of(genuine: &[f64], impostor: &[f64]) -> Self {
        let mut all = [genuine, impostor].concat();
        all.sort_by(f64::total_cmp);
        all.dedup();
        all.push(f64::INFINITY);
        let (genuine, impostor) = (Sorted::of(genuine), Sorted::of(impostor));
        let below = |scores: &Sorted, t: f64| scores.0.partition_point(|(score, _)| *score < t);
        let thresholds = all
            .into_iter()
            .map(|t| (t, below(&genuine, t), below(&impostor, t)))
            .collect();
        Self {
            genuine,
            impostor,
            thresholds,
        }
    }

    /// The error rates where the scores weigh what is told of their places in the lists; `None` where all of a list weigh nothing.
    pub fn metrics(
        &self,
        genuine: impl Fn(usize) -> f64,
        impostor: impl Fn(usize) -> f64,
    ) -> Option<Metrics> {
        let (genuine, impostor) = (
            self.genuine.weights(genuine)?,
            self.impostor.weights(impostor)?,
        );
        let below = |weights: &[f64], count: usize| weights[count] / weights[weights.len() - 1];
        let rates: Vec<(f64, f64, f64)> = self
            .thresholds
            .iter()
            .map(|&(t, g, i)| (t, below(&genuine, g), 1.0 - below(&impostor, i)))
            .collect();
        let lowest = |limit: f64| {
            rates
                .iter()
                .find(|(_, _, fmr)| *fmr <= limit + 1e-12)
                .copied()
        };
        let crossing = rates
            .partition_point(|(_, fnmr, fmr)| fnmr < fmr)
            .min(rates.len() - 1);
        let after = rates[crossing];
        let before = if after.1 > after.2 && crossing > 0 {
            rates[crossing - 1]
        } else {
            after
        };
        let eer = (before.1 + before.2).min(after.1 + after.2) / 2.0;
        Some(Metrics {
            eer,
            fmr100: lowest(0.01)?.1,
            fmr1000: lowest(0.001)?.1,
            zero_fmr: lowest(0.0)?.1,
            threshold_fmr1000: lowest(0.001)?.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Scores, metrics};

    #[test]
    fn separated_scores_have_no_error() {
        let found = metrics(&[5.0, 6.0, 7.0], &[1.0, 2.0]).expect("both lists");
        assert_eq!(
            (found.eer, found.fmr100, found.fmr1000, found.zero_fmr),
            (0.0, 0.0, 0.0, 0.0)
        );
        assert_eq!(found.threshold_fmr1000, 5.0);
    }

    #[test]
    fn overlapping_scores_are_counted() {
        // One of four genuine below, one of four impostors above: both rates 25 % at the threshold 3.
        let found = metrics(&[2.0, 4.0, 5.0, 6.0], &[0.0, 1.0, 1.5, 3.0]).expect("both lists");
        assert_eq!(found.eer, 0.25);
        assert_eq!(found.zero_fmr, 0.25);
        let swapped = metrics(&[0.0], &[1.0]).expect("both lists");
        assert_eq!((swapped.eer, swapped.zero_fmr), (1.0, 1.0));
    }

    #[test]
    fn equal_scores_are_half_right() {
        let found = metrics(&[1.0; 10], &[1.0; 10]).expect("both lists");
        assert_eq!((found.eer, found.fmr1000), (0.5, 1.0));
        assert_eq!(metrics(&[], &[1.0]), None);
    }

    #[test]
    fn what_weighs_twice_counts_as_if_it_were_there_twice() {
        let (genuine, impostor) = ([2.0, 4.0, 5.0], [0.0, 1.0, 4.5, 3.0]);
        let weights = [2.0, 0.0, 1.0, 1.0];
        let weighted = Scores::of(&genuine, &impostor).metrics(|i| weights[i], |i| weights[i]);
        assert_eq!(weighted, metrics(&[2.0, 2.0, 5.0], &[0.0, 0.0, 4.5, 3.0]));
        assert_eq!(
            Scores::of(&genuine, &impostor).metrics(|_| 0.0, |_| 1.0),
            None
        );
    }

    #[test]
    fn fmr1000_needs_a_thousand_impostors_to_allow_one() {
        let mut impostor = vec![0.0; 999];
        impostor.push(10.0);
        assert_eq!(metrics(&[5.0], &impostor).expect("both").fmr1000, 0.0);
        impostor.remove(0);
        assert_eq!(metrics(&[5.0], &impostor).expect("both").fmr1000, 1.0);
    }
}
