//! One reference of several impressions of a finger.
//!
//! The rule: the impression that agrees best with the others is the ground; each other one that matches it is laid on it,
//! bending with the skin as the comparison found it to. What lies on each other is one minutia, its place the weighted
//! mean of all that show it. How sure it is follows from every impression that could show it: being found again speaks
//! for a minutia, not being found where the impression has print speaks against it. The surest are kept.

use negin_fingerprint::{Minutia, MinutiaKind, Template, angle_difference, normalize_angle};

use crate::{Comparison, Prepared, maths, threshold};

/// How far from each other two impressions may put one minutia (pixels, radians).
const DISTANCE: f32 = 13.0;
const TURN: f32 = 0.45;

/// How far the stretch of a pair tells of its surroundings, in pixels.
const BEND: f32 = 70.0;

/// An impression has print at a place when so many of its minutiae lie so near (pixels).
const NEIGHBOURS: usize = 2;
const NEAR: f32 = 48.0;

/// Odds that being found again multiplies those of being real with, and that not being found does.
const FOUND: f32 = 6.0;
const MISSED: f32 = 0.45;

/// A reference made of several impressions.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The minutiae, surest first, in an image that holds all impressions as they lie on each other.
    pub template: Template,
    /// Which impressions it is made of, by their place, in rising order; the others are not shown to be of this finger.
    pub used: Vec<usize>,
    /// How many of them show each minutia.
    pub support: Vec<usize>,
}

/// Makes one reference of impressions of one finger, of at most `most` minutiae; `None` of none.
///
/// The same for the same impressions in the same order. Of impressions of which no two match, the best one alone, as it is. The
/// finger is that of the impression that is the ground, the quality that of the best one used.
pub fn consolidate(impressions: &[Template], most: usize) -> Option<Reference> {
    let ready: Vec<Prepared> = impressions.iter().map(Prepared::of).collect();
    let ground = ground(impressions, &ready)?;
    let base = &impressions[ground];
    let mut used = vec![ground];
    let mut heap = Heap::of(base);
    for (index, other) in impressions.iter().enumerate() {
        if index != ground
            && let Some(laid) = lay(other, base, &ready[index].compare(&ready[ground]))
        {
            used.push(index);
            heap.add(laid);
        }
    }
    if used.len() == 1 {
        return Some(alone(base, ground, most));
    }
    used.sort_unstable();
    let quality = used.iter().map(|&i| impressions[i].quality).max();
    let (mut template, support) = heap.surest(most);
    template.finger = base.finger;
    template.quality = quality.unwrap_or(base.quality);
    (template.width, template.height) = (
        template.width.max(base.width),
        template.height.max(base.height),
    );
    Some(Reference {
        template,
        used,
        support,
    })
}

/// An impression as the reference.
fn alone(impression: &Template, index: usize, most: usize) -> Reference {
    let mut template = impression.clone();
    template
        .minutiae
        .sort_by_key(|minutia| std::cmp::Reverse(minutia.quality));
    template.minutiae.truncate(most);
    Reference {
        support: vec![1; template.minutiae.len()],
        used: vec![index],
        template,
    }
}

/// The impression that the others are laid on: the one that agrees best with them, else the best.
fn ground(impressions: &[Template], ready: &[Prepared]) -> Option<usize> {
    // A comparison gives the same whichever comes first: each pair once, its score for both.
    let mut scores = vec![vec![0.0; ready.len()]; ready.len()];
    for i in 0..ready.len() {
        for j in i + 1..ready.len() {
            let score = ready[i].compare(&ready[j]).score;
            (scores[i][j], scores[j][i]) = (score, score);
        }
    }
    let agrees = |i: usize| -> f64 {
        let matching = scores[i].iter().filter(|&&score| score >= threshold::HOST);
        matching.sum()
    };
    let mut best: Option<(f64, u8, usize)> = None;
    for (i, impression) in impressions.iter().enumerate() {
        let rank = (agrees(i), impression.quality);
        if best.is_none_or(|(agreement, quality, _)| rank > (agreement, quality)) {
            best = Some((rank.0, rank.1, i));
        }
    }
    best.map(|(.., index)| index)
}

/// A minutia of an impression where it lies on the ground, and the one of the ground it was paired with.
struct Laid {
    minutia: Minutia,
    pair: Option<usize>,
}

