//! `negin-sim usb`: a command that finds simulated devices on USB, through libusb.

mod control;
mod device;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use negin_firmware_sim::bus::control::{self as socket, serve};
use negin_firmware_sim::bus::preload::{Bed, Library};
use negin_firmware_sim::bus::usb::{Traced, UsbDevice};
use negin_firmware_sim::fault::{Faulty, Script};

use self::control::{Plug, Plugs};
pub use self::device::Device;
use crate::cli::Usb;
use crate::command::Household;
use crate::entropy;
use crate::trouble::Trouble;

/// Runs the command with its devices.
pub fn run(options: &Usb) -> Result<ExitCode, Trouble> {
    let scripts = scripts(options)?;
    let library = Library::find().ok_or_else(|| {
        Trouble::new(
            "the library libumockdev-preload.so.0 is not here, through which programs see the devices",
            "install it: apt-get install libumockdev0.",
        )
    })?;
    if let Some(warning) = library.warning() {
        eprintln!("negin-sim: {warning}. Where no device shows, that is why.");
    }
    let household = Household::begin()?;
    let mut bed = Bed::lay(&std::env::temp_dir(), &library).map_err(|error| no_bed(&error))?;
    let mut entropy = entropy::source(options.seed);
    let mut draw = || {
        let mut seed = [0; 8];
        entropy(&mut seed);
        u64::from_le_bytes(seed)
    };
    let mut plugs = Vec::new();
    for (device, script) in options.devices.iter().zip(scripts) {
        let made = device.make(draw())?;
        let faulty = Faulty::new(made.device, script);
        let address = device.address(&faulty, plugs.len());
        let faults = faulty.faults();
        let traced = traced(options, plugs.len(), faulty)?;
        let socket = bed.plug_in(traced).map_err(|error| no_bed(&error))?;
        let waker = bed
            .waker(socket)
            .ok_or_else(|| no_bed(&std::io::ErrorKind::NotFound.into()))?;
        plugs.push(Plug {
            name: device.name().to_owned(),
            address,
            faults,
            waker,
            glass: made.glass,
        });
    }
    let plugs = Plugs(plugs);
    let mut environment = bed.environment().to_vec();
    environment.push(("NEGIN_SIM_DEVICES", plugs.addresses().into()));
    let socket = control_socket(options)?;
    environment.push(("NEGIN_SIM_CONTROL", socket.path.clone().into()));
    let listener = socket.listen()?;
    std::thread::spawn(move || serve(&listener, move |line| plugs.answer(line)));
    if options.command.is_empty() {
        say(&environment);
        return Ok(household.stay());
    }
    household.run(&options.command, &environment)
}

/// A device whose transfers are written down, where that is asked for.
fn traced(
    options: &Usb,
    number: usize,
    device: impl UsbDevice + 'static,
) -> Result<Box<dyn UsbDevice>, Trouble> {
    let Some(folder) = &options.trace else {
        return Ok(Box::new(device));
    };
    let path = folder.join(format!("{number}.trace"));
    let file = fs::create_dir_all(folder).and_then(|()| fs::File::create(&path));
    let file = file.map_err(|error| {
        Trouble::new(
            format!("{} cannot be written: {error}", path.display()),
            "name a folder that is yours after --trace.",
        )
    })?;
    Ok(Box::new(Traced::new(device, file)))
}

/// The scripts of the devices, in their order.
fn scripts(options: &Usb) -> Result<Vec<Script>, Trouble> {
    let mut scripts = vec![Script::default(); options.devices.len()];
    for fault in &options.faults {
        let script = scripts.get_mut(fault.device).ok_or_else(|| {
            Trouble::new(
                format!(
                    "there is no device {} for the faults of {}; there are {} of them, from 0",
                    fault.device,
                    fault.file.display(),
                    options.devices.len()
                ),
                "name a device that is there, or plug one more in with --device.",
            )
        })?;
        let text = fs::read_to_string(&fault.file).map_err(|error| {
            Trouble::new(
                format!(
                    "the faults of {} cannot be read: {error}",
                    fault.file.display()
                ),
                "name a file with a fault in each line; 'negin-sim usb --help' shows some.",
            )
        })?;
        *script = Script::parse(&text).map_err(|error| {
            Trouble::new(
                format!("{}, {error}", fault.file.display()),
                "correct that line; 'negin-sim usb --help' shows some.",
            )
        })?;
    }
    Ok(scripts)
}

/// Where lines from outside arrive; cleared away with it.
struct ControlSocket {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

fn control_socket(options: &Usb) -> Result<ControlSocket, Trouble> {
    if let Some(path) = &options.control {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        return Ok(ControlSocket {
            path,
            _folder: None,
        });
    }
    let folder = tempfile::Builder::new()
        .prefix("negin-sim-")
        .tempdir()
        .map_err(|error| no_bed(&error))?;
    Ok(ControlSocket {
        path: folder.path().join("control"),
        _folder: Some(folder),
    })
}

impl ControlSocket {
    fn listen(&self) -> Result<UnixListener, Trouble> {
        let listening = socket::listen(&self.path).and_then(|listener| {
            fs::set_permissions(&self.path, PermissionsExt::from_mode(0o600)).map(|()| listener)
        });
        listening.map_err(|error| no_socket(&self.path, &error))
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn no_socket(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::new(
        format!("no socket can be made at {}: {error}", path.display()),
        "choose a path in a folder that is there and yours, shorter than 100 bytes, where no other simulator is.",
    )
}

/// What a person sets in another terminal.
fn say(environment: &[(&str, OsString)]) {
    println!("The devices are plugged in. Ctrl-C ends them. For programs of yours:");
    for (key, value) in environment {
        println!("export {key}='{}'", value.to_string_lossy());
    }
}

fn no_bed(error: &std::io::Error) -> Trouble {
    Trouble::new(
        format!("no folder for the devices can be made: {error}"),
        "see whether there is room in the folder for temporary files, and whether its path is short (TMPDIR).",
    )
}
