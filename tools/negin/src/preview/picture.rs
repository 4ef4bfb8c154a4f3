//! An image in characters: each is the upper half of a block, its colour the pixel above, its ground the pixel below.

use std::fmt::Write;

use negin_fingerprint::Image;
use zeroize::Zeroizing;

/// Greys that differ by less are not pulled apart: what an empty glass shows is noise.
const LEAST_CONTRAST: u8 = 48;

/// Which greys a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greys {
    /// 256 of them, in colours of 24 bits.
    All,
    /// The 24 of the palette of 256 colours, with its black and its white.
    Ramp,
}

impl Greys {
    /// As `COLORTERM` and `TERM` have it.
    pub fn of(colorterm: &str, term: &str) -> Self {
        match matches!(colorterm, "truecolor" | "24bit") || term.ends_with("-direct") {
            true => Self::All,
            false => Self::Ramp,
        }
    }

    /// The number that stands for a grey; greys of one number look alike.
    fn number(self, grey: u8) -> u8 {
        match (self, grey) {
            (Self::All, grey) => grey,
            // 232 to 255 are greys of 8, 18, … 238.
            (Self::Ramp, 0..4) => 16,
            (Self::Ramp, 243..) => 231,
            (Self::Ramp, grey) => 232 + (grey.saturating_sub(3) / 10).min(23),
        }
    }

    fn set(self, out: &mut String, place: u8, number: u8) {
        // Writing to a string does not fail.
        let _ = match self {
            Self::All => write!(out, "\u{1b}[{place};2;{number};{number};{number}m"),
            Self::Ramp => write!(out, "\u{1b}[{place};5;{number}m"),
        };
    }
}

/// The image as large as it fits into so many columns and lines, from the upper left corner on; what was there before is
/// gone.
pub(super) fn draw(image: &Image, columns: u16, lines: u16, greys: Greys) -> Zeroizing<String> {
    let (wide, high) = fitting(image, usize::from(columns), 2 * usize::from(lines));
    let pixels = reduced(image, wide, high);
    let pixel = |x: usize, y: usize| pixels.get(y * wide + x).map(|&grey| greys.number(grey));
    // Never grown, because growing leaves copies behind.
    let mut out = Zeroizing::new(String::with_capacity((wide * 44 + 32) * (high / 2 + 1)));
    for line in 0..high.div_ceil(2) {
        let _ = write!(out, "\u{1b}[{};1H", line + 1);
        let mut set = (None, None);
        for x in 0..wide {
            let now = (pixel(x, 2 * line), pixel(x, 2 * line + 1));
            for (place, now, set) in [(38, now.0, set.0), (48, now.1, set.1)] {
                match now {
                    Some(number) if now != set => greys.set(&mut out, place, number),
                    _ => {}
                }
            }
            set = now;
            out.push('▀');
        }
        out.push_str("\u{1b}[0m\u{1b}[K");
    }
    // Lines of a frame that was larger, as in a terminal that has shrunk; not the one of words.
    for line in high.div_ceil(2)..usize::from(lines) {
        let _ = write!(out, "\u{1b}[{};1H\u{1b}[K", line + 1);
    }
    out
}

/// Width and height of an image that is made to fit, and no larger than it is.
fn fitting(image: &Image, wide: usize, high: usize) -> (usize, usize) {
    let (width, height) = (image.width() as usize, image.height() as usize);
    // The side that fills its room first.
    match width * high >= height * wide {
        true if width > wide => (wide, (height * wide / width).max(1)),
        false if height > high => ((width * high / height).max(1), high),
        _ => (width, height),
    }
}

/// The image made smaller, each pixel the mean of those it stands for; its darkest black and its lightest white.
fn reduced(image: &Image, wide: usize, high: usize) -> Zeroizing<Vec<u8>> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let part = |at: usize, of: usize, all: usize| {
        let start = at * all / of;
        start..((at + 1) * all / of).max(start + 1)
    };
    let mut pixels = Zeroizing::new(Vec::with_capacity(wide * high));
    for y in 0..high {
        for x in 0..wide {
            let (mut sum, mut count) = (0, 0);
            for row in part(y, high, height) {
                for column in part(x, wide, width) {
                    sum += u32::from(image.pixels()[row * width + column]);
                    count += 1;
                }
            }
            // A mean of bytes.
            pixels.push((sum / count) as u8);
        }
    }
    let darkest = pixels.iter().copied().min().unwrap_or(0);
    let lightest = pixels.iter().copied().max().unwrap_or(u8::MAX);
    let span = u32::from((lightest - darkest).max(LEAST_CONTRAST));
    for pixel in pixels.iter_mut() {
        let risen = u32::from(*pixel - darkest) * 255 / span;
        *pixel = risen as u8;
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: u32, height: u32, pixels: &[u8]) -> Image {
        Image::new(width, height, 500, pixels.to_vec()).unwrap()
    }

    #[test]
    fn two_rows_of_pixels_are_one_of_characters() {
        let image = image(2, 3, &[0, 255, 255, 255, 0, 0]);
        let drawn = draw(&image, 10, 3, Greys::All);
        let (black, white) = ("2;0;0;0m", "2;255;255;255m");
        assert_eq!(
            *drawn,
            format!(
                "\u{1b}[1;1H\u{1b}[38;{black}\u{1b}[48;{white}▀\u{1b}[38;{white}▀\u{1b}[0m\u{1b}[K\
                 \u{1b}[2;1H\u{1b}[38;{black}▀▀\u{1b}[0m\u{1b}[K\u{1b}[3;1H\u{1b}[K"
            )
        );
    }

    #[test]
    fn an_image_is_made_smaller_never_larger_and_keeps_its_form() {
        let large = image(384, 290, &[7; 384 * 290]);
        assert_eq!(fitting(&large, 80, 2 * 22), (58, 44));
        assert_eq!(fitting(&large, 20, 100), (20, 15));
        assert_eq!(fitting(&large, 1000, 1000), (384, 290));
        let halves: Vec<u8> = (0..16).map(|at| if at % 4 < 2 { 10 } else { 90 }).collect();
        let image = image(4, 4, &halves);
        assert_eq!(*reduced(&image, 2, 2), [0, 255, 0, 255]);
    }

    #[test]
    fn an_empty_glass_stays_dark() {
        let noise: Vec<u8> = (0..64).map(|at| 200 + at % 3).collect();
        let pixels = reduced(&image(8, 8, &noise), 8, 8);
        assert!(pixels.iter().all(|&pixel| pixel < 20));
    }

    #[test]
    fn terminals_without_24_bits_get_their_nearest_grey() {
        assert_eq!(Greys::of("truecolor", "xterm"), Greys::All);
        assert_eq!(Greys::of("", "xterm-direct"), Greys::All);
        assert_eq!(Greys::of("", "xterm-256color"), Greys::Ramp);
        let numbers = [0, 4, 8, 128, 240, 255].map(|grey| Greys::Ramp.number(grey));
        assert_eq!(numbers, [16, 232, 232, 244, 255, 231]);
        assert!(
            (0..=255).all(|grey| Greys::Ramp.number(grey) == 16 || Greys::Ramp.number(grey) >= 231)
        );
        let drawn = draw(&image(1, 1, &[9]), 5, 1, Greys::Ramp);
        assert_eq!(*drawn, "\u{1b}[1;1H\u{1b}[38;5;16m▀\u{1b}[0m\u{1b}[K");
    }
}
