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
    if genuine.is_empty() || impostor.is_empty() {
        return None;
    }
    let (genuine, impostor) = (sorted(genuine), sorted(impostor));
    let below = |scores: &[f64], t: f64| {
        scores.partition_point(|&score| score < t) as f64 / scores.len() as f64
    };
    let mut thresholds = sorted(&[genuine.as_slice(), impostor.as_slice()].concat());
    thresholds.dedup();
    thresholds.push(f64::INFINITY);
    let rates: Vec<(f64, f64, f64)> = thresholds
        .iter()
        .map(|&t| (t, below(&genuine, t), 1.0 - below(&impostor, t)))
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

fn sorted(scores: &[f64]) -> Vec<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::metrics;

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
    fn fmr1000_needs_a_thousand_impostors_to_allow_one() {
        let mut impostor = vec![0.0; 999];
        impostor.push(10.0);
        assert_eq!(metrics(&[5.0], &impostor).expect("both").fmr1000, 0.0);
        impostor.remove(0);
        assert_eq!(metrics(&[5.0], &impostor).expect("both").fmr1000, 1.0);
    }
}
