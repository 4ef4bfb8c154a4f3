//! The surroundings of a minutia as its nearest neighbours see them: no shift or turn of the print changes them.

use std::f32::consts::{PI, TAU};

use zeroize::Zeroize;

use super::alignment::Point;
use crate::maths;

/// Neighbours kept for a minutia.
pub(super) const NEIGHBOURS: usize = 10;

/// Farthest neighbour in pixels.
const REACH: f32 = 150.0;

/// Largest difference of relative angle of two corresponding neighbours, in radians.
pub(super) const MAX_TURN: f32 = 0.6;

/// How far a neighbour may lie from where another of this distance lies, in pixels.
fn tolerance(distance: f32) -> f32 {
    12.0 + distance / 10.0
}

/// A neighbour as seen from its minutia, which looks along the positive x axis.
#[derive(Clone, Copy, Default)]
pub(super) struct Neighbour {
    pub along: f32,
    pub across: f32,
    pub turn: f32,
    distance: f32,
    /// One by the square of how far another may lie from where it lies, in pixels.
    pub per_square: f32,
    /// The class it is in, of each kind.
    class: [u8; 3],
}

/// The surroundings of every minutia of a template, nearest neighbour first.
pub(super) struct Neighbourhoods {
    /// How many neighbours each minutia has.
    counts: Vec<usize>,
    /// The fewest of every [`IN_WORD`] minutiae.
    fewest: Vec<usize>,
    /// A row of [`NEIGHBOURS`] a minutia.
    neighbours: Vec<Neighbour>,
    classes: Classes,
}

/// Bits for the neighbours of a minutia.
pub(super) const ROW: usize = 16;

impl Neighbourhoods {
    pub fn of(points: &[Point]) -> Self {
        let mut counts = Vec::with_capacity(points.len());
        let mut neighbours = vec![Neighbour::default(); NEIGHBOURS * points.len()];
        // Square distance and index in one number: no square is negative, so their bits are in their order.
        let mut near: Vec<u64> = Vec::with_capacity(points.len());
        for (i, centre) in points.iter().enumerate() {
            near.clear();
            near.extend(
                points
                    .iter()
                    .zip(0..)
                    .map(|(other, j)| (centre.square_distance(other), j))
                    .filter(|&(square, j)| i as u64 != j && square <= REACH * REACH)
                    .map(|(square, j)| u64::from(square.to_bits()) << 32 | j),
            );
            if near.len() > NEIGHBOURS {
                near.select_nth_unstable(NEIGHBOURS);
                near.truncate(NEIGHBOURS);
            }
            near.sort_unstable();
            counts.push(near.len());
            let (s, c) = maths::sin_cos(centre.angle);
            for (seen, &key) in neighbours[NEIGHBOURS * i..].iter_mut().zip(&near) {
                let other = &points[(key & 0xFFFF_FFFF) as usize];
                let (dx, dy) = (other.x - centre.x, other.y - centre.y);
                let (along, across) = (dx * c + dy * s, dy * c - dx * s);
                let turn = other.turned_from(centre);
                let distance = f32::from_bits((key >> 32) as u32).sqrt();
                let class = [
                    by_direction(along, across),
                    by_turn(turn),
                    by_distance(distance),
                ];
                *seen = Neighbour {
                    along,
                    across,
                    turn,
                    distance,
                    per_square: 1.0 / tolerance(distance).powi(2),
                    class: class.map(|class| class as u8 % CLASSES as u8),
                };
            }
        }
        let fewest = counts
            .chunks(IN_WORD)
            .map(|counts| counts.iter().copied().min().unwrap_or(0))
            .collect();
        let mut all = Self {
            counts,
            fewest,
            neighbours,
            classes: Classes::default(),
        };
        let of_each = (0..all.len()).map(|minutia| ClassesOfOne::of(all.around(minutia)));
        all.classes = Classes::of(of_each.collect());
        all
    }

    /// The neighbours of a minutia, nearest first.
    pub fn around(&self, minutia: usize) -> &[Neighbour] {
        &self.neighbours[NEIGHBOURS * minutia..][..self.counts[minutia]]
    }

    /// Overwrites them.
    pub fn wipe(&mut self) {
        for one in &mut self.neighbours {
            [
                &mut one.along,
                &mut one.across,
                &mut one.turn,
                &mut one.distance,
                &mut one.per_square,
            ]
            .into_iter()
            .for_each(Zeroize::zeroize);
            one.class.zeroize();
        }
        self.classes.bits.zeroize();
        for classes in &mut self.classes.of_each {
            classes.0.zeroize();
        }
    }

    /// How many neighbours a minutia has.
    pub fn count(&self, minutia: usize) -> usize {
        self.counts[minutia]
    }

    /// The fewest neighbours that a minutia of a word has: [`IN_WORD`] minutiae.
    pub fn fewest(&self, word: usize) -> usize {
        self.fewest[word]
    }

    /// How many minutiae there are.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Adds 1 for each minutia here that has neighbours which one of another template can correspond to: [`ROW`] bits
    /// a minutia, [`IN_WORD`] minutiae a word, for as many words as there are to count in.
    pub fn count_candidates(&self, one: &Neighbour, counted: &mut [u64]) {
        let [directions, turns, distances] = self.classes.rows(one);
        let classes = directions.iter().zip(turns).zip(distances);
        for (counted, ((direction, turn), distance)) in counted.iter_mut().zip(classes) {
            *counted += occupied(direction & turn & distance);
        }
    }

