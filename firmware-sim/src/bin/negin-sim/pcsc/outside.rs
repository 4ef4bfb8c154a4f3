//! Outside the namespaces: what holds the run together, and ends it.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use rustix::process::{getegid, geteuid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tempfile::TempDir;

use super::namespace::Unshare;
use super::simulator::{NotStarted, Simulator};
use super::tie::Tie;
use super::{Places, control};
use crate::cli::Pcsc;
use crate::process::number;
use crate::readers::{config, driver};
use crate::trouble::Trouble;

/// Runs the command with its PC/SC.
pub fn run(options: &Pcsc) -> Result<ExitCode, Trouble> {
    let readers = options.rack.count();
    let driver = driver(options.ifd.as_deref())?;
    let unshare = match options.no_namespaces {
        false => Some(Unshare::find(!options.share_network)?),
        true => None,
    };
    let tie = Tie::default();
    // From here on there is something to clear away.
    heed_signals(tie.clone(), !options.command.is_empty())?;
    let _alone = unshare.is_none().then(alone).transpose()?;
    let (folder, places) = folder(&driver, readers)?;
    let life = UnixListener::bind(places.life()).map_err(|error| no_folder(&error))?;
    let control = UnixListener::bind(places.control()).map_err(|error| no_folder(&error))?;
    let simulator = match Simulator::start(options.rack.clone(), places.clone()) {
        Ok(simulator) => simulator,
        Err(NotStarted::Said(status)) => return Ok(ExitCode::from(status)),
        Err(NotStarted::Trouble(trouble)) => return Err(trouble),
    };

    let program = std::env::current_exe().map_err(|error| no_folder(&error))?;
    let mut command = match unshare {
        Some(unshare) => {
            let mut command = unshare.command(program.as_os_str());
            command.args(["inside", "--namespaces"]);
            if unshare.maps_root() {
                command.args([
                    "--user",
                    &geteuid().to_string(),
                    "--group",
                    &getegid().to_string(),
                ]);
            }
            command
        }
        None => {
            let mut command = Command::new(program);
            command.arg("inside");
            command
        }
    };
    command.arg("--folder").arg(&places.0);
    command.args([
        "--readers",
        &readers.to_string(),
        "--cards",
        &options.rack.laid().to_string(),
        "--",
    ]);
    command.args(&options.command);

    tie.accept(life);
    control::begin(control, places, simulator.clone(), tie);
    let status = command.status().map_err(|error| {
        Trouble::new(
            format!("unshare cannot be run: {error}"),
            "install it: apt-get install util-linux.",
        )
    })?;
    simulator.end();
    drop(folder);
    Ok(ExitCode::from(number(status)))
}

/// Without namespaces there is one pcscd a machine: waits until no other run has it.
fn alone() -> Result<File, Trouble> {
    if !geteuid().is_root() {
        return Err(Trouble::new(
            "without namespaces only root can run a pcscd",
            "run this as root, or without --no-namespaces.",
        ));
    }
    let run = Path::new("/run/pcscd");
    let lock = fs::create_dir_all(run)
        .and_then(|()| File::create("/run/negin-sim.lock"))
        .and_then(|lock| {
            lock.lock()?;
            Ok(lock)
        });
    let lock = lock.map_err(|error| {
        Trouble::new(
            format!("/run cannot be used: {error}"),
            "see whether /run is there and can be written.",
        )
    })?;
    if UnixStream::connect(run.join("pcscd.comm")).is_ok() {
        return Err(Trouble::new(
            "a pcscd is running on this machine already",
            "end it (systemctl stop pcscd.socket pcscd), or see 'negin-sim serve --help', which works with it.",
        ));
    }
    Ok(lock)
}

fn no_folder(error: &std::io::Error) -> Trouble {
    Trouble::new(
        format!("no folder for this run can be made: {error}"),
        "see whether there is room in the folder for temporary files, and whether its path is short (TMPDIR).",
    )
}

/// A folder of one's own with all that pcscd needs.
fn folder(driver: &Path, readers: usize) -> Result<(TempDir, Places), Trouble> {
    let made = (|| {
        // Within the namespaces /run is another.
        let base = std::env::temp_dir().canonicalize()?;
        let base = if base.starts_with("/run") {
            PathBuf::from("/tmp")
        } else {
            base
        };
        let folder = tempfile::Builder::new()
            .prefix("negin-sim-")
            .tempdir_in(base)?;
        let places = Places(folder.path().to_owned());
        for each in [places.config(), places.drivers(), places.run()] {
            fs::create_dir(&each)?;
            fs::set_permissions(&each, PermissionsExt::from_mode(0o755))?;
        }
        std::io::Result::Ok((folder, places))
    })();
    let (folder, places) = made.map_err(|error| no_folder(&error))?;
    let text = config(driver, &places.readers(), readers)?;
    fs::write(places.config().join("negin"), text).map_err(|error| no_folder(&error))?;
    Ok((folder, places))
}

/// Signals that would end this process end the command instead, and this with it.
fn heed_signals(tie: Tie, with_command: bool) -> Result<(), Trouble> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|error| {
        Trouble::new(format!("signals cannot be heeded: {error}"), "try again.")
    })?;
    std::thread::spawn(move || {
        let mut interrupts = 0;
        for signal in signals.forever() {
            if signal == SIGINT {
                // The terminal gives Ctrl-C to the command as well, which may have work to finish.
                interrupts += 1;
                if with_command && interrupts == 1 {
                    continue;
                }
            }
            tie.end();
        }
    });
    Ok(())
}
