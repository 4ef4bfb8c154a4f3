//! Fixes the thresholds of `negin_recognition::threshold` on synthetic prints:
//! `cargo run --example calibrate -- [FINGERS] [random|good]`
//!
//! Two impressions of every finger, pressed as people press without help (`good`: as at a counter, for
//! comparison; the thresholds are those of `random`). Genuine: the first against the second of
//! a finger. Impostor: the first of each against the second of every other. Prints, for the host's comparison and
//! the card's, the lowest score at which at most 0.1 % of the impostors are accepted, and what that costs.

use negin_fingerprint::compact::{Limits, encode};
use negin_fingerprint::{Minutia, Template, angle_difference};
use negin_firmware_sim::finger::{Finger, Pressing};
use negin_recognition::bench::metrics;
use negin_recognition::{compare, extract, on_card, threshold};
use rayon::prelude::*;

/// Seeds of the fingers start here, far from those the tests and the demonstration use.
const FIRST_FINGER: u64 = 1_000_000;

fn main() {
    let fingers: u64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(400);
    let good = std::env::args().nth(2).is_some_and(|way| way == "good");
    let pressing = if good {
        Pressing::good
    } else {
        Pressing::random
    };
    let made: Vec<(Option<[Template; 2]>, Found)> = (0..fingers)
        .into_par_iter()
        .map(|index| impressions(index, pressing))
        .collect();
    let found = made
        .iter()
        .map(|(_, found)| *found)
        .fold(Found::default(), Found::plus);
    let templates: Vec<[Template; 2]> = made
        .into_iter()
        .filter_map(|(templates, _)| templates)
        .collect();
    println!(
        "{fingers} fingers, {} with two templates; of the true minutiae {:.1} % found, of those found {:.1} % true",
        templates.len(),
        100.0 * found.hits as f64 / found.truth.max(1) as f64,
        100.0 * found.hits as f64 / found.extracted.max(1) as f64,
    );
    report(
        "host",
        threshold::HOST,
        &scores(&templates, |a, b| compare(a, b).score),
    );
    let records: Vec<[Vec<u8>; 2]> = templates.iter().filter_map(record).collect();
    let on_card = |a: &Vec<u8>, b: &Vec<u8>| f64::from(on_card::compare(a, b).0);
    report(
        "card",
        f64::from(threshold::ON_CARD.0),
        &scores(&records, on_card),
    );
}

/// What extraction made of impressions whose minutiae are known.
#[derive(Clone, Copy, Default)]
struct Found {
    truth: usize,
    extracted: usize,
    hits: usize,
}

impl Found {
    fn plus(self, other: Self) -> Self {
        Self {
            truth: self.truth + other.truth,
            extracted: self.extracted + other.extracted,
            hits: self.hits + other.hits,
        }
    }

    fn of(truth: &[Minutia], extracted: &[Minutia]) -> Self {
        let near = |a: &&Minutia| {
            truth.iter().any(|b| {
                (a.x - b.x).hypot(a.y - b.y) < 10.0
                    && angle_difference(a.angle, b.angle).abs() < 0.5
            })
        };
        Self {
            truth: truth.len(),
            extracted: extracted.len(),
            hits: extracted.iter().filter(near).count(),
        }
    }
}

/// The templates of two impressions of a finger, and how true they are.
fn impressions(index: u64, way: fn(u64) -> Pressing) -> (Option<[Template; 2]>, Found) {
    let finger = Finger::from_seed(FIRST_FINGER + index);
    let mut found = Found::default();
    let made = [1, 2].map(|pressing| {
        let impression = finger.impression(&way(10 * index + pressing));
        let template = extract(&impression.image).ok()?.template;
        found = found.plus(Found::of(&impression.minutiae, &template.minutiae));
        Some(template)
    });
    let [Some(first), Some(second)] = made else {
        return (None, found);
    };
    (Some([first, second]), found)
}

fn record(templates: &[Template; 2]) -> Option<[Vec<u8>; 2]> {
    let limits = Limits::default();
    Some([
        encode(&templates[0], &limits).ok()?.to_vec(),
        encode(&templates[1], &limits).ok()?.to_vec(),
    ])
}

/// Genuine and impostor scores.
fn scores<T: Sync>(
    prints: &[[T; 2]],
    compare: impl Fn(&T, &T) -> f64 + Sync,
) -> (Vec<f64>, Vec<f64>) {
    let genuine = prints
        .par_iter()
        .map(|print| compare(&print[0], &print[1]))
        .collect();
    let others = |i: usize| {
        (0..prints.len())
            .filter(move |&j| j != i)
            .map(move |j| (i, j))
    };
    let pairs: Vec<(usize, usize)> = (0..prints.len()).flat_map(others).collect();
    let impostor = pairs
        .par_iter()
        .map(|&(i, j)| compare(&prints[i][0], &prints[j][1]))
        .collect();
    (genuine, impostor)
}

fn report(name: &str, threshold: f64, (genuine, impostor): &(Vec<f64>, Vec<f64>)) {
    let Some(rates) = metrics(genuine, impostor) else {
        return;
    };
    let share = |scores: &[f64], accepted: &dyn Fn(f64) -> bool| {
        100.0 * scores.iter().filter(|score| accepted(**score)).count() as f64 / scores.len() as f64
    };
    let mut sorted = impostor.clone();
    sorted.sort_by(f64::total_cmp);
    println!(
        "{name}: {} genuine, {} impostor; FMR 0.1 % from score {:.1} on, where FNMR is {:.2} %; EER {:.2} %; highest impostor {:.1}; \
         at the threshold in force, {threshold}: FMR {:.3} %, FNMR {:.2} %",
        genuine.len(),
        impostor.len(),
        rates.threshold_fmr1000,
        100.0 * rates.fmr1000,
        100.0 * rates.eer,
        sorted.last().copied().unwrap_or_default(),
        share(impostor, &|score| score >= threshold),
        share(genuine, &|score| score < threshold),
    );
}
