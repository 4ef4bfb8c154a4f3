//! An image scanner in the process: what is put on it next is queued, and each scan answers with a
//! frame of raw bytes, as a device would.
//!
//! The scanner is a handle: clones are the same device, so that one end puts fingers on it while
//! the other scans. A frame always has the sensor's size, whatever was put on it.

use super::glass::fit;
use crate::finger::{Finger, Pressing, Sensor, empty_glass};
use negin_fingerprint::Image;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What happens at the scanner's glass in one scan.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Press {
    /// A synthetic finger is laid on it. The pressing's sensor is replaced by the scanner's.
    Finger(Arc<Finger>, Pressing),
    /// A print that exists as an image already is laid on it: brought to the sensor's resolution,
    /// centred, what sticks out is lost.
    Image(Image),
    /// The scanner fires with nothing on the glass; the seed decides the noise.
    Nothing {
        /// Decides the noise.
        seed: u64,
    },
    /// Nobody puts a finger on it until the scanner gives up.
    Late,
    /// The finger is taken away before the frame is complete.
    LiftedEarly,
    /// The frame breaks off: the device sends this many pixels of what the finger gives.
    CutShort(Arc<Finger>, Pressing, usize),
    /// The device is pulled out; from here on nothing answers.
    Unplugged,
}

/// Why a scan gave no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoFrame {
    /// No finger came in time, or nothing is queued.
    #[error("no finger came in time")]
    Timeout,
    /// The finger was taken away too early.
    #[error("the finger was taken away too early")]
    Lifted,
    /// The device is gone.
    #[error("the device is gone")]
    Gone,
}

/// One frame as the device sends it. The pixels may be fewer than the size says.
///
/// Wiped when dropped; `Debug` shows sizes only.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Frame {
    width: u16,
    height: u16,
    dpi: u16,
    pixels: Vec<u8>,
}

impl Frame {
    /// Width, px, as the device says.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Height, px, as the device says.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Resolution, dots per inch, as the device says.
    pub fn dpi(&self) -> u16 {
        self.dpi
    }

    /// The pixels that came, row by row, 0 black ridge to 255 white.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            width, height, dpi, ..
        } = self;
        write!(
            f,
            "Frame({width}x{height} at {dpi} dpi, {} bytes)",
            self.pixels.len()
        )
    }
}

/// A simulated image scanner.
#[derive(Clone)]
pub struct ImageScanner {
    serial: String,
    sensor: Sensor,
    glass: Arc<Mutex<Glass>>,
}

#[derive(Default)]
struct Glass {
    queue: VecDeque<Press>,
    gone: bool,
}

impl ImageScanner {
    /// A scanner with nothing queued.
    pub fn new(serial: impl Into<String>, sensor: Sensor) -> Self {
        Self {
            serial: serial.into(),
            sensor,
            glass: Arc::default(),
        }
    }

    /// Its serial number.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Its sensor.
    pub fn sensor(&self) -> Sensor {
        self.sensor
    }

    /// Queues what happens in the scan after those queued already.
    pub fn put(&self, press: Press) {
        self.lock().queue.push_back(press);
    }

    /// Forgets what is queued.
    pub fn clear(&self) {
        self.lock().queue.clear();
    }

    /// How many scans are queued.
    pub fn queued(&self) -> usize {
        self.lock().queue.len()
    }

