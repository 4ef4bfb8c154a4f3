//! What a drawn person looks like.

use super::Look;
use super::canvas::Colour;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Measures in pixels of a portrait 480 wide and 640 high.
#[derive(Debug, Clone)]
pub struct Person {
    pub look: Look,
    /// Decides textures.
    pub grain: u32,
    /// 0 young to 1 old.
    pub wear: f32,
    pub skin: Colour,
    pub hair: Colour,
    pub iris: Colour,
    pub lips: Colour,
    pub clothes: Colour,
    pub shirt: Colour,
    pub scarf: Colour,
    pub wall: Colour,
    /// Middle of the face.
    pub x: f32,
    pub y: f32,
    /// Half the width and half the height of the face.
    pub half_width: f32,
    pub half_height: f32,
    /// How square the jaw is: 1.7 pointed to 2.7 square.
    pub jaw: f32,
    /// From the middle to each eye.
    pub eye_apart: f32,
    pub eye_width: f32,
    pub eye_open: f32,
    pub brow_thick: f32,
    pub brow_arch: f32,
    pub brow_gap: f32,
    pub nose_length: f32,
    pub nose_width: f32,
    pub mouth_width: f32,
    pub lip_full: f32,
    /// Corners of the mouth: up or down.
    pub smile: f32,
    /// How far the hair stands above the head.
    pub hair_high: f32,
    /// How far down the forehead the hair begins, in half-heights from the crown.
    pub hairline: f32,
    /// On which side the hair is parted.
    pub parting: f32,
    pub beard: Beard,
    /// How dense a beard or stubble is, 0..1.
    pub beard_dense: f32,
    pub glasses: bool,
    /// Hair shows under the scarf by so much.
    pub scarf_back: f32,
    /// From which side the light comes, −1..1.
    pub light: f32,
}

/// What grows in a man's face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beard {
    /// Nothing.
    Shaved,
    /// A moustache.
    Moustache,
    /// A beard and a moustache.
    Full,
}

const SKINS: [Colour; 5] = [
    [0.93, 0.77, 0.66],
    [0.89, 0.71, 0.58],
    [0.84, 0.65, 0.51],
    [0.76, 0.57, 0.43],
    [0.66, 0.47, 0.34],
];
const HAIRS: [Colour; 5] = [
    [0.07, 0.06, 0.06],
    [0.12, 0.09, 0.07],
    [0.19, 0.13, 0.09],
    [0.29, 0.20, 0.13],
    [0.10, 0.08, 0.09],
];
const IRISES: [Colour; 5] = [
    [0.22, 0.13, 0.08],
    [0.28, 0.17, 0.09],
    [0.35, 0.24, 0.12],
    [0.30, 0.32, 0.20],
    [0.16, 0.10, 0.07],
];
const CLOTHES: [Colour; 7] = [
    [0.13, 0.15, 0.21],
    [0.24, 0.25, 0.28],
    [0.17, 0.27, 0.36],
    [0.31, 0.20, 0.18],
    [0.20, 0.27, 0.21],
    [0.36, 0.34, 0.31],
    [0.09, 0.09, 0.11],
];
const SHIRTS: [Colour; 5] = [
    [0.93, 0.93, 0.95],
    [0.76, 0.84, 0.93],
    [0.90, 0.86, 0.77],
    [0.70, 0.74, 0.78],
    [0.84, 0.90, 0.85],
];
const SCARVES: [Colour; 7] = [
    [0.10, 0.10, 0.12],
    [0.16, 0.18, 0.28],
    [0.36, 0.16, 0.21],
    [0.24, 0.35, 0.36],
    [0.52, 0.44, 0.40],
    [0.33, 0.28, 0.40],
    [0.60, 0.55, 0.48],
];
const WALLS: [Colour; 4] = [
    [0.93, 0.94, 0.95],
    [0.80, 0.87, 0.93],
    [0.88, 0.88, 0.86],
    [0.74, 0.82, 0.87],
];

impl Person {
    /// The person of a seed at `age` years.
    pub fn from_seed(seed: u64, look: Look, age: u32) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed ^ 0x706F_7274_7261_6974);
        let wear = ((age as f32 - 18.0) / 52.0).clamp(0.0, 1.0);
        let man = look == Look::Man;
        let skin = pick(rng, &SKINS, 0.02);
        let grey = (wear * rng.random_range(0.6..1.5) - 0.45).clamp(0.0, 0.85);
        let hair = super::canvas::mix(pick(rng, &HAIRS, 0.015), [0.72, 0.71, 0.70], grey);
        let beard = match rng.random_range(0..10) {
            _ if !man => Beard::Shaved,
            0..=3 => Beard::Shaved,
            4..=5 => Beard::Moustache,
            _ => Beard::Full,
        };
        Self {
            look,
            grain: rng.random(),
            wear,
            skin,
            hair,
            iris: pick(rng, &IRISES, 0.02),
            lips: super::canvas::mix(skin, [0.70, 0.32, 0.32], rng.random_range(0.35..0.6)),
            clothes: pick(rng, &CLOTHES, 0.03),
            shirt: pick(rng, &SHIRTS, 0.02),
            scarf: pick(rng, &SCARVES, 0.04),
            wall: pick(rng, &WALLS, 0.015),
            x: 240.0 + rng.random_range(-5.0..5.0),
            y: 282.0 + rng.random_range(-6.0..6.0),
            half_width: rng.random_range(if man { 96.0..110.0 } else { 90.0..102.0 }),
            half_height: rng.random_range(if man { 132.0..147.0 } else { 124.0..138.0 }),
            jaw: rng.random_range(if man { 2.1..2.8 } else { 1.8..2.3 }),
            eye_apart: rng.random_range(41.0..48.0),
            eye_width: rng.random_range(18.5..23.0),
            eye_open: rng.random_range(6.5..9.5) - 1.2 * wear,
            brow_thick: rng.random_range(if man { 4.2..6.8 } else { 2.6..4.2 }),
            brow_arch: rng.random_range(3.0..10.0),
            brow_gap: rng.random_range(19.0..26.0),
            nose_length: rng.random_range(52.0..66.0),
            nose_width: rng.random_range(if man { 19.0..26.0 } else { 16.0..21.0 }),
            mouth_width: rng.random_range(31.0..41.0),
            lip_full: rng.random_range(if man { 5.5..9.0 } else { 7.5..11.5 }),
            smile: rng.random_range(-1.0..5.0),
            hair_high: rng.random_range(12.0..34.0),
            hairline: rng.random_range(0.30..0.46) - if man { 0.16 * wear } else { 0.0 },
            parting: rng.random_range(-1.0..1.0),
            beard,
            beard_dense: rng.random_range(0.55..0.95),
            glasses: rng.random_bool(0.15 + 0.25 * f64::from(wear)),
            scarf_back: rng.random_range(0.0..22.0),
            light: rng.random_range(-1.0..1.0),
        }
    }
}

/// One of `colours`, each of its parts off by up to `spread`.
fn pick(rng: &mut ChaCha8Rng, colours: &[Colour], spread: f32) -> Colour {
    let colour = colours[rng.random_range(0..colours.len())];
    colour.map(|value| (value + rng.random_range(-spread..spread)).clamp(0.0, 1.0))
}
