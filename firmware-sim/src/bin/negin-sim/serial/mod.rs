//! `negin-sim serial`: a command that finds simulated devices on serial ports.

mod device;

use std::process::ExitCode;

use negin_firmware_sim::bus::serial::pty::PtyPort;
use negin_firmware_sim::bus::serial::{Plug as Socket, SharedPlug};
use negin_firmware_sim::fault::Touch;

pub use self::device::Device;
use crate::cli::Serial;
use crate::command::Household;
use crate::devices::control::{Handle, Plug, Plugs};
use crate::devices::{self, no_folder, scripts};
use crate::trouble::Trouble;

/// Runs the command with its devices.
pub fn run(options: &Serial) -> Result<ExitCode, Trouble> {
    let scripts = scripts(&options.run.faults, options.devices.len())?;
    let household = Household::begin()?;
    let folder = tempfile::Builder::new()
        .prefix("negin-sim-")
        .tempdir()
        .map_err(|error| no_folder(&error))?;
    let (mut ports, mut plugs) = (Vec::new(), Vec::new());
    for (number, (device, script)) in options.devices.iter().zip(scripts).enumerate() {
        let made = device.make(options.run.seed)?;
        let plug = SharedPlug::new(Socket::new(made, script));
        let path = folder.path().join(format!("tty{number}"));
        let port = PtyPort::serve(plug.clone(), path).map_err(|error| no_terminal(&error))?;
        plugs.push(Plug {
            name: device.name().to_owned(),
            address: format!("serial:{}", port.path().display()),
            handle: Box::new(OnSerial(plug)),
        });
        ports.push(port);
    }
    let done = devices::run(&household, Plugs(plugs), Vec::new(), &options.run);
    drop(ports);
    done
}

/// A device on a serial port, from outside.
struct OnSerial(SharedPlug);

impl Handle for OnSerial {
    fn push(&self, line: &str) -> Result<(), String> {
        self.0.lock().fault(line)
    }

    fn touch(&self, touch: &Touch) -> Result<(), String> {
        self.0.lock().touch(touch)
    }

    fn attached(&self) -> bool {
        self.0.lock().is_plugged()
    }

    fn transfers(&self) -> u64 {
        self.0.lock().transfers()
    }
}

fn no_terminal(error: &std::io::Error) -> Trouble {
    Trouble::new(
        format!("this machine gives no pseudo terminal: {error}"),
        "see whether /dev/pts is there (mount -t devpts) and not used up (/proc/sys/kernel/pty).",
    )
}
