//! `serial:<path>`: modules on the system's serial ports.

use negin_device::{Address, Backend, Error as DeviceError};
use negin_fingerprint::capture::{CancelToken, Capture};
use serialport::{ErrorKind, SerialPortType};
use zeroize::Zeroizing;

use super::error::Error;
use super::line::SerialLine;
use super::locator::{self, Locator};
use super::module::Module;
use super::parameters::BaudRate;
use super::password::Password;
use super::scanner::ZfmScanner;

const SCHEME: &str = "serial";

/// The variable of the environment with the password of modules whose address names no file: eight hexadecimal digits.
pub const PASSWORD_VARIABLE: &str = "NEGIN_SCANNER_PASSWORD";

/// Opens modules for `serial:` addresses; [`Locator`] has what may stand there.
#[derive(Debug, Clone, Default)]
pub struct SerialBackend {
    cancel: CancelToken,
}

impl SerialBackend {
    /// A backend whose looking for a module, which takes seconds where none answers, is called off with this token.
    #[must_use]
    pub fn heeding(cancel: CancelToken) -> Self {
        Self { cancel }
    }

    /// Opens the module at a locator and gives it as what it is, with all its commands.
    ///
    /// # Errors
    /// As [`Backend::open`].
    pub fn module(&self, locator: &str) -> Result<Module<SerialLine>, DeviceError> {
        let address = || Address::new(SCHEME, locator);
        let failed = |reason: String| DeviceError::Backend {
            address: address(),
            reason,
        };
        let mut known = Locator::parse(locator).map_err(|error| failed(error.to_string()))?;
        known.options.password = password(&known).map_err(failed)?;
        let baud = known.options.baud.unwrap_or(BaudRate::DEFAULT);
        let line = SerialLine::open(&known.path, baud.baud())
            .map_err(|error| not_opened(address(), &error))?;
        Module::connect(line, &known.options, &self.cancel).map_err(|error| match error {
            Error::Gone => DeviceError::NoSuchDevice { address: address() },
            Error::NoAnswer | Error::Damaged => DeviceError::NoAnswer {
                address: address(),
                reason: error.to_string(),
            },
            Error::Password => DeviceError::Locked {
                address: address(),
                reason: format!("{error}; it is read from password-file=… or {PASSWORD_VARIABLE}"),
            },
            other => failed(other.to_string()),
        })
    }
}

impl Backend<dyn Capture> for SerialBackend {
    fn scheme(&self) -> &'static str {
        SCHEME
    }

    /// The serial ports that are adapters on USB. Whether a module is behind one is known when it is opened: bytes for
    /// a module may do anything to another machine.
    fn list(&self) -> Result<Vec<Address>, DeviceError> {
        // Without this folder the crate beneath panics.
        if cfg!(target_os = "linux") && !std::path::Path::new("/sys/class/tty").is_dir() {
            return Ok(Vec::new());
        }
        let ports = serialport::available_ports().map_err(|error| DeviceError::Unavailable {
            address: Address::new(SCHEME, "*"),
            reason: error.to_string(),
        })?;
        let mut found: Vec<Address> = ports
            .into_iter()
            .filter(|port| matches!(port.port_type, SerialPortType::UsbPort(_)))
            .map(|port| Address::new(SCHEME, port.port_name))
            .collect();
        found.sort();
        Ok(found)
    }

    fn open(&self, locator: &str) -> Result<Box<dyn Capture>, DeviceError> {
        Ok(Box::new(ZfmScanner::new(self.module(locator)?)))
    }
}

/// The password of a module: from its file, from the environment, or the maker's.
fn password(known: &Locator) -> Result<Password, String> {
    let (text, place) = match &known.password_file {
        Some(path) => {
            let text = std::fs::read_to_string(path);
            let place = path.display().to_string();
            (
                text.map_err(|error| format!("the password in {place} cannot be read: {error}"))?,
                place,
            )
        }
        None => match std::env::var(PASSWORD_VARIABLE) {
            Ok(text) => (text, PASSWORD_VARIABLE.to_owned()),
            Err(_) => return Ok(Password::default()),
        },
    };
    let text = Zeroizing::new(text);
    locator::password(&text)
        .ok_or_else(|| format!("the password in {place} is not eight hexadecimal digits"))
}

fn not_opened(address: Address, error: &serialport::Error) -> DeviceError {
    let reason = error.to_string();
    match error.kind() {
        ErrorKind::Io(std::io::ErrorKind::NotFound) => DeviceError::NoSuchDevice { address },
        ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => {
            DeviceError::Denied { address, reason }
        }
        // What the crate beneath says of a port that somebody holds.
        ErrorKind::NoDevice => DeviceError::Busy { address, reason },
        _ => DeviceError::Backend { address, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_no_device() {
        let error = SerialBackend::default()
            .open("/nonexistent/tty")
            .err()
            .unwrap();
        assert_eq!(error.key(), "device.no-such-device");
        let error = SerialBackend::default().open("/dev/null").err().unwrap();
        assert_eq!(error.key(), "device.backend");
    }

    #[test]
    fn passwords_come_from_files_and_are_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let known = Locator::parse(&format!("/x?password-file={}", file.display())).unwrap();
        assert!(password(&known).unwrap_err().contains("cannot be read"));
        std::fs::write(&file, "12ab34cd\n").unwrap();
        assert_eq!(password(&known), Ok(Password::new(0x12AB_34CD)));
        std::fs::write(&file, "secret word").unwrap();
        let error = password(&known).unwrap_err();
        assert!(
            error.contains("eight") && !error.contains("secret"),
            "{error}"
        );
    }
}
