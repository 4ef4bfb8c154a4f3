//! Simulated readers behind the system's PC/SC service: this program runs itself again inside `negin-sim pcsc`, which
//! lends it a service of its own.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use crate::output::Exit;
use crate::problem::Problem;

/// Where the simulator takes orders; set by `negin-sim pcsc` for whatever it runs.
pub const CONTROL: &str = "NEGIN_SIM_CONTROL";

/// Whether this program runs inside `negin-sim pcsc` already.
pub fn is_here() -> bool {
    std::env::var_os(CONTROL).is_some()
}

/// The simulator's program: beside this one.
fn simulator() -> std::io::Result<(PathBuf, PathBuf)> {
    let own = std::env::current_exe()?;
    Ok((own.with_file_name("negin-sim"), own))
}

/// Becomes `negin-sim pcsc` with these options around this very command line. Comes back only where that fails.
pub fn run_inside(options: &[&str]) -> Result<Exit, Problem> {
    let missing = |error: std::io::Error| {
        Problem::new("negin.no-simulator", vec![("detail", error.to_string())])
    };
    let (simulator, own) = simulator().map_err(missing)?;
    let error = Command::new(&simulator)
        .arg("pcsc")
        .args(options)
        .arg("--")
        .arg(own)
        .args(std::env::args_os().skip(1))
        .exec();
    Err(missing(std::io::Error::new(
        error.kind(),
        format!("{}: {error}", simulator.display()),
    )))
}
