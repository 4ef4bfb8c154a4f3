//! A drawn portrait: a person who does not exist, one for each seed.

mod attire;
mod canvas;
mod face;
mod layout;
mod person;

use canvas::noise;
use person::Person;
use std::io::Cursor;

/// Width of a portrait, px.
pub const WIDTH: u32 = 480;
/// Height of a portrait, px: three to four.
pub const HEIGHT: u32 = 640;

/// What a card has room for.
const MOST_BYTES: usize = 20_000;
/// Below this the face suffers.
const LEAST_QUALITY: u8 = 40;

/// How a person is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// With a headscarf.
    Woman,
    /// With short hair, sometimes a beard.
    Man,
}

/// The portrait of the seed's person at `age` years, as a JPEG file.
///
/// # Errors
/// What the JPEG writer says; it has no reason to.
pub fn jpeg(seed: u64, look: Look, age: u32) -> image::ImageResult<Vec<u8>> {
    let picture = draw(&Person::from_seed(seed, look, age));
    let mut quality = 88;
    loop {
        let mut file = Cursor::new(Vec::new());
        let writer = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality);
        picture.write_with_encoder(writer)?;
        let file = file.into_inner();
        if file.len() <= MOST_BYTES || quality <= LEAST_QUALITY {
            return Ok(file);
        }
        quality -= 6;
    }
}

/// Paints a person.
fn draw(person: &Person) -> image::RgbImage {
    let mut canvas = attire::wall(person);
    match person.look {
        Look::Woman => attire::scarf_behind(&mut canvas, person),
        Look::Man => attire::hair_behind(&mut canvas, person),
    }
    attire::neck(&mut canvas, person);
    attire::clothes(&mut canvas, person);
    if person.look == Look::Man {
        face::ears(&mut canvas, person);
    }
    face::face(&mut canvas, person);
    for side in [-1.0, 1.0] {
        face::eye(&mut canvas, person, side);
        face::brow(&mut canvas, person, side);
    }
    face::nose(&mut canvas, person);
    face::mouth(&mut canvas, person);
    match person.look {
        Look::Woman => attire::scarf(&mut canvas, person),
        Look::Man => {
            attire::beard(&mut canvas, person);
            attire::hair(&mut canvas, person);
        }
    }
    if person.glasses {
        attire::glasses(&mut canvas, person);
    }
    canvas.develop(0.012, noise(person.grain, 1.3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(seed: u64, look: Look) -> image::RgbImage {
        let file = jpeg(seed, look, 35).unwrap();
        image::load_from_memory(&file).unwrap().to_rgb8()
    }

    #[test]
    fn a_portrait_is_three_to_four_and_the_same_for_the_same_seed() {
        let picture = opened(1, Look::Man);
        assert_eq!(
            (picture.width() * 4, picture.height()),
            (picture.height() * 3, HEIGHT)
        );
        assert_eq!(picture, opened(1, Look::Man));
    }

    #[test]
    fn people_differ() {
        let pictures: Vec<_> = (0..4)
            .flat_map(|seed| [opened(seed, Look::Man), opened(seed, Look::Woman)])
            .collect();
        for (i, a) in pictures.iter().enumerate() {
            for b in &pictures[..i] {
                let differing = a
                    .pixels()
                    .zip(b.pixels())
                    .filter(|(a, b)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 24));
                assert!(differing.count() > 20_000);
            }
        }
    }

    #[test]
    fn a_face_is_where_a_face_belongs() {
        // Skin is redder than it is blue, and eyes are darker than the cheeks below them.
        let picture = opened(5, Look::Man);
        let mean = |xs: std::ops::Range<u32>, ys: std::ops::Range<u32>, channel: usize| {
            let count = (xs.len() * ys.len()) as f32;
            ys.flat_map(|y| xs.clone().map(move |x| (x, y)))
                .map(|(x, y)| f32::from(picture.get_pixel(x, y).0[channel]))
                .sum::<f32>()
                / count
        };
        assert!(mean(170..310, 330..350, 0) > mean(170..310, 330..350, 2) + 20.0);
        assert!(mean(165..315, 262..292, 1) + 8.0 < mean(165..315, 320..350, 1));
    }
}
