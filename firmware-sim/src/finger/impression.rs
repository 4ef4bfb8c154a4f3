//! A finger on the glass, as the sensor sees it.

use super::grid::Grid;
use super::placement::Placement;
use super::pressing::{Pressing, Sensor};
use super::random::{LatticeNoise, Stream};
use super::{Finger, Impression, purpose};
use negin_fingerprint::{Image, Minutia};

/// Grey of the empty glass.
const EMPTY: f32 = 236.0;
/// How much darker a ridge is than the empty glass at full contrast.
const DEPTH: f32 = 214.0;
/// How sharp ridges' edges are: half the step from ridge to valley, in units of the pattern.
const EDGE: f32 = 0.34;
/// Minutiae farther out than this share of the contact are not counted as visible.
const VISIBLE: f32 = 0.95;
/// Minutiae nearer than this to the image's edge are not counted as visible, px at 500 dpi.
const FRAME: f32 = 6.0;

/// Renders a finger under a pressing.
pub(crate) fn render(finger: &Finger, pressing: &Pressing) -> Impression {
    let placement = Placement::of(pressing);
    let skin = Skin::new(pressing);
    let scale = pressing.sensor.scale();
    let ink = plane(pressing.sensor, |x, y| {
        let (glass_x, glass_y) = ((x as f32 + 0.5) * scale, (y as f32 + 0.5) * scale);
        let at = placement.finger_at((glass_x - 0.5, glass_y - 0.5));
        skin.ink(finger, at, placement.rim(at), (glass_x, glass_y))
    });
    Impression {
        image: develop(ink, pressing),
        minutiae: visible(&finger.minutiae, &placement, pressing, scale),
    }
}

/// The image of a sensor without a finger on it.
pub(crate) fn empty(pressing: &Pressing) -> Image {
    develop(plane(pressing.sensor, |_, _| 0.0), pressing)
}

fn plane(sensor: Sensor, value: impl FnMut(usize, usize) -> f32) -> Grid {
    let (width, height) = (sensor.width() as usize, sensor.height() as usize);
    Grid::from_fn(width, height, value)
}

/// What of the skin leaves ink, or blocks light, and how much.
struct Skin {
    bias: f32,
    dry: f32,
    wet: f32,
    pores: f32,
    patches: LatticeNoise,
    flakes: LatticeNoise,
    specks: LatticeNoise,
    contour: LatticeNoise,
    scratches: Vec<Scratch>,
}

impl Skin {
    fn new(pressing: &Pressing) -> Self {
        let stream = &mut Stream::new(pressing.seed, purpose::CONTACT);
        let scale = pressing.sensor.scale();
        let width = (pressing.sensor.width() as f32 * scale) as usize + 2;
        let height = (pressing.sensor.height() as f32 * scale) as usize + 2;
        let mut noise = |cell| LatticeNoise::new(stream, width, height, cell);
        let (patches, flakes, specks, contour) = (noise(48.0), noise(7.0), noise(2.4), noise(26.0));
        let clean = pressing.noise == 0.0;
        let rough = |value: f32| if clean { 0.0 } else { value };
        Self {
            bias: 0.42 * pressing.pressure + 0.30 * pressing.moisture,
            dry: rough((0.22 - pressing.moisture - 0.4 * pressing.pressure).max(0.0)),
            wet: rough((pressing.moisture + 0.4 * pressing.pressure + 0.1).max(0.0)),
            pores: rough(0.55 - 0.4 * pressing.pressure),
            patches,
            flakes,
            specks,
            contour,
            scratches: (0..pressing.scratches)
                .map(|_| Scratch::draw(stream, width, height))
                .collect(),
        }
    }

