//! What an image tells about the finger: that none was there, that it went too early, that it is dry or wet, that it
//! moves. No engine, only what whoever guides the person can tell them at once.
//!
//! The image is looked at in cells of 16 × 16 pixels. Real scanners differ in contrast by a factor of ten, so that what
//! is called ridged goes by the image's own contrast; blank is only what shows nothing at all.

use negin_fingerprint::{CaptureEvent, Image};

/// Side of a cell, px.
const CELL: usize = 16;
/// Deviation of grey below which a cell shows nothing but noise.
const NOISE: f32 = 6.0;
/// Deviation below which it does not even show that: nothing lies there, or the scanner did not look.
const DEAD: f32 = 2.0;
/// Share of cells with more than noise below which an image shows no finger.
const LEAST: f32 = 0.02;
/// Share of dark pixels where ridges are, below which the finger is dry.
const DRY: f32 = 0.31;
/// Above this it is wet.
const WET: f32 = 0.57;
/// What two frames differ by, of what a ridge and a valley differ by, from which on the finger moved.
const MOVED: f32 = 0.25;
/// Rows of cells that must be dead at the end for a frame to have broken off: 3 mm.
const BROKEN: usize = 4;

/// What to tell the person after a frame, where there is anything; `before` is the frame before it.
pub(crate) fn advice(image: &Image, before: Option<&Image>) -> Option<CaptureEvent> {
    let cells = Cells::of(image);
    if before.is_some_and(|before| cells.moved_since(&Cells::of(before))) {
        return Some(CaptureEvent::Moving);
    }
    match cells.dark_share()? {
        share if share < DRY => Some(CaptureEvent::TooDry),
        share if share > WET => Some(CaptureEvent::TooWet),
        _ => None,
    }
}

/// Whether the image shows no finger.
pub(crate) fn is_blank(image: &Image) -> bool {
    let cells = Cells::of(image);
    let showing = cells.deviations.iter().filter(|&&each| each >= NOISE);
    (showing.count() as f32) < (cells.deviations.len() as f32 * LEAST).max(1.0)
}

/// Whether the finger went while the image was read from one end to the other: what was read last is dead, and what
/// was read before that is as wide a print as any, not the round end of one. `upward` where reading ends at the top.
pub(crate) fn breaks_off(image: &Image, upward: bool) -> bool {
    let cells = Cells::of(image);
    let mut rows: Vec<&[f32]> = cells.deviations.chunks(cells.wide.max(1)).collect();
    if !upward {
        rows.reverse();
    }
    let dead = rows
        .iter()
        .take_while(|row| row.iter().all(|&each| each < DEAD))
        .count();
    let shows = |row: &&[f32]| row.iter().filter(|&&each| each >= NOISE).count();
    let widest = rows.iter().map(shows).max().unwrap_or(0);
    let last = rows.get(dead).map_or(0, shows);
    dead >= BROKEN && last >= 6 && last * 10 >= widest * 6
}

/// An image in whole cells, row by row.
struct Cells<'a> {
    image: &'a Image,
    wide: usize,
    deviations: Vec<f32>,
}

impl<'a> Cells<'a> {
    fn of(image: &'a Image) -> Self {
        let (wide, high) = (
            image.width() as usize / CELL,
            image.height() as usize / CELL,
        );
        let mut cells = Self {
            image,
            wide,
            deviations: Vec::new(),
        };
        cells.deviations = (0..wide * high)
            .map(|cell| {
                let (mut sum, mut squares) = (0.0, 0.0);
                for pixel in cells.pixels(cell) {
                    sum += pixel;
                    squares += pixel * pixel;
                }
                let count = (CELL * CELL) as f32;
                let mean = sum / count;
                (squares / count - mean * mean).max(0.0).sqrt()
            })
            .collect();
        cells
    }

    fn pixels(&self, cell: usize) -> impl Iterator<Item = f32> {
        let width = self.image.width() as usize;
        let (x, y) = (cell % self.wide * CELL, cell / self.wide * CELL);
        (y..y + CELL)
            .flat_map(move |row| &self.image.pixels()[row * width + x..][..CELL])
            .map(|pixel| f32::from(*pixel))
    }

    /// Deviation from which on a cell counts as ridged: half of what the tenth with the most contrast has.
    fn ridged(&self) -> f32 {
        let mut sorted = self.deviations.clone();
        sorted.sort_by(f32::total_cmp);
        let high = sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(0.0);
        (high / 2.0).max(NOISE)
    }

