//! The devices that can be plugged in: `NAME[,KEY=VALUE]…`.

use std::str::FromStr;

use negin_firmware_sim::bus::usb::UsbDevice;
use negin_firmware_sim::fault::Afflicted;
use negin_firmware_sim::loopback::Loopback;
use negin_firmware_sim::scanner::Glass;
use negin_firmware_sim::scanner::uru4000::{Cover, Product, Settings, Uru4000};

use crate::devices::hand::Standing;
use crate::devices::spec::Spec;
use crate::trouble::Trouble;

const SCANNER: &str = "uru4000";
const KNOWN: [(&str, &[&str]); 2] = [
    (
        SCANNER,
        &["finger", "images", "encrypt", "serial", "product"],
    ),
    ("loopback", &["serial"]),
];

/// A device as the command line names it.
#[derive(Debug, Clone)]
pub struct Device {
    name: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// A scanner of the U.are.U family, and who stands before it.
    Scanner(Settings, Standing),
    /// One that gives back what it is told, with its serial number.
    Loopback(String),
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
        let spec = Spec::parse(text, &KNOWN)?;
        let kind = match spec.name() {
            SCANNER => Kind::Scanner(scanner(&spec)?, Standing::of(&spec)?),
            _ => Kind::Loopback(spec.setting("serial").unwrap_or("1").to_owned()),
        };
        let name = spec.name();
        Ok(Self { name, kind })
    }
}

/// What a scanner of the family is.
fn scanner(spec: &Spec) -> Result<Settings, String> {
    let mut settings = Settings::default();
    if let Some(serial) = spec.setting("serial") {
        settings.serial = serial.to_owned();
    }
    if let Some(product) = spec.setting("product") {
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
    settings.cover = match spec.setting("encrypt") {
        None | Some("on") => Cover::Hidden,
        Some("off") => Cover::Open,
        Some(other) => return Err(format!("encrypt is on or off, not '{other}'")),
    };
    Ok(settings)
}

impl Device {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The device. What it draws comes from this seed.
    pub fn make(&self, seed: u64) -> Result<Made, Trouble> {
        Ok(match &self.kind {
            Kind::Scanner(settings, standing) => {
                let settings = Settings {
                    seed,
                    ..settings.clone()
                };
                let glass = standing.before(Uru4000::sensor())?;
                Made {
                    device: Box::new(Uru4000::new(settings, glass.clone())),
                    glass: Some(glass),
                }
            }
            Kind::Loopback(serial) => Made {
                device: Box::new(Loopback::new(serial)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_others_refused() {
        let text = "uru4000,product=045e:00ca,encrypt=off,serial=7,finger=3:4";
        let device: Device = text.parse().unwrap();
        let Kind::Scanner(settings, standing) = device.kind else {
            panic!("it is a scanner");
        };
        assert_eq!(settings.product.numbers(), (0x045E, 0x00CA));
        assert_eq!(
            (settings.cover, settings.serial.as_str()),
            (Cover::Open, "7")
        );
        assert_eq!(standing, Standing::Finger(3, Some(4)));
        for text in [
            "uru4000,product=1234:5678",
            "uru4000,encrypt=perhaps",
            "uru4000,finger=x",
            "uru4000,finger=1,images=/tmp",
            "loopback,finger=1",
            "loopback,serial=a\nb",
        ] {
            assert!(text.parse::<Device>().is_err(), "{text}");
        }
    }
}
