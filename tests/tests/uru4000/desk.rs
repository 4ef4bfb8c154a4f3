//! A scanner with a finger before it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use negin_fingerprint::capture::{Capture, CaptureError, CaptureEvent, CaptureRequest};
use negin_fingerprint::{CancelToken, Image};
use negin_firmware_sim::fault::{Faulty, Script};
use negin_firmware_sim::finger::Finger;
use negin_firmware_sim::scanner::uru4000::{Cover, Settings};
use negin_firmware_sim::scanner::{Glass, Hand, Print, Uru4000 as Device};
use negin_scanner::uru4000::{Model, Uru4000};
use negin_tests::uru4000::{Line, Log};

/// The seed of the images' ciphers.
pub const SEED: u32 = 0x51EA_2124;

/// The registers.
pub const STATUS: u16 = 0x07;
pub const KEY_INDEX: u16 = 0x33;
pub const MODE: u16 = 0x4E;

/// A finger that grew once for all tests.
pub fn finger() -> Arc<Finger> {
    static FINGER: std::sync::OnceLock<Arc<Finger>> = std::sync::OnceLock::new();
    FINGER
        .get_or_init(|| Arc::new(Finger::from_seed(5)))
        .clone()
}

/// The print of that finger, pressed the same way each time.
pub fn print() -> Print {
    Print::Finger(finger(), Some(1))
}

/// A glass before which a person stands with that finger.
pub fn attended() -> Glass {
    Glass::new(Device::sensor()).with_hand(Hand::Again(print()))
}

/// What the sensor sees of that print.
pub fn seen() -> Image {
    let glass = Glass::new(Device::sensor());
    glass.place(print());
    let lying = glass.look(Duration::ZERO).expect("it lies there");
    (*lying.image).clone()
}

/// The driver with the device at its line.
pub struct Desk {
    pub scanner: Uru4000<Line<Faulty<Device>>>,
    pub glass: Glass,
    pub log: Arc<Mutex<Log>>,
    pub events: Vec<CaptureEvent>,
}

impl Desk {
    pub fn new(settings: Settings, glass: Glass, faults: &str) -> Self {
        let (vendor, product) = settings.product.numbers();
        let serial = settings.serial.clone();
        let script = Script::parse(faults).expect("a script");
        let device = Faulty::new(Device::new(settings, glass.clone()), script);
        let line = Line::new(device);
        let model = Model::of(vendor, product).expect("a model");
        Self {
            log: line.log(),
            scanner: Uru4000::new(line, model, Some(serial), Box::new(|| SEED)),
            glass,
            events: Vec::new(),
        }
    }

    /// A 4500 with a person before it.
    pub fn attended(faults: &str) -> Self {
        Self::new(Settings::default(), attended(), faults)
    }

    pub fn capture(&mut self) -> Result<Image, CaptureError> {
        self.capture_with(&CaptureRequest::default())
    }

    pub fn capture_with(&mut self, request: &CaptureRequest<'_>) -> Result<Image, CaptureError> {
        self.events.clear();
        let events = &mut self.events;
        self.scanner
            .capture(request, &mut |event| events.push(event))
    }

    /// Captures, and cancels when `moment` comes.
    pub fn cancel_at(&mut self, moment: CaptureEvent) -> Result<Image, CaptureError> {
        let cancel = CancelToken::new();
        let request = CaptureRequest {
            cancel: cancel.clone(),
            ..CaptureRequest::default()
        };
        self.scanner.capture(&request, &mut |event| {
            if event == moment {
                cancel.cancel();
            }
        })
    }

    /// What was written last into a register.
    pub fn written(&self, register: u16) -> Option<Vec<u8>> {
        let log = self.log.lock().unwrap();
        let writes = log.registers.iter().rev();
        let mut found = writes.filter(|(write, each, _)| *write && *each == register);
        found.next().map(|(_, _, values)| values.clone())
    }

    /// How often a register was written.
    pub fn writes(&self, register: u16) -> usize {
        let log = self.log.lock().unwrap();
        let writes = log.registers.iter();
        writes
            .filter(|(write, each, _)| *write && *each == register)
            .count()
    }
}

/// How the image differs from what the sensor saw: pixels, by whether they lie in the rows that a scanner does not send
/// or in the last column, where a hidden block's last byte is lost.
pub fn differences(image: &Image, seen: &Image) -> Vec<(u32, u32)> {
    assert_eq!((image.width(), image.height()), (384, 290));
    let pairs = image.pixels().iter().zip(seen.pixels()).enumerate();
    pairs
        .filter(|(_, (one, other))| one != other)
        .map(|(at, _)| (at as u32 % 384, at as u32 / 384))
        .collect()
}

/// Where a hidden, an open, and a varied image may differ: the rows that are missing, and the last bytes of blocks. Both
/// from the top of the image as the scanner has it.
pub fn lost(cover: Cover) -> (Vec<u32>, Vec<u32>) {
    match cover {
        Cover::Open => (vec![122], vec![]),
        Cover::Hidden => (vec![122], vec![71, 121, 172, 289]),
        Cover::Varied => (vec![75, 76, 289], vec![39, 71, 146, 288]),
    }
}
