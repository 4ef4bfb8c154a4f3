//! Whether a finger lies still: two frames of it, one after the other, are alike.

use negin_fingerprint::{CANONICAL_DPI, Image};

use super::{Advice, Assessment, judge};
use crate::Error;
use crate::grid::Grid;

/// Likeness of two frames from which on a finger lies still: they are off by less than a sixth of a ridge's period then.
pub const STILL: f32 = 0.5;

/// Pixels at 500 dpi that are taken together.
const CELL: usize = 2;

/// Deviation of the mean that is taken away, in those.
const WIDE: f32 = 4.0;

/// Side of a block that is looked at by itself, in those.
const BLOCK: usize = 8;

/// Variance of the grey levels of a block with ridges in it.
const LEAST_VARIANCE: f32 = 64.0;

/// Fewest blocks of which likeness is told: 10 mm².
const LEAST_BLOCKS: usize = 15;

/// Judges the frames of a live scanner, one after the other.
///
/// Keeps the last frame, at half the resolution, until the next one comes or it is dropped; it is wiped then.
#[derive(Default)]
pub struct Judge {
    last: Option<Grid>,
}

impl Judge {
    /// One that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges a frame as [`judge`] does; one that is not like the frame before ([`STILL`]) has moved, whatever else is to
    /// be said of it.
    ///
    /// # Errors
    /// As [`judge`]; the frames before are forgotten then.
    pub fn frame(&mut self, image: &Image) -> Result<Assessment, Error> {
        let last = self.last.take();
        let mut assessment = judge(image)?;
        let frame = ridges(&image.resample(CANONICAL_DPI)?);
        let likeness = last.and_then(|last| likeness(&last, &frame));
        if likeness.is_some_and(|likeness| likeness < STILL) {
            assessment.advice = Advice::Moved;
        }
        self.last = Some(frame);
        Ok(assessment)
    }

    /// Forgets the frames seen, as when the finger was lifted.
    pub fn forget(&mut self) {
        self.last = None;
    }
}

impl std::fmt::Debug for Judge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge")
            .field("last", &self.last.is_some())
            .finish()
    }
}

/// The ridges of an image at half its resolution, without what changes slowly.
fn ridges(image: &Image) -> Grid {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let small = Grid::of_bytes(width, height, image.pixels()).shrink(CELL);
    let mean = small.blur_wide(WIDE);
    small.combine(&mean, |value, mean| value - mean)
}

/// How alike two frames are, -1 to 1, where both show ridges: a finger that is still being laid down grows, and has not
/// moved for that. `None` for frames of different sizes, and of too little in common.
fn likeness(a: &Grid, b: &Grid) -> Option<f32> {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return None;
    }
    let means = |product: Grid| product.shrink(BLOCK);
    let first = means(a.map(|value| value * value));
    let second = means(b.map(|value| value * value));
    let product = means(a.combine(b, |a, b| a * b));
    let (mut blocks, mut alike, mut norm) = (0, 0.0, 0.0);
    for ((&product, &first), &second) in product
        .values()
        .iter()
        .zip(first.values())
        .zip(second.values())
    {
        if first.min(second) > LEAST_VARIANCE {
            blocks += 1;
            alike += product;
            norm += (first * second).sqrt();
        }
    }
    (blocks >= LEAST_BLOCKS).then(|| alike / norm)
}
