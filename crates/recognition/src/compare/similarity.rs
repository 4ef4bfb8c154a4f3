//! How alike the surroundings of two minutiae are.

use super::alignment::wrapped;
use super::neighbourhood::{IN_WORD, MAX_TURN, Neighbourhoods, ROW, tolerance};

/// How alike the surroundings of each pair are, 0 to 1. Found out when it is asked for, and kept.
pub(super) struct Similarities<'a> {
    a: &'a Neighbourhoods,
    b: &'a Neighbourhoods,
    /// Row for the first template, column for the second; below 0 what nobody asked for.
    values: Vec<f32>,
}

impl<'a> Similarities<'a> {
    pub fn between(a: &'a Neighbourhoods, b: &'a Neighbourhoods) -> Self {
        Self {
            a,
            b,
            values: vec![-1.0; a.len() * b.len()],
        }
    }

    pub fn at(&mut self, a: usize, b: usize) -> f32 {
        let place = a * self.b.len() + b;
        if self.values[place] < 0.0 {
            self.values[place] = self.similarity(a, b);
        }
        self.values[place]
    }

    /// Each neighbour of the one is given the nearest still free neighbour of the other, nearest neighbours first.
    fn similarity(&self, a: usize, b: usize) -> f32 {
        let (others, classes) = (self.b.around(b), self.b.classes_around(b));
        let (mut sum, mut free) = (0.0, u16::MAX);
        for one in self.a.around(a) {
            let mut candidates = classes.candidates(one) & free;
            if candidates == 0 {
                continue;
            }
            let per_square = 1.0 / tolerance(one.distance).powi(2);
            let (mut best, mut taken) = (0.0, 0);
            while candidates != 0 {
                let other = &others[candidates.trailing_zeros() as usize];
                let bit = candidates & candidates.wrapping_neg();
                candidates ^= bit;
                let (along, across) = (one.along - other.along, one.across - other.across);
                let square = (along * along + across * across) * per_square;
                let turned = wrapped(one.turn - other.turn).abs() * (1.0 / MAX_TURN);
                let closeness = 1.0 - 0.5 * square - 0.4 * turned;
                if square <= 1.0 && turned <= 1.0 && closeness > best {
                    (best, taken) = (closeness, bit);
                }
            }
            sum += best;
            free &= !taken;
        }
        share(sum, self.a.count(a), self.b.count(b))
    }

    /// The pairs most alike, best first.
    ///
    /// How many neighbours of the one have any they can correspond to bounds how alike two surroundings are, and is
    /// counted for all pairs at once; `looked_at` pairs of the highest bound are looked at closely.
    pub fn seeds(&mut self, looked_at: usize, count: usize) -> Vec<(usize, usize)> {
        let columns = self.b.len();
        let mut counted = vec![0_u64; self.b.words()];
        let mut bounds: Vec<u64> = Vec::with_capacity(self.values.len());
        for a in 0..self.a.len() {
            counted.fill(0);
            for one in self.a.around(a) {
                self.b.count_candidates(one, &mut counted);
            }
            let one = self.a.count(a);
            for (word, &counted) in counted.iter().enumerate() {
                if reaches(counted, LEAST) == 0 {
                    continue;
                }
                for (within, b) in (0..IN_WORD).zip(word * IN_WORD..columns) {
                    let count = counted >> (ROW * within) & 0xFFFF;
                    if count >= LEAST {
                        let bound = share(count as f32, one, self.b.count(b));
                        bounds.push(best_first(bound, a * columns + b));
                    }
                }
            }
        }
        best_of(&mut bounds, looked_at);
        let mut closely: Vec<u64> = bounds
            .iter()
            .map(|&key| place_of(key))
            .map(|place| best_first(self.at(place / columns, place % columns), place))
            .collect();
        best_of(&mut closely, count);
        closely
            .into_iter()
            .map(place_of)
            .map(|place| (place / columns, place % columns))
            .collect()
    }
}

/// Neighbours that must have any they can correspond to, for a pair to be a seed.
const LEAST: u64 = 4;

/// The highest of every [`ROW`] bits where the number in them, below 2¹⁵, is `least` or more.
fn reaches(word: u64, least: u64) -> u64 {
    const ONES: u64 = 0x0001_0001_0001_0001;
    (word + (0x8000 - least) * ONES) & (0x8000 * ONES)
}

/// What a sum of closeness is of what there could have been, 0 to 1.
fn share(sum: f32, one: usize, other: usize) -> f32 {
    let (short, long) = (one.min(other), one.max(other));
    if short < 3 {
        return 0.0;
    }
    // At the edge of a print one side has neighbours the other cannot have; three quarters of the shorter list
    // and one of the longer keep such a pair in play.
    (4.0 * sum / (3 * short + long) as f32).min(1.0)
}

/// A value that is not negative and a place as one number, the smaller the higher the value, then the earlier the
/// place: the bits of such values are in their order.
fn best_first(value: f32, place: usize) -> u64 {
    u64::from(!value.to_bits()) << 32 | place as u64
}

fn place_of(key: u64) -> usize {
    (key & 0xFFFF_FFFF) as usize
}

/// The first `count` in order; those of value 0 never.
fn best_of(keys: &mut Vec<u64>, count: usize) {
    let nothing = best_first(0.0, 0);
    keys.retain(|&key| key < nothing);
    if keys.len() > count {
        keys.select_nth_unstable(count);
        keys.truncate(count);
    }
    keys.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_reach_a_number_are_told() {
        assert_eq!(reaches(0x0003_0004_0000_000E, 4), 0x0000_8000_0000_8000);
        assert_eq!(reaches(0, 4), 0);
    }

    #[test]
    fn the_higher_value_comes_first_and_nothing_never() {
        let mut keys = vec![
            best_first(0.25, 7),
            best_first(0.0, 1),
            best_first(0.5, 9),
            best_first(0.25, 3),
        ];
        best_of(&mut keys, 3);
        let places: Vec<usize> = keys.into_iter().map(place_of).collect();
        assert_eq!(places, [9, 3, 7]);
    }
}
