//! The thresholds are those that were counted.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use negin_recognition::threshold::{BY_RATE, HOST, ON_CARD, Threshold, named};
use serde_json::Value;

/// The counts of a comparison, as `calibrate` wrote them.
struct Counted {
    summary: Value,
    impostor: Vec<u64>,
}

impl Counted {
    fn of(comparison: &str) -> Self {
        let all: Value = serde_json::from_str(include_str!("../calibration.json")).expect("JSON");
        let summary = all[comparison].clone();
        let counts = summary["impostor_by_score"].as_array().expect("counts");
        let impostor = counts
            .iter()
            .map(|it| it.as_u64().expect("a count"))
            .collect();
        Self { summary, impostor }
    }

    fn comparisons(&self) -> u64 {
        self.impostor.iter().sum()
    }

    /// The share of comparisons of different fingers from a whole score on.
    fn fmr(&self, score: u64) -> f64 {
        let reached: u64 = self.impostor.iter().skip(score as usize).sum();
        reached as f64 / self.comparisons() as f64
    }
}

/// A comparison, the score of a threshold there where it was counted, and the threshold in force.
type Kind = (&'static str, fn(&Threshold) -> Option<f64>, f64);

fn kinds() -> [Kind; 2] {
    [
        ("host", |it| Some(it.host), HOST),
        (
            "card",
            |it| it.on_card.map(|it| f64::from(it.0)),
            f64::from(ON_CARD.0),
        ),
    ]
}

#[test]
fn ten_million_pairs_of_different_fingers_were_compared_and_one_as_the_card_does() {
    for (comparison, least) in [("host", 10_000_000), ("card", 1_000_000)] {
        let counted = Counted::of(comparison);
        assert_eq!(
            Some(counted.comparisons()),
            counted.summary["impostor"].as_u64()
        );
        assert!(counted.comparisons() >= least, "{comparison}");
    }
}

#[test]
fn every_threshold_is_the_lowest_score_of_its_rate() {
    for (comparison, score, _) in kinds() {
        let counted = Counted::of(comparison);
        let written = counted.summary["thresholds"]
            .as_array()
            .expect("thresholds");
        let known = BY_RATE.iter().filter_map(|it| Some((it, score(it)?)));
        assert_eq!(written.len(), known.clone().count());
        for ((threshold, at), written) in known.zip(written) {
            assert_eq!(written["name"].as_str(), Some(threshold.name));
            assert_eq!(
                written["score"].as_f64(),
                Some(at),
                "{comparison} {}",
                threshold.name
            );
            assert!(
                counted.fmr(at as u64) <= threshold.fmr,
                "{comparison} {}",
                threshold.name
            );
            assert!(
                counted.fmr(at as u64 - 1) > threshold.fmr,
                "{comparison} {}",
                threshold.name
            );
        }
    }
}

#[test]
fn the_thresholds_in_force_accept_at_most_one_in_a_thousand() {
    for (comparison, _, in_force) in kinds() {
        let fmr = Counted::of(comparison).fmr(in_force as u64);
        assert!(fmr > 0.0 && fmr <= 1e-3, "{comparison}: {fmr}");
    }
}

#[test]
fn thresholds_have_names() {
    assert_eq!(named("fmr-1e-4").map(|it| it.fmr), Some(1e-4));
    assert_eq!(named("fmr-1e-9"), None);
    assert!(BY_RATE.is_sorted_by(|a, b| a.fmr > b.fmr && a.host < b.host));
    let on_card = BY_RATE.iter().map_while(|it| it.on_card);
    assert!(on_card.clone().is_sorted() && on_card.count() >= 3);
}