/// Lays an impression on the ground as a comparison of both found it to lie; `None` when they do not match.
fn lay(impression: &Template, base: &Template, found: &Comparison) -> Option<Vec<Laid>> {
    let alignment = found.alignment.filter(|_| found.score >= threshold::HOST)?;
    let stretched: Vec<(f32, f32, f32, f32)> = found
        .pairs
        .iter()
        .filter_map(|&(i, j)| {
            let (from, to) = (impression.minutiae.get(i)?, base.minutiae.get(j)?);
            let (x, y) = alignment.apply(from.x, from.y);
            Some((x, y, to.x - x, to.y - y))
        })
        .collect();
    let bent = |x: f32, y: f32| {
        // One pair's worth of no stretch, so that a single far pair does not decide.
        let (mut total, mut dx, mut dy) = (1.0, 0.0, 0.0);
        for &(at_x, at_y, left_x, left_y) in &stretched {
            let square = ((x - at_x).powi(2) + (y - at_y).powi(2)) / (BEND * BEND);
            let weight = maths::exp(-0.5 * square);
            total += weight;
            dx += weight * left_x;
            dy += weight * left_y;
        }
        (x + dx / total, y + dy / total)
    };
    let lay = |(index, minutia): (usize, &Minutia)| {
        let (x, y) = alignment.apply(minutia.x, minutia.y);
        let (x, y) = bent(x, y);
        let pair = found.pairs.iter().find(|(i, _)| *i == index);
        Laid {
            minutia: Minutia {
                x,
                y,
                angle: normalize_angle(minutia.angle + alignment.rotation),
                ..*minutia
            },
            pair: pair.map(|&(_, j)| j),
        }
    };
    Some(impression.minutiae.iter().enumerate().map(lay).collect())
}

/// What several impressions show at one place.
#[derive(Default)]
struct Group {
    x: f32,
    y: f32,
    sine: f32,
    cosine: f32,
    weight: f32,
    /// Weight of endings less that of bifurcations.
    kind: f32,
    /// The surest one that shows it, 1 to 100.
    quality: u8,
    /// The impressions that show it, by the order in which they were added.
    seen_by: Vec<usize>,
}

impl Group {
    fn add(&mut self, minutia: &Minutia, impression: usize) {
        let weight = f32::from(minutia.quality.max(1));
        let (sine, cosine) = maths::sin_cos(minutia.angle);
        self.x += weight * minutia.x;
        self.y += weight * minutia.y;
        self.sine += weight * sine;
        self.cosine += weight * cosine;
        self.weight += weight;
        self.kind += match minutia.kind {
            MinutiaKind::Ending => weight,
            MinutiaKind::Bifurcation => -weight,
            MinutiaKind::Other => 0.0,
        };
        self.quality = self.quality.max(minutia.quality);
        self.seen_by.push(impression);
    }

    fn minutia(&self) -> Minutia {
        Minutia {
            x: self.x / self.weight,
            y: self.y / self.weight,
            angle: normalize_angle(maths::atan2(self.sine, self.cosine)),
            kind: if self.kind > 0.0 {
                MinutiaKind::Ending
            } else if self.kind < 0.0 {
                MinutiaKind::Bifurcation
            } else {
                MinutiaKind::Other
            },
            quality: self.quality,
        }
    }
}

/// All impressions, laid on each other.
struct Heap {
    /// The ground's own minutiae come first, in their order.
    groups: Vec<Group>,
    /// Where each impression has minutiae.
    places: Vec<Vec<(f32, f32)>>,
}

impl Heap {
    fn of(base: &Template) -> Self {
        let mut heap = Self {
            groups: Vec::new(),
            places: vec![base.minutiae.iter().map(|m| (m.x, m.y)).collect()],
        };
        for minutia in &base.minutiae {
            heap.open(minutia, 0);
        }
        heap
    }

    fn open(&mut self, minutia: &Minutia, impression: usize) {
        let mut group = Group::default();
        group.add(minutia, impression);
        self.groups.push(group);
    }

    fn add(&mut self, laid: Vec<Laid>) {
        let impression = self.places.len();
        let places = laid.iter().map(|it| (it.minutia.x, it.minutia.y));
        self.places.push(places.collect());
        let (paired, alone): (Vec<_>, Vec<_>) = laid.into_iter().partition(|it| it.pair.is_some());
        for laid in paired {
            if let Some(group) = laid.pair.and_then(|pair| self.groups.get_mut(pair)) {
                group.add(&laid.minutia, impression);
            }
        }
        for laid in alone {
            match self.nearest(&laid.minutia, impression) {
                Some(group) => group.add(&laid.minutia, impression),
                None => self.open(&laid.minutia, impression),
            }
        }
    }

    /// The group that this minutia belongs to: none that its impression shows already.
    fn nearest(&mut self, minutia: &Minutia, impression: usize) -> Option<&mut Group> {
        let mut best: Option<(f32, usize)> = None;
        for (index, group) in self.groups.iter().enumerate() {
            let other = group.minutia();
            let apart = maths::length(minutia.x - other.x, minutia.y - other.y);
            if apart <= DISTANCE
                && angle_difference(minutia.angle, other.angle).abs() <= TURN
                && !group.seen_by.contains(&impression)
                && best.is_none_or(|(least, _)| apart < least)
            {
                best = Some((apart, index));
            }
        }
        self.groups.get_mut(best?.1)
    }

