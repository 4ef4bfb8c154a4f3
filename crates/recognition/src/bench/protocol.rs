//! A folder of images, every pair of which is compared.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;

use super::metrics::Scores;
use super::{Metrics, metrics, resample};
use crate::Error;

/// The time since some fixed moment; only differences are used.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// One file of a set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Impression {
    /// The finger, the part of the name before the last underscore.
    pub finger: String,
    /// The impression, the part after it.
    pub impression: String,
    /// The file.
    pub path: PathBuf,
}

impl Impression {
    /// `<finger>_<impression>`, as in the file's name.
    pub fn name(&self) -> String {
        format!("{}_{}", self.finger, self.impression)
    }
}

/// A set: a folder of files `<finger>_<impression>.<extension>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The folder's name.
    pub name: String,
    /// The files, by finger and impression.
    pub impressions: Vec<Impression>,
}

impl Set {
    /// The extensions of image files.
    pub const IMAGES: &'static [&'static str] = &["png", "tif", "tiff", "bmp", "pgm"];

    /// The files of a folder with one of the extensions given; others are passed over.
    ///
    /// # Errors
    /// [`Error::Folder`] when it cannot be read, [`Error::EmptySet`] when it holds fewer than two such files.
    pub fn open(folder: &Path, extensions: &[&str]) -> Result<Self, Error> {
        Self::open_where(folder, |path| {
            let extension = path.extension().and_then(|it| it.to_str());
            extension.is_some_and(|it| extensions.contains(&it.to_ascii_lowercase().as_str()))
        })
    }

    /// The files of a folder that are `wanted`, whatever their extension.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_where(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Self, Error> {
        let unreadable =
            |error: std::io::Error| Error::Folder(folder.display().to_string(), error.to_string());
        let mut impressions = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path
                .file_stem()
                .and_then(|it| it.to_str())
                .and_then(|it| it.rsplit_once('_'));
            if let Some((finger, impression)) = name.filter(|_| wanted(&path)) {
                let (finger, impression) = (finger.to_owned(), impression.to_owned());
                impressions.push(Impression {
                    finger,
                    impression,
                    path,
                });
            }
        }
        if impressions.len() < 2 {
            return Err(Error::EmptySet(folder.display().to_string()));
        }
        impressions.sort_by(|a, b| {
            order(&a.finger, &b.finger).then_with(|| order(&a.impression, &b.impression))
        });
        let absolute = std::path::absolute(folder).map_err(unreadable)?;
        let name = absolute
            .file_name()
            .map_or_else(String::new, |it| it.to_string_lossy().into_owned());
        Ok(Self { name, impressions })
    }
}

