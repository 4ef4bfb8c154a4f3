//! Pictures of prints with what the engine found drawn on: for people, not for comparing.

use std::f32::consts::TAU;
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use negin_fingerprint::{CANONICAL_DPI, Image, Minutia, MinutiaKind, Template};
use zeroize::Zeroize;

use crate::Error;

/// Colour of endings that are drawn strongly.
const ENDING: Rgb<u8> = Rgb([208, 48, 48]);
/// Colour of bifurcations.
const BIFURCATION: Rgb<u8> = Rgb([24, 96, 208]);
/// Colour of minutiae of no known kind.
const OTHER: Rgb<u8> = Rgb([120, 120, 120]);
/// Colours of the lines between pairs, in turn.
const PAIRS: [Rgb<u8>; 4] = [
    Rgb([0, 140, 90]),
    Rgb([200, 120, 0]),
    Rgb([130, 60, 190]),
    Rgb([0, 130, 170]),
];

/// Radius of a minutia's mark and length of its tail, in pixels.
const RADIUS: f32 = 4.0;
const TAIL: f32 = 13.0;
/// Room between two prints side by side, in pixels.
const GAP: u32 = 16;

/// The print with its minutiae, as a PNG file of the print's size at 500 dpi: a ring for an ending, a square for a
/// bifurcation, a tail in its direction.
///
/// # Errors
/// [`Error::Image`] when the image cannot be brought to 500 dpi, [`Error::Picture`] when the encoder fails.
pub fn minutiae(image: &Image, template: &Template) -> Result<Vec<u8>, Error> {
    let image = image.resample(CANONICAL_DPI)?;
    let mut canvas = Canvas::new(image.width(), image.height());
    canvas.paste(&image, 0);
    template
        .minutiae
        .iter()
        .for_each(|minutia| canvas.mark(minutia, 0.0));
    canvas.to_png()
}

/// Two prints side by side with their minutiae, and a line between each two that belong together, as a PNG file.
///
/// `pairs` are indices into the first and the second template; those that lead nowhere are passed over.
///
/// # Errors
/// As [`minutiae`].
pub fn pairs(
    first: (&Image, &Template),
    second: (&Image, &Template),
    pairs: &[(usize, usize)],
) -> Result<Vec<u8>, Error> {
    let (left, right) = (
        first.0.resample(CANONICAL_DPI)?,
        second.0.resample(CANONICAL_DPI)?,
    );
    let shift = left.width() + GAP;
    let mut canvas = Canvas::new(shift + right.width(), left.height().max(right.height()));
    canvas.paste(&left, 0);
    canvas.paste(&right, shift);
    for (count, &(i, j)) in pairs.iter().enumerate() {
        if let (Some(a), Some(b)) = (first.1.minutiae.get(i), second.1.minutiae.get(j)) {
            canvas.line(
                (a.x, a.y),
                (b.x + shift as f32, b.y),
                PAIRS[count % PAIRS.len()],
            );
        }
    }
    first
        .1
        .minutiae
        .iter()
        .for_each(|minutia| canvas.mark(minutia, 0.0));
    second
        .1
        .minutiae
        .iter()
        .for_each(|minutia| canvas.mark(minutia, shift as f32));
    canvas.to_png()
}

/// What is drawn on. Wiped when done.
struct Canvas {
    pixels: RgbImage,
}

impl Canvas {
    fn new(width: u32, height: u32) -> Self {
        Self {
            pixels: RgbImage::from_pixel(width, height, Rgb([255, 255, 255])),
        }
    }

    fn paste(&mut self, image: &Image, left: u32) {
        let width = image.width() as usize;
        for (y, row) in image.pixels().chunks_exact(width).enumerate() {
            for (x, &grey) in row.iter().enumerate() {
                // Paler than the print itself, so that the marks stand out.
                let pale = 255 - (255 - grey) / 2;
                self.pixels
                    .put_pixel(left + x as u32, y as u32, Rgb([pale; 3]));
            }
        }
    }