    /// Ink at a point of the finger that lies `rim` of the way to the contact's rim, at `glass`.
    fn ink(&self, finger: &Finger, at: (f32, f32), rim: f32, glass: (f32, f32)) -> f32 {
        let (x, y) = glass;
        let out = rim + 0.045 * self.contour.at(x, y);
        if out >= 1.06 {
            return 0.0;
        }
        let patch = self.patches.at(x, y);
        let thin = ((out - 0.72) / 0.34).clamp(0.0, 1.0);
        let bias = self.bias + (0.10 + 0.16 * self.wet) * patch - 0.75 * thin * thin;
        let rough = 0.55 * self.flakes.at(x, y) + 0.75 * self.specks.at(x, y);
        let height = finger.ridges.at(at.0, at.1) + bias + self.dry * 0.72 * rough;
        let pressed = ((height + EDGE) / (2.0 * EDGE)).clamp(0.0, 1.0);
        let pressed = pressed * pressed * (3.0 - 2.0 * pressed);
        // Sweat between the ridges carries ink too.
        let film = self.wet * (0.16 + 0.22 * patch).clamp(0.0, 0.6);
        let gap = (self.pores * finger.gaps.at(at.0, at.1)).min(1.0);
        let scratched = self
            .scratches
            .iter()
            .map(|s| s.depth(x, y))
            .fold(0.0, f32::max);
        let fade = 1.0 - ((out - 0.97) / 0.09).clamp(0.0, 1.0);
        (pressed * (1.0 - gap)).max(film) * (1.0 - scratched) * fade
    }
}

/// A thin straight line where nothing touches.
struct Scratch {
    from: (f32, f32),
    along: (f32, f32),
    length: f32,
    half: f32,
}

impl Scratch {
    fn draw(stream: &mut Stream, width: usize, height: usize) -> Self {
        let angle = stream.between(0.0, std::f32::consts::PI);
        Self {
            from: (
                width as f32 * stream.between(0.2, 0.8),
                height as f32 * stream.between(0.2, 0.8),
            ),
            along: (libm::cosf(angle), libm::sinf(angle)),
            length: stream.between(25.0, 110.0),
            half: stream.between(0.8, 1.8),
        }
    }

    fn depth(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.from.0, y - self.from.1);
        let along = dx * self.along.0 + dy * self.along.1;
        let across = (dx * self.along.1 - dy * self.along.0).abs();
        if along < 0.0 || along > self.length {
            return 0.0;
        }
        (1.0 - (across - self.half)).clamp(0.0, 1.0)
    }
}

/// Turns ink into the sensor's grey: a little blur, shading, dust and noise.
fn develop(ink: Grid, pressing: &Pressing) -> Image {
    let (width, height) = (ink.width(), ink.height());
    let stream = &mut Stream::new(pressing.seed, purpose::GLASS);
    let shading = LatticeNoise::new(stream, width, height, width.max(height) as f32 * 0.6);
    let depth = DEPTH * pressing.contrast.clamp(0.0, 1.0);
    let noisy = pressing.noise.clamp(0.0, 40.0);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let ink = blurred(&ink, x, y);
            let grey = EMPTY - depth * ink;
            let shade = if noisy > 0.0 {
                5.0 * shading.at(x as f32, y as f32)
            } else {
                0.0
            };
            // Where skin touches the image is rougher than where light comes back from the glass.
            let rough = noisy * (0.35 + 0.65 * ink);
            let value = grey + shade + rough * stream.normal();
            pixels.push((value + 0.5).clamp(0.0, 255.0) as u8);
        }
    }
    pressing.sensor.image(pixels)
}

/// Three by three, weights 1 2 1 in both directions.
fn blurred(ink: &Grid, x: usize, y: usize) -> f32 {
    let row =
        |y: usize| ink.pixel(x.saturating_sub(1), y) + 2.0 * ink.pixel(x, y) + ink.pixel(x + 1, y);
    (row(y.saturating_sub(1)) + 2.0 * row(y) + row(y + 1)) / 16.0
}

/// The minutiae that lie in the contact and in the image.
fn visible(
    minutiae: &[Minutia],
    placement: &Placement,
    pressing: &Pressing,
    scale: f32,
) -> Vec<Minutia> {
    let right = pressing.sensor.width() as f32 * scale - FRAME;
    let bottom = pressing.sensor.height() as f32 * scale - FRAME;
    minutiae
        .iter()
        .filter(|m| placement.rim((m.x, m.y)) < VISIBLE)
        .map(|m| placement.minutia(m))
        .filter(|m| m.x >= FRAME && m.y >= FRAME && m.x < right && m.y < bottom)
        .collect()
}
