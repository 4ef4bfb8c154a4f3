//! What it is worth to enrol several impressions of a finger: a few of each become its reference, all others are compared
//! with every reference.

use super::{Metrics, Set, metrics};

/// Error rates of one way to make references.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolment {
    /// Scores of comparisons of a reference with an impression of its finger.
    pub genuine: Vec<f64>,
    /// Scores of comparisons of a reference with an impression of another finger.
    pub impostor: Vec<f64>,
}

impl Enrolment {
    /// The error rates; `None` when a list is empty.
    pub fn metrics(&self) -> Option<Metrics> {
        metrics(&self.genuine, &self.impostor)
    }

    /// The scores of several sets as of one.
    pub fn pooled<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut pooled = Self {
            genuine: Vec::new(),
            impostor: Vec::new(),
        };
        for one in all {
            pooled.genuine.extend(&one.genuine);
            pooled.impostor.extend(&one.impostor);
        }
        pooled
    }
}

/// Compares the references of a set's fingers with their other impressions: of each finger `enrolled.1` impressions, from
/// the one at `enrolled.0` on and after the last one from the first, go to `reference`, the rest are probes. `items` has what was extracted of each impression, `None` where nothing
/// was; what cannot be compared scores 0.
pub fn references<T, R>(
    set: &Set,
    items: &[Option<T>],
    enrolled: (usize, usize),
    reference: impl Fn(&[&T]) -> Option<R>,
    compare: impl Fn(&R, &T) -> f64,
) -> Enrolment {
    let mut fingers: Vec<&str> = set
        .impressions
        .iter()
        .map(|it| it.finger.as_str())
        .collect();
    fingers.dedup();
    // Those that are enrolled come first.
    let of = |finger: &str| -> Vec<usize> {
        let mut own: Vec<usize> = (0..set.impressions.len())
            .filter(|&index| set.impressions[index].finger == finger)
            .collect();
        let start = enrolled.0 % own.len().max(1);
        own.rotate_left(start);
        own
    };
    let mut found = Enrolment {
        genuine: Vec::new(),
        impostor: Vec::new(),
    };
    for finger in &fingers {
        let first: Vec<&T> = of(finger)
            .into_iter()
            .take(enrolled.1)
            .filter_map(|index| items.get(index)?.as_ref())
            .collect();
        let reference = reference(&first);
        for other in &fingers {
            let scores = of(other).into_iter().skip(enrolled.1).map(|index| {
                let probe = items.get(index).and_then(Option::as_ref);
                match (&reference, probe) {
                    (Some(reference), Some(probe)) => compare(reference, probe),
                    _ => 0.0,
                }
            });
            match finger == other {
                true => found.genuine.extend(scores),
                false => found.impostor.extend(scores),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_enrolled_and_the_others_compared() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [
            "1_1.png", "1_2.png", "1_3.png", "2_1.png", "2_2.png", "2_3.png",
        ] {
            std::fs::write(folder.path().join(name), name).expect("written");
        }
        let set = Set::open(folder.path(), Set::IMAGES).expect("a set");
        let items = [Some(1), Some(2), Some(4), Some(10), None, None];
        let sum = |of: &[&i32]| Some(of.iter().copied().sum::<i32>());
        let found = references(&set, &items, (0, 2), sum, |reference, probe| {
            f64::from(reference * probe)
        });
        assert_eq!(found.genuine, [12.0, 0.0]);
        assert_eq!(found.impostor, [0.0, 40.0]);
        let later = references(&set, &items, (1, 2), sum, |reference, probe| {
            f64::from(reference * probe)
        });
        assert_eq!(
            later.genuine,
            [6.0, 0.0],
            "of one finger 2 and 4, of the other none"
        );
        let pooled = Enrolment::pooled([&found, &found]);
        assert_eq!((pooled.genuine.len(), pooled.impostor.len()), (4, 4));
        assert!(found.metrics().is_some());
    }
}