    /// Scans once: takes the next press from the queue and sends its frame.
    ///
    /// # Errors
    /// [`NoFrame`]: as the press has it; [`NoFrame::Timeout`] where nothing is queued,
    /// [`NoFrame::Gone`] for ever after [`Press::Unplugged`].
    pub fn scan(&self) -> Result<Frame, NoFrame> {
        let press = {
            let mut glass = self.lock();
            let press = glass.queue.pop_front();
            glass.gone |= matches!(press, Some(Press::Unplugged));
            if glass.gone {
                return Err(NoFrame::Gone);
            }
            press.ok_or(NoFrame::Timeout)?
        };
        match press {
            Press::Finger(finger, pressing) => Ok(self.frame(self.seen(&finger, pressing))),
            Press::Image(image) => {
                let seen = fit(&image, self.sensor);
                Ok(self.frame(seen.pixels().to_vec()))
            }
            Press::Nothing { seed } => {
                let pressing = Pressing::good(seed).on(self.sensor);
                Ok(self.frame(empty_glass(&pressing).pixels().to_vec()))
            }
            Press::Late => Err(NoFrame::Timeout),
            Press::LiftedEarly => Err(NoFrame::Lifted),
            Press::CutShort(finger, pressing, sent) => {
                let mut frame = self.frame(self.seen(&finger, pressing));
                frame.pixels.truncate(sent);
                Ok(frame)
            }
            Press::Unplugged => Err(NoFrame::Gone),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Glass> {
        // The queue is whole whoever held it when a thread gave up.
        self.glass.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self, finger: &Finger, pressing: Pressing) -> Vec<u8> {
        let impression = finger.impression(&pressing.on(self.sensor));
        impression.image.pixels().to_vec()
    }

    fn frame(&self, pixels: Vec<u8>) -> Frame {
        // A sensor's sides are at most 2,048 px.
        let side = |px: u32| u16::try_from(px).unwrap_or(u16::MAX);
        Frame {
            width: side(self.sensor.width()),
            height: side(self.sensor.height()),
            dpi: self.sensor.dpi(),
            pixels,
        }
    }
}

/// Shows the serial number and how many scans are queued.
impl fmt::Debug for ImageScanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageScanner")
            .field("serial", &self.serial)
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanner() -> ImageScanner {
        ImageScanner::new("SIM-1", Sensor::new(160, 200, 500).unwrap())
    }

    #[test]
    fn presses_come_in_order_and_then_nobody() {
        let device = scanner();
        let host = device.clone();
        let finger = Arc::new(Finger::from_seed(1));
        device.put(Press::Finger(finger.clone(), Pressing::good(1)));
        device.put(Press::Late);
        device.put(Press::LiftedEarly);
        device.put(Press::Nothing { seed: 4 });
        let frame = host.scan().unwrap();
        let expected = finger.impression(&Pressing::good(1).on(device.sensor()));
        assert_eq!(frame.pixels(), expected.image.pixels());
        assert_eq!(
            (frame.width(), frame.height(), frame.dpi()),
            (160, 200, 500)
        );
        assert_eq!(host.scan().unwrap_err(), NoFrame::Timeout);
        assert_eq!(host.scan().unwrap_err(), NoFrame::Lifted);
        assert!(host.scan().unwrap().pixels().iter().all(|&grey| grey > 150));
        assert_eq!(host.scan().unwrap_err(), NoFrame::Timeout);
    }

    #[test]
    fn an_image_is_centred_in_the_sensors_size_and_resolution() {
        let device = scanner();
        device.put(Press::Image(
            Image::new(40, 300, 250, vec![7; 12_000]).unwrap(),
        ));
        let frame = device.scan().unwrap();
        assert_eq!(frame.pixels().len(), 160 * 200);
        // 40 px at 250 dpi are 80 at 500; twice 300 is more than the glass is high.
        for y in [0, 100, 199] {
            assert_eq!(frame.pixels()[y * 160 + 20], 255);
            assert_eq!(frame.pixels()[y * 160 + 80], 7);
        }
    }

    #[test]
    fn a_cut_frame_says_its_full_size() {
        let device = scanner();
        let finger = Arc::new(Finger::from_seed(1));
        device.put(Press::CutShort(finger, Pressing::good(1), 5000));
        let frame = device.scan().unwrap();
        assert_eq!(frame.pixels().len(), 5000);
        assert_eq!(frame.height(), 200);
        assert_eq!(
            format!("{frame:?}"),
            "Frame(160x200 at 500 dpi, 5000 bytes)"
        );
    }

    #[test]
    fn an_unplugged_scanner_stays_gone() {
        let device = scanner();
        device.put(Press::Unplugged);
        device.put(Press::Nothing { seed: 1 });
        assert_eq!(device.scan().unwrap_err(), NoFrame::Gone);
        assert_eq!(device.scan().unwrap_err(), NoFrame::Gone);
    }
}
