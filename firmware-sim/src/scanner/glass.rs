//! A scanner's glass: what lies on it, and who lays it there.
//!
//! A glass is a handle: clones are the same one, so that a scanner looks at it while somebody else lays fingers on it
//! and takes them away. Each time a finger is laid on it makes another impression: other places, other pressure, other
//! noise; unless the impression is named.
//!
//! A glass that has a [`Hand`] is also served by a person who does what the scanner asks: lays a finger on when one is
//! waited for, lifts it when that is waited for.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use negin_fingerprint::Image;

use crate::fault::Touch;
use crate::finger::{Finger, Pressing, Sensor};

/// How long the person takes to do what is asked.
const REACTION: Duration = Duration::from_millis(60);

/// Moisture of a finger that is too wet, and of one that is too dry.
const WET: f32 = 1.0;
const DRY: f32 = -1.0;

/// What can be laid on a glass.
#[derive(Clone)]
#[non_exhaustive]
pub enum Print {
    /// A synthetic finger, pressed as at a counter; another way each time, or as the seed says.
    Finger(Arc<Finger>, Option<u64>),
    /// A synthetic finger, pressed exactly so. The pressing's sensor is replaced by the scanner's.
    Pressed(Arc<Finger>, Pressing),
    /// A print that exists as an image already: brought to the sensor's resolution and centred; what sticks out is
    /// lost.
    Image(Image),
}

/// A person at the glass, who does what the scanner asks.
#[derive(Clone, Debug)]
pub enum Hand {
    /// Lays this on each time a finger is asked for.
    Again(Print),
    /// Lays one after the other on, and then nothing more.
    OneByOne(VecDeque<Print>),
}

/// What a scanner asks of whoever stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Lay a finger on.
    Finger,
    /// Lift it.
    Lift,
    /// Nothing; what was asked for is asked for no longer.
    Nothing,
}

/// What lies on a glass at one moment.
#[derive(Clone, Debug)]
pub struct Lying {
    /// Which placing it is, counted from 1: two looks that give the same number see the same finger in the same place.
    pub placing: u64,
    /// What the sensor sees, in its size and resolution, black ridges on white.
    pub image: Arc<Image>,
}

/// What could not be laid on a glass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be laid on the glass: {reason}", .file.display())]
pub struct GlassError {
    /// The image's file.
    pub file: PathBuf,
    /// Why.
    pub reason: String,
}

/// A glass over a sensor.
#[derive(Clone)]
pub struct Glass {
    sensor: Sensor,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What lies there, and the impression once somebody looked.
    print: Option<Print>,
    image: Option<Arc<Image>>,
    placings: u64,
    moisture: Option<f32>,
    hand: Option<Hand>,
    wish: Option<(Wish, Duration)>,
    /// The finger grown last: the same one is often laid on again.
    grown: Option<Arc<Finger>>,
}

impl Glass {
    /// A clean glass before which nobody stands.
    #[must_use]
    pub fn new(sensor: Sensor) -> Self {
        Self {
            sensor,
            state: Arc::default(),
        }
    }

    /// The same with a person before it.
    #[must_use]
    pub fn with_hand(self, hand: Hand) -> Self {
        self.lock().hand = Some(hand);
        self
    }

    /// The sensor.
    #[must_use]
    pub fn sensor(&self) -> Sensor {
        self.sensor
    }

    /// Lays something on it, in place of what lies there.
    pub fn place(&self, print: Print) {
        self.lock().place(print);
    }

    /// Lays the finger of a seed on it; the impression of `pressing`, or another one each time.
    ///
    /// The finger grows first, which takes a good part of a second; the glass can be looked at meanwhile.
    pub fn place_seed(&self, finger: u64, pressing: Option<u64>) {
        let finger = self.grow(finger);
        self.place(Print::Finger(finger, pressing));
    }

    /// Takes away what lies on it.
    pub fn lift(&self) {
        self.lock().lift();
    }

    /// What lies there, or is laid on next, is too wet.
    pub fn wet(&self) {
        self.lock().moisten(WET);
    }

    /// What lies there, or is laid on next, is too dry.
    pub fn dry(&self) {
        self.lock().moisten(DRY);
    }

