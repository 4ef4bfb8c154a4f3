//! The counter's scanner: simulated in this process, or plugged into a USB or a serial port of the demo's own.
//!
//! Plugged in, scanner and host are two programs. The host drives it as it drives a real one, through the registry; who
//! lays fingers on the glass is the simulator's control socket, when the scanner asks for one.

use std::ops::Range;
use std::sync::Arc;

use negin_device::Address;
use negin_fingerprint::Image;
use negin_fingerprint::capture::{
    Capture, CaptureError, CaptureEvent, CaptureRequest, ScannerInfo,
};
use negin_firmware_sim::finger::Sensor;
use negin_firmware_sim::scanner::{ImageScanner, Press};

use super::citizens::{Citizen, IMPRESSIONS, SyntheticFinger};
use crate::devices::simulated::{self, Bus};
use crate::devices::{self, SimScanner};
use crate::output::Progress;
use crate::problem::Problem;

/// The counter's scanner.
pub enum Counter {
    /// In this process.
    Process,
    /// Plugged in.
    Plugged(Box<dyn Capture>),
}

impl Counter {
    /// The scanner that is plugged into this, where one is to be.
    pub fn on(bus: Option<Bus>) -> Result<Self, Problem> {
        let Some(bus) = bus else {
            return Ok(Self::Process);
        };
        let address = bus
            .device()
            .unwrap_or_else(|| Address::new(bus.name(), "*"));
        Ok(Self::Plugged(devices::scanners().open(&address)?))
    }

    /// The scanner with a person before it who lays this finger on whenever one is asked for, pressed in these ways.
    pub fn with<'a>(
        &'a mut self,
        finger: &'a SyntheticFinger,
        presses: Range<u32>,
    ) -> Box<dyn Capture + 'a> {
        match self {
            Self::Process => {
                let device = ImageScanner::new("counter-1", Sensor::default());
                for press in presses {
                    device.put(Press::Finger(finger.finger(), finger.pressing(press)));
                }
                Box::new(SimScanner::new(device))
            }
            Self::Plugged(scanner) => Box::new(Person {
                scanner: &mut **scanner,
                finger,
                presses,
            }),
        }
    }

    /// One print of each finger of each citizen, to be tried on others' cards: the same one on all of them.
    pub fn prints(&mut self, people: &[Citizen]) -> Result<Vec<Vec<Press>>, Problem> {
        let progress = Progress::new(people.len() as u64);
        people
            .iter()
            .map(|citizen| {
                let fingers = citizen.fingers.iter();
                let prints = fingers.map(|finger| self.print(finger)).collect();
                progress.step();
                prints
            })
            .collect()
    }

    fn print(&mut self, finger: &SyntheticFinger) -> Result<Press, Problem> {
        if let Self::Process = self {
            // The impression is made where it is looked at: cards are tried beside one another.
            return Ok(Press::Finger(
                Arc::clone(&finger.finger()),
                finger.pressing(IMPRESSIONS),
            ));
        }
        let presses = IMPRESSIONS..IMPRESSIONS + 1;
        let image = self
            .with(finger, presses)
            .capture(&CaptureRequest::default(), &mut |_| ())
            .map_err(negin_issuance::Error::from)?;
        Ok(Press::Image(image))
    }
}

/// The sensor that gave a print.
pub fn sensor(print: &Press) -> Sensor {
    match print {
        Press::Image(image) => Sensor::new(image.width(), image.height(), image.dpi()),
        _ => None,
    }
    .unwrap_or_default()
}

/// Somebody before a scanner that is plugged in.
struct Person<'a> {
    scanner: &'a mut dyn Capture,
    finger: &'a SyntheticFinger,
    presses: Range<u32>,
}

impl Person<'_> {
    /// What is done on the glass when the scanner says this.
    fn heed(finger: &SyntheticFinger, presses: &mut Range<u32>, event: CaptureEvent) {
        let done = match event {
            CaptureEvent::WaitingForFinger => match presses.next() {
                Some(press) => {
                    let (seed, pressing) = finger.seeds(press);
                    simulated::say(&format!("finger 0 place {seed}:{pressing}"))
                }
                None => return,
            },
            CaptureEvent::LiftFinger => simulated::say("finger 0 lift"),
            _ => return,
        };
        if let Err(problem) = done {
            // The capture says itself what comes of it: nobody lays a finger on.
            log::warn!("nothing was done on the scanner's glass: {}", problem.key());
        }
    }
}

impl Capture for Person<'_> {
    fn info(&self) -> ScannerInfo {
        self.scanner.info()
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        let (finger, presses) = (self.finger, &mut self.presses);
        let taken = self.scanner.capture(request, &mut |event| {
            Self::heed(finger, presses, event);
            on_event(event);
        });
        // Not every scanner says that the finger may be lifted.
        Self::heed(finger, presses, CaptureEvent::LiftFinger);
        taken
    }
}
