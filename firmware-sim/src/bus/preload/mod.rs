//! USB devices for any program that uses libusb, without a kernel: a bed of files and sockets that the library
//! `libumockdev-preload.so.0` shows to the program as its /sys and /dev.
//!
//! A [`Bed`] is a folder. In it lies what Linux would show of the devices (`sysfs`), a node for each, and for each node
//! a socket. When a program opens the node, the library connects to the socket and sends every ioctl there
//! (`message`); they are those of Linux's usbfs (`usbfs`), and [`Bed`] answers them from the device's
//! [`Port`](super::usb::Port). What udev would say of devices that come and go is sent to whoever listens (`uevent`).
//!
//! What there is not: isochronous transfers, the synchronous transfers of usbfs (libusb uses neither), programs that are
//! linked statically or call the kernel by themselves.

mod addresses;
mod bell;
mod hub;
mod library;
mod message;
mod outlet;
mod program;
mod sysfs;
mod uevent;
mod usbfs;

pub use library::{Library, TESTED};

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use self::addresses::Addresses;
use self::hub::Hub;
use self::outlet::Outlet;
use super::usb::UsbDevice;

/// The longest path of a bed, bytes: a socket's address has 108, and what is behind it takes the rest.
const LONGEST: usize = 70;
/// How many sockets a bed has.
pub const SOCKETS: u8 = 16;

/// A bed. Programs that are started with its [environment](Self::environment) see its devices and no others. It is
/// cleared away when dropped; whoever still has a node open then gets no answer any more.
pub struct Bed {
    hub: Arc<Outlet>,
    outlets: Vec<Arc<Outlet>>,
    addresses: Arc<Addresses>,
    library: PathBuf,
    // Cleared away last.
    folder: TempDir,
}

impl Bed {
    /// A bed with nothing but its hub, below this folder.
    ///
    /// # Errors
    /// The system's, and [`io::ErrorKind::InvalidFilename`] where the folder's path is too long for sockets in it.
    pub fn lay(below: &Path, library: &Library) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("usb-")
            .tempdir_in(below.canonicalize()?)?;
        if folder.path().as_os_str().len() > LONGEST {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        sysfs::lay(folder.path())?;
        let addresses: Arc<Addresses> = Arc::default();
        let hub = Outlet::start(
            0,
            folder.path().to_owned(),
            Arc::clone(&addresses),
            Box::new(Hub::new(Arc::clone(&addresses))),
        )?;
        addresses.know(0, &hub);
        Ok(Self {
            hub,
            outlets: Vec::new(),
            addresses,
            library: library.path().to_owned(),
            folder,
        })
    }

    /// Plugs a device in. Its socket's number, from 0.
    ///
    /// # Errors
    /// The system's, and [`io::ErrorKind::QuotaExceeded`] where all [`SOCKETS`] are taken.
    pub fn plug_in(&mut self, device: impl UsbDevice + 'static) -> io::Result<usize> {
        let number = self.outlets.len();
        let port = u8::try_from(number + 1)
            .ok()
            .filter(|&port| port <= SOCKETS)
            .ok_or(io::ErrorKind::QuotaExceeded)?;
        let outlet = Outlet::start(
            port,
            self.folder.path().to_owned(),
            Arc::clone(&self.addresses),
            Box::new(device),
        )?;
        self.addresses.know(port, &outlet);
        self.outlets.push(outlet);
        Ok(number)
    }

    /// What a program must have in its environment.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, OsString); 2] {
        let mut preload = self.library.clone().into_os_string();
        if let Some(others) = std::env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
            preload.push(":");
            preload.push(others);
        }
        [
            ("LD_PRELOAD", preload),
            ("UMOCKDEV_DIR", self.folder.path().into()),
        ]
    }

    /// What wakes the device in a socket after something was done to it from outside.
    #[must_use]
    pub fn waker(&self, number: usize) -> Option<Waker> {
        self.outlets
            .get(number)
            .map(|outlet| Waker(Arc::clone(outlet)))
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        for outlet in self.outlets.iter().chain([&self.hub]) {
            outlet.end();
        }
        self.addresses.end();
    }
}

/// Wakes a device: see [`Bed::waker`].
#[derive(Clone)]
pub struct Waker(Arc<Outlet>);

impl Waker {
    /// Lets the device see what has changed. It has when this returns.
    pub fn wake(&self) {
        self.0.wake();
    }

    /// Whether the device is plugged in.
    #[must_use]
    pub fn attached(&self) -> bool {
        self.0.attached()
    }
}