    /// Does what a script's line says.
    ///
    /// # Errors
    /// [`GlassError`] where an image cannot be read.
    pub fn touch(&self, touch: &Touch) -> Result<(), GlassError> {
        match touch {
            Touch::Place { finger, pressing } => self.place_seed(*finger, *pressing),
            Touch::Image(file) => {
                let image = Image::open(file, self.sensor.dpi()).map_err(|error| GlassError {
                    file: file.clone(),
                    reason: error.to_string(),
                })?;
                self.place(Print::Image(image));
            }
            Touch::Lift => self.lift(),
            Touch::Wet => self.wet(),
            Touch::Dry => self.dry(),
        }
        Ok(())
    }

    /// The scanner says what it waits for; `now` is its own time.
    pub fn want(&self, wish: Wish, now: Duration) {
        let mut state = self.lock();
        state.wish = match (wish, state.print.is_some(), state.hand.is_some()) {
            (Wish::Finger, false, true) | (Wish::Lift, true, true) => Some((wish, now + REACTION)),
            _ => None,
        };
    }

    /// Whether a finger lies on it at `now`.
    #[must_use]
    pub fn covered(&self, now: Duration) -> bool {
        let mut state = self.lock();
        state.act(now);
        state.print.is_some()
    }

    /// What lies on it at `now`; none on a clean glass.
    #[must_use]
    pub fn look(&self, now: Duration) -> Option<Lying> {
        let mut state = self.lock();
        state.act(now);
        let print = state.print.as_ref()?;
        let image = match &state.image {
            Some(image) => image.clone(),
            None => Arc::new(self.impression(print, state.placings, state.moisture)),
        };
        state.image = Some(image.clone());
        Some(Lying {
            placing: state.placings,
            image,
        })
    }

    /// When whoever stands before it will do something.
    #[must_use]
    pub fn next_change(&self) -> Option<Duration> {
        self.lock().wish.map(|(_, at)| at)
    }

    /// The finger of a seed.
    fn grow(&self, seed: u64) -> Arc<Finger> {
        let grown = self.lock().grown.clone();
        if let Some(finger) = grown.filter(|finger| finger.seed() == seed) {
            return finger;
        }
        let finger = Arc::new(Finger::from_seed(seed));
        self.lock().grown = Some(finger.clone());
        finger
    }

    fn impression(&self, print: &Print, placing: u64, moisture: Option<f32>) -> Image {
        let pressed = |finger: &Finger, pressing: Pressing| {
            let pressing = Pressing {
                moisture: moisture.unwrap_or(pressing.moisture),
                // A finger too dry or too wet is not helped along by the pressure of a good one.
                pressure: moisture.map_or(pressing.pressure, |moisture| 0.5 * moisture),
                ..pressing
            };
            finger.impression(&pressing.on(self.sensor)).image
        };
        match print {
            Print::Finger(finger, seed) => {
                // No two fingers share their impressions' chance.
                let chance = seed.unwrap_or_else(|| finger.seed().wrapping_mul(1009) + placing);
                pressed(finger, Pressing::good(chance))
            }
            Print::Pressed(finger, pressing) => pressed(finger, *pressing),
            Print::Image(image) => fit(image, self.sensor),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What lies there is whole whoever held it when a thread gave up.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn place(&mut self, print: Print) {
        self.print = Some(print);
        self.image = None;
        self.placings += 1;
        self.wish = None;
    }

    fn lift(&mut self) {
        if self.print.take().is_some() {
            self.moisture = None;
        }
        self.image = None;
        self.wish = None;
    }

    fn moisten(&mut self, moisture: f32) {
        self.moisture = Some(moisture);
        self.image = None;
    }

    /// The person does what was asked for, when the time has come.
    fn act(&mut self, now: Duration) {
        let Some((wish, _)) = self.wish.filter(|(_, at)| *at <= now) else {
            return;
        };
        self.wish = None;
        match wish {
            Wish::Lift => self.lift(),
            Wish::Finger => {
                let print = match &mut self.hand {
                    Some(Hand::Again(print)) => Some(print.clone()),
                    Some(Hand::OneByOne(prints)) => prints.pop_front(),
                    None => None,
                };
                if let Some(print) = print {
                    self.place(print);
                }
            }
            Wish::Nothing => {}
        }
    }
}

/// The image in the sensor's resolution, centred on its glass.
pub(super) fn fit(image: &Image, sensor: Sensor) -> Image {
    let scaled = image.resample(sensor.dpi());
    let image = scaled.as_ref().unwrap_or(image);
    let (width, height) = (i64::from(image.width()), i64::from(image.height()));
    let left = (i64::from(sensor.width()) - width) / 2;
    let top = (i64::from(sensor.height()) - height) / 2;
    let pixel = |x: i64, y: i64| {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        let index = usize::try_from(y * width + x).unwrap_or(usize::MAX);
        let pixel = image.pixels().get(index).filter(|_| inside);
        pixel.copied().unwrap_or(u8::MAX)
    };
    let pixels = (0..i64::from(sensor.height()))
        .flat_map(|y| (0..i64::from(sensor.width())).map(move |x| (x, y)))
        .map(|(x, y)| pixel(x - left, y - top))
        .collect();
    sensor.image(pixels)
}

/// Shows the finger's seed, or the image's size.
impl fmt::Debug for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finger(finger, pressing) => write!(f, "Finger({}, {pressing:?})", finger.seed()),
            Self::Pressed(finger, _) => write!(f, "Pressed({})", finger.seed()),
            Self::Image(image) => write!(f, "{image:?}"),
        }
    }
}