    /// What neighbours of a minutia here can correspond to.
    pub fn classes_around(&self, minutia: usize) -> &ClassesOfOne {
        &self.classes.of_each[minutia]
    }
}

/// One in every [`ROW`] bits that are not all 0.
fn occupied(word: u64) -> u64 {
    const LOW: u64 = 0x7FFF_7FFF_7FFF_7FFF;
    ((((word & LOW) + LOW) | word) & !LOW) >> (ROW - 1)
}

/// Classes of a kind.
const CLASSES: usize = 32;

/// Minutiae in a word of bits.
pub(super) const IN_WORD: usize = u64::BITS as usize / ROW;

/// So that rounding loses nobody.
const SLACK: f32 = 1e-3;

/// The class of a direction, 0 to [`CLASSES`], rising with its angle.
fn by_direction(along: f32, across: f32) -> f32 {
    let norm = along.abs() + across.abs();
    let share = if norm > 0.0 { across / norm } else { 0.0 };
    let turn = match (along >= 0.0, across >= 0.0) {
        (true, true) => share,
        (false, _) => 2.0 - share,
        (true, false) => 4.0 + share,
    };
    turn * (CLASSES as f32 / 4.0)
}

fn by_turn(turn: f32) -> f32 {
    (turn + PI) * (CLASSES as f32 / TAU)
}

fn by_distance(distance: f32) -> f32 {
    (distance * (CLASSES as f32 / (REACH + 1.0))).clamp(0.0, CLASSES as f32 - 1.0)
}

/// For each class by direction, by turn and by distance which neighbours of a minutia can correspond to one of that
/// class: one bit each. Wide enough that none is missed; who is in all three is looked at closely.
#[derive(Clone, Copy, Default)]
pub(super) struct ClassesOfOne([[u16; CLASSES]; 3]);

impl ClassesOfOne {
    fn of(neighbours: &[Neighbour]) -> Self {
        let mut classes = Self::default();
        for (place, neighbour) in neighbours.iter().enumerate() {
            classes.add(1 << place, neighbour);
        }
        classes
    }

    /// Puts a neighbour into the classes from `low` to `high` of a kind, round the circle.
    fn put(&mut self, kind: usize, bit: u16, low: f32, high: f32) {
        // One round more, so that the numbers are positive and a cast rounds down.
        let class = |at: f32| (at + CLASSES as f32) as i32;
        let (low, high) = (class(low - SLACK), class(high + SLACK));
        for class in low..=high.min(low + CLASSES as i32 - 1) {
            self.0[kind][class as usize % CLASSES] |= bit;
        }
    }

    fn add(&mut self, bit: u16, neighbour: &Neighbour) {
        let Neighbour {
            along,
            across,
            turn,
            distance,
            ..
        } = *neighbour;
        // The farthest that corresponds to it, and what that one is allowed.
        let farthest = (distance + 12.0) / 0.9;
        let sine = tolerance(farthest) / distance.max(SLACK);
        if sine >= 0.99 {
            self.put(0, bit, 0.0, CLASSES as f32);
        } else {
            let cosine = (1.0 - sine * sine).sqrt();
            let turned = |sine: f32| {
                by_direction(
                    along * cosine - across * sine,
                    across * cosine + along * sine,
                )
            };
            let (low, high) = (turned(-sine), turned(sine));
            let round = if high < low { CLASSES as f32 } else { 0.0 };
            self.put(0, bit, low, high + round);
        }
        self.put(1, bit, by_turn(turn - MAX_TURN), by_turn(turn + MAX_TURN));
        let nearest = (distance - 12.0) / 1.1;
        self.put(2, bit, by_distance(nearest), by_distance(farthest));
    }

    /// The neighbours that `one` of another template can correspond to.
    pub fn candidates(&self, one: &Neighbour) -> u16 {
        let [direction, turn, distance] = one.class.map(|class| usize::from(class) % CLASSES);
        self.0[0][direction] & self.0[1][turn] & self.0[2][distance]
    }
}

/// The same for all minutiae of a template, and side by side: [`ROW`] bits a minutia.
#[derive(Default)]
struct Classes {
    of_each: Vec<ClassesOfOne>,
    words: usize,
    /// By kind, then class, then minutia.
    bits: Vec<u64>,
}

impl Classes {
    fn of(of_each: Vec<ClassesOfOne>) -> Self {
        let words = of_each.len().div_ceil(IN_WORD);
        let mut bits = vec![0; 3 * CLASSES * words];
        for (minutia, classes) in of_each.iter().enumerate() {
            let (word, shift) = (minutia / IN_WORD, ROW * (minutia % IN_WORD));
            for (row, &of_one) in bits.chunks_exact_mut(words).zip(classes.0.as_flattened()) {
                row[word] |= u64::from(of_one) << shift;
            }
        }
        Self {
            of_each,
            words,
            bits,
        }
    }

    /// The rows of the classes it is in.
    fn rows(&self, one: &Neighbour) -> [&[u64]; 3] {
        [0, 1, 2].map(|kind| {
            let row = kind * CLASSES + usize::from(one.class[kind]);
            &self.bits[row * self.words..][..self.words]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_counts_once_however_many_bits_it_has() {
        assert_eq!(occupied(0), 0);
        assert_eq!(occupied(u64::MAX), 0x0001_0001_0001_0001);
        assert_eq!(occupied(0x8000_0000_0001_0300), 0x0001_0000_0001_0001);
    }
}
