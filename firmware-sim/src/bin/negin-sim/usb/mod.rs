//! `negin-sim usb`: a command that finds simulated devices on USB, through libusb.

mod device;

use std::fs;
use std::process::ExitCode;

use negin_firmware_sim::bus::preload::{Bed, Library, Waker};
use negin_firmware_sim::bus::usb::{Traced, UsbDevice};
use negin_firmware_sim::fault::{Faults, Faulty, Touch};
use negin_firmware_sim::scanner::Glass;

pub use self::device::Device;
use crate::cli::Usb;
use crate::command::Household;
use crate::devices::control::{Handle, Plug, Plugs};
use crate::devices::{self, no_folder, scripts};
use crate::entropy;
use crate::trouble::Trouble;

/// Runs the command with its devices.
pub fn run(options: &Usb) -> Result<ExitCode, Trouble> {
    let scripts = scripts(&options.run.faults, options.devices.len())?;
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
    let mut bed = Bed::lay(&std::env::temp_dir(), &library).map_err(|error| no_folder(&error))?;
    let mut entropy = entropy::source(options.run.seed);
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
        let socket = bed.plug_in(traced).map_err(|error| no_folder(&error))?;
        let waker = bed
            .waker(socket)
            .ok_or_else(|| no_folder(&std::io::ErrorKind::NotFound.into()))?;
        plugs.push(Plug {
            name: device.name().to_owned(),
            address,
            handle: Box::new(OnUsb {
                faults,
                waker,
                glass: made.glass,
            }),
        });
    }
    let environment = bed.environment().to_vec();
    devices::run(&household, Plugs(plugs), environment, &options.run)
}

/// A device on USB, from outside.
struct OnUsb {
    faults: Faults,
    waker: Waker,
    /// What fingers are laid on, where it is a scanner.
    glass: Option<Glass>,
}

impl Handle for OnUsb {
    fn push(&self, line: &str) -> Result<(), String> {
        self.faults.push(line)?;
        self.waker.wake();
        Ok(())
    }

    fn touch(&self, touch: &Touch) -> Result<(), String> {
        let glass = self.glass.as_ref();
        let glass = glass.ok_or_else(|| "it takes no fingers".to_owned())?;
        glass.touch(touch).map_err(|error| error.to_string())?;
        self.waker.wake();
        Ok(())
    }

    fn attached(&self) -> bool {
        self.waker.attached()
    }

    fn transfers(&self) -> u64 {
        self.faults.transfers()
    }
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