/// Numbers by their value, other names by their text.
fn order(a: &str, b: &str) -> std::cmp::Ordering {
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    number(a).cmp(&number(b)).then_with(|| a.cmp(b))
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreLine {
    /// Index of the first impression in the set.
    pub a: usize,
    /// Index of the second impression in the set.
    pub b: usize,
    /// Whether both are of one finger.
    pub genuine: bool,
    /// The score.
    pub score: f64,
}

/// What a set gave.
#[derive(Debug, Clone)]
pub struct Report {
    /// The set.
    pub set: Set,
    /// Indices of the impressions from which nothing could be extracted; their comparisons count as score 0.
    pub failures: Vec<usize>,
    /// Every comparison.
    pub scores: Vec<ScoreLine>,
    /// Error rates; `None` when the set has no genuine or no impostor pair.
    pub metrics: Option<Metrics>,
    /// Median milliseconds to extract.
    pub extract_ms: f64,
    /// Median milliseconds to compare a pair.
    pub compare_ms: f64,
}

impl Report {
    /// The error rates as they would be with other fingers: with those of the set drawn anew, with replacement, so many
    /// times; `None` for a draw with no genuine or no impostor pair. The same for the same seed.
    pub fn resampled(&self, draws: usize, seed: u64) -> Vec<Option<Metrics>> {
        let fingers: Vec<usize> = numbered(&self.set.impressions);
        let of = |genuine: bool| -> (Vec<f64>, Vec<(usize, usize)>) {
            let lines = self.scores.iter().filter(|line| line.genuine == genuine);
            lines
                .map(|line| (line.score, (fingers[line.a], fingers[line.b])))
                .unzip()
        };
        let ((genuine, owners), (impostor, pairs)) = (of(true), of(false));
        let scores = Scores::of(&genuine, &impostor);
        let count = fingers.iter().max().map_or(0, |last| last + 1);
        resample(count, draws, seed, |drawn| {
            let both = |(a, b): (usize, usize)| drawn[a] * drawn[b];
            scores.metrics(|i| drawn[owners[i].0], |i| both(pairs[i]))
        })
    }

    /// The comparisons as lines `set,a,b,g|i,score`.
    pub fn csv(&self) -> String {
        let name = |index: usize| {
            self.set
                .impressions
                .get(index)
                .map(Impression::name)
                .unwrap_or_default()
        };
        let line = |line: &ScoreLine| {
            let kind = if line.genuine { 'g' } else { 'i' };
            format!(
                "{},{},{},{kind},{}\n",
                self.set.name,
                name(line.a),
                name(line.b),
                line.score
            )
        };
        self.scores.iter().map(line).collect()
    }
}

/// Reads every file of a set, extracts from it and compares every pair, on all cores. `read` and `extract` give `None`
/// where they fail; the time of extraction is that of `extract` alone.
pub fn run<I, T: Send + Sync>(
    set: Set,
    read: impl Fn(&Path) -> Option<I> + Sync,
    extract: impl Fn(I) -> Option<T> + Sync,
    compare: impl Fn(&T, &T) -> f64 + Sync,
    clock: Clock<'_>,
) -> Report {
    run_keeping(set, read, extract, compare, clock).0
}

/// As [`run`], with what was extracted of each impression; `None` where nothing was.
pub fn run_keeping<I, T: Send + Sync>(
    set: Set,
    read: impl Fn(&Path) -> Option<I> + Sync,
    extract: impl Fn(I) -> Option<T> + Sync,
    compare: impl Fn(&T, &T) -> f64 + Sync,
    clock: Clock<'_>,
) -> (Report, Vec<Option<T>>) {
    let timed = |start: Duration| clock().saturating_sub(start).as_secs_f64() * 1000.0;
    let extracted: Vec<(Option<T>, f64)> = set
        .impressions
        .par_iter()
        .map(|impression| {
            let read = read(&impression.path);
            let start = clock();
            (read.and_then(&extract), timed(start))
        })
        .collect();
    let count = extracted.len();
    let pairs: Vec<(usize, usize)> = (0..count)
        .flat_map(|a| (a + 1..count).map(move |b| (a, b)))
        .collect();
    let compared: Vec<(ScoreLine, f64)> = pairs
        .into_par_iter()
        .map(|(a, b)| {
            let genuine = set.impressions[a].finger == set.impressions[b].finger;
            let start = clock();
            let score = match (&extracted[a].0, &extracted[b].0) {
                (Some(first), Some(second)) => compare(first, second),
                _ => 0.0,
            };
            (
                ScoreLine {
                    a,
                    b,
                    genuine,
                    score,
                },
                timed(start),
            )
        })
        .collect();
    let of = |genuine: bool| -> Vec<f64> {
        compared
            .iter()
            .filter(|(line, _)| line.genuine == genuine)
            .map(|(line, _)| line.score)
            .collect()
    };
    let failures = (0..count)
        .filter(|&index| extracted[index].0.is_none())
        .collect();
    let report = Report {
        failures,
        metrics: metrics(&of(true), &of(false)),
        extract_ms: median(extracted.iter().map(|(_, ms)| *ms).collect()),
        compare_ms: median(compared.iter().map(|(_, ms)| *ms).collect()),
        scores: compared.into_iter().map(|(line, _)| line).collect(),
        set,
    };
    (
        report,
        extracted.into_iter().map(|(item, _)| item).collect(),
    )
}

/// For each impression the number of its finger, from 0.
fn numbered(impressions: &[Impression]) -> Vec<usize> {
    let mut number = 0;
    let mut before: Option<&str> = None;
    let each = impressions.iter().map(|it| {
        number += usize::from(before.is_some_and(|before| before != it.finger));
        before = Some(&it.finger);
        number
    });
    each.collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> (tempfile::TempDir, Set) {
        let folder = tempfile::tempdir().expect("a folder");
        for name in names {
            std::fs::write(folder.path().join(name), name.as_bytes()).expect("written");
        }
        let set = Set::open(folder.path(), Set::IMAGES).expect("a set");
        (folder, set)
    }

    #[test]
    fn files_are_taken_by_their_name_and_in_order_of_their_numbers() {
        let names = [
            "10_1.png",
            "2_10.PGM",
            "2_9.tif",
            "readme.png",
            "3_1.txt",
            "b_x_1.bmp",
        ];
        let (_folder, set) = set(&names);
        let found: Vec<String> = set.impressions.iter().map(Impression::name).collect();
        assert_eq!(found, ["2_9", "2_10", "10_1", "b_x_1"]);
        assert_eq!(set.impressions[3].finger, "b_x");
    }

    #[test]
    fn what_is_no_set_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(
            Set::open(folder.path(), Set::IMAGES)
                .expect_err("empty")
                .key(),
            "recognition.empty-set"
        );
        let missing = folder.path().join("missing");
        assert_eq!(
            Set::open(&missing, Set::IMAGES).expect_err("missing").key(),
            "recognition.folder"
        );
    }

    #[test]
    fn every_pair_is_compared_and_failures_score_nothing() {
        let (_folder, set) = set(&["1_1.png", "1_2.png", "2_1.png", "2_2.png"]);
        let name = set.name.clone();
        let read = |path: &Path| Some(path.file_stem()?.to_str()?.to_owned());
        let extract = |name: String| (name != "2_2").then_some(name);
        let clock = || Duration::ZERO;
        let report = run(
            set,
            read,
            extract,
            |a, b| f64::from(u8::from(a[..1] == b[..1])),
            &clock,
        );
        assert_eq!(report.failures, [3]);
        assert_eq!(report.scores.len(), 6);
        assert_eq!(report.scores.iter().filter(|line| line.genuine).count(), 2);
        let rates = report.metrics.expect("both kinds");
        assert_eq!((rates.zero_fmr, rates.eer), (0.5, 0.25));
        let draws = report.resampled(200, 1);
        // Two fingers: one in two draws has the same one twice, and so no comparison of different ones.
        let measured: Vec<Metrics> = draws.iter().copied().flatten().collect();
        assert!((70..130).contains(&measured.len()), "{}", measured.len());
        assert!(measured.iter().all(|it| it.zero_fmr == 0.5));
        assert_eq!(draws, report.resampled(200, 1));
        let csv = report.csv();
        assert!(csv.starts_with(&format!("{name},1_1,1_2,g,1\n{name},1_1,2_1,i,0\n")));
        assert!(csv.ends_with(&format!("{name},2_1,2_2,g,0\n")));
    }
}
