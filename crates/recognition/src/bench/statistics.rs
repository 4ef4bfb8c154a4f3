//! What prints are like, in figures: for synthetic prints to be held against real ones.

use std::f32::consts::PI;

use negin_fingerprint::{CANONICAL_DPI, Image, MinutiaKind, Template};

use crate::Error;
use crate::extract::{CELL, Stage, extract_in_stages};
use crate::grid::Grid;

/// Deviation of the smoothing before singular points are looked for, in cells.
const SMOOTHING: f32 = 4.0;

/// Radius of the ring round which the ridges' turning is summed, in cells.
const RING: isize = 3;

/// How far inside the print a singular point must lie, in cells.
const INSIDE: usize = 8;

/// What a print is like. Pixels are those at 500 dpi.
#[derive(Clone)]
pub struct PrintStatistics {
    /// Its template.
    pub template: Template,
    /// Where its minutiae lie in the scale at which the engine looks at prints, where ridges are seven pixels apart:
    /// a grid of the extractor's own would show here, whatever the print's scale.
    pub inner: Vec<(f32, f32)>,
    /// Area of the print in square centimetres.
    pub area: f32,
    /// Median ridge period in pixels.
    pub period: f32,
    /// How much neighbouring ridges agree in direction, mean over the print, 0 to 1.
    pub coherence: f32,
    /// Cores seen.
    pub cores: usize,
    /// Deltas seen.
    pub deltas: usize,
}

/// Sizes only: the rest is a person's.
impl std::fmt::Debug for PrintStatistics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PrintStatistics({} minutiae)",
            self.template.minutiae.len()
        )
    }
}

impl PrintStatistics {
    /// Extracts from a print and measures it.
    ///
    /// # Errors
    /// As [`extract`](crate::extract).
    pub fn of(image: &Image) -> Result<Self, Error> {
        let (mut inner, mut cells, mut coherence) = (Vec::new(), 0, 0.0);
        let (mut median, mut scale, mut singular) = (0.0, 1.0, (0, 0));
        let mut look = |stage: Stage<'_>| match stage {
            Stage::Orientation {
                orientation, mask, ..
            } => {
                let (wide, high) = (mask.cells_wide(), mask.cells_high());
                let places = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
                let inside: Vec<_> = places.filter(|&(x, y)| mask.cell(x, y)).collect();
                cells = inside.len();
                let sum: f32 = inside
                    .iter()
                    .map(|&(x, y)| orientation.cell_coherence(x, y))
                    .sum();
                coherence = sum / cells.max(1) as f32;
                let part = |of: fn(f32) -> f32| {
                    Grid::from_fn(wide, high, |x, y| {
                        orientation.cell_coherence(x, y) * of(2.0 * orientation.cell_angle(x, y))
                    })
                    .blur(SMOOTHING)
                };
                let (cosine, sine) = (part(f32::cos), part(f32::sin));
                let deep = mask.eroded(INSIDE);
                singular = singular_points(&cosine, &sine, |x, y| deep.cell(x, y));
            }
            Stage::Period { period, .. } => (median, scale) = (period.median, period.scale()),
            Stage::Minutiae { found, .. } => inner = found.iter().map(|m| (m.x, m.y)).collect(),
            _ => {}
        };
        let template = extract_in_stages(image, &mut look)?.template;
        let pixels = cells as f32 * (CELL * CELL) as f32 / (scale * scale);
        let per_centimetre = f32::from(CANONICAL_DPI) / 2.54;
        Ok(Self {
            template,
            inner,
            area: pixels / (per_centimetre * per_centimetre),
            period: median / scale,
            coherence,
            cores: singular.0,
            deltas: singular.1,
        })
    }

    /// Minutiae in a square centimetre.
    pub fn density(&self) -> f32 {
        self.template.minutiae.len() as f32 / self.area.max(f32::MIN_POSITIVE)
    }

    /// Share of ridge endings among the minutiae.
    pub fn endings(&self) -> f32 {
        let all = &self.template.minutiae;
        let endings = all.iter().filter(|m| m.kind == MinutiaKind::Ending);
        endings.count() as f32 / all.len().max(1) as f32
    }

    /// From each minutia to the one next to it, in pixels.
    pub fn nearest(&self) -> Vec<f32> {
        let all = &self.template.minutiae;
        all.iter()
            .enumerate()
            .filter_map(|(i, m)| {
                let others = all.iter().enumerate().filter(|(j, _)| i != *j);
                others
                    .map(|(_, other)| (m.x - other.x).hypot(m.y - other.y))
                    .min_by(f32::total_cmp)
            })
            .collect()
    }
}

