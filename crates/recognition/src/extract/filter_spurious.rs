//! What in a skeleton is no ridge structure: spurs, fragments and gaps, told from the structure around them.
//!
//! The ridges' skeleton and the valleys' are each treated alike. A bridge between ridges is a gap in the valley it
//! crosses, a hole in a ridge a fragment of valley: repairing both skeletons repairs those too.

use super::skeleton::{AROUND, Around, Binary, at_least};
use crate::maths;

/// Lengths in pixels, in proportion to the ridge period.
#[derive(Clone, Copy)]
pub(crate) struct Lengths {
    /// A branch shorter than this, from a fork to an end, is a spur.
    pub spur: usize,
    /// A line shorter than this, from an end to an end, is a fragment.
    pub fragment: usize,
    /// Two ends nearer than this that face each other are a gap.
    pub gap: f32,
    /// How far a line is followed for its direction.
    pub direction: usize,
}

impl Lengths {
    pub fn of_period(period: f32) -> Self {
        let pixels = |periods: f32| (period * periods).round() as usize;
        Self {
            spur: pixels(1.2),
            fragment: pixels(2.2),
            gap: 1.2 * period,
            direction: pixels(1.6),
        }
    }
}

/// How a line that was followed stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    /// At an end.
    End,
    /// At a fork.
    Fork,
    /// After the length given.
    Length,
}

/// Lines that meet at a pixel: 1 at an end, 2 along a line, 3 and more at a fork.
pub(crate) fn crossing_number(skeleton: &Binary, x: usize, y: usize) -> usize {
    // An unset neighbour followed by a set one, going round.
    let bits = skeleton.neighbours(x, y);
    (!bits & bits.rotate_right(1)).count_ones() as usize
}

/// The ends of lines.
pub(crate) fn ends(skeleton: &Binary) -> Vec<(usize, usize)> {
    let is_end = |around: &Around| {
        let starts = (0..8).map(|k| !around[k] & around[(k + 1) % 8]);
        let [one, two, _] = at_least(starts);
        let [.., three] = at_least(*around);
        one & !two & !three
    };
    skeleton.points_where(is_end).collect()
}

/// Follows the line from an end, that pixel included, over at most `length` pixels.
pub(crate) fn follow(
    skeleton: &Binary,
    from: (usize, usize),
    length: usize,
) -> (Vec<(usize, usize)>, Stop) {
    let mut path = vec![from];
    let (mut x, mut y) = from;
    let mut before: Option<(usize, usize)> = None;
    while path.len() < length {
        let seen = |p: (usize, usize)| {
            Some(p) == before || path[path.len().saturating_sub(3)..].contains(&p)
        };
        let next = [0, 2, 4, 6, 1, 3, 5, 7].into_iter().find_map(|k: usize| {
            let (dx, dy) = AROUND[k];
            let (nx, ny) = (x as isize + dx, y as isize + dy);
            (skeleton.get(nx, ny) && !seen((nx as usize, ny as usize)))
                .then_some((nx as usize, ny as usize))
        });
        let Some(next) = next else {
            return (path, Stop::End);
        };
        before = Some((x, y));
        (x, y) = next;
        path.push(next);
        if crossing_number(skeleton, x, y) >= 3 {
            return (path, Stop::Fork);
        }
        if path.len() > 2
            && crossing_number(skeleton, x, y) == 1
            && skeleton.neighbours(x, y).count_ones() == 1
        {
            return (path, Stop::End);
        }
    }
    (path, Stop::Length)
}

/// The direction from an end back along its line, as a unit vector; `None` for a lone pixel.
pub(crate) fn direction(
    skeleton: &Binary,
    end: (usize, usize),
    length: usize,
) -> Option<(f32, f32)> {
    let (path, _) = follow(skeleton, end, length);
    let last = path.last()?;
    let (dx, dy) = (last.0 as f32 - end.0 as f32, last.1 as f32 - end.1 as f32);
    let norm = maths::length(dx, dy);
    (norm > 0.5).then(|| (dx / norm, dy / norm))
}

/// Removes spurs and fragments and closes gaps.
pub(crate) fn repair(skeleton: &mut Binary, lengths: Lengths) {
    remove_spurs(skeleton, lengths.spur);
    close_gaps(skeleton, lengths);
    remove_spurs(skeleton, lengths.spur);
    remove_fragments(skeleton, lengths.fragment);
}

