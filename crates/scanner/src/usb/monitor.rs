//! Scanners that are plugged in and pulled out, as it happens.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rusb::{Context, Device, Hotplug, HotplugBuilder, Registration, UsbContext};

use super::bus;
use super::locator::Locator;
use crate::uru4000::Model;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A scanner was plugged in, or is there at the beginning.
    Arrived {
        /// Where.
        locator: Locator,
        /// Which model.
        model: &'static Model,
    },
    /// A scanner was pulled out.
    Left {
        /// Where it was.
        locator: Locator,
    },
}

/// Watches the system's USB for scanners.
pub struct Monitor {
    context: Context,
    events: Receiver<Event>,
    _registration: Registration<Context>,
}

struct Callback(Sender<Event>);

impl Hotplug<Context> for Callback {
    fn device_arrived(&mut self, device: Device<Context>) {
        if let Some((locator, model)) =
            bus::locate(&device).and_then(|locator| Some((locator.clone(), locator.model()?)))
        {
            let _ = self.0.send(Event::Arrived { locator, model });
        }
    }

    fn device_left(&mut self, device: Device<Context>) {
        if let Some(locator) = bus::locate(&device).filter(|locator| locator.model().is_some()) {
            let _ = self.0.send(Event::Left { locator });
        }
    }
}

impl Monitor {
    /// A monitor that has seen nothing yet: the scanners that are there come as [`Event::Arrived`].
    ///
    /// # Errors
    /// libusb's; [`rusb::Error::NotSupported`] where the system tells no program about its devices.
    pub fn new() -> Result<Self, rusb::Error> {
        if !rusb::has_hotplug() {
            return Err(rusb::Error::NotSupported);
        }
        let context = Context::new()?;
        let (sender, events) = channel();
        let registration = HotplugBuilder::new()
            .enumerate(true)
            .register(context.clone(), Box::new(Callback(sender)))?;
        Ok(Self {
            context,
            events,
            _registration: registration,
        })
    }

    /// Waits until something happens, `timeout` at most; nothing may have.
    ///
    /// # Errors
    /// libusb's.
    pub fn next(&mut self, timeout: Duration) -> Result<Vec<Event>, rusb::Error> {
        let mut events: Vec<Event> = self.events.try_iter().collect();
        if events.is_empty() {
            match self.context.handle_events(Some(timeout)) {
                // A signal; whoever asked for it looks next.
                Ok(()) | Err(rusb::Error::Interrupted) => {}
                Err(error) => return Err(error),
            }
            events.extend(self.events.try_iter());
        }
        Ok(events)
    }
}
