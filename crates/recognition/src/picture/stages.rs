//! A picture of every stage of an extraction, in the scale at which the engine looks at the print.

use image::Rgb;
use negin_fingerprint::Image;

use super::canvas::Canvas;
use crate::extract::{Stage, extract_in_stages};
use crate::grid::Grid;
use crate::{Error, Extraction};

/// Side of a cell in pixels, in the pictures of what is known by cells only.
const CELL: usize = crate::extract::CELL;

/// Colour of what is not print, and of lines.
const OUTSIDE: Rgb<u8> = Rgb([196, 206, 222]);
const LINE: Rgb<u8> = Rgb([0, 120, 80]);
/// Colour of ends of lines that are no minutiae.
const REMOVED: Rgb<u8> = Rgb([170, 170, 170]);

/// How far apart the strokes of the orientation are, in cells, and half their length in pixels.
const STROKES: usize = 3;
const STROKE: f32 = 5.0;

/// What one stage made of a print.
#[derive(Clone)]
pub struct StagePicture {
    /// The stage's number and name, fit for a file: `1-segmentation`.
    pub name: &'static str,
    /// A PNG file.
    pub png: Vec<u8>,
}

impl std::fmt::Debug for StagePicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StagePicture({}, {} bytes)", self.name, self.png.len())
    }
}

impl Drop for StagePicture {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.png);
    }
}

/// Extracts as [`extract`](crate::extract) does and draws what each stage made: segmentation, orientation, ridge
/// period, enhanced image, skeleton (ridges dark, valleys light), minutiae with the share of confidence they keep in
/// their colour's strength and, grey, the ends of lines that were removed or not taken.
///
/// Where extraction fails, the pictures are those of the stages that were reached.
///
/// # Errors
/// [`Error::Picture`] when the encoder fails. What [`extract`](crate::extract) says is in the second value.
pub fn stages(image: &Image) -> Result<(Vec<StagePicture>, Result<Extraction, Error>), Error> {
    let mut pictures: Vec<Result<StagePicture, Error>> = Vec::new();
    let outcome = extract_in_stages(image, &mut |stage| {
        let (name, canvas) = draw(&stage);
        pictures.push(canvas.to_png().map(|png| StagePicture { name, png }));
    });
    let pictures = pictures.into_iter().collect::<Result<_, _>>()?;
    Ok((pictures, outcome))
}

fn draw(stage: &Stage<'_>) -> (&'static str, Canvas) {
    match stage {
        Stage::Segmentation { normalized, mask } => {
            let mut canvas = grey(normalized, |value| value / 5.0 + 0.5);
            canvas.shade(OUTSIDE, |x, y| !mask.pixel(x as f32, y as f32));
            ("1-segmentation", canvas)
        }
        Stage::Orientation {
            orientation,
            mask,
            normalized,
        } => {
            let mut canvas = grey(normalized, |value| value / 10.0 + 0.75);
            let cells = (0..mask.cells_high()).step_by(STROKES).flat_map(|y| {
                let row = (0..mask.cells_wide()).step_by(STROKES);
                row.map(move |x| (x, y))
            });
            for (x, y) in cells.filter(|(x, y)| mask.cell(*x, *y)) {
                let middle = |cell: usize| (cell * CELL) as f32 + CELL as f32 / 2.0;
                let (s, c) = orientation.cell_angle(x, y).sin_cos();
                let (dx, dy) = (STROKE * c, STROKE * s);
                let (x, y) = (middle(x), middle(y));
                canvas.line((x - dx, y - dy), (x + dx, y + dy), LINE);
            }
            ("2-orientation", canvas)
        }
        Stage::Period {
            period,
            mask,
            width,
            height,
        } => {
            let mut canvas = Canvas::new(*width as u32, *height as u32);
            for (y, x) in (0..*height).flat_map(|y| (0..*width).map(move |x| (y, x))) {
                if mask.pixel(x as f32, y as f32) {
                    // From half the median to one and a half: dark is narrow.
                    let share = period.at(x as f32, y as f32) / period.median - 0.5;
                    canvas.dot(x as f32, y as f32, Rgb([level(share); 3]));
                }
            }
            canvas.shade(OUTSIDE, |x, y| !mask.pixel(x as f32, y as f32));
            ("3-period", canvas)
        }
        Stage::Enhanced(filtered) => ("4-enhanced", grey(filtered, |value| value / 2.0 + 0.5)),
        Stage::Skeleton {
            ridges,
            valleys,
            width,
            height,
        } => {
            let mut canvas = Canvas::new(*width as u32, *height as u32);
            for (lines, colour) in [(valleys, OUTSIDE), (ridges, Rgb([0, 0, 0]))] {
                for (x, y) in lines.points() {
                    canvas.dot(x as f32, y as f32, colour);
                }
            }
            ("5-skeleton", canvas)
        }
        Stage::Minutiae {
            found,
            removed,
            normalized,
        } => {
            let mut canvas = grey(normalized, |value| value / 10.0 + 0.75);
            for &(x, y) in *removed {
                let (x, y) = (x as f32, y as f32);
                canvas.line((x - 3.0, y - 3.0), (x + 3.0, y + 3.0), REMOVED);
                canvas.line((x - 3.0, y + 3.0), (x + 3.0, y - 3.0), REMOVED);
            }
            for minutia in *found {
                canvas.mark_as_sure(minutia);
            }
            ("6-minutiae", canvas)
        }
    }
}

