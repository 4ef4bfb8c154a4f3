//! Takes one image from a scanner on USB: `capture 05ba:000a[@bus-port]`. Says its size.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::error::Error;

use negin_device::Backend;
use negin_fingerprint::capture::CaptureRequest;
use negin_scanner::UsbBackend;

fn main() -> Result<(), Box<dyn Error>> {
    let locator = std::env::args().nth(1);
    let backend = UsbBackend::new(|| 0x51EA_2124);
    let mut scanner = backend.open(locator.as_deref().unwrap_or("05ba:000a"))?;
    let image = scanner.capture(&CaptureRequest::default(), &mut |_| ())?;
    println!("{} x {}", image.width(), image.height());
    Ok(())
}
