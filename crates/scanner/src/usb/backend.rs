//! The backend of `usb:` addresses.

use std::sync::Arc;

use negin_device::{Address, Backend, Error};
use negin_fingerprint::Capture;
use rusb::{Context, Device};

use super::bus;
use super::locator::Locator;
use super::wire::Wire;
use crate::uru4000::{Model, Uru4000};

/// Gives the seeds of each scanner that is opened.
type SeedSource = Arc<dyn Fn() -> u32 + Send + Sync>;

/// Opens scanners for `usb:` addresses.
#[derive(Clone)]
pub struct UsbBackend {
    seeds: SeedSource,
}

impl UsbBackend {
    /// The scheme of its addresses.
    pub const SCHEME: &'static str = "usb";

    /// A backend whose scanners take the seeds of their images' ciphers from `seeds`: chance, or for the replay of a
    /// recording those that it was made with.
    pub fn new(seeds: impl Fn() -> u32 + Send + Sync + 'static) -> Self {
        Self {
            seeds: Arc::new(seeds),
        }
    }

    fn claim(
        &self,
        device: &Device<Context>,
        at: &Locator,
        model: &'static Model,
    ) -> Result<Uru4000<Wire>, Error> {
        let address = || Address::new(Self::SCHEME, at.to_string());
        let interface = bus::interface(device).ok_or_else(|| Error::Backend {
            address: address(),
            reason: "it has no interface of class FF/FF/FF".to_owned(),
        })?;
        let handle = device.open().map_err(|error| refused(error, at, model))?;
        let wire = Wire::claim(handle, interface).map_err(|error| refused(error, at, model))?;
        let seeds = self.seeds.clone();
        Ok(Uru4000::new(
            wire,
            model,
            bus::attribute(at, "serial"),
            Box::new(move || seeds()),
        ))
    }
}

/// What the system said, with what would help.
fn refused(error: rusb::Error, at: &Locator, model: &Model) -> Error {
    let address = Address::new(UsbBackend::SCHEME, at.to_string());
    match error {
        rusb::Error::Access => Error::Denied {
            address,
            reason: format!(
                "EACCES; this udev rule lets whoever sits at the machine use it: SUBSYSTEM==\"usb\", \
                 ATTR{{idVendor}}==\"{:04x}\", ATTR{{idProduct}}==\"{:04x}\", TAG+=\"uaccess\"",
                model.vendor, model.product
            ),
        },
        rusb::Error::Busy => Error::Busy {
            address,
            reason: "EBUSY when its interface was claimed".to_owned(),
        },
        rusb::Error::NoDevice | rusb::Error::NotFound => Error::NoSuchDevice { address },
        error => Error::Backend {
            address,
            reason: format!("libusb: {error}"),
        },
    }
}

impl Backend<dyn Capture> for UsbBackend {
    fn scheme(&self) -> &'static str {
        Self::SCHEME
    }

    fn list(&self) -> Result<Vec<Address>, Error> {
        let address = |locator: String| Address::new(Self::SCHEME, locator);
        let found = Context::new().and_then(|context| bus::devices(&context));
        let mut found: Vec<Locator> = found
            .map_err(|error| Error::Backend {
                address: address("*".to_owned()),
                reason: format!("libusb: {error}"),
            })?
            .into_iter()
            .map(|(locator, _)| locator)
            .collect();
        found.sort();
        Ok(found
            .into_iter()
            .map(|locator| address(locator.to_string()))
            .collect())
    }

    fn open(&self, locator: &str) -> Result<Box<dyn Capture>, Error> {
        let address = || Address::new(Self::SCHEME, locator);
        let failing = |reason: String| Error::Backend {
            address: address(),
            reason,
        };
        let wanted: Locator = locator
            .parse()
            .map_err(|error: super::LocatorError| failing(error.to_string()))?;
        let model = wanted.model().ok_or_else(|| {
            failing("this program drives U.are.U 4000, 4000B, 4500 and their Microsoft kin".into())
        })?;
        let context = Context::new().map_err(|error| failing(format!("libusb: {error}")))?;
        let mut meant: Vec<(Locator, Device<Context>)> = bus::devices(&context)
            .map_err(|error| failing(format!("libusb: {error}")))?
            .into_iter()
            .filter(|(found, _)| wanted.means(found))
            .collect();
        match (meant.pop(), meant.as_slice()) {
            (None, _) => Err(Error::NoSuchDevice { address: address() }),
            (Some((at, device)), []) => Ok(Box::new(self.claim(&device, &at, model)?)),
            (Some((last, _)), others) => {
                let others = others.iter().map(|(locator, _)| locator.to_string());
                let mut candidates: Vec<String> = others.chain([last.to_string()]).collect();
                candidates.sort();
                Err(Error::Ambiguous {
                    address: address(),
                    candidates,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_scanner_of_ours_is_said() {
        let backend = UsbBackend::new(|| 0);
        for (locator, said) in [("05ba", "vid:pid"), ("1234:5678", "U.are.U")] {
            let error = backend.open(locator).err().expect("it is none");
            assert_eq!(error.key(), "device.backend");
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn refusals_say_what_would_help() {
        let at: Locator = "05ba:000a@1-2".parse().unwrap();
        let model = at.model().unwrap();
        let denied = refused(rusb::Error::Access, &at, model);
        assert_eq!(denied.key(), "device.denied");
        assert!(denied.to_string().contains("ATTR{idProduct}==\"000a\""));
        assert!(denied.to_string().contains("usb:05ba:000a@1-2"));
        for (error, key) in [
            (rusb::Error::Busy, "device.busy"),
            (rusb::Error::NoDevice, "device.no-such-device"),
            (rusb::Error::Io, "device.backend"),
        ] {
            assert_eq!(refused(error, &at, model).key(), key);
        }
    }
}
