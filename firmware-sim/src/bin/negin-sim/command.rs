//! A command whose devices are simulated by this very process: run to its end, and everything that it started with it.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, getppid, set_child_subreaper,
    set_parent_process_death_signal, wait,
};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::Tied;
use crate::process::{cannot_be_run, signal, waited_status};
use crate::trouble::Trouble;

/// How long a command that is asked to end may take.
const GRACE: Duration = Duration::from_secs(5);

/// Signals that have come since this was made.
pub struct Household {
    signals: Receiver<i32>,
}

impl Household {
    /// From here on signals end the command, and this process with it. What the command leaves behind becomes a child of
    /// this process.
    pub fn begin() -> Result<Self, Trouble> {
        let failed = |error: std::io::Error| {
            Trouble::new(format!("signals cannot be heeded: {error}"), "try again.")
        };
        set_child_subreaper(Some(getpid())).map_err(|error| failed(error.into()))?;
        let mut heeded = Signals::new([SIGCHLD, SIGINT, SIGTERM, SIGHUP]).map_err(failed)?;
        let (sender, signals) = channel();
        std::thread::spawn(move || {
            for signal in heeded.forever() {
                if sender.send(signal).is_err() {
                    break;
                }
            }
        });
        Ok(Self { signals })
    }

    /// Runs a command to its end; its status. Whatever it has started and left behind is ended.
    pub fn run(
        &self,
        command: &[OsString],
        environment: &[(&str, OsString)],
    ) -> Result<ExitCode, Trouble> {
        let program = std::env::current_exe().map_err(|error| no_program(&error))?;
        let mut tied = Command::new(program);
        tied.args([
            "tied",
            "--parent",
            &getpid().as_raw_nonzero().to_string(),
            "--",
        ])
        .args(command)
        .envs(environment.iter().map(|(key, value)| (key, value)));
        let child = tied.spawn().map_err(|error| no_program(&error))?;
        let status = self.until_ended(child.id());
        end_the_rest();
        Ok(ExitCode::from(status))
    }

    /// Without a command: until somebody ends this.
    pub fn stay(&self) -> ExitCode {
        while matches!(self.signals.recv(), Ok(SIGCHLD)) {}
        ExitCode::SUCCESS
    }

    fn until_ended(&self, command: u32) -> u8 {
        let mut asked: Option<Instant> = None;
        let mut interrupts = 0;
        loop {
            let came = match asked {
                None => self
                    .signals
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => self
                    .signals
                    .recv_timeout(GRACE.saturating_sub(since.elapsed())),
            };
            match came {
                Ok(SIGCHLD) => {}
                // The terminal gives Ctrl-C to the command as well, which may have work to finish.
                Ok(SIGINT) if interrupts == 0 => interrupts += 1,
                Ok(_) if asked.is_none() => {
                    asked = Some(Instant::now());
                    signal(command, Signal::TERM);
                }
                // Asked twice, or out of patience.
                _ => signal(command, Signal::KILL),
            }
            while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
                if pid.as_raw_nonzero().get() as u32 == command {
                    return waited_status(status);
                }
            }
        }
    }
}

/// Ends what the command has left behind: children of this process by now.
fn end_the_rest() {
    let begin = Instant::now();
    while begin.elapsed() < GRACE {
        for pid in children() {
            signal(pid, Signal::KILL);
        }
        // An error: there are none.
        match wait(WaitOptions::NOHANG) {
            Err(_) => return,
            Ok(Some(_)) => {}
            Ok(None) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// The processes whose parent this one is: field 4 of proc(5)'s stat, behind the name in parentheses.
fn children() -> Vec<u32> {
    let own = getpid().as_raw_nonzero().to_string();
    let parent = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        rest.split_whitespace().nth(1).map(str::to_owned)
    };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&pid| parent(pid).as_ref() == Some(&own))
        .collect()
}

fn no_program(error: &std::io::Error) -> Trouble {
    Trouble::new(
        format!("the command cannot be started: {error}"),
        "see whether negin-sim is still where it was.",
    )
}

/// In the command's own process, before it becomes the command: where whoever simulates its devices is killed, it ends,
/// too.
pub fn become_command(options: &Tied) -> Result<ExitCode, Trouble> {
    let Some((wanted, arguments)) = options.command.split_first() else {
        return Ok(ExitCode::SUCCESS);
    };
    let tied = set_parent_process_death_signal(Some(Signal::KILL));
    if tied.is_err() || getppid() != Pid::from_raw(options.parent) {
        return Err(Trouble::new(
            "whoever simulates the devices is gone",
            "run it again.",
        ));
    }
    let error = Command::new(wanted).args(arguments).exec();
    Ok(cannot_be_run(OsStr::new(wanted), &error))
}
