//! `negin-sim pcsc`: a PC/SC for one command, with readers in which cards lie.
//!
//! Three processes beside the command. [`outside`] holds all together: it starts the simulator (`negin-sim serve`) and,
//! in namespaces where nobody else's /run, network and processes are, [`inside`]: which starts pcscd, waits until it
//! shows the readers and cards, runs the command and passes its status on. Each of the two ends where `outside` does,
//! however that comes about: the simulator by its standard input, `inside` by a socket. Where `inside` ends, its
//! namespace ends with everything in it.

mod client;
mod control;
mod daemon;
pub mod inside;
mod namespace;
pub mod outside;
mod simulator;
mod tie;

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::FAILED;

/// The folder of one run, and what is where in it.
#[derive(Debug, Clone)]
pub struct Places(pub PathBuf);

impl Places {
    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the driver finds the simulator.
    pub fn readers(&self) -> PathBuf {
        self.at("readers")
    }

    /// Where a person's or a test's lines go.
    pub fn control(&self) -> PathBuf {
        self.at("control")
    }

    /// Where lines for the simulator are passed on to.
    pub fn simulator(&self) -> PathBuf {
        self.at("simulator")
    }

    /// Where `inside` holds on to `outside`.
    pub fn life(&self) -> PathBuf {
        self.at("life")
    }

    /// pcscd's configuration.
    pub fn config(&self) -> PathBuf {
        self.at("reader.conf.d")
    }

    /// A folder with no drivers: real readers stay the system's.
    pub fn drivers(&self) -> PathBuf {
        self.at("drivers")
    }

    /// What is pcscd's /run/pcscd within the namespaces.
    pub fn run(&self) -> PathBuf {
        self.at("pcscd")
    }

    /// What pcscd says.
    pub fn log(&self) -> PathBuf {
        self.at("pcscd.log")
    }
}

/// A program that may lie where only root looks for programs.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(|folder| Path::new(folder).to_owned()))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// A process's end as a shell's number.
fn number(status: ExitStatus) -> u8 {
    match (status.code(), status.signal()) {
        (Some(code), _) => code as u8,
        (None, Some(signal)) => 128u8.saturating_add(signal as u8),
        (None, None) => FAILED,
    }
}

/// Sends a signal to a process of ours; one that is gone gets none.
fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Halts a process of ours. The signal takes a moment to reach its threads: it is halted when this returns.
fn halt(pid: u32) {
    signal(pid, Signal::STOP);
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(5) && !halted(pid) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether every thread of a process is stopped, or gone: field 3 of proc(5)'s stat, behind the name in parentheses.
fn halted(pid: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return true;
    };
    threads.flatten().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim_start());
        state.is_none_or(|state| state.starts_with('T'))
    })
}

/// What can be done to a process of ours by a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Nothing: whether it runs.
    Look,
    /// Ends it as a crash does.
    Kill,
    /// It gets no time any more.
    Stop,
    /// It gets time again.
    Continue,
    /// Starts it anew.
    Start,
}

impl Deed {
    fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "" => Self::Look,
            "kill" => Self::Kill,
            "stop" => Self::Stop,
            "continue" => Self::Continue,
            "start" => Self::Start,
            other => {
                return Err(format!(
                    "'{other}' cannot be done; there are: kill, stop, continue, start"
                ));
            }
        })
    }
}
