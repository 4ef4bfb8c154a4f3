//! The devices this program was built with: the backends behind its readers' and scanners' addresses.
//!
//! Simulated devices are opened here and nowhere else; whoever uses a device asks the registry.

mod sim_reader;
mod sim_scanner;
pub mod simulated_pcsc;

use negin_reader::{PcscBackend, Readers};
use negin_scanner::{FolderBackend, Scanners};

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
    let mut scanners = Scanners::new();
    scanners.register(FolderBackend);
    scanners
}
