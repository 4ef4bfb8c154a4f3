//! What stands after `serial:`: a path, and what is known of the module there.

use std::path::PathBuf;

use super::connect::Options;
use super::image::Geometry;
use super::parameters::BaudRate;
use super::password::Password;

/// `PATH[?NAME=VALUE[&NAME=VALUE…]]`.
///
/// | Name | Value |
/// |---|---|
/// | `baud` | the module's speed, 9600 × 1 to 12; found out where it is not said |
/// | `address` | its address, eight hexadecimal digits; FFFFFFFF where it is not said |
/// | `password-file` | a file with its password, eight hexadecimal digits |
/// | `size` | the size of its images, as `256x288`; told by the module, or by the length of the first, where it is not said |
/// | `dpi` | their resolution; 500, or 508 of the small sensors, where it is not said |
///
/// A password does not stand in an address: addresses are shown, logged and seen by every user of the machine.
#[derive(Debug, Clone)]
pub struct Locator {
    /// The port.
    pub path: String,
    /// The file of the password.
    pub password_file: Option<PathBuf>,
    /// What else is known; the password is the maker's.
    pub options: Options,
}

/// Text that is no such locator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what}: write PATH?NAME=VALUE&…, with the names baud, address, password-file, size and dpi"
)]
pub struct LocatorError {
    /// What is wrong with it.
    pub what: String,
}

impl Locator {
    /// Reads a locator.
    ///
    /// # Errors
    /// [`LocatorError`].
    pub fn parse(text: &str) -> Result<Self, LocatorError> {
        let (path, rest) = text.split_once('?').unwrap_or((text, ""));
        if path.is_empty() {
            return Err(wrong("the port's path is missing"));
        }
        let mut locator = Self {
            path: path.to_owned(),
            password_file: None,
            options: Options::default(),
        };
        let (mut size, mut dpi) = (None, None);
        for field in rest.split('&').filter(|field| !field.is_empty()) {
            let (name, value) = field
                .split_once('=')
                .ok_or_else(|| wrong(format!("'{field}' has no value")))?;
            match name {
                "baud" => {
                    let rate = value.parse().ok().and_then(BaudRate::of_baud);
                    locator.options.baud =
                        Some(rate.ok_or_else(|| {
                            wrong(format!("'{value}' is not 9600 × 1 to 12 baud"))
                        })?);
                }
                "address" => {
                    locator.options.address = hexadecimal(value).ok_or_else(|| {
                        wrong(format!(
                            "the address '{value}' is not eight hexadecimal digits"
                        ))
                    })?;
                }
                "password-file" => locator.password_file = Some(value.into()),
                "password" => {
                    return Err(wrong(
                        "a password does not stand in an address, which everybody sees; put it into a file",
                    ));
                }
                "size" => {
                    let sides = value.split_once('x').and_then(|(width, height)| {
                        Some((width.parse().ok()?, height.parse().ok()?))
                    });
                    size = Some(sides.ok_or_else(|| {
                        wrong(format!("the size '{value}' is not as in 256x288"))
                    })?);
                }
                "dpi" => {
                    let number = value.parse().ok();
                    dpi = Some(number.ok_or_else(|| wrong(format!("'{value}' is no resolution")))?);
                }
                other => return Err(wrong(format!("'{other}' is none of the names"))),
            }
        }
        if size.is_some() || dpi.is_some() {
            let usual = Geometry::default();
            let (width, height) = size.unwrap_or((usual.width, usual.height));
            let geometry = Geometry::new(width, height, dpi.unwrap_or(usual.dpi));
            locator.options.geometry = Some(geometry.ok_or_else(|| {
                wrong("no sensor has this size: sides are 64 to 1024 px, the width even, 100 to 2000 dpi")
            })?);
        }
        Ok(locator)
    }
}

/// A password as people write it: eight hexadecimal digits.
pub(super) fn password(text: &str) -> Option<Password> {
    hexadecimal(text.trim()).map(Password::new)
}

fn hexadecimal(text: &str) -> Option<u32> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

fn wrong(what: impl Into<String>) -> LocatorError {
    LocatorError { what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_alone_is_enough() {
        let locator = Locator::parse("/dev/ttyUSB0").unwrap();
        assert_eq!(locator.path, "/dev/ttyUSB0");
        assert_eq!(locator.options.baud, None);
        assert_eq!(locator.options.address, 0xFFFF_FFFF);
    }

    #[test]
    fn what_is_known_can_be_said() {
        let text =
            "/dev/x?baud=115200&address=0000aBcD&password-file=/etc/a=b&size=192x192&dpi=508";
        let locator = Locator::parse(text).unwrap();
        assert_eq!(locator.options.baud, BaudRate::of_baud(115_200));
        assert_eq!(locator.options.address, 0xABCD);
        assert_eq!(locator.password_file, Some("/etc/a=b".into()));
        assert_eq!(locator.options.geometry, Geometry::new(192, 192, 508));
    }

    #[test]
    fn anything_else_is_refused_and_says_what() {
        for (text, word) in [
            ("", "path"),
            ("?baud=9600", "path"),
            ("/x?baud", "no value"),
            ("/x?baud=9601", "9600"),
            ("/x?baud=124800", "9600"),
            ("/x?address=12", "eight"),
            ("/x?address=+1234567", "eight"),
            ("/x?password=00000000", "everybody"),
            ("/x?size=256", "256x288"),
            ("/x?size=3x3", "64 to 1024"),
            ("/x?dpi=many", "resolution"),
            ("/x?colour=red", "'colour'"),
        ] {
            let error = Locator::parse(text).expect_err(text);
            assert!(error.to_string().contains(word), "{text}: {error}");
            assert!(!error.to_string().contains("00000000"));
        }
    }
}
