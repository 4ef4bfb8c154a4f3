//! What a quality figure is worth: whether two figures agree, and whether turning the worst images away helps.

use std::collections::BTreeMap;

use super::{Metrics, Report, metrics};

/// The figures of images, by set and impression: lines `set,image,figure`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures(BTreeMap<(String, String), f64>);

impl Figures {
    /// Reads lines `set,image,figure`; a first line whose figure is no number is a heading.
    ///
    /// # Errors
    /// The number of the first line, from 1, that is no such line.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut figures = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let parts: Vec<&str> = line.split(',').map(str::trim).collect();
            let [set, image, figure] = parts[..] else {
                return Err(index + 1);
            };
            match figure.parse::<f64>() {
                Ok(figure) if figure.is_finite() => {
                    figures.insert((set.to_owned(), image.to_owned()), figure);
                }
                _ if index == 0 => {}
                _ => return Err(index + 1),
            }
        }
        Ok(Self(figures))
    }

    /// The figure of an image.
    pub fn of(&self, set: &str, image: &str) -> Option<f64> {
        self.0.get(&(set.to_owned(), image.to_owned())).copied()
    }
}

/// Spearman's rank correlation, equal values sharing the mean of their ranks; `None` where one list does not vary, or
/// the lists are not of one length.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(&b).map(|(a, b)| of(a - mean, b - mean)).sum()
    };
    let norm = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    (norm > 0.0).then(|| sum(&|a, b| a * b) / norm)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let equal = order[start..]
            .iter()
            .take_while(|&&i| values[i] == values[order[start]])
            .count();
        for &i in &order[start..start + equal] {
            ranks[i] = start as f64 + (equal as f64 - 1.0) / 2.0;
        }
        start += equal;
    }
    ranks
}

/// Which of the images are the worst `share` of all, rounded to a whole number of them; of equal ones the first.
pub fn worst(figures: &[f64], share: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..figures.len()).collect();
    order.sort_by(|&i, &j| figures[i].total_cmp(&figures[j]));
    let count = (figures.len() as f64 * share).round() as usize;
    let mut rejected = vec![false; figures.len()];
    order
        .iter()
        .take(count)
        .for_each(|&index| rejected[index] = true);
    rejected
}

/// Error rates with and without the images that a figure calls the worst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rejection {
    /// Of all comparisons.
    pub all: Metrics,
    /// Of those no rejected image takes part in.
    pub rest: Metrics,
}

/// What rejecting the worst `share` of the images does: in each set by itself (a tenth of each, a threshold for each),
/// and over all sets together (a tenth of all, one threshold). `figures` has a list for each report, a figure for each
/// of its impressions. `None` where nothing is left to compare.
pub fn rejections(
    reports: &[Report],
    figures: &[Vec<f64>],
    share: f64,
) -> (Vec<Option<Rejection>>, Option<Rejection>) {
    let of_each = reports
        .iter()
        .zip(figures)
        .map(|(report, figures)| of_sets(&[(report, worst(figures, share))]))
        .collect();
    let mut rejected = worst(&figures.concat(), share).into_iter();
    let pooled: Vec<(&Report, Vec<bool>)> = reports
        .iter()
        .zip(figures)
        .map(|(report, figures)| (report, rejected.by_ref().take(figures.len()).collect()))
        .collect();
    (of_each, of_sets(&pooled))
}

fn of_sets(sets: &[(&Report, Vec<bool>)]) -> Option<Rejection> {
    let (mut all, mut rest) = ([vec![], vec![]], [vec![], vec![]]);
    for (report, rejected) in sets {
        let gone = |index: usize| rejected.get(index).copied().unwrap_or(false);
        for line in &report.scores {
            let kind = usize::from(line.genuine);
            all[kind].push(line.score);
            if !gone(line.a) && !gone(line.b) {
                rest[kind].push(line.score);
            }
        }
    }
    Some(Rejection {
        all: metrics(&all[1], &all[0])?,
        rest: metrics(&rest[1], &rest[0])?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::{Set, run};

    #[test]
    fn ranks_agree_or_not() {
        let near = |found: Option<f64>, wanted: f64| (found.expect("varies") - wanted).abs() < 1e-9;
        assert!(near(
            rank_correlation(&[1.0, 2.0, 9.0], &[3.0, 4.0, 5.0]),
            1.0
        ));
        assert!(near(
            rank_correlation(&[1.0, 2.0, 9.0], &[5.0, 4.0, 3.0]),
            -1.0
        ));
        // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3.
        let tied = rank_correlation(&[1.0, 4.0, 4.0, 9.0], &[1.0, 2.0, 3.0, 4.0]);
        assert!(near(tied, 4.5 / (4.5f64 * 5.0).sqrt()));
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn figures_are_read_and_wrong_lines_told() {
        let figures = Figures::parse("set,image,nfiq2\na,1_1,57\n\na,1_2, 6.5\n").expect("figures");
        assert_eq!(figures.of("a", "1_1"), Some(57.0));
        assert_eq!(figures.of("a", "1_2"), Some(6.5));
        assert_eq!(figures.of("b", "1_1"), None);
        assert_eq!(Figures::parse("a,1_1,3\na,1_2,x\n"), Err(2));
        assert_eq!(Figures::parse("a,1_1\n"), Err(1));
    }

    #[test]
    fn without_its_worst_image_a_set_has_no_error() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["1_1.png", "1_2.png", "1_3.png", "2_1.png", "2_2.png"] {
            std::fs::write(folder.path().join(name), name).expect("written");
        }
        let set = Set::open(folder.path(), Set::IMAGES).expect("a set");
        let read = |path: &std::path::Path| Some(path.file_stem()?.to_str()?.to_owned());
        let compare = |a: &String, b: &String| {
            let bad = a == "1_3" || b == "1_3";
            f64::from(u8::from(a[..1] == b[..1] && !bad))
        };
        let report = run(set, read, Some, compare, &|| Duration::ZERO);
        let figures = vec![vec![0.9, 0.8, 0.1, 0.9, 0.5]];
        let (each, pooled) = rejections(&[report], &figures, 0.2);
        let each = each[0].expect("comparisons are left");
        assert_eq!((each.all.zero_fmr, each.rest.zero_fmr), (0.5, 0.0));
        assert_eq!(pooled, Some(each));
    }
}
