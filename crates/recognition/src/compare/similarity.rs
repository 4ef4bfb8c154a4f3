//! How alike the surroundings of two minutiae are.

use super::alignment::wrapped;
use super::neighbourhood::{IN_WORD, MAX_TURN, NEIGHBOURS, Neighbourhoods, ROW};

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
            let (mut best, mut taken) = (0.0, 0);
            while candidates != 0 {
                let other = &others[candidates.trailing_zeros() as usize];
                let bit = candidates & candidates.wrapping_neg();
                candidates ^= bit;
                let (along, across) = (one.along - other.along, one.across - other.across);
                let square = (along * along + across * across) * one.per_square;
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

    /// The pairs most alike, best first, of the first `among` minutiae of each.
    ///
    /// How many neighbours of the one have any they can correspond to bounds how alike two surroundings are, and is
    /// counted for all pairs at once; `looked_at` pairs of the highest bound are looked at closely.
    pub fn seeds(&mut self, among: usize, looked_at: usize, count: usize) -> Vec<(usize, usize)> {
        let columns = self.b.len();
        let [rows, others] = [self.a.len(), columns].map(|all| all.min(among));
        let words = others.div_ceil(IN_WORD).max(1);
        let mut counted = vec![0_u64; words * rows];
        for (a, counted) in counted.chunks_mut(words).enumerate() {
            for one in self.a.around(a) {
                self.b.count_candidates(one, counted);
            }
        }
        let enough = enough(&counted, looked_at);
        let mut bounds: Vec<u64> = Vec::with_capacity(4 * looked_at);
        for (a, counted) in counted.chunks(words).enumerate() {
            let one = self.a.count(a);
            for (word, &counted) in counted.iter().enumerate() {
                let of_word = word * IN_WORD..others.min((word + 1) * IN_WORD);
                // Who has few neighbours needs fewer to be as much alike.
                let fewest = one.min(self.b.fewest(word)) as u64;
                let least = (enough * fewest).div_ceil(NEIGHBOURS as u64).max(LEAST);
                if reaches(counted, least) == 0 {
                    continue;
                }
                for (within, b) in of_word.enumerate() {
                    let count = counted >> (ROW * within) & 0xFFFF;
                    if count < least {
                        continue;
                    }
                    let other = self.b.count(b);
                    if 4 * NEIGHBOURS as u64 * count >= enough * most(one, other) as u64 {
                        let bound = share(count as f32, one, other);
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

/// The highest number, of [`LEAST`] to [`NEIGHBOURS`], that so many of those counted reach; [`LEAST`] where fewer do.
fn enough(counted: &[u64], wanted: usize) -> u64 {
    const LEVELS: usize = NEIGHBOURS - LEAST as usize;
    // For each number above the least how many reach it, [`ROW`] bits for every fourth minutia.
    let mut reach = [0_u64; LEVELS];
    let mut total = [0_u64; LEVELS];
    for counted in counted.chunks(0xFFFF) {
        for word in counted {
            for (reach, number) in reach.iter_mut().zip(LEAST + 1..) {
                *reach += reaches(*word, number) >> (ROW - 1);
            }
        }
        for (total, reach) in total.iter_mut().zip(&mut reach) {
            let each = (0..IN_WORD).map(|within| *reach >> (ROW * within) & 0xFFFF);
            *total += each.sum::<u64>();
            *reach = 0;
        }
    }
    let reached = total.iter().take_while(|total| **total >= wanted as u64);
    LEAST + reached.count() as u64
}

/// The highest of every [`ROW`] bits where the number in them, below 2¹⁵, is `least` or more.
fn reaches(word: u64, least: u64) -> u64 {
    const ONES: u64 = 0x0001_0001_0001_0001;
    (word + (0x8000 - least) * ONES) & (0x8000 * ONES)
}

/// What a sum of closeness is of what there could have been, 0 to 1.
fn share(sum: f32, one: usize, other: usize) -> f32 {
    if one.min(other) < 3 {
        return 0.0;
    }
    (4.0 * sum / most(one, other) as f32).min(1.0)
}

/// Four times what there could have been between so many neighbours and so many.
///
/// At the edge of a print one side has neighbours the other cannot have; three quarters of the shorter list and one of
/// the longer keep such a pair in play.
fn most(one: usize, other: usize) -> usize {
    3 * one.min(other) + one.max(other)
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
    fn the_number_that_enough_reach_is_found() {
        let counted = [0x0005_0004_0000_000A, 0x0007_0005_0009_0003];
        let found = [1, 2, 3, 4, 5, 6, 9].map(|wanted| enough(&counted, wanted));
        assert_eq!(found, [10, 9, 7, 5, 5, 4, 4]);
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
