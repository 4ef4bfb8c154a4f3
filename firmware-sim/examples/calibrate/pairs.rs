//! The pairs: every one compared once, the scores kept.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use negin_fingerprint::Template;
use negin_fingerprint::compact::{Limits, encode};
use negin_recognition::{Prepared, on_card};
use rayon::prelude::*;

use crate::prints::{IMPRESSIONS, Prints};

/// Parts of a point that a score is kept to.
pub const PARTS: u16 = 10;

/// In place of a score, where one of both has no template.
pub const NONE: u16 = u16::MAX;

/// A comparison.
pub trait Comparison: Sync {
    /// What it compares.
    type Reduced: Sync + Send;

    /// What is compared of a template; `None` where it holds too few minutiae.
    fn reduced(&self, template: &Template) -> Option<Self::Reduced>;

    /// The score, in tenths, rounded down.
    fn score(&self, a: &Self::Reduced, b: &Self::Reduced) -> u16;
}

/// The host's.
pub struct Host;

impl Comparison for Host {
    type Reduced = Prepared;

    fn reduced(&self, template: &Template) -> Option<Prepared> {
        Some(Prepared::of(template))
    }

    fn score(&self, a: &Prepared, b: &Prepared) -> u16 {
        (a.compare(b).score * f64::from(PARTS)) as u16
    }
}

/// The card's.
pub struct Card;

impl Comparison for Card {
    type Reduced = Vec<u8>;

    fn reduced(&self, template: &Template) -> Option<Vec<u8>> {
        Some(encode(template, &Limits::default()).ok()?.to_vec())
    }

    fn score(&self, a: &Vec<u8>, b: &Vec<u8>) -> u16 {
        on_card::compare(a, b).0 * PARTS
    }
}

/// Pairs of impressions of two fingers.
pub const MIXED: usize = IMPRESSIONS * IMPRESSIONS;

/// Scores of a finger: its own impressions against each other, then, for every finger after it, each of its
/// impressions against each of theirs.
pub struct Row {
    pub genuine: u16,
    pub impostor: Vec<[u16; MIXED]>,
}

/// Compares every pair, taking from the folder what is there already.
pub fn compared<C: Comparison>(
    folder: &Path,
    fingers: &[Prints],
    comparison: &C,
) -> io::Result<Vec<Row>> {
    std::fs::create_dir_all(folder)?;
    let reduced: Vec<[Option<C::Reduced>; IMPRESSIONS]> = fingers
        .iter()
        .map(|it| {
            it.templates
                .each_ref()
                .map(|it| comparison.reduced(it.as_ref()?))
        })
        .collect();
    let score = |a: &Option<C::Reduced>, b: &Option<C::Reduced>| match (a, b) {
        (Some(a), Some(b)) => comparison.score(a, b),
        _ => NONE,
    };
    let done = AtomicUsize::new(0);
    let row = |index: usize| -> io::Result<Row> {
        let file = folder.join(index.to_string());
        let length = 1 + (fingers.len() - index - 1) * MIXED;
        let kept = std::fs::read(&file).unwrap_or_default();
        let mut scores: Vec<u16> = kept
            .chunks_exact(2)
            .map(|it| u16::from_le_bytes([it[0], it[1]]))
            .take(length)
            .collect();
        if scores.len() < length {
            let own = &reduced[index];
            scores.truncate(scores.len().saturating_sub(1) / MIXED * MIXED + 1);
            if scores.is_empty() {
                scores.push(score(&own[0], &own[1]));
            }
            // A run with fewer fingers has left the beginning of the row.
            let compared = scores.len() / MIXED;
            for other in &reduced[index + 1 + compared..] {
                scores.extend(own.iter().flat_map(|a| other.iter().map(|b| score(a, b))));
            }
            let bytes: Vec<u8> = scores.iter().flat_map(|it| it.to_le_bytes()).collect();
            let unfinished = file.with_extension("part");
            std::fs::write(&unfinished, bytes)?;
            std::fs::rename(unfinished, file)?;
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(50) {
            eprintln!("{}: {done} of {} rows", folder.display(), fingers.len());
        }
        let four = |it: &[u16]| [it[0], it[1], it[2], it[3]];
        Ok(Row {
            genuine: scores[0],
            impostor: scores[1..].chunks_exact(MIXED).map(four).collect(),
        })
    };
    (0..fingers.len()).into_par_iter().map(row).collect()
}
