//! Ridges grown on an orientation field and a period map.
//!
//! A few points are dropped on an empty plane, and every pixel is filtered again and again
//! with a band-pass filter tuned to the orientation and the period there (Cappelli, Erol, Maio
//! and Maltoni, 'Synthetic fingerprint-image generation', ICPR 2000). Ridges spread from the points
//! until the plane is full. Where two fronts meet, or the flow spreads and a new ridge finds
//! room, ridges end and fork: no minutia is ever drawn.

use super::grid::Grid;
use super::random::Stream;
use std::f32::consts::{PI, TAU};

/// Filters reach this far, px: three deviations at the widest usual period.
const REACH: usize = 11;
/// A filter's side.
const SIDE: usize = 2 * REACH + 1;
/// A filter's row in memory, a whole number of lanes.
const STRIDE: usize = 24;
const LANES: usize = 8;
const ORIENTATIONS: usize = 64;
const PERIODS: usize = 12;
const SHORTEST: f32 = 7.0;
const LONGEST: f32 = 12.5;
/// The plane is worked on in squares of this side; only those near a ridge are filtered.
const TILE: usize = 16;
/// Room round the plane for the filters.
const MARGIN: usize = STRIDE / 2;
/// A pixel that changes by no more than this in a round is settled.
const SETTLED: f32 = 0.02;
/// How strongly a filter's answer is amplified while ridges grow.
const GAIN: f32 = 2.2;

/// What a growth is told besides the two maps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    /// Points dropped at the start.
    pub(crate) seeds: usize,
    /// Rounds of filtering at most; it ends before when nothing changes any more.
    pub(crate) rounds: usize,
}

/// Grows ridges: positive on a ridge, negative in a valley, about ±1.
pub(crate) fn grow(orientation: &Grid, period: &Grid, growth: Growth, stream: &mut Stream) -> Grid {
    let (width, height) = (orientation.width(), orientation.height());
    let bank = Bank::new();
    let choice: Vec<u16> = (0..width * height)
        .map(|i| {
            Bank::choose(
                orientation.pixel(i % width, i / width),
                period.pixel(i % width, i / width),
            )
        })
        .collect();
    let mut plane = Plane::new(width, height);
    for _ in 0..growth.seeds {
        plane.drop_point(stream.below(width), stream.below(height));
    }
    let mut next = plane.clone();
    let mut changed = plane.tiles_where(|value| value != 0.0);
    for _ in 0..growth.rounds {
        let active = plane.with_neighbours(&changed);
        next.filter(&plane, &active, &bank, &choice, GAIN, 1.0);
        changed = next.changed_since(&plane);
        std::mem::swap(&mut plane, &mut next);
        if !changed.contains(&true) {
            break;
        }
    }
    let everywhere = vec![true; plane.tiles()];
    next.filter(&plane, &everywhere, &bank, &choice, 1.0, 1.5);
    next.into_grid()
}

/// A filter's weights, row by row.
type Taps = [f32; SIDE * STRIDE];

/// Band-pass filters for every orientation and period.
struct Bank {
    filters: Vec<Taps>,
}

impl Bank {
    fn new() -> Self {
        let filters = (0..ORIENTATIONS * PERIODS)
            .map(|i| {
                let theta = PI * (i / PERIODS) as f32 / ORIENTATIONS as f32;
                let step = (LONGEST - SHORTEST) / (PERIODS - 1) as f32;
                filter(theta, SHORTEST + step * (i % PERIODS) as f32)
            })
            .collect();
        Self { filters }
    }

    /// The index of the filter nearest to an orientation (radians, any turn) and a period (px).
    fn choose(theta: f32, period: f32) -> u16 {
        let turn = (theta / PI * ORIENTATIONS as f32 + 0.5).floor() as i32;
        let turn = turn.rem_euclid(ORIENTATIONS as i32) as usize;
        let step = (LONGEST - SHORTEST) / (PERIODS - 1) as f32;
        let rank = ((period - SHORTEST) / step + 0.5).clamp(0.0, (PERIODS - 1) as f32) as usize;
        (turn * PERIODS + rank) as u16
    }
}

/// A Gabor filter without a mean: a cosine across the ridges under a round bell. Its answer
/// to a full cosine of its own period is 1 at the crest.
fn filter(theta: f32, period: f32) -> Taps {
    let (sin, cos) = (libm::sinf(theta), libm::cosf(theta));
    let (across_spread, along_spread) = (0.40 * period, 0.45 * period);
    let mut taps = [0.0f32; SIDE * STRIDE];
    let (mut sum, mut bell_sum) = (0.0f32, 0.0f32);
    let mut bell = [0.0f32; SIDE * STRIDE];
    for row in 0..SIDE {
        for column in 0..SIDE {
            let x = column as f32 - REACH as f32;
            let y = REACH as f32 - row as f32;
            let across = -x * sin + y * cos;
            let along = x * cos + y * sin;
            let weight = libm::expf(
                -0.5 * (across * across / (across_spread * across_spread)
                    + along * along / (along_spread * along_spread)),
            );
            let i = row * STRIDE + column;
            bell[i] = weight;
            taps[i] = weight * libm::cosf(TAU * across / period);
            bell_sum += weight;
            sum += taps[i];
        }
    }
    let mean = sum / bell_sum;
    let mut answer = 0.0;
    for row in 0..SIDE {
        for column in 0..SIDE {
            let x = column as f32 - REACH as f32;
            let y = REACH as f32 - row as f32;
            let i = row * STRIDE + column;
            taps[i] -= mean * bell[i];
            answer += taps[i] * libm::cosf(TAU * (-x * sin + y * cos) / period);
        }
    }
    taps.map(|tap| tap / answer)
}

