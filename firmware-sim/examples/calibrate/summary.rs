//! The summary: how the scores are spread, and the thresholds with their intervals.
//!
//! Pairs that share a finger are not independent. The intervals are those of 1000 draws of as many fingers with
//! replacement: a pair counts as often as both its fingers were drawn, and pairs of a finger with itself never.

use negin_recognition::bench::{Interval, resample};
use serde_json::{Value, json};

use crate::pairs::{NONE, PARTS, Row};
use crate::prints::{FIRST_FINGER, IMPRESSIONS, Prints, SENSORS};

/// The names of the thresholds and the false match rates they stand for.
const RATES: [(&str, f64); 4] = [
    ("fmr-1e-2", 1e-2),
    ("fmr-1e-3", 1e-3),
    ("fmr-1e-4", 1e-4),
    ("fmr-1e-5", 1e-5),
];

/// Of the smaller number of minutiae of a pair.
const COUNTS: [(&str, std::ops::Range<usize>); 4] = [
    ("minutiae, the fewer of both: up to 24", 0..25),
    ("minutiae, the fewer of both: 25 to 34", 25..35),
    ("minutiae, the fewer of both: 35 to 44", 35..45),
    ("minutiae, the fewer of both: 45 and more", 45..1000),
];

/// Fewest comparisons of different fingers at or above a threshold that stands for a rate: with 30 the true rate lies
/// within a third of it or so (the rule of 30, ISO/IEC 19795-1 annex B).
const LEAST: f64 = 30.0;

const DRAWS: usize = 1000;
const SEED: u64 = 1;

pub fn of(fingers: &[Prints], host: &[Row], card: &[Row]) -> Value {
    let missing = fingers
        .iter()
        .flat_map(|it| &it.templates)
        .filter(|it| it.is_none())
        .count();
    json!({
        "fingers": fingers.len(),
        "first_finger": FIRST_FINGER,
        "impressions": IMPRESSIONS,
        "not_extracted": missing,
        "sensors": SENSORS.map(|(name, ..)| name),
        "host": Spread::of(fingers, host).summary(fingers),
        "card_fingers": card.len(),
        "card": Spread::of(&fingers[..card.len()], card).summary(&fingers[..card.len()]),
    })
}

/// A comparison of different fingers: whose, which impressions, and the score in tenths.
#[derive(Clone, Copy)]
struct Pair {
    a: u32,
    b: u32,
    mixed: u8,
    tenths: u16,
}

impl Pair {
    fn fingers(&self) -> (usize, usize) {
        (self.a as usize, self.b as usize)
    }

    /// Which impression of the one, and which of the other.
    fn impressions(&self) -> (usize, usize) {
        let mixed = usize::from(self.mixed);
        (mixed / IMPRESSIONS, mixed % IMPRESSIONS)
    }
}

/// All scores of a comparison, the highest first.
struct Spread {
    /// Genuine scores by finger, where there are both templates.
    genuine: Vec<(usize, u16)>,
    impostor: Vec<Pair>,
    /// For each finger how many of its templates were compared.
    templates: Vec<f64>,
}

impl Spread {
    fn of(fingers: &[Prints], rows: &[Row]) -> Self {
        let mut genuine: Vec<(usize, u16)> = rows
            .iter()
            .enumerate()
            .map(|(finger, row)| (finger, row.genuine))
            .filter(|(_, tenths)| *tenths != NONE)
            .collect();
        let mut impostor: Vec<Pair> = Vec::new();
        for (a, row) in rows.iter().enumerate() {
            for (after, scores) in row.impostor.iter().enumerate() {
                let (a, b) = (a as u32, (a + 1 + after) as u32);
                let pair = |(&tenths, mixed)| Pair {
                    a,
                    b,
                    mixed,
                    tenths,
                };
                let scores = scores.iter().zip(0..).map(pair);
                impostor.extend(scores.filter(|it| it.tenths != NONE));
            }
        }
        genuine.sort_unstable_by_key(|it| std::cmp::Reverse(it.1));
        impostor.sort_unstable_by_key(|it| (std::cmp::Reverse(it.tenths), it.a, it.b, it.mixed));
        let mut seen = vec![[false; IMPRESSIONS]; fingers.len()];
        for pair in &impostor {
            let ((a, b), (of_a, of_b)) = (pair.fingers(), pair.impressions());
            seen[a][of_a] = true;
            seen[b][of_b] = true;
        }
        let templates = seen
            .iter()
            .map(|it| it.iter().filter(|it| **it).count() as f64)
            .collect();
        Self {
            genuine,
            impostor,
            templates,
        }
    }

    /// How many comparisons of different fingers there are when each finger was drawn so often.
    fn comparisons(&self, drawn: &[f64]) -> f64 {
        let each = || drawn.iter().zip(&self.templates).map(|(d, t)| d * t);
        (each().sum::<f64>().powi(2) - each().map(|it| it * it).sum::<f64>()) / 2.0
    }

    /// The lowest whole score from which on at most this share of the comparisons lies.
    fn threshold(&self, drawn: &[f64], rate: f64) -> f64 {
        let most = rate * self.comparisons(drawn);
        let mut sum = 0.0;
        for pair in &self.impostor {
            sum += weight(pair, drawn);
            if sum > most {
                return f64::from(pair.tenths / PARTS + 1);
            }
        }
        0.0
    }