    /// Share of the pixels in ridged cells that are darker than halfway between their dark and light; none where no
    /// cell is ridged.
    fn dark_share(&self) -> Option<f32> {
        let ridged = self.ridged();
        let mut histogram = [0_u32; 256];
        let cells = (0..self.deviations.len()).filter(|&cell| self.deviations[cell] >= ridged);
        for pixel in cells.flat_map(|cell| self.pixels(cell)) {
            histogram[usize::from(pixel as u8)] += 1;
        }
        let all: u32 = histogram.iter().sum();
        let level = |share: u32| {
            let mut seen = 0;
            let reached = histogram.iter().position(|count| {
                seen += count;
                seen * 50 >= all * share
            });
            reached.unwrap_or(0)
        };
        // One in fifty is darker than dark and as many are lighter than light.
        let middle = (level(1) + level(49)) / 2;
        let dark: u32 = histogram.iter().take(middle).sum();
        (all > 0).then(|| dark as f32 / all as f32)
    }

    /// Whether the finger lies elsewhere than in a frame before.
    fn moved_since(&self, before: &Self) -> bool {
        if (before.wide, before.deviations.len()) != (self.wide, self.deviations.len()) {
            return false;
        }
        let ridged = self.ridged();
        let (mut difference, mut contrast) = (0.0, 0.0);
        for cell in 0..self.deviations.len() {
            let deviation = self.deviations[cell].max(before.deviations[cell]);
            if deviation < ridged {
                continue;
            }
            let pairs = before.pixels(cell).zip(self.pixels(cell));
            difference += pairs.map(|(a, b)| (a - b).abs()).sum::<f32>() / (CELL * CELL) as f32;
            contrast += 2.0 * deviation;
        }
        contrast > 0.0 && difference / contrast > MOVED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slanted ridges of 9 px whose dark share is `share`, between two rows, `shift` px to the right.
    fn ridges(rows: std::ops::Range<usize>, share: f32, shift: usize, contrast: f32) -> Image {
        let pixel = |at: usize| {
            let (x, y) = (at % 384, at / 384);
            let phase = ((x + shift + y / 2) % 9) as f32 / 9.0;
            match rows.contains(&y) && phase < share {
                true => 200.0 - contrast,
                false => 200.0,
            }
        };
        let pixels = (0..384 * 290).map(|at| pixel(at) as u8).collect();
        Image::new(384, 290, 500, pixels).unwrap()
    }

    #[test]
    fn dry_wet_and_moving_are_told_apart_at_any_contrast() {
        for contrast in [20.0, 60.0, 180.0] {
            let good = ridges(0..290, 0.45, 0, contrast);
            assert_eq!(advice(&good, None), None, "{contrast}");
            assert_eq!(advice(&good, Some(&good)), None, "{contrast}");
            let moved = ridges(0..290, 0.45, 4, contrast);
            assert_eq!(advice(&moved, Some(&good)), Some(CaptureEvent::Moving));
            let wet = ridges(0..290, 0.8, 0, contrast);
            assert_eq!(advice(&wet, None), Some(CaptureEvent::TooWet));
            let dry = ridges(0..290, 0.15, 0, contrast);
            assert_eq!(advice(&dry, None), Some(CaptureEvent::TooDry));
        }
    }

    #[test]
    fn blank_is_only_what_shows_nothing() {
        assert!(is_blank(&ridges(0..0, 0.45, 0, 20.0)));
        assert!(!is_blank(&ridges(0..290, 0.45, 0, 20.0)));
        assert!(!is_blank(&ridges(100..160, 0.45, 0, 20.0)));
        assert_eq!(advice(&ridges(0..0, 0.45, 0, 20.0), None), None);
    }

    #[test]
    fn a_frame_that_breaks_off_does_so_where_reading_ends() {
        let upper = ridges(0..145, 0.45, 0, 60.0);
        let lower = ridges(145..290, 0.45, 0, 60.0);
        assert!(breaks_off(&upper, false) && !breaks_off(&upper, true));
        assert!(breaks_off(&lower, true) && !breaks_off(&lower, false));
        for upward in [true, false] {
            assert!(!breaks_off(&ridges(0..290, 0.45, 0, 60.0), upward));
            assert!(!breaks_off(&ridges(0..0, 0.45, 0, 60.0), upward));
        }
    }
}
