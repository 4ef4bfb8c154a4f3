//! The addresses of the bus: who has which, and who listens at the node of each.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::outlet::Outlet;
use super::program;
use super::sysfs::Seat;

const HUB: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 127;

#[derive(Default)]
struct Inner {
    last: u8,
    /// The socket that has an address now, or had it last.
    held_by: BTreeMap<u8, u8>,
    in_use: BTreeMap<u8, u8>,
    listening: BTreeMap<u8, PathBuf>,
    outlets: BTreeMap<u8, Weak<Outlet>>,
}

/// The addresses of a bed.
#[derive(Default)]
pub struct Addresses {
    inner: Mutex<Inner>,
    ended: AtomicBool,
}

impl Addresses {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which socket is behind a number.
    pub fn know(&self, number: u8, outlet: &Arc<Outlet>) {
        self.lock().outlets.insert(number, Arc::downgrade(outlet));
    }

    /// Whether a device is in this socket.
    pub fn has(&self, number: u8) -> bool {
        self.lock().in_use.values().any(|&each| each == number)
    }

    /// The next address, for the device in this socket: another one than last time, as Linux does it. The hub's is 1.
    pub fn take(&self, number: u8) -> u8 {
        let mut inner = self.lock();
        if number == 0 {
            inner.held_by.insert(HUB, number);
            return HUB;
        }
        let mut address = inner.last.max(FIRST - 1);
        // There are fewer sockets than addresses.
        loop {
            address = if address >= LAST { FIRST } else { address + 1 };
            if !inner.in_use.contains_key(&address) {
                break;
            }
        }
        inner.last = address;
        inner.in_use.insert(address, number);
        inner.held_by.insert(address, number);
        address
    }

    /// The device that had this address is gone.
    pub fn give_back(&self, address: u8) {
        self.lock().in_use.remove(&address);
    }

    /// Sees to it that requests at the node of this seat are heard.
    ///
    /// A node's socket stays when the node goes: the library ends a program that finds the one and not the other.
    pub fn listen(self: &Arc<Self>, root: &Path, seat: Seat) -> io::Result<()> {
        let mut inner = self.lock();
        if inner.listening.contains_key(&seat.address) {
            return Ok(());
        }
        let path = root.join(seat.socket());
        let listener = UnixListener::bind(&path)?;
        inner.listening.insert(seat.address, path);
        let addresses = Arc::clone(self);
        std::thread::Builder::new()
            .name(format!("usb node {}", seat.address))
            .spawn(move || addresses.accept(&listener, seat.address))?;
        Ok(())
    }

    fn accept(&self, listener: &UnixListener, address: u8) {
        for stream in listener.incoming() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            match stream {
                Ok(stream) => {
                    let outlet = {
                        let inner = self.lock();
                        let number = inner.held_by.get(&address);
                        number.and_then(|number| inner.outlets.get(number)?.upgrade())
                    };
                    if let Some(outlet) = outlet {
                        // Before the library goes on: what it opened is what is plugged in now.
                        let id = outlet.open(address);
                        std::thread::spawn(move || program::serve(stream, &outlet, id));
                    }
                }
                Err(error) => {
                    log::warn!("a program that opens a device's node cannot be heard: {error}");
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }

    /// Nobody listens any more.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        for path in self.lock().listening.values() {
            let _ = UnixStream::connect(path);
        }
    }
}
