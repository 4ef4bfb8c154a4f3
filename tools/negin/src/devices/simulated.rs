//! Simulated devices where the system's would be: this program runs itself again inside `negin-sim`, which lends it a
//! PC/SC service, a USB or serial ports of its own.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use negin_device::Address;
use negin_firmware_sim::bus::control;

use crate::output::Exit;
use crate::problem::Problem;

/// Where the simulator takes orders; set by `negin-sim` for whatever it runs.
const CONTROL: &str = "NEGIN_SIM_CONTROL";
/// The addresses of devices that are plugged in, a line each; set for whatever runs with devices on USB or serial ports.
const DEVICES: &str = "NEGIN_SIM_DEVICES";

/// What the simulated devices are plugged into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bus {
    /// The system's PC/SC service.
    Pcsc,
    /// USB, through libusb.
    Usb,
    /// Serial ports.
    Serial,
}

impl Bus {
    /// The command of `negin-sim`, and the scheme of the devices' addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcsc => "pcsc",
            Self::Usb => "usb",
            Self::Serial => "serial",
        }
    }

    /// Whether this program runs inside such a `negin-sim` already.
    pub fn is_here(self) -> bool {
        let controlled = std::env::var_os(CONTROL).is_some();
        match self {
            Self::Pcsc => controlled && std::env::var_os(DEVICES).is_none(),
            Self::Usb | Self::Serial => controlled && self.device().is_some(),
        }
    }

    /// Where the first device on it is found.
    pub fn device(self) -> Option<Address> {
        std::env::var(DEVICES)
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.parse().ok())
            .find(|address: &Address| address.scheme() == self.name())
    }

    /// Becomes `negin-sim` with these options around this very command line. Comes back only where that fails.
    pub fn run_inside(self, options: &[&str]) -> Result<Exit, Problem> {
        let missing = |error: std::io::Error| {
            Problem::new("negin.no-simulator", vec![("detail", error.to_string())])
        };
        // It lies beside this program.
        let own = std::env::current_exe().map_err(missing)?;
        let simulator = own.with_file_name("negin-sim");
        let error = Command::new(&simulator)
            .arg(self.name())
            .args(options)
            .arg("--")
            .arg(own)
            .args(std::env::args_os().skip(1))
            .exec();
        Err(missing(std::io::Error::new(
            error.kind(),
            format!("{}: {error}", simulator.display()),
        )))
    }
}

/// Says a line to the simulator around this program; what it answers.
pub fn say(line: &str) -> Result<Vec<String>, Problem> {
    let path = std::env::var_os(CONTROL).map_or_else(PathBuf::new, Into::into);
    control::ask(&path, line)
        .map_err(|error| Problem::new("negin.simulator", vec![("detail", error.to_string())]))
}
