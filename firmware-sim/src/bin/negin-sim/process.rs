//! Processes of ours: found, signalled, and how they ended.

use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitStatus, kill_process};

use crate::FAILED;
use crate::trouble::Trouble;

/// A program that may lie where only root looks for programs.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(|folder| Path::new(folder).to_owned()))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// A process's end as a shell's number.
pub fn number(status: ExitStatus) -> u8 {
    match (status.code(), status.signal()) {
        (Some(code), _) => code as u8,
        (None, Some(signal)) => 128u8.saturating_add(signal as u8),
        (None, None) => FAILED,
    }
}

/// Sends a signal to a process of ours; one that is gone gets none.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Halts a process of ours. The signal takes a moment to reach its threads: it is halted when this returns.
pub fn halt(pid: u32) {
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

/// The same of a process that was waited for.
pub fn waited_status(status: WaitStatus) -> u8 {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code as u8,
        (None, Some(signal)) => 128u8.saturating_add(signal as u8),
        (None, None) => FAILED,
    }
}

/// Says that a command cannot be run, and why; the status with which a shell ends then.
pub fn cannot_be_run(wanted: &OsStr, error: &std::io::Error) -> ExitCode {
    let (status, next) = match error.kind() {
        std::io::ErrorKind::NotFound => (127, "see whether it is installed and in PATH."),
        _ => (126, "see whether you may run it."),
    };
    let wanted = wanted.to_string_lossy();
    eprintln!(
        "{}",
        Trouble::new(format!("{wanted} cannot be run: {error}"), next)
    );
    ExitCode::from(status)
}
