//! The devices that can be plugged in: `NAME[,KEY=VALUE]…`.

use std::str::FromStr;

use negin_firmware_sim::bus::serial::SerialDevice;
use negin_firmware_sim::scanner::zfm::{Make, Settings, ZfmModule};

use crate::devices::hand::Standing;
use crate::devices::spec::Spec;
use crate::trouble::Trouble;

const KNOWN: [(&str, &[&str]); 1] = [(
    "zfm",
    &[
        "finger", "images", "make", "baud", "packet", "password", "address", "pages",
    ],
)];

/// A device as the command line names it: a module of the ZFM protocol.
#[derive(Debug, Clone)]
pub struct Device {
    name: &'static str,
    settings: Settings,
    standing: Standing,
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spec = Spec::parse(text, &KNOWN)?;
        let mut settings = Settings::default();
        if let Some(make) = spec.setting("make") {
            settings.make = match make {
                "zfm20" => Make::Zfm20,
                "r503" => Make::R503,
                other => return Err(format!("'{other}' is no make; there are: zfm20, r503")),
            };
        }
        if let Some(baud) = spec.setting("baud") {
            let rates = (1..=12).map(|multiple| (multiple, 9600 * u32::from(multiple)));
            settings.baud = chosen(baud, rates, "baud is 9600 × 1 to 12")?;
        }
        if let Some(packet) = spec.setting("packet") {
            let sizes = (0..=3).map(|code| (code, 32 << code));
            settings.packet = chosen(packet, sizes, "packet is 32, 64, 128 or 256")?;
        }
        if let Some(text) = spec.setting("password") {
            settings.password = hexadecimal(text, "password")?;
        }
        if let Some(text) = spec.setting("address") {
            settings.address = hexadecimal(text, "address")?;
        }
        if let Some(pages) = spec.setting("pages") {
            let number = pages
                .parse()
                .ok()
                .filter(|pages| (1..=1024).contains(pages));
            settings.library =
                number.ok_or_else(|| format!("pages is 1 to 1024, not '{pages}'"))?;
        }
        Ok(Self {
            name: spec.name(),
            settings,
            standing: Standing::of(&spec)?,
        })
    }
}

impl Device {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The device.
    pub fn make(&self, seed: Option<u64>) -> Result<Box<dyn SerialDevice>, Trouble> {
        let settings = Settings {
            seed: seed.unwrap_or_default(),
            ..self.settings.clone()
        };
        let glass = self.standing.before(settings.make.sensor())?;
        Ok(Box::new(ZfmModule::new(&settings).with_glass(glass)))
    }
}

fn chosen(text: &str, choices: impl Iterator<Item = (u8, u32)>, what: &str) -> Result<u8, String> {
    let wanted = text.parse().ok();
    let mut choices = choices;
    choices
        .find(|&(_, value)| Some(value) == wanted)
        .map(|(code, _)| code)
        .ok_or_else(|| format!("{what}, not '{text}'"))
}

fn hexadecimal(text: &str, what: &str) -> Result<u32, String> {
    let digits = (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u32::from_str_radix(text, 16) {
        Ok(number) if digits => Ok(number),
        _ => Err(format!("{what} is up to eight hexadecimal digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_others_refused() {
        let text = "zfm,baud=115200,packet=256,password=C0FFEE,address=7,make=r503,pages=9";
        let device: Device = text.parse().unwrap();
        let settings = device.settings;
        assert_eq!((settings.baud, settings.packet), (12, 3));
        assert_eq!((settings.password, settings.address), (0x00C0_FFEE, 7));
        assert_eq!((settings.make, settings.library), (Make::R503, 9));
        for text in [
            "zfm,baud=9601",
            "zfm,packet=100",
            "zfm,password=+1",
            "zfm,password=",
            "zfm,make=x",
            "zfm,pages=0",
            "zfm,finger=x",
            "zfm,finger=1,images=/tmp",
        ] {
            assert!(text.parse::<Device>().is_err(), "{text}");
        }
    }
}
