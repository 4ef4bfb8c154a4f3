//! The devices that can be plugged in: `NAME[,KEY=VALUE]…`.

use std::str::FromStr;

use negin_firmware_sim::bus::usb::UsbDevice;
use negin_firmware_sim::fault::Afflicted;
use negin_firmware_sim::loopback::Loopback;

use crate::trouble::Trouble;

/// A device as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    kind: Kind,
    settings: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Loopback,
}

impl Kind {
    const ALL: [Self; 1] = [Self::Loopback];

    const fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
        }
    }

    /// What can be set.
    const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Loopback => &["serial"],
        }
    }
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',');
        let name = parts.next().unwrap_or_default();
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| {
                let names = Kind::ALL.map(Kind::name).join(", ");
                format!("'{name}' is no device; there are: {names}")
            })?;
        let settings = parts
            .map(|part| {
                let (key, value) = part
                    .split_once('=')
                    .ok_or_else(|| format!("'{part}' is not of the form KEY=VALUE"))?;
                if !kind.settings().contains(&key) {
                    let known = kind.settings().join(", ");
                    return Err(format!("{name} has no '{key}'; it has: {known}"));
                }
                Ok((key.to_owned(), value.to_owned()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { kind, settings })
    }
}

impl Device {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn setting(&self, key: &str) -> Option<&str> {
        let found = self.settings.iter().rev().find(|(each, _)| each == key);
        found.map(|(_, value)| value.as_str())
    }

    /// The device.
    pub fn make(&self, _seed: Option<u64>) -> Result<Box<dyn Afflicted>, Trouble> {
        Ok(match self.kind {
            Kind::Loopback => Box::new(Loopback::new(self.setting("serial").unwrap_or("1"))),
        })
    }

    /// Where a program finds it.
    pub fn address(&self, device: &impl UsbDevice) -> String {
        let about = device.descriptors().description();
        format!("usb:{:04x}:{:04x}", about.vendor, about.product)
    }
}
