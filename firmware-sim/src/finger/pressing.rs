//! How a finger is put on a sensor.

use super::random::Stream;
use super::{HEIGHT, WIDTH, purpose};
use negin_fingerprint::Image;

/// A sensor's image: its size in pixels and its resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensor {
    width: u32,
    height: u32,
    dpi: u16,
}

impl Sensor {
    /// A sensor of `width` × `height` px at `dpi` dots per inch. `None` where a side is not 16 to
    /// 2,048 px, or the resolution not 100 to 2,000 dpi.
    pub fn new(width: u32, height: u32, dpi: u16) -> Option<Self> {
        let side = 16..=2048;
        let fits = side.contains(&width) && side.contains(&height) && (100..=2000).contains(&dpi);
        fits.then_some(Self { width, height, dpi })
    }

    /// Width, px.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height, px.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Resolution, dots per inch.
    pub fn dpi(&self) -> u16 {
        self.dpi
    }

    /// Pixels at 500 dpi to one of the sensor's.
    pub(crate) fn scale(&self) -> f32 {
        500.0 / f32::from(self.dpi)
    }

    /// The image of this sensor's pixels, of which there must be width × height.
    pub(crate) fn image(&self, pixels: Vec<u8>) -> Image {
        match Image::new(self.width, self.height, self.dpi, pixels) {
            Ok(image) => image,
            Err(error) => unreachable!("a sensor's image has its size: {error}"),
        }
    }
}

impl Default for Sensor {
    /// 300 × 400 px at 500 dpi: 15.2 × 20.3 mm.
    fn default() -> Self {
        Self {
            width: 300,
            height: 400,
            dpi: 500,
        }
    }
}

/// One way of putting a finger on a sensor. Lengths are in pixels at 500 dpi whatever the sensor's
/// resolution, x to the right and y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pressing {
    /// Decides what chance decides: noise, specks, the contour.
    pub seed: u64,
    /// The sensor.
    pub sensor: Sensor,
    /// Where the middle of the contact lies on the glass, from the middle of the glass.
    pub shift: (f32, f32),
    /// How far the finger is turned, radians counter-clockwise.
    pub rotation: f32,
    /// Which part of the fingertip touches: the middle of the contact from the middle of the fingertip.
    pub part: (f32, f32),
    /// Half the width and half the height of the contact.
    pub contact: (f32, f32),
    /// How hard: −1 barely, 0 as it should be, 1 as hard as one can.
    pub pressure: f32,
    /// The skin: −1 very dry, 0 as it should be, 1 wet.
    pub moisture: f32,
    /// How far the finger is pushed sideways while its middle sticks to the glass.
    pub traction: (f32, f32),
    /// How far the finger is twisted while its middle sticks to the glass, radians counter-clockwise.
    pub torsion: f32,
    /// Thin scratches across the contact.
    pub scratches: u8,
    /// Deviation of the sensor's noise, grey levels.
    pub noise: f32,
    /// How far ridges and background lie apart, 0..1 of what the sensor can show.
    pub contrast: f32,
}

impl Pressing {
    /// As a person without help presses: mostly well, sometimes too dry, wet, twisted, partial.
    pub fn random(seed: u64) -> Self {
        let s = &mut Stream::new(seed, purpose::RANDOM_PRESSING);
        let half_height = s.between(110.0, 190.0);
        Self {
            seed,
            sensor: Sensor::default(),
            shift: (10.0 * s.normal(), 14.0 * s.normal()),
            rotation: 0.20 * s.normal(),
            part: (21.0 * s.normal(), 30.0 * s.normal()),
            contact: (half_height * s.between(0.60, 0.84), half_height),
            pressure: (0.6 * s.normal()).clamp(-1.0, 1.0),
            moisture: (0.85 * s.normal()).clamp(-1.0, 1.0),
            traction: (12.0 * s.normal(), 12.0 * s.normal()),
            torsion: 0.11 * s.normal(),
            scratches: s.below(6) as u8,
            noise: s.between(3.0, 16.0),
            contrast: s.between(0.45, 1.0),
        }
    }

    /// As at a counter where a clerk looks on: the middle of the fingertip, flat, neither dry nor wet.
    pub fn good(seed: u64) -> Self {
        let s = &mut Stream::new(seed, purpose::GOOD_PRESSING);
        Self {
            seed,
            sensor: Sensor::default(),
            shift: (5.0 * s.normal(), 6.0 * s.normal()),
            rotation: 0.06 * s.normal(),
            part: (5.0 * s.normal(), 7.0 * s.normal()),
            contact: (s.between(122.0, 138.0), s.between(168.0, 190.0)),
            pressure: 0.15 * s.normal(),
            moisture: 0.15 * s.normal(),
            traction: (2.5 * s.normal(), 2.5 * s.normal()),
            torsion: 0.02 * s.normal(),
            scratches: s.below(2) as u8,
            noise: s.between(2.0, 6.0),
            contrast: s.between(0.8, 1.0),
        }
    }

    /// Straight, centred, undistorted, without noise: what the true minutiae are read from.
    pub fn ideal() -> Self {
        Self {
            seed: 0,
            sensor: Sensor::default(),
            shift: (0.0, 0.0),
            rotation: 0.0,
            part: (0.0, 0.0),
            contact: (145.0, 195.0),
            pressure: 0.0,
            moisture: 0.0,
            traction: (0.0, 0.0),
            torsion: 0.0,
            scratches: 0,
            noise: 0.0,
            contrast: 1.0,
        }
    }

    /// The same pressing on another sensor.
    #[must_use]
    pub fn on(self, sensor: Sensor) -> Self {
        Self { sensor, ..self }
    }

    /// The middle of the contact in the finger's own pixels.
    pub(crate) fn contact_centre(&self) -> (f32, f32) {
        (
            WIDTH as f32 * 0.5 + self.part.0,
            HEIGHT as f32 * 0.47 + self.part.1,
        )
    }
}