/// The plane ridges grow on, with a margin of zeros.
#[derive(Clone)]
struct Plane {
    width: usize,
    height: usize,
    stride: usize,
    values: Vec<f32>,
}

impl Plane {
    fn new(width: usize, height: usize) -> Self {
        let stride = width + 2 * MARGIN + LANES;
        Self {
            width,
            height,
            stride,
            values: vec![0.0; stride * (height + 2 * MARGIN)],
        }
    }

    fn index(&self, x: usize, y: usize) -> usize {
        (y + MARGIN) * self.stride + x + MARGIN
    }

    fn drop_point(&mut self, x: usize, y: usize) {
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let (x, y) = ((x + dx).min(self.width - 1), (y + dy).min(self.height - 1));
            let i = self.index(x, y);
            self.values[i] = 1.0;
        }
    }

    fn columns(&self) -> usize {
        self.width.div_ceil(TILE)
    }

    fn tiles(&self) -> usize {
        self.columns() * self.height.div_ceil(TILE)
    }

    fn tile(&self, tile: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let (x, y) = (tile % self.columns() * TILE, tile / self.columns() * TILE);
        (
            x..(x + TILE).min(self.width),
            y..(y + TILE).min(self.height),
        )
    }

    /// Which tiles have a value of that kind.
    fn tiles_where(&self, kind: impl Fn(f32) -> bool) -> Vec<bool> {
        (0..self.tiles())
            .map(|tile| {
                let (xs, mut ys) = self.tile(tile);
                ys.any(|y| {
                    let i = self.index(xs.start, y);
                    self.values[i..i + xs.len()].iter().any(|&v| kind(v))
                })
            })
            .collect()
    }

    /// Which tiles differ from those of `before` by more than does not matter.
    fn changed_since(&self, before: &Plane) -> Vec<bool> {
        (0..self.tiles())
            .map(|tile| {
                let (xs, mut ys) = self.tile(tile);
                ys.any(|y| {
                    let i = self.index(xs.start, y);
                    let (new, old) = (&self.values[i..], &before.values[i..]);
                    let mut pairs = new.iter().zip(old).take(xs.len());
                    pairs.any(|(new, old)| (new - old).abs() > SETTLED)
                })
            })
            .collect()
    }

    /// These tiles and those beside them.
    fn with_neighbours(&self, chosen: &[bool]) -> Vec<bool> {
        let columns = self.columns();
        let rows = chosen.len() / columns;
        (0..chosen.len())
            .map(|tile| {
                let (x, y) = (tile % columns, tile / columns);
                (y.saturating_sub(1)..=(y + 1).min(rows - 1)).any(|ny| {
                    (x.saturating_sub(1)..=(x + 1).min(columns - 1))
                        .any(|nx| chosen[ny * columns + nx])
                })
            })
            .collect()
    }

    /// Sets each pixel of the active tiles to the answer of its filter on `from`, times `gain`,
    /// within ±`limit`, and the others to what `from` has.
    fn filter(
        &mut self,
        from: &Plane,
        active: &[bool],
        bank: &Bank,
        choice: &[u16],
        gain: f32,
        limit: f32,
    ) {
        for (tile, &active) in active.iter().enumerate() {
            let (xs, ys) = self.tile(tile);
            if !active {
                for y in ys {
                    let row = from.index(xs.start, y);
                    let row = row..row + xs.len();
                    self.values[row.clone()].copy_from_slice(&from.values[row]);
                }
                continue;
            }
            for y in ys {
                for x in xs.clone() {
                    let filter = &bank.filters[usize::from(choice[y * self.width + x])];
                    let corner = from.index(x, y) - REACH * (from.stride + 1);
                    let answer = from.answer(corner, filter);
                    let i = self.index(x, y);
                    self.values[i] = (gain * answer).clamp(-limit, limit);
                }
            }
        }
    }

    fn answer(&self, corner: usize, filter: &Taps) -> f32 {
        // A running sum for each column, so that no addition waits for the one before it, and
        // the same order of additions with and without vector units.
        let mut sums = [0.0f32; STRIDE];
        for (row, taps) in filter.chunks_exact(STRIDE).enumerate() {
            let start = corner + row * self.stride;
            let values = &self.values[start..start + STRIDE];
            for ((sum, tap), value) in sums.iter_mut().zip(taps).zip(values) {
                *sum += tap * value;
            }
        }
        let mut lanes = [0.0f32; LANES];
        for part in sums.chunks_exact(LANES) {
            for (lane, sum) in lanes.iter_mut().zip(part) {
                *lane += sum;
            }
        }
        lanes.iter().sum()
    }

    fn into_grid(self) -> Grid {
        Grid::from_fn(self.width, self.height, |x, y| {
            self.values[self.index(x, y)]
        })
    }
}
