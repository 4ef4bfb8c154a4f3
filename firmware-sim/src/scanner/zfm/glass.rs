//! What lies on the module's glass.

use negin_fingerprint::{CANONICAL_DPI, Image};

use crate::fault::Touch;
use crate::finger::{Finger, Pressing, Sensor};

/// The glass: nothing, a synthetic finger, or an image.
pub struct Glass {
    sensor: Sensor,
    finger: Option<Finger>,
    lying: Option<Pressing>,
    /// What the sensor sees, while something lies on it.
    seen: Option<Image>,
    moisture: Option<f32>,
}

impl Glass {
    pub(super) fn new(sensor: Sensor) -> Self {
        Self {
            sensor,
            finger: None,
            lying: None,
            seen: None,
            moisture: None,
        }
    }

    /// What the sensor sees now; nothing where nothing lies on it.
    #[must_use]
    pub fn image(&self) -> Option<Image> {
        self.seen.clone()
    }

    /// Something happens on it.
    ///
    /// # Errors
    /// What is wrong with an image, for a person.
    pub fn touch(&mut self, touch: &Touch) -> Result<(), String> {
        match touch {
            Touch::Place { finger, pressing } => {
                if self.finger.as_ref().map(Finger::seed) != Some(*finger) {
                    self.finger = Some(Finger::from_seed(*finger));
                }
                self.lying = Some(Pressing::good(pressing.unwrap_or(*finger)));
                self.look();
            }
            Touch::Image(path) => {
                let image = Image::open(path, CANONICAL_DPI)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                self.lying = None;
                self.seen = self.fit(&image);
            }
            Touch::Lift => {
                self.lying = None;
                self.seen = None;
                self.moisture = None;
            }
            Touch::Wet => self.moisten(0.95),
            Touch::Dry => self.moisten(-0.95),
        }
        Ok(())
    }

    fn moisten(&mut self, moisture: f32) {
        self.moisture = Some(moisture);
        if self.lying.is_some() {
            self.look();
        }
    }

    fn look(&mut self) {
        let (Some(finger), Some(pressing)) = (&self.finger, self.lying) else {
            return;
        };
        let pressing = Pressing {
            moisture: self.moisture.unwrap_or(pressing.moisture),
            ..pressing
        };
        self.seen = Some(finger.impression(&pressing.on(self.sensor)).image);
    }

    /// The image in the sensor's resolution, in the middle of its glass.
    fn fit(&self, image: &Image) -> Option<Image> {
        let scaled = image.resample(self.sensor.dpi()).ok()?;
        let (width, height) = (i64::from(scaled.width()), i64::from(scaled.height()));
        let left = (i64::from(self.sensor.width()) - width) / 2;
        let top = (i64::from(self.sensor.height()) - height) / 2;
        let mut pixels = Vec::new();
        for y in 0..i64::from(self.sensor.height()) {
            for x in 0..i64::from(self.sensor.width()) {
                let (x, y) = (x - left, y - top);
                let inside = (0..width).contains(&x) && (0..height).contains(&y);
                let at = usize::try_from(y * width + x).ok().filter(|_| inside);
                let pixel = at.and_then(|at| scaled.pixels().get(at));
                pixels.push(pixel.copied().unwrap_or(u8::MAX));
            }
        }
        Image::new(
            self.sensor.width(),
            self.sensor.height(),
            self.sensor.dpi(),
            pixels,
        )
        .ok()
    }
}