fn level(share: f32) -> u8 {
    (share * 255.0).clamp(0.0, 255.0) as u8
}

fn grey(image: &Grid, share: impl Fn(f32) -> f32) -> Canvas {
    let mut canvas = Canvas::new(image.width() as u32, image.height() as u32);
    for y in 0..image.height() {
        for (x, &value) in image.row(y).iter().enumerate() {
            canvas.dot(x as f32, y as f32, Rgb([level(share(value)); 3]));
        }
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::super::canvas::{BIFURCATION, ENDING};
    use super::*;

    fn ridges() -> Image {
        let pixels = (0..300 * 300)
            .map(|i| {
                let (x, y) = ((i % 300) as f32 - 150.0, (i / 300) as f32 - 400.0);
                let wave = (x.hypot(y) * std::f32::consts::TAU / 9.0).cos();
                // A step in the middle, so that lines end.
                let step = if x > 0.0 { 1.0 } else { -1.0 };
                (128.0 + 100.0 * wave * step) as u8
            })
            .collect();
        Image::new(300, 300, 500, pixels).expect("an image")
    }

    #[test]
    fn every_stage_is_drawn_in_one_size() {
        let (pictures, outcome) = stages(&ridges()).expect("drawn");
        let names: Vec<_> = pictures.iter().map(|picture| picture.name).collect();
        assert_eq!(
            names,
            [
                "1-segmentation",
                "2-orientation",
                "3-period",
                "4-enhanced",
                "5-skeleton",
                "6-minutiae"
            ]
        );
        let sizes: Vec<_> = pictures
            .iter()
            .map(|picture| {
                let picture = image::load_from_memory(&picture.png).expect("a PNG");
                (picture.width(), picture.height())
            })
            .collect();
        assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
        assert_eq!(outcome, crate::extract(&ridges()));
        let last = image::load_from_memory(&pictures[5].png).expect("a PNG");
        let marked = [ENDING, BIFURCATION];
        let is_marked =
            |pixel: &Rgb<u8>| marked.iter().any(|mark| pixel == mark) || pixel == &REMOVED;
        assert!(last.to_rgb8().pixels().any(is_marked));
    }

    #[test]
    fn a_print_that_gives_nothing_gives_the_pictures_it_came_to() {
        let blank = Image::new(200, 200, 500, vec![255; 40_000]).expect("an image");
        let (pictures, outcome) = stages(&blank).expect("drawn");
        assert!(pictures.is_empty());
        assert_eq!(outcome, Err(Error::Blank));
    }
}
