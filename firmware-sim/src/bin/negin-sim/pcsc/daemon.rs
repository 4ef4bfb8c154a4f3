//! pcscd itself.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::Places;
use crate::process::program;
use crate::trouble::Trouble;

/// A pcscd that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daemon {
    /// Its process.
    pub pid: u32,
}

impl Daemon {
    /// Starts it, with our readers and no others.
    pub fn start(places: &Places) -> Result<Self, Trouble> {
        let path = program("pcscd").ok_or_else(|| {
            Trouble::new(
                "pcscd is not installed",
                "install it: apt-get install pcscd (tools/setup does).",
            )
        })?;
        let failed = |error: std::io::Error| {
            Trouble::new(
                format!("{} cannot be started: {error}", path.display()),
                "see whether the package pcscd is whole: apt-get install --reinstall pcscd.",
            )
        };
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(places.log())
            .map_err(failed)?;
        let mut command = Command::new(&path);
        command
            .arg("--foreground")
            .arg("--config")
            .arg(places.config())
            .env("PCSCLITE_HP_DROPDIR", places.drivers())
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            // Ctrl-C is the command's; pcscd goes on until that is done.
            .process_group(0);
        if knows_polkit(&path) {
            command.arg("--disable-polkit");
        }
        let child = command.spawn().map_err(failed)?;
        Ok(Self { pid: child.id() })
    }
}

/// Whether this pcscd asks polkit who may use it; there is none within namespaces.
fn knows_polkit(path: &std::path::Path) -> bool {
    let said = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    said.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("polkit"))
}