/// Shortest first: of two short branches at a fork the longer one is the line's own end.
fn remove_spurs(skeleton: &mut Binary, length: usize) {
    let mut spurs: Vec<(usize, (usize, usize))> = ends(skeleton)
        .into_iter()
        .filter_map(|end| {
            let (path, stop) = follow(skeleton, end, length);
            (stop == Stop::Fork).then_some((path.len(), end))
        })
        .collect();
    spurs.sort_unstable();
    for (_, end) in spurs {
        let (path, stop) = follow(skeleton, end, length);
        if stop == Stop::Fork {
            path[..path.len() - 1]
                .iter()
                .for_each(|&(x, y)| skeleton.set(x, y, false));
        }
    }
}

fn remove_fragments(skeleton: &mut Binary, length: usize) {
    for end in ends(skeleton) {
        if !skeleton.get(end.0 as isize, end.1 as isize) {
            continue;
        }
        let (path, stop) = follow(skeleton, end, length);
        if stop == Stop::End {
            path.iter().for_each(|&(x, y)| skeleton.set(x, y, false));
        }
    }
}

/// Joins ends that face each other along their lines, nearest first.
fn close_gaps(skeleton: &mut Binary, lengths: Lengths) {
    let found: Vec<((usize, usize), (f32, f32))> = ends(skeleton)
        .into_iter()
        .filter_map(|end| direction(skeleton, end, lengths.direction).map(|back| (end, back)))
        .collect();
    let mut gaps = Vec::new();
    for (i, (a, back_a)) in found.iter().enumerate() {
        for (j, (b, back_b)) in found.iter().enumerate().skip(i + 1) {
            let (dx, dy) = (b.0 as f32 - a.0 as f32, b.1 as f32 - a.1 as f32);
            let distance = maths::length(dx, dy);
            if distance > lengths.gap || distance < 1.0 {
                continue;
            }
            let ahead_a = -(back_a.0 * dx + back_a.1 * dy) / distance;
            let ahead_b = (back_b.0 * dx + back_b.1 * dy) / distance;
            let opposite = -(back_a.0 * back_b.0 + back_a.1 * back_b.1);
            if ahead_a > 0.8 && ahead_b > 0.8 && opposite > 0.6 {
                gaps.push((distance, i, j));
            }
        }
    }
    gaps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut closed = vec![false; found.len()];
    for (_, i, j) in gaps {
        if !closed[i] && !closed[j] {
            (closed[i], closed[j]) = (true, true);
            draw_line(skeleton, found[i].0, found[j].0);
        }
    }
}

fn draw_line(skeleton: &mut Binary, from: (usize, usize), to: (usize, usize)) {
    let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
    for step in 0..=steps {
        let share = step as f32 / steps as f32;
        let between =
            |a: usize, b: usize| (a as f32 + (b as f32 - a as f32) * share).round() as usize;
        skeleton.set(between(from.0, to.0), between(from.1, to.1), true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths() -> Lengths {
        Lengths::of_period(9.0)
    }

    fn line(skeleton: &mut Binary, from: (usize, usize), to: (usize, usize)) {
        draw_line(skeleton, from, to);
    }

    #[test]
    fn a_spur_goes_and_a_branch_stays() {
        let mut skeleton = Binary::from_fn(100, 60, |_, _| false);
        line(&mut skeleton, (5, 30), (90, 30));
        line(&mut skeleton, (40, 29), (40, 24));
        line(&mut skeleton, (60, 29), (60, 5));
        repair(&mut skeleton, lengths());
        assert!(!skeleton.get(40, 25), "the spur of six pixels");
        assert!(skeleton.get(60, 10), "the branch of 25 pixels");
        assert_eq!(ends(&skeleton).len(), 3);
    }

    #[test]
    fn a_gap_is_closed_and_ends_side_by_side_are_left() {
        let mut skeleton = Binary::from_fn(100, 60, |_, _| false);
        line(&mut skeleton, (5, 20), (45, 20));
        line(&mut skeleton, (52, 20), (95, 20));
        line(&mut skeleton, (5, 40), (48, 40));
        line(&mut skeleton, (46, 48), (95, 48));
        repair(&mut skeleton, lengths());
        assert!(skeleton.get(48, 20));
        assert_eq!(ends(&skeleton).len(), 6);
    }

    #[test]
    fn fragments_go() {
        let mut skeleton = Binary::from_fn(60, 60, |_, _| false);
        line(&mut skeleton, (20, 20), (32, 20));
        skeleton.set(50, 50, true);
        line(&mut skeleton, (5, 40), (45, 40));
        repair(&mut skeleton, lengths());
        assert!(!skeleton.get(25, 20));
        assert_eq!(ends(&skeleton), vec![(5, 40), (45, 40)]);
    }
}
