//! Pictures of prints with what the engine found drawn on: for people, not for comparing.

mod canvas;
mod stages;

use image::Rgb;
use negin_fingerprint::{CANONICAL_DPI, Image, Template};

pub use stages::{StagePicture, stages};

use crate::Error;
use canvas::Canvas;

/// Colours of the lines between pairs, in turn.
const PAIRS: [Rgb<u8>; 4] = [
    Rgb([0, 140, 90]),
    Rgb([200, 120, 0]),
    Rgb([130, 60, 190]),
    Rgb([0, 130, 170]),
];

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

#[cfg(test)]
mod tests {
    use image::RgbImage;
    use negin_fingerprint::{Minutia, MinutiaKind};

    use super::canvas::{BIFURCATION, ENDING};
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
