//! Outside the namespaces: what holds the run together, and ends it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tempfile::TempDir;

use super::Places;
use super::namespace::Unshare;
use crate::FAILED;
use crate::cli::Pcsc;
use crate::readers::{config, driver};
use crate::trouble::Trouble;

/// How long the simulator may take to end by itself.
const SIMULATOR_GRACE: Duration = Duration::from_secs(5);

/// Runs the command with its PC/SC.
pub fn run(options: &Pcsc) -> Result<ExitCode, Trouble> {
    let readers = options.rack.interfaces().len();
    let driver = driver(options.ifd.as_deref())?;
    let unshare = match options.no_namespaces {
        false => Some(Unshare::find(!options.share_network)?),
        true => None,
    };
    let _alone = unshare.is_none().then(alone).transpose()?;
    let (folder, places) = folder(&driver, readers)?;
    let life = UnixListener::bind(places.life()).map_err(|error| no_folder(&error))?;
    let mut simulator = Simulator::start(options, &places)?;

    let program = std::env::current_exe().map_err(|error| no_folder(&error))?;
    let mut command = match unshare {
        Some(unshare) => {
            let mut command = unshare.command(program.as_os_str());
            command.args(["inside", "--namespaces"]);
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
        &options.rack.cards.len().to_string(),
        "--",
    ]);
    command.args(&options.command);

    let tie = Tie::default();
    tie.accept(life);
    tie.heed_signals(!options.command.is_empty())?;
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

/// A process's end as a shell's number.
fn number(status: ExitStatus) -> u8 {
    match (status.code(), status.signal()) {
        (Some(code), _) => code as u8,
        (None, Some(signal)) => 128u8.saturating_add(signal as u8),
        (None, None) => FAILED,
    }
}

/// Without namespaces there is one pcscd a machine: waits until no other run has it.
fn alone() -> Result<File, Trouble> {
    if !rustix::process::geteuid().is_root() {
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

/// The simulator's process.
struct Simulator(Child);

impl Simulator {
    fn start(options: &Pcsc, places: &Places) -> Result<Self, Trouble> {
        let failed = |error: std::io::Error| {
            Trouble::new(
                format!("the simulator cannot be started: {error}"),
                "see whether negin-sim is still where it was.",
            )
        };
        let rack = &options.rack;
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command
            .args(["serve", "--tied", "--socket"])
            .arg(places.readers());
        command.arg("--control").arg(places.control());
        command.args(["--readers", &rack.interfaces().len().to_string()]);
        for reader in &rack.contactless {
            command.args(["--contactless", &reader.to_string()]);
        }
        if let Some(seed) = rack.seed {
            command.args(["--seed", &seed.to_string()]);
        }
        for card in &rack.cards {
            command.arg("--card").arg(card);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C is the command's; the cards stay until that is done.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(said) = child.stdout.take() {
            BufReader::new(said).read_line(&mut line).map_err(failed)?;
        }
        if line.trim() == "ready" {
            return Ok(Self(child));
        }
        // It has said what is wrong.
        let status = child.wait().map_err(failed)?;
        std::process::exit(number(status).into());
    }

    /// Lets it end, and sees to it that it does.
    fn end(&mut self) {
        drop(self.0.stdin.take());
        let begin = Instant::now();
        while begin.elapsed() < SIMULATOR_GRACE {
            match self.0.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                _ => return,
            }
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What ties the part inside to this one.
#[derive(Clone, Default)]
struct Tie(Arc<Mutex<Option<UnixStream>>>);

impl Tie {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<UnixStream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the one connection there will be.
    fn accept(&self, life: UnixListener) {
        let tie = self.clone();
        std::thread::spawn(move || {
            if let Ok((stream, _)) = life.accept() {
                *tie.lock() = Some(stream);
            }
        });
    }

    /// Asks the part inside to end; asked again, it does so at once.
    fn end(&self) {
        if let Some(stream) = &mut *self.lock() {
            let _ = stream.write_all(b"end\n");
        }
    }

    /// Signals that would end this process end the command instead, and this with it.
    fn heed_signals(&self, with_command: bool) -> Result<(), Trouble> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|error| {
            Trouble::new(format!("signals cannot be heeded: {error}"), "try again.")
        })?;
        let tie = self.clone();
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
}
