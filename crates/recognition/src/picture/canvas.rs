//! What pictures are drawn on.

use std::f32::consts::TAU;
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use negin_fingerprint::{Image, Minutia, MinutiaKind};
use zeroize::Zeroize;

use crate::Error;

/// Colour of endings that are drawn strongly.
pub(super) const ENDING: Rgb<u8> = Rgb([208, 48, 48]);
/// Colour of bifurcations.
pub(super) const BIFURCATION: Rgb<u8> = Rgb([24, 96, 208]);
/// Colour of minutiae of no known kind.
pub(super) const OTHER: Rgb<u8> = Rgb([120, 120, 120]);
/// Radius of a minutia's mark and length of its tail, in pixels.
const RADIUS: f32 = 4.0;
const TAIL: f32 = 13.0;

fn colour(kind: MinutiaKind) -> Rgb<u8> {
    match kind {
        MinutiaKind::Ending => ENDING,
        MinutiaKind::Bifurcation => BIFURCATION,
        MinutiaKind::Other => OTHER,
    }
}

/// What is drawn on. Wiped when done.
pub(super) struct Canvas {
    pixels: RgbImage,
}

impl Canvas {
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            pixels: RgbImage::from_pixel(width, height, Rgb([255, 255, 255])),
        }
    }

    pub fn paste(&mut self, image: &Image, left: u32) {
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

    pub fn dot(&mut self, x: f32, y: f32, colour: Rgb<u8>) {
        let (width, height) = self.pixels.dimensions();
        if (0.0..width as f32).contains(&x) && (0.0..height as f32).contains(&y) {
            self.pixels.put_pixel(x as u32, y as u32, colour);
        }
    }

    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), colour: Rgb<u8>) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        // A line beyond every image is not drawn dot by dot; coordinates are not always honest.
        let steps = dx.abs().max(dy.abs()).ceil().clamp(1.0, 40_000.0);
        for step in 0..=steps as u32 {
            let share = step as f32 / steps;
            self.dot(from.0 + dx * share, from.1 + dy * share, colour);
        }
    }

    /// Colours what of the canvas `lies` there, so that what was drawn still shows.
    pub fn shade(&mut self, colour: Rgb<u8>, lies: impl Fn(u32, u32) -> bool) {
        for (x, y, pixel) in self.pixels.enumerate_pixels_mut() {
            if lies(x, y) {
                for (to, from) in pixel.0.iter_mut().zip(colour.0) {
                    *to = (u16::from(*to) / 4 + u16::from(from) * 3 / 4) as u8;
                }
            }
        }
    }

    pub fn mark(&mut self, minutia: &Minutia, shift: f32) {
        self.mark_in(minutia, shift, colour(minutia.kind));
    }

    /// Marks a minutia the more strongly the surer it is.
    pub fn mark_as_sure(&mut self, minutia: &Minutia) {
        let sure = f32::from(minutia.quality.clamp(25, 100)) / 100.0;
        let strong = colour(minutia.kind);
        let faint = strong
            .0
            .map(|part| (255.0 - (255.0 - f32::from(part)) * sure) as u8);
        let surest = minutia.quality >= 75;
        self.mark_in(minutia, 0.0, if surest { strong } else { Rgb(faint) });
    }

    fn mark_in(&mut self, minutia: &Minutia, shift: f32, colour: Rgb<u8>) {
        let (x, y) = (minutia.x + shift, minutia.y);
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

    pub fn to_png(&self) -> Result<Vec<u8>, Error> {
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
