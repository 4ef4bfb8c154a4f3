//! The devices that can be plugged in: `NAME[,KEY=VALUE]…`.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use negin_fingerprint::Image;
use negin_firmware_sim::bus::usb::UsbDevice;
use negin_firmware_sim::fault::Afflicted;
use negin_firmware_sim::finger::Finger;
use negin_firmware_sim::loopback::Loopback;
use negin_firmware_sim::scanner::glass::{Glass, Hand, Print};
use negin_firmware_sim::scanner::uru4000::{Cover, Product, Settings, Uru4000};

use crate::trouble::Trouble;

/// A device as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    kind: Kind,
    settings: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Uru4000,
    Loopback,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Uru4000, Self::Loopback];

    const fn name(self) -> &'static str {
        match self {
            Self::Uru4000 => "uru4000",
            Self::Loopback => "loopback",
        }
    }

    /// What can be set.
    const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Uru4000 => &["finger", "images", "encrypt", "serial", "product"],
            Self::Loopback => &["serial"],
        }
    }
}

/// A device that can be plugged in.
pub struct Made {
    pub device: Box<dyn Afflicted>,
    /// What fingers are laid on, where it is a scanner.
    pub glass: Option<Glass>,
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
                if value.chars().any(char::is_control) {
                    return Err(format!("the value of '{key}' is more than one line"));
                }
                Ok((key.to_owned(), value.to_owned()))
            })
            .collect::<Result<_, _>>()?;
        let device = Self { kind, settings };
        // What is wrong is said before anything is begun.
        device.scanner(0)?;
        device.finger()?;
        Ok(device)
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

    /// What a scanner of the U.are.U family is.
    fn scanner(&self, seed: u64) -> Result<Settings, String> {
        let mut settings = Settings {
            seed,
            ..Settings::default()
        };
        if let Some(serial) = self.setting("serial") {
            settings.serial = serial.to_owned();
        }
        if let Some(product) = self.setting("product") {
            settings.product = Product::of(product).ok_or_else(|| {
                let known = Product::ALL.map(|product| {
                    let (vendor, number) = product.numbers();
                    format!("{vendor:04x}:{number:04x}")
                });
                format!(
                    "'{product}' is no product of the family; there are: {}",
                    known.join(", ")
                )
            })?;
        }
        settings.cover = match self.setting("encrypt") {
            None | Some("on") => Cover::Hidden,
            Some("off") => Cover::Open,
            Some(other) => return Err(format!("encrypt is on or off, not '{other}'")),
        };
        Ok(settings)
    }

    /// The seed of the finger that is laid on whenever one is asked for.
    fn finger(&self) -> Result<Option<u64>, String> {
        let seed = self.setting("finger").map(|text| {
            text.parse()
                .map_err(|_| format!("a finger is named by a whole number, its seed, not '{text}'"))
        });
        if seed.is_some() && self.setting("images").is_some() {
            return Err("either a finger is laid on or images are".to_owned());
        }
        seed.transpose()
    }

    /// Who stands before the scanner.
    fn hand(&self) -> Result<Option<Hand>, Trouble> {
        let unfit = |what: String| Trouble::new(what, "see 'negin-sim usb --help'.");
        if let Some(seed) = self.finger().map_err(unfit)? {
            let finger = Arc::new(Finger::from_seed(seed));
            return Ok(Some(Hand::Again(Print::Finger(finger, None))));
        }
        self.setting("images")
            .map(|folder| images(Path::new(folder)).map(|prints| Hand::OneByOne(prints.into())))
            .transpose()
    }

    /// The device. What it draws comes from this seed.
    pub fn make(&self, seed: u64) -> Result<Made, Trouble> {
        Ok(match self.kind {
            Kind::Uru4000 => {
                let settings = self
                    .scanner(seed)
                    .map_err(|what| Trouble::new(what, "see 'negin-sim usb --help'."))?;
                let glass = Glass::new(Uru4000::sensor());
                let glass = match self.hand()? {
                    Some(hand) => glass.with_hand(hand),
                    None => glass,
                };
                Made {
                    device: Box::new(Uru4000::new(settings, glass.clone())),
                    glass: Some(glass),
                }
            }
            Kind::Loopback => Made {
                device: Box::new(Loopback::new(self.setting("serial").unwrap_or("1"))),
                glass: None,
            },
        })
    }

    /// Where a program finds it, when it is plugged into the socket of this number, from 0.
    pub fn address(&self, device: &impl UsbDevice, socket: usize) -> String {
        let about = device.descriptors().description();
        let port = socket + 1;
        format!("usb:{:04x}:{:04x}@1-{port}", about.vendor, about.product)
    }
}

/// The images of a folder, in the order of their names.
fn images(folder: &Path) -> Result<Vec<Print>, Trouble> {
    let unfit = |path: &Path, error: &dyn std::fmt::Display| {
        Trouble::new(
            format!("{} cannot be laid on the scanner: {error}", path.display()),
            "name a folder with nothing but images of prints: PNG, JPEG, BMP, TIFF, PGM.",
        )
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| unfit(folder, &error))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(unfit(folder, &"it is empty"));
    }
    let sensor = Uru4000::sensor();
    files
        .iter()
        .map(|file| {
            Image::open(file, sensor.dpi())
                .map(Print::Image)
                .map_err(|error| unfit(file, &error))
        })
        .collect()
}
