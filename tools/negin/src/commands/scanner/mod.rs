//! `negin scanners` and `negin scanner`: the fingerprint scanners of this machine, and a print from one of them.

mod capture;
mod list;

use std::io::Write;
use std::path::Path;

use negin_device::{Address, Error as DeviceError};
use negin_fingerprint::capture::{Bounded, Capture, CaptureError, CaptureEvent, CaptureRequest};
use negin_scanner::Scanners;

use super::App;
use crate::cli::{Language, ScannerCommand};
use crate::output::Exit;
use crate::problem::Problem;
use crate::{devices, interrupt, messages};

pub use list::list;

/// A scanner that anybody may use: the person before it has half a minute, and Ctrl-C calls it off.
pub fn open(address: &Address) -> Result<Bounded<Box<dyn Capture>>, Problem> {
    interrupt::watch();
    let scanner = opened(&devices::scanners(), address)?;
    Ok(Bounded::new(
        scanner,
        CaptureRequest::TIMEOUT,
        interrupt::token(),
    ))
}

/// Opens a scanner. Looking for a module on a line takes seconds; whoever calls it off called the capture off.
fn opened(scanners: &Scanners, address: &Address) -> Result<Box<dyn Capture>, Problem> {
    scanners.open(address).map_err(|error| match error {
        DeviceError::Backend { .. } if interrupt::asked() => CaptureError::Cancelled.into(),
        error => error.into(),
    })
}

/// Tells the person before the scanner, on standard error, what to do.
pub fn tell(event: CaptureEvent, language: Language) {
    if let Some(words) = guidance(event, language) {
        let _ = writeln!(std::io::stderr(), "{words}");
    }
}

/// What the person before the scanner is to do, where an event asks for anything.
fn guidance(event: CaptureEvent, language: Language) -> Option<String> {
    let key = match event {
        CaptureEvent::WaitingForFinger => "scanner.place",
        CaptureEvent::Moving => "scanner.moving",
        CaptureEvent::TooDry => "scanner.too-dry",
        CaptureEvent::TooWet => "scanner.too-wet",
        CaptureEvent::LiftFinger => "scanner.lift",
        _ => return None,
    };
    Some(messages::texts(language, key, &[]).next)
}

/// Runs a command about one scanner.
pub fn run(command: &ScannerCommand, app: &App) -> Result<Exit, Problem> {
    match command {
        ScannerCommand::Capture(args) => capture::run(args, app),
    }
}

fn unprinted(error: std::io::Error) -> Problem {
    Problem::file(Path::new("-"), &error)
}