    fn dot(&mut self, x: f32, y: f32, colour: Rgb<u8>) {
        let (width, height) = self.pixels.dimensions();
        if (0.0..width as f32).contains(&x) && (0.0..height as f32).contains(&y) {
            self.pixels.put_pixel(x as u32, y as u32, colour);
        }
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), colour: Rgb<u8>) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        // A line beyond every image is not drawn dot by dot; coordinates are not always honest.
        let steps = dx.abs().max(dy.abs()).ceil().clamp(1.0, 40_000.0);
        for step in 0..=steps as u32 {
            let share = step as f32 / steps;
            self.dot(from.0 + dx * share, from.1 + dy * share, colour);
        }
    }

    fn mark(&mut self, minutia: &Minutia, shift: f32) {
        let (x, y) = (minutia.x + shift, minutia.y);
        let colour = match minutia.kind {
            MinutiaKind::Ending => ENDING,
            MinutiaKind::Bifurcation => BIFURCATION,
            MinutiaKind::Other => OTHER,
        };
        if minutia.kind == MinutiaKind::Bifurcation {
            let corners = [
                (-RADIUS, -RADIUS),
                (RADIUS, -RADIUS),
                (RADIUS, RADIUS),
                (-RADIUS, RADIUS),
            ];
            for (k, corner) in corners.iter().enumerate() {
                let next = corners[(k + 1) % corners.len()];
                self.line(
                    (x + corner.0, y + corner.1),
                    (x + next.0, y + next.1),
                    colour,
                );
            }
        } else {
            for step in 0..32u8 {
                let (s, c) = (f32::from(step) / 32.0 * TAU).sin_cos();
                self.dot(x + RADIUS * c, y + RADIUS * s, colour);
            }
        }
        let (s, c) = minutia.angle.sin_cos();
        self.line(
            (x + RADIUS * c, y - RADIUS * s),
            (x + TAIL * c, y - TAIL * s),
            colour,
        );
    }

    fn to_png(&self) -> Result<Vec<u8>, Error> {
        let mut png = Vec::new();
        let written = self
            .pixels
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png);
        written.map_err(|error| Error::Picture(error.to_string()))?;
        Ok(png)
    }
}

impl Drop for Canvas {
    fn drop(&mut self) {
        std::mem::take(&mut self.pixels).into_raw().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print() -> (Image, Template) {
        let image = Image::new(60, 40, 500, vec![255; 2400]).expect("valid");
        let at = |x, y, kind| Minutia {
            x,
            y,
            angle: 0.0,
            kind,
            quality: 50,
        };
        let minutiae = vec![
            at(20.0, 20.0, MinutiaKind::Ending),
            at(40.0, 10.0, MinutiaKind::Bifurcation),
            at(1e9, f32::NAN, MinutiaKind::Other),
        ];
        (image, Template::new(60, 40, 50, minutiae))
    }

    fn decoded(png: &[u8]) -> RgbImage {
        image::load_from_memory(png).expect("a PNG").to_rgb8()
    }

    #[test]
    fn a_mark_and_its_tail_are_drawn_where_the_minutia_is() {
        let (image, template) = print();
        let picture = decoded(&minutiae(&image, &template).expect("drawn"));
        assert_eq!(picture.dimensions(), (60, 40));
        assert_eq!(picture.get_pixel(30, 20), &ENDING);
        assert_eq!(picture.get_pixel(44, 7), &BIFURCATION);
        assert_eq!(picture.get_pixel(5, 35), &Rgb([255, 255, 255]));
    }

    #[test]
    fn pairs_are_joined_and_wrong_ones_passed_over() {
        let (image, template) = print();
        let both = pairs(
            (&image, &template),
            (&image, &template),
            &[(0, 0), (9, 0), (2, 1)],
        )
        .expect("drawn");
        let picture = decoded(&both);
        assert_eq!(picture.dimensions(), (60 + GAP + 60, 40));
        assert_eq!(picture.get_pixel(66, 20), &PAIRS[0]);
    }
}