    /// The chance that a group is real, 0 to 1.
    fn chance(&self, group: &Group, minutia: &Minutia) -> f32 {
        let sure = (f32::from(minutia.quality) / 100.0).clamp(0.01, 0.99);
        let mut odds = sure / (1.0 - sure);
        for (impression, places) in self.places.iter().enumerate() {
            if group.seen_by.contains(&impression) {
                odds *= FOUND;
                continue;
            }
            let near = |&&(x, y): &&(f32, f32)| maths::length(x - minutia.x, y - minutia.y) <= NEAR;
            if places.iter().filter(near).count() >= NEIGHBOURS {
                odds *= MISSED;
            }
        }
        // One of those that show it is the one whose own chance it started from.
        odds /= FOUND;
        odds / (1.0 + odds)
    }

    /// The surest minutiae, in an image that begins where they do.
    fn surest(self, most: usize) -> (Template, Vec<usize>) {
        let mut found: Vec<(f32, Minutia, usize)> = self
            .groups
            .iter()
            .map(|group| {
                let minutia = group.minutia();
                (self.chance(group, &minutia), minutia, group.seen_by.len())
            })
            .collect();
        found.sort_by(|a, b| {
            b.0.total_cmp(&a.0)
                .then(a.1.y.total_cmp(&b.1.y))
                .then(a.1.x.total_cmp(&b.1.x))
        });
        found.truncate(most);
        let least = |of: fn(&Minutia) -> f32| {
            found
                .iter()
                .map(|(_, minutia, _)| of(minutia))
                .fold(0.0, f32::min)
        };
        let (left, top) = (least(|m| m.x).floor(), least(|m| m.y).floor());
        let (mut width, mut height) = (1.0f32, 1.0f32);
        let mut support = Vec::with_capacity(found.len());
        let minutiae = found
            .into_iter()
            .map(|(chance, minutia, seen)| {
                support.push(seen);
                let minutia = Minutia {
                    x: minutia.x - left,
                    y: minutia.y - top,
                    quality: (100.0 * chance).round().clamp(1.0, 100.0) as u8,
                    ..minutia
                };
                (width, height) = (width.max(minutia.x + 1.0), height.max(minutia.y + 1.0));
                minutia
            })
            .collect();
        let template = Template::new(width.ceil() as u32, height.ceil() as u32, 0, minutiae);
        (template, support)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scattered minutiae of a seed, by a small generator of its own.
    fn scattered(seed: u64, count: usize) -> Vec<Minutia> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        (0..count)
            .map(|_| Minutia {
                x: 20.0 + 280.0 * next(),
                y: 20.0 + 360.0 * next(),
                angle: std::f32::consts::TAU * next(),
                kind: MinutiaKind::Ending,
                quality: 70,
            })
            .collect()
    }

    fn impression(minutiae: &[Minutia], dx: f32, dy: f32, quality: u8) -> Template {
        let moved = minutiae.iter().map(|m| Minutia {
            x: m.x + dx,
            y: m.y + dy,
            ..*m
        });
        Template::new(320, 400, quality, moved.collect())
    }

    #[test]
    fn what_is_seen_again_is_surer_than_what_is_not() {
        let finger = scattered(1, 40);
        let noise = scattered(2, 12);
        let first = impression(&[&finger[..32], &noise[..4]].concat(), 0.0, 0.0, 60);
        let second = impression(&[&finger[8..], &noise[4..8]].concat(), 12.0, -9.0, 80);
        let third = impression(&[&finger[4..36], &noise[8..]].concat(), -7.0, 15.0, 70);
        let found = consolidate(&[first, second, third], 64).expect("impressions");
        assert_eq!(found.used, [0, 1, 2]);
        assert_eq!(found.template.quality, 80);
        assert_eq!(found.support.iter().filter(|&&seen| seen == 3).count(), 24);
        let least_sure = |support: usize| {
            let of = found.template.minutiae.iter().zip(&found.support);
            of.filter(|(_, seen)| **seen == support)
                .map(|(m, _)| m.quality)
                .min()
        };
        assert!(least_sure(3) > least_sure(2) && least_sure(2) > least_sure(1));
        let inside = |m: &Minutia| {
            (0.0..found.template.width as f32).contains(&m.x)
                && (0.0..found.template.height as f32).contains(&m.y)
        };
        assert!(found.template.minutiae.iter().all(inside));
        let few = consolidate(std::slice::from_ref(&found.template), 10).expect("one");
        assert_eq!(few.template.minutiae.len(), 10);
    }

    #[test]
    fn an_impression_of_another_finger_is_left_out() {
        let (finger, other) = (scattered(3, 40), scattered(4, 40));
        let impressions = [
            impression(&finger, 0.0, 0.0, 50),
            impression(&other, 0.0, 0.0, 99),
            impression(&finger, 5.0, 5.0, 40),
        ];
        let found = consolidate(&impressions, 64).expect("impressions");
        assert_eq!(
            (found.used.as_slice(), found.template.quality),
            (&[0, 2][..], 50)
        );
        assert_eq!(consolidate(&impressions, 64), Some(found));
        let two = consolidate(&impressions[..2], 64).expect("impressions");
        assert_eq!(two.used, [1], "of two that do not match the better one");
        assert_eq!(two.template, impressions[1]);
        assert_eq!(consolidate(&[], 64), None);
    }
}
