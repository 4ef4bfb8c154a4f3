//! Programs that find simulated devices on USB, through `negin-sim usb`.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::sim;
pub use crate::sim::{Ran, finish, negin_sim, say};

/// `negin-sim usb` with these options, about to run `program`: arguments added to the result are the program's.
#[must_use]
pub fn command<O: AsRef<OsStr>>(options: &[O], program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(negin_sim());
    command.arg("usb").args(options).arg("--").arg(program);
    command
}

/// Runs a program with its arguments to its end, with these devices plugged in.
#[must_use]
pub fn run<A: AsRef<OsStr>>(devices: &[&str], program: &str, arguments: &[A]) -> Ran {
    finish(command(&plugged(devices), program).args(arguments))
}

/// The options that plug these devices in.
#[must_use]
pub fn plugged(devices: &[&str]) -> Vec<String> {
    devices
        .iter()
        .flat_map(|device| ["--device".to_owned(), (*device).to_owned()])
        .collect()
}

/// Carries out a part of the calling test in a process that has devices on USB: this test's program once more, with
/// this test alone. `prepare` gets an empty folder, for scripts of faults, and says with which options of `negin-sim
/// usb` to go on; `body` gets the same folder. To be called once in a test, with nothing before it.
///
/// # Panics
/// Where the body does.
pub fn within(prepare: impl FnOnce(&Path) -> Vec<String>, body: impl FnOnce(&Path)) {
    sim::within(prepare, |options, program| command(options, program), body);
}