/// Shows the sensor and whether something lies on it.
impl fmt::Debug for Glass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Glass")
            .field("sensor", &self.sensor)
            .field("print", &state.print)
            .field("placings", &state.placings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::ZERO;

    fn glass() -> Glass {
        Glass::new(Sensor::new(160, 200, 500).unwrap())
    }

    fn pixels(glass: &Glass) -> Option<Vec<u8>> {
        glass.look(START).map(|lying| lying.image.pixels().to_vec())
    }

    #[test]
    fn each_placing_is_another_impression_of_the_same_finger() {
        let glass = glass();
        assert!(glass.look(START).is_none());
        glass.place_seed(3, None);
        let first = glass.look(START).unwrap();
        assert_eq!(glass.look(START).unwrap().placing, first.placing);
        assert_eq!(pixels(&glass).unwrap(), first.image.pixels());
        glass.lift();
        assert!(!glass.covered(START));
        glass.place_seed(3, None);
        let second = glass.look(START).unwrap();
        assert_ne!(second.placing, first.placing);
        assert_ne!(second.image.pixels(), first.image.pixels());
        for _ in 0..2 {
            glass.place_seed(3, Some(8));
            let expected = Finger::from_seed(3).impression(&Pressing::good(8).on(glass.sensor()));
            assert_eq!(pixels(&glass).unwrap(), expected.image.pixels());
        }
    }

    #[test]
    fn wet_fingers_are_darker_and_dry_ones_lighter() {
        let glass = glass();
        let mean = || {
            let pixels = pixels(&glass).unwrap();
            pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / pixels.len() as f64
        };
        glass.place_seed(3, Some(1));
        let good = mean();
        glass.wet();
        assert!(mean() < good - 5.0);
        glass.dry();
        assert!(mean() > good + 5.0);
        // The next one is as it should be again.
        glass.lift();
        glass.place_seed(3, Some(1));
        assert!((mean() - good).abs() < f64::EPSILON);
    }

    #[test]
    fn a_hand_does_what_is_asked_and_takes_its_time() {
        let finger = Arc::new(Finger::from_seed(3));
        let one = Print::Finger(finger, Some(1));
        let glass = glass().with_hand(Hand::OneByOne([one].into()));
        assert!(!glass.covered(START));
        glass.want(Wish::Finger, START);
        let at = glass.next_change().unwrap();
        assert!(!glass.covered(at - Duration::from_millis(1)));
        assert!(glass.covered(at));
        glass.want(Wish::Finger, at);
        assert_eq!(glass.next_change(), None);
        glass.want(Wish::Lift, at);
        let gone = glass.next_change().unwrap();
        assert!(glass.covered(at) && !glass.covered(gone));
        // There was one only.
        glass.want(Wish::Finger, gone);
        assert!(!glass.covered(gone + REACTION));
    }
}