/// Cores and deltas of a field of doubled angles: where the ridges turn by half a turn round a point, one way or the
/// other (the Poincaré index). Neighbouring places of one kind are one.
fn singular_points(
    cosine: &Grid,
    sine: &Grid,
    within: impl Fn(usize, usize) -> bool,
) -> (usize, usize) {
    let (wide, high) = (cosine.width(), cosine.height());
    let ring: Vec<(isize, isize)> = (0..16)
        .map(|step| {
            let (s, c) = (step as f32 * PI / 8.0).sin_cos();
            let at = |share: f32| (share * RING as f32).round() as isize;
            (at(c), at(s))
        })
        .collect();
    let index = |x: usize, y: usize| -> i8 {
        let angles: Vec<f32> = ring
            .iter()
            .map(|(dx, dy)| {
                let (x, y) = (x.wrapping_add_signed(*dx), y.wrapping_add_signed(*dy));
                sine.at(x, y).atan2(cosine.at(x, y))
            })
            .collect();
        let turns = angles.iter().zip(angles.iter().cycle().skip(1));
        let whole: f32 = turns
            .map(|(from, to)| (to - from + PI).rem_euclid(2.0 * PI) - PI)
            .sum();
        (whole / (2.0 * PI)).round() as i8
    };
    let reach = RING as usize;
    let mut kinds = vec![0i8; wide * high];
    for y in reach..high.saturating_sub(reach) {
        for x in reach..wide.saturating_sub(reach) {
            if within(x, y) {
                kinds[y * wide + x] = index(x, y);
            }
        }
    }
    (parts(&mut kinds, wide, 1), parts(&mut kinds, wide, -1))
}

/// How many connected parts of a kind there are; they are cleared.
fn parts(kinds: &mut [i8], wide: usize, kind: i8) -> usize {
    let mut count = 0;
    while let Some(start) = kinds.iter().position(|it| *it == kind) {
        count += 1;
        let mut open = vec![start];
        while let Some(i) = open.pop() {
            if kinds.get(i) != Some(&kind) {
                continue;
            }
            kinds[i] = 0;
            // The outermost cells are never of a kind, so that a row's end leads to no other row's beginning.
            for by in [1, wide - 1, wide, wide + 1] {
                open.extend([i.wrapping_sub(by), i + by]);
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Doubled angles of a loop (a core, and a delta below it to the right).
    fn loop_field() -> (Grid, Grid) {
        let doubled = |x: usize, y: usize| {
            let (x, y) = (x as f32 + 0.3, y as f32 + 0.3);
            (y - 30.0).atan2(x - 30.0) - (y - 60.0).atan2(x - 50.0)
        };
        (
            Grid::from_fn(80, 90, |x, y| doubled(x, y).cos()),
            Grid::from_fn(80, 90, |x, y| doubled(x, y).sin()),
        )
    }

    #[test]
    fn a_loop_has_a_core_and_a_delta() {
        let (cosine, sine) = loop_field();
        assert_eq!(singular_points(&cosine, &sine, |_, _| true), (1, 1));
        assert_eq!(singular_points(&cosine, &sine, |_, y| y < 45), (1, 0));
        let plain = Grid::from_fn(80, 90, |_, _| 1.0);
        assert_eq!(singular_points(&plain, &plain, |_, _| true), (0, 0));
    }
}
