//! Synthetic fingers: one seed, one print, the same on every machine.
//!
//! A [`Finger`] is drawn once from its seed: its [`PatternClass`] and singular points, the flow
//! and the period of its ridges, and the ridges themselves, grown by local filters until minutiae
//! have arisen that nobody placed. An [`Impression`] is one way of laying it on a sensor, a
//! [`Pressing`]: another pose, another part, other skin, other noise. With each comes the truth:
//! where the minutiae really lie.
//!
//! Numbers come from a generator, and sines from functions, that give the same bits
//! everywhere; nothing depends on threads or on the system.
//!
//! ```
//! use negin_firmware_sim::finger::{Finger, Pressing};
//!
//! let finger = Finger::from_seed(7);
//! let impression = finger.impression(&Pressing::random(1));
//! assert_eq!(impression.image.dpi(), 500);
//! assert!(!impression.minutiae.is_empty());
//! ```

mod grid;
mod growth;
mod impression;
mod pattern;
mod placement;
mod pressing;
mod random;
mod skeleton;
mod skin;
#[cfg(test)]
mod tests;
mod truth;

pub use pattern::{PatternClass, Singularity, SingularityKind};
pub use pressing::{Pressing, Sensor};

use grid::Grid;
use growth::Growth;
use negin_fingerprint::{Image, Minutia};
use pattern::Flow;
use placement::Placement;
use random::Stream;
use std::fmt;

/// Width of a fingertip's ridge pattern, px at 500 dpi (21.9 mm).
const WIDTH: usize = 432;
/// Height of a fingertip's ridge pattern, px at 500 dpi (28.4 mm).
const HEIGHT: usize = 560;
/// Minutiae nearer to the pattern's edge than this are artefacts of it, px.
const MARGIN: usize = 16;

/// A synthetic fingertip.
#[derive(Clone)]
pub struct Finger {
    seed: u64,
    flow: Flow,
    /// Positive on ridges, negative in valleys, about ±1.
    ridges: Grid,
    /// Where the skin never touches: pores and creases.
    gaps: Grid,
    minutiae: Vec<Minutia>,
}

/// What a sensor sees of a finger, and the truth about it.
#[derive(Clone)]
pub struct Impression {
    /// The image, black ridges on white, in the sensor's size and resolution.
    pub image: Image,
    /// The finger's minutiae in the contact, in pixels at 500 dpi of this image.
    pub minutiae: Vec<Minutia>,
}

impl Finger {
    /// The finger of a seed, its class drawn as often as classes occur in people.
    ///
    /// Grows the whole ridge pattern, which takes a good part of a second.
    pub fn from_seed(seed: u64) -> Self {
        let class = PatternClass::draw(&mut Stream::new(seed, purpose::CLASS));
        Self::with_class(class, seed)
    }

    /// The finger of a seed in a class.
    pub fn with_class(class: PatternClass, seed: u64) -> Self {
        let stream = &mut Stream::new(seed, purpose::FLOW);
        let flow = Flow::draw(class, stream);
        let orientation = Grid::from_fn(WIDTH, HEIGHT, |x, y| flow.orientation(x as f32, y as f32));
        let stream = &mut Stream::new(seed, purpose::PERIOD);
        let mean = (9.15 + 0.6 * stream.normal()).clamp(7.9, 10.6);
        let period = pattern::period_map(&flow, mean, stream);
        let stream = &mut Stream::new(seed, purpose::GROWTH);
        let growth = Growth {
            seeds: 800 + stream.below(2400),
            rounds: 14,
        };
        let ridges = growth::grow(&orientation, &period, growth, stream);
        let gaps = skin::gaps(&ridges, &mut Stream::new(seed, purpose::SKIN));
        let minutiae = truth::minutiae(&ridges, &orientation, MARGIN);
        Self {
            seed,
            flow,
            ridges,
            gaps,
            minutiae,
        }
    }

    /// The seed this finger grew from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Its class.
    pub fn class(&self) -> PatternClass {
        self.flow.class
    }

    /// Its cores and deltas as they lie under a pressing, in pixels at 500 dpi of the
    /// impression; some may lie outside the image.
    pub fn singularities(&self, pressing: &Pressing) -> Vec<Singularity> {
        let placement = Placement::of(pressing);
        let placed = |s: Singularity| {
            let (x, y) = placement.glass_at((s.x, s.y));
            Singularity { x, y, ..s }
        };
        self.flow.singularities().map(placed).collect()
    }

    /// All its minutiae, seen or not, as they lie under a pressing, in an order that
    /// does not depend on the pressing: what the truth of two impressions is compared by.
    pub fn all_minutiae(&self, pressing: &Pressing) -> Vec<Minutia> {
        let placement = Placement::of(pressing);
        self.minutiae.iter().map(|m| placement.minutia(m)).collect()
    }

    /// Lays the finger on a sensor.
    pub fn impression(&self, pressing: &Pressing) -> Impression {
        impression::render(self, pressing)
    }
}

/// Shows the seed and the class only.
impl fmt::Debug for Finger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finger")
            .field("seed", &self.seed)
            .field("class", &self.class())
            .finish_non_exhaustive()
    }
}

/// Shows sizes only.
impl fmt::Debug for Impression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Impression")
            .field("image", &self.image)
            .field("minutiae", &self.minutiae.len())
            .finish()
    }
}

/// The image of a sensor with no finger on it, as noisy as the pressing says.
pub fn empty_glass(pressing: &Pressing) -> Image {
    impression::empty(pressing)
}

/// What the streams of random numbers of one seed are for.
mod purpose {
    pub(super) const CLASS: u64 = 1;
    pub(super) const FLOW: u64 = 2;
    pub(super) const PERIOD: u64 = 3;
    pub(super) const GROWTH: u64 = 4;
    pub(super) const SKIN: u64 = 5;
    pub(super) const RANDOM_PRESSING: u64 = 6;
    pub(super) const GOOD_PRESSING: u64 = 7;
    pub(super) const CONTACT: u64 = 8;
    pub(super) const GLASS: u64 = 9;
}