    /// The share of the comparisons of different fingers with this score or more.
    fn fmr(&self, drawn: &[f64], threshold: f64) -> f64 {
        let tenths = threshold * f64::from(PARTS);
        let reached = self
            .impostor
            .iter()
            .take_while(|it| f64::from(it.tenths) >= tenths);
        reached.map(|it| weight(it, drawn)).sum::<f64>() / self.comparisons(drawn)
    }

    /// The share of the comparisons of one finger below this score.
    fn fnmr(&self, drawn: &[f64], threshold: f64) -> f64 {
        let tenths = threshold * f64::from(PARTS);
        let below = self.genuine.iter().filter(|it| f64::from(it.1) < tenths);
        let all: f64 = self.genuine.iter().map(|it| drawn[it.0]).sum();
        below.map(|it| drawn[it.0]).sum::<f64>() / all
    }

    fn summary(&self, fingers: &[Prints]) -> Value {
        let once = vec![1.0; fingers.len()];
        let all = self.impostor.len() as f64;
        let thresholds: Vec<(Value, f64)> = RATES
            .iter()
            .filter(|(_, rate)| rate * all >= LEAST)
            .map(|(name, rate)| self.at_rate(&once, name, *rate))
            .collect();
        let scores: Vec<f64> = thresholds.iter().map(|it| it.1).collect();
        let mut groups: Vec<Value> = Vec::new();
        for (sensor, (name, ..)) in SENSORS.iter().enumerate() {
            let of = |finger: usize| fingers[finger].sensor == sensor;
            let name = format!("sensor, both: {name}");
            groups.push(self.group(
                &name,
                &scores,
                |pair| of(pair.fingers().0) && of(pair.fingers().1),
                of,
            ));
        }
        let count = |finger: usize, impression: usize| {
            let template = fingers[finger].templates[impression].as_ref();
            template.map_or(0, |it| it.minutiae.len())
        };
        for (name, range) in COUNTS {
            let impostor = |pair: &Pair| {
                let ((a, b), (of_a, of_b)) = (pair.fingers(), pair.impressions());
                range.contains(&count(a, of_a).min(count(b, of_b)))
            };
            let genuine = |finger| range.contains(&count(finger, 0).min(count(finger, 1)));
            groups.push(self.group(name, &scores, impostor, genuine));
        }
        let thresholds: Vec<Value> = thresholds.into_iter().map(|it| it.0).collect();
        json!({
            "genuine": self.genuine.len(),
            "impostor": self.impostor.len(),
            "thresholds": thresholds,
            "groups": groups,
            "genuine_by_score": histogram(self.genuine.iter().map(|it| it.1)),
            "impostor_by_score": histogram(self.impostor.iter().map(|it| it.tenths)),
        })
    }

    /// A threshold, with the intervals of itself, of its rate, and of what it refuses.
    fn at_rate(&self, once: &[f64], name: &str, rate: f64) -> (Value, f64) {
        let score = self.threshold(once, rate);
        let over = |of: &dyn Fn(&[f64]) -> f64| {
            Interval::of(resample(once.len(), DRAWS, SEED, of))
                .map(|Interval { low, high }| [low, high])
        };
        let value = json!({
            "name": name,
            "rate": rate,
            "score": score,
            "score_interval": over(&|drawn| self.threshold(drawn, rate)),
            "fmr": self.fmr(once, score),
            "fmr_interval": over(&|drawn| self.fmr(drawn, score)),
            "fnmr": self.fnmr(once, score),
            "fnmr_interval": over(&|drawn| self.fnmr(drawn, score)),
        });
        (value, score)
    }

    /// What the thresholds of all accept and refuse among some.
    fn group(
        &self,
        name: &str,
        scores: &[f64],
        impostor: impl Fn(&Pair) -> bool,
        genuine: impl Fn(usize) -> bool,
    ) -> Value {
        let impostor: Vec<u16> = self
            .impostor
            .iter()
            .filter(|it| impostor(it))
            .map(|it| it.tenths)
            .collect();
        let genuine: Vec<u16> = self
            .genuine
            .iter()
            .filter(|it| genuine(it.0))
            .map(|it| it.1)
            .collect();
        let at = |scores: &[u16], threshold: f64, reached: bool| {
            let tenths = threshold * f64::from(PARTS);
            let counted = |it: &&u16| (f64::from(**it) >= tenths) == reached;
            scores.iter().filter(counted).count()
        };
        let each = |of: &[u16], reached: bool| -> Vec<usize> {
            scores.iter().map(|&t| at(of, t, reached)).collect()
        };
        json!({
            "group": name,
            "impostor": impostor.len(),
            "accepted": each(&impostor, true),
            "genuine": genuine.len(),
            "refused": each(&genuine, false),
        })
    }
}

/// How often a pair counts.
fn weight(pair: &Pair, drawn: &[f64]) -> f64 {
    let (a, b) = pair.fingers();
    drawn[a] * drawn[b]
}

/// How many scores there are from 0 to 1, from 1 to 2, and so on.
fn histogram(tenths: impl Iterator<Item = u16>) -> Vec<u64> {
    let mut counts = Vec::new();
    for score in tenths.map(|it| usize::from(it / PARTS)) {
        if counts.len() <= score {
            counts.resize(score + 1, 0);
        }
        counts[score] += 1;
    }
    counts
}
