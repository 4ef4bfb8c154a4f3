//! The scanners that are plugged in.

use std::path::Path;

use rusb::{Context, Device, UsbContext};

use super::locator::Locator;
use crate::uru4000::Model;

/// Where Linux tells about devices without anything going over the bus.
const SYSTEM: &str = "/sys/bus/usb/devices";

/// Class, subclass and protocol of the interface that is claimed.
const CLASS: (u8, u8, u8) = (0xFF, 0xFF, 0xFF);

/// Whether a scanner can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It can.
    Ready,
    /// The system keeps it from this person.
    Denied,
    /// Another program holds it.
    Busy,
    /// It cannot be opened for another reason.
    Failing,
}

/// A scanner that is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its numbers and its socket.
    pub locator: Locator,
    /// Its model.
    pub model: &'static Model,
    /// Its serial number, where it has one.
    pub serial: Option<String>,
    /// Whether it can be used now.
    pub access: Access,
}

/// The scanners that are plugged in, by socket. Each is opened for a moment to see whether it can be; nothing is asked
/// of it.
///
/// # Errors
/// libusb's.
pub fn found() -> Result<Vec<Found>, rusb::Error> {
    let context = Context::new()?;
    let mut found: Vec<Found> = devices(&context)?
        .into_iter()
        .filter_map(|(locator, device)| {
            Some(Found {
                model: locator.model()?,
                serial: attribute(&locator, "serial"),
                access: access(&device),
                locator,
            })
        })
        .collect();
    found.sort_by(|one, other| one.locator.cmp(&other.locator));
    Ok(found)
}

/// The devices that are scanners of ours, with where they are.
pub(super) fn devices(context: &Context) -> Result<Vec<(Locator, Device<Context>)>, rusb::Error> {
    let devices = context.devices()?;
    Ok(devices
        .iter()
        .filter_map(|device| {
            let locator = locate(&device)?;
            locator.model()?;
            Some((locator, device))
        })
        .collect())
}

/// A device's numbers and socket.
pub(super) fn locate(device: &Device<Context>) -> Option<Locator> {
    let descriptor = device.device_descriptor().ok()?;
    let ports = device.port_numbers().ok().filter(|ports| !ports.is_empty());
    let socket = ports.map(|ports| {
        let ports: Vec<String> = ports.iter().map(u8::to_string).collect();
        format!("{}-{}", device.bus_number(), ports.join("."))
    });
    Some(Locator {
        vendor: descriptor.vendor_id(),
        product: descriptor.product_id(),
        socket,
    })
}

/// The number of the scanner's interface.
pub(super) fn interface(device: &Device<Context>) -> Option<u8> {
    let configuration = device.active_config_descriptor().ok()?;
    configuration
        .interfaces()
        .flat_map(|interface| interface.descriptors().collect::<Vec<_>>())
        .find(|each| {
            (
                each.class_code(),
                each.sub_class_code(),
                each.protocol_code(),
            ) == CLASS
        })
        .map(|each| each.interface_number())
}

/// What the system knows of a device without asking it, e.g. `serial`.
pub(super) fn attribute(locator: &Locator, name: &str) -> Option<String> {
    let socket = locator.socket.as_ref()?;
    let text = std::fs::read_to_string(Path::new(SYSTEM).join(socket).join(name)).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn access(device: &Device<Context>) -> Access {
    let opened = || {
        let handle = device.open()?;
        let interface = interface(device).ok_or(rusb::Error::NotSupported)?;
        handle.claim_interface(interface)?;
        handle.release_interface(interface)
    };
    match opened() {
        Ok(()) => Access::Ready,
        Err(rusb::Error::Access) => Access::Denied,
        Err(rusb::Error::Busy) => Access::Busy,
        Err(error) => {
            log::debug!("a scanner cannot be opened: {error}");
            Access::Failing
        }
    }
}
