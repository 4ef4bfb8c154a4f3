//! The devices this program was built with: the backends behind its readers' and scanners' addresses.
//!
//! Simulated devices are opened here and nowhere else; whoever uses a device asks the registry.

mod sim_reader;
mod sim_scanner;
pub mod simulated;

use std::sync::atomic::{AtomicUsize, Ordering};

use negin_reader::{PcscBackend, Readers};
use negin_scanner::{FolderBackend, Scanners, SerialBackend, UsbBackend};

use crate::{entropy, interrupt};

pub use sim_reader::SimReader;
pub use sim_scanner::SimScanner;

/// The readers there are.
pub fn readers() -> Readers {
    let mut readers = Readers::new();
    readers.register(PcscBackend);
    readers.register(sim_reader::SimReaderBackend);
    readers
}

/// The scanners there are.
pub fn scanners() -> Scanners {
    scanners_with(UsbBackend::new(|| {
        let mut seed = [0; 4];
        entropy::fill(&mut seed);
        u32::from_le_bytes(seed)
    }))
}

/// The same for the replay of a recording: the ciphers of images take these seeds in order, and then go on with the
/// last.
pub fn scanners_for_replay(seeds: Vec<u32>) -> Scanners {
    let next = AtomicUsize::new(0);
    scanners_with(UsbBackend::new(move || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        seeds.get(at).or(seeds.last()).copied().unwrap_or_default()
    }))
}

fn scanners_with(usb: UsbBackend) -> Scanners {
    let mut scanners = Scanners::new();
    scanners.register(FolderBackend);
    scanners.register(SerialBackend::heeding(interrupt::token()));
    scanners.register(usb);
    scanners
}
