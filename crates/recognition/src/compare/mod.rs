//! Comparison of two templates on the host.
//!
//! The rule: minutiae whose surroundings ([`neighbourhood`]) agree ([`similarity`]) are guesses of how the impressions
//! lie on each other ([`alignment`]); each guess is grown in its own surroundings, the most promising ones to the whole
//! print, first stiff, then bending with the skin ([`pairing`]); the best is scored by its pairs against the common
//! part of both prints ([`score`]), in which not every minutia counts alike ([`weight`]).

mod alignment;
mod neighbourhood;
mod pairing;
mod score;
mod similarity;
mod weight;

use std::cmp::Reverse;
use std::fmt;

use negin_fingerprint::Template;

pub use alignment::Alignment;

use alignment::Point;
use neighbourhood::Neighbourhoods;
use pairing::{Bed, ByX, Matched, Reach, Sprout};

/// How far the search for an alignment goes.
struct Search {
    /// Of each template so many minutiae, those of the highest quality, may be seeds: what is doubtful leads astray more
    /// often than it leads anywhere.
    likely: usize,
    /// Pairs of minutiae whose surroundings are looked at closely.
    looked_at: usize,
    /// Where the surroundings of the best seed promise less than this, it alone is followed.
    faint: f32,
    /// Where the best alignment promises less than this, it is taken as it is: two prints of which nothing fits are what a
    /// search sees most.
    hope: f32,
}

/// Qualities show where to look.
const GUIDED: Search = Search {
    likely: 40,
    looked_at: 32,
    faint: 6.0,
    hope: 8.0,
};

/// One of the templates tells no qualities, or one for all.
const UNGUIDED: Search = Search {
    likely: MOST_MINUTIAE,
    looked_at: 80,
    faint: 0.0,
    hope: 5.0,
};

/// Alignments that are tried.
const SEEDS: usize = 5;

/// The most promising of them, which are followed farther.
const FOLLOWED: usize = 3;

/// The most promising of those, which are followed over the whole print.
const GROWN: usize = 2;

/// Minutiae of a template that are compared: as many as a record of the standards holds (ISO/IEC 19794-2 §8.4).
const MOST_MINUTIAE: usize = 255;

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
/// The same score whichever comes first, and always the same for the same templates. Of more than 255 minutiae the
/// first 255 are looked at.
pub fn compare(first: &Template, second: &Template) -> Comparison {
    Prepared::of(first).compare(&Prepared::of(second))
}

/// A template made ready for comparisons: who compares one with many prepares each once.
///
/// Wiped when dropped; `Debug` shows how many minutiae it has.
pub struct Prepared {
    /// Those of the highest quality first.
    points: Vec<Point>,
    /// Where each stands in the template.
    places: Vec<usize>,
    /// Whether qualities are told: where all are one, they are not.
    told: bool,
    by_x: ByX,
    surroundings: Neighbourhoods,
}

impl Prepared {
    /// Makes a template ready.
    pub fn of(template: &Template) -> Self {
        let mut in_template = Point::of_template(template);
        let mut places: Vec<usize> = (0..in_template.len()).collect();
        let quality = |place: &usize| template.minutiae[*place].quality;
        places.sort_by_key(|place| Reverse(quality(place)));
        let told = places.first().map(quality) > places.last().map(quality);
        let points: Vec<Point> = places.iter().map(|&place| in_template[place]).collect();
        in_template.iter_mut().for_each(Point::wipe);
        Self {
            by_x: ByX::of(&points),
            surroundings: Neighbourhoods::of(&points),
            told,
            points,
            places,
        }
    }

    /// As [`compare`].
    pub fn compare(&self, other: &Self) -> Comparison {
        let order = self.points.iter().map(Point::order);
        if order.gt(other.points.iter().map(Point::order)) {
            let found = ordered(other, self);
            let pairs = found.pairs.into_iter().map(|(i, j)| (j, i)).collect();
            return Comparison {
                score: found.score,
                pairs,
                alignment: found.alignment.map(|it| it.inverse()),
            };
        }
        ordered(self, other)
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        self.points.iter_mut().for_each(Point::wipe);
        self.by_x.wipe();
        self.surroundings.wipe();
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} minutiae)", self.points.len())
    }
}

fn ordered(first: &Prepared, second: &Prepared) -> Comparison {
    let search = if first.told && second.told {
        GUIDED
    } else {
        UNGUIDED
    };
    let mut bed = Bed::between(first, second);
    let seeds = bed
        .similarities
        .seeds(search.likely, search.looked_at, SEEDS);
    let mut sprouts: Vec<Sprout> = Vec::with_capacity(SEEDS);
    for seed in seeds {
        // A seed that lies in what another one grew to would grow to the same.
        if !sprouts.iter().any(|sprout| sprout.holds(seed)) {
            sprouts.extend(bed.sprout(seed));
        }
    }
    let promise = |sprouts: &[Sprout]| sprouts.first().map_or(0.0, Sprout::promise);
    let most_promising = |sprouts: &mut Vec<Sprout>, count: usize| {
        sprouts.sort_by(|a, b| b.promise().total_cmp(&a.promise()));
        sprouts.truncate(count);
    };
    most_promising(&mut sprouts, FOLLOWED);
    if promise(&sprouts) < search.faint {
        sprouts.truncate(1);
    }
    sprouts.retain_mut(|sprout| bed.extend(sprout, Reach::Far));
    most_promising(&mut sprouts, GROWN);
    if promise(&sprouts) >= search.hope {
        sprouts.retain_mut(|sprout| bed.extend(sprout, Reach::Whole));
    } else {
        sprouts.truncate(1);
    }
    let mut best: Option<(f64, Matched)> = None;
    for Sprout { matched, .. } in sprouts {
        let score = score::score(&mut bed, &matched);
        if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
            best = Some((score, matched));
        }
    }
    match best {
        Some((score, matched)) => Comparison {
            score,
            pairs: matched
                .pairs
                .iter()
                .map(|pair| (first.places[pair.a], second.places[pair.b]))
                .collect(),
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
