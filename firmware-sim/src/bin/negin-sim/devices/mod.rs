//! Devices that this very process simulates, whatever they are plugged into: how the command line names them, who stands
//! before them, a script of faults for each, a control socket, a command that finds them.

pub mod control;
mod faults;
pub mod hand;
mod socket;
pub mod spec;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use negin_firmware_sim::bus::control::serve;

use self::control::Plugs;
pub use self::faults::scripts;
use self::socket::ControlSocket;
use crate::cli::Run;
use crate::command::Household;
use crate::trouble::Trouble;

/// Runs the command with these devices, or without a command stays; the environment is what it needs beside theirs.
pub fn run(
    household: &Household,
    plugs: Plugs,
    mut environment: Vec<(&str, OsString)>,
    options: &Run,
) -> Result<ExitCode, Trouble> {
    environment.push(("NEGIN_SIM_DEVICES", plugs.addresses().into()));
    let socket = ControlSocket::at(options.control.as_deref())?;
    environment.push(("NEGIN_SIM_CONTROL", socket.path().into()));
    let listener = socket.listen()?;
    std::thread::spawn(move || serve(&listener, move |line| plugs.answer(line)));
    if options.command.is_empty() {
        say(&environment);
        return Ok(household.stay());
    }
    household.run(&options.command, &environment)
}

/// What a person sets in another terminal; whoever does not listen is told nothing.
fn say(environment: &[(&str, OsString)]) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(
        out,
        "The devices are plugged in. Ctrl-C ends them. For programs of yours:"
    );
    for (key, value) in environment {
        let _ = writeln!(out, "export {key}='{}'", value.to_string_lossy());
    }
}

/// Where there is no room for what devices need.
pub fn no_folder(error: &std::io::Error) -> Trouble {
    Trouble::new(
        format!("no folder for the devices can be made: {error}"),
        "see whether there is room in the folder for temporary files, and whether its path is short (TMPDIR).",
    )
}
