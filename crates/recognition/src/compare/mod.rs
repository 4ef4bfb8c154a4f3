//! Comparison of two templates on the host.
//!
//! The rule: minutiae whose surroundings agree ([`descriptor`]) are guesses of how the impressions lie on each other
//! ([`alignment`]); each guess is grown in its own surroundings, the most promising ones to the whole print, first
//! stiff, then bending with the skin ([`pairing`]); the best is scored by its pairs against the common part of both
//! prints ([`score`]).

mod alignment;
mod descriptor;
mod pairing;
mod score;

use negin_fingerprint::Template;

pub use alignment::Alignment;

use alignment::Point;
use descriptor::Neighbourhoods;
use pairing::{Matched, Places, Sprout};

/// Alignments that are tried.
const SEEDS: usize = 30;

/// The most promising of them, which are followed over the whole print.
const GROWN: usize = 5;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// 0 for nothing in common, up to 1000. Compare it with [`crate::threshold::HOST`].
    pub score: f64,
    /// Indices into the first and the second template of the minutiae that belong together.
    pub pairs: Vec<(usize, usize)>,
    /// How the first lies on the second; `None` when nothing fits.
    pub alignment: Option<Alignment>,
}

/// Compares two templates.
///
/// The same score whichever comes first, and always the same for the same templates.
pub fn compare(first: &Template, second: &Template) -> Comparison {
    let key = |template: &Template| -> Vec<(u32, u32, u32)> {
        template
            .minutiae
            .iter()
            .map(|m| (m.x.to_bits(), m.y.to_bits(), m.angle.to_bits()))
            .collect()
    };
    if key(first) > key(second) {
        let found = ordered(second, first);
        let pairs = found.pairs.into_iter().map(|(i, j)| (j, i)).collect();
        return Comparison {
            score: found.score,
            pairs,
            alignment: found.alignment.map(|it| it.inverse()),
        };
    }
    ordered(first, second)
}

fn ordered(first: &Template, second: &Template) -> Comparison {
    let (a, b) = (Point::of_template(first), Point::of_template(second));
    let similarities = descriptor::similarities(&Neighbourhoods::of(&a), &Neighbourhoods::of(&b));
    let places = Places::of(&b);
    let mut sprouts: Vec<Sprout> = Vec::with_capacity(SEEDS);
    for seed in descriptor::seeds(&similarities, SEEDS) {
        // A seed that lies in what another one grew to would grow to the same.
        if !sprouts.iter().any(|sprout| sprout.holds(seed)) {
            sprouts.extend(pairing::sprout(&a, &places, &similarities, seed));
        }
    }
    sprouts.sort_by(|a, b| b.promise().total_cmp(&a.promise()));
    let mut best: Option<(f64, Matched)> = None;
    for sprout in sprouts.into_iter().take(GROWN) {
        let Some(matched) = pairing::full_grown(sprout, &a, &places, &similarities) else {
            continue;
        };
        let score = score::score(&a, &b, &similarities, &matched);
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, matched));
        }
    }
    match best {
        Some((score, matched)) => Comparison {
            score,
            pairs: matched.pairs.iter().map(|pair| (pair.a, pair.b)).collect(),
            alignment: Some(matched.alignment),
        },
        None => Comparison {
            score: 0.0,
            pairs: Vec::new(),
            alignment: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use negin_fingerprint::{Minutia, MinutiaKind, normalize_angle};

    use super::*;

    /// Scattered minutiae of a seed, by a small generator of its own.
    fn scattered(seed: u64, count: usize) -> Template {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        let minutiae = (0..count)
            .map(|_| Minutia {
                x: 20.0 + 280.0 * next(),
                y: 20.0 + 360.0 * next(),
                angle: std::f32::consts::TAU * next(),
                kind: MinutiaKind::Ending,
                quality: 60,
            })
            .collect();
        Template::new(320, 400, 70, minutiae)
    }

    fn moved(template: &Template, turn: f32, dx: f32, dy: f32) -> Template {
        let (s, c) = turn.sin_cos();
        let mut moved = template.clone();
        for m in &mut moved.minutiae {
            let (x, y) = (m.x, m.y);
            (m.x, m.y) = (x * c + y * s + dx, y * c - x * s + dy);
            m.angle = normalize_angle(m.angle + turn);
        }
        moved
    }

    #[test]
    fn a_turned_print_is_itself_and_another_is_not() {
        let print = scattered(7, 40);
        let turned = moved(&print, 0.4, 30.0, -12.0);
        let same = compare(&print, &turned);
        assert_eq!(same.pairs.len(), 40);
        assert!(same.pairs.iter().all(|(i, j)| i == j));
        let alignment = same.alignment.expect("an alignment");
        assert!((alignment.rotation - 0.4).abs() < 0.01);
        let other = compare(&print, &scattered(8, 40));
        assert!(
            other.score < same.score / 4.0,
            "{} against {}",
            other.score,
            same.score
        );
    }

    #[test]
    fn the_order_does_not_matter() {
        for seed in 0..5 {
            let (a, b) = (
                scattered(seed, 30),
                moved(&scattered(seed, 25), -0.3, 5.0, 9.0),
            );
            let (there, back) = (compare(&a, &b), compare(&b, &a));
            assert_eq!(there.score, back.score);
            let swapped: Vec<_> = back.pairs.iter().map(|&(i, j)| (j, i)).collect();
            assert_eq!(there.pairs, swapped);
            assert_eq!(compare(&a, &b), there);
        }
    }

    #[test]
    fn next_to_nothing_compares_to_nothing() {
        let empty = Template::new(300, 300, 0, Vec::new());
        assert_eq!(compare(&empty, &empty).score, 0.0);
        assert_eq!(compare(&empty, &scattered(1, 30)).score, 0.0);
        let mut broken = scattered(1, 10);
        broken
            .minutiae
            .iter_mut()
            .for_each(|m| (m.x, m.y) = (f32::NAN, f32::INFINITY));
        assert!(compare(&broken, &scattered(1, 30)).score.is_finite());
        let mut one_spot = scattered(1, 10);
        one_spot
            .minutiae
            .iter_mut()
            .for_each(|m| (m.x, m.y, m.angle) = (5.0, 5.0, 0.0));
        assert!(compare(&one_spot, &one_spot).score.is_finite());
    }
}
