//! Within the namespaces: pcscd, the wait for it, the command.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::daemon::Daemon;
use super::{Places, client, namespace};
use crate::FAILED;
use crate::cli::Inside;
use crate::trouble::Trouble;

/// How long readers and cards may take to show.
const READY: Duration = Duration::from_secs(30);
/// How long a command that is asked to end may take.
const GRACE: Duration = Duration::from_secs(5);
/// How long pcscd may take to end.
const DAEMON_GRACE: Duration = Duration::from_secs(3);

/// What happens meanwhile.
enum Event {
    /// Some process ended.
    Child,
    /// The run shall end.
    End,
    /// Whoever started this is gone.
    Orphaned,
}

/// Runs pcscd and the command.
pub fn run(options: Inside) -> Result<ExitCode, Trouble> {
    let places = Places(options.folder);
    let events = events(&places)?;
    if options.namespaces {
        namespace::settle(&places)?;
    }
    let mut household = Household {
        daemon: None,
        command: None,
        events,
    };
    household.daemon = Some(Daemon::start(&places)?);
    let done = household
        .until_ready(&places, options.readers, options.cards)
        .and_then(|ready| match ready {
            Some(early) => Ok(early),
            None => household.run(&places, &options.command),
        });
    household.end_daemon();
    done
}

fn events(places: &Places) -> Result<Receiver<Event>, Trouble> {
    let failed = |error: std::io::Error| {
        Trouble::new(
            format!("this part cannot reach the one that started it: {error}"),
            "run 'negin-sim pcsc' instead.",
        )
    };
    let (sender, events) = channel();
    let mut signals = Signals::new([SIGCHLD, SIGINT, SIGTERM, SIGHUP]).map_err(failed)?;
    let from_signals: Sender<Event> = sender.clone();
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGCHLD => Event::Child,
                // Ctrl-C is the command's.
                SIGINT => continue,
                _ => Event::End,
            };
            if from_signals.send(event).is_err() {
                break;
            }
        }
    });
    let life = UnixStream::connect(places.life()).map_err(failed)?;
    std::thread::spawn(move || {
        for _ in BufReader::new(life)
            .lines()
            .map_while(Result::ok)
            .filter(|line| line == "end")
        {
            let _ = sender.send(Event::End);
        }
        let _ = sender.send(Event::Orphaned);
    });
    Ok(events)
}

/// What runs within.
struct Household {
    daemon: Option<Daemon>,
    command: Option<u32>,
    events: Receiver<Event>,
}

impl Household {
    /// Takes note of processes that ended; as the first process of a namespace also of those that nobody else waits
    /// for. The command's status, where it is among them.
    fn reap(&mut self) -> Option<u8> {
        let mut done = None;
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let pid = pid.as_raw_nonzero().get() as u32;
            if self.command == Some(pid) {
                self.command = None;
                done = Some(exit_status(status));
            } else if self.daemon == Some(Daemon { pid }) {
                self.daemon = None;
            }
        }
        done
    }

    /// Waits until the readers and cards show. A status where the run is to end before.
    fn until_ready(
        &mut self,
        places: &Places,
        readers: usize,
        cards: usize,
    ) -> Result<Option<ExitCode>, Trouble> {
        let begin = Instant::now();
        loop {
            match self.events.recv_timeout(Duration::from_millis(5)) {
                Ok(Event::End | Event::Orphaned) => return Ok(Some(ExitCode::from(FAILED))),
                Ok(Event::Child) => {}
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Some(ExitCode::from(FAILED))),
            }
            self.reap();
            if self.daemon.is_none() {
                return Err(not_ready("pcscd ended before it was ready", places));
            }
            let seen = client::seen();
            if seen == Ok((readers, cards)) {
                return Ok(None);
            }
            if begin.elapsed() > READY {
                let what = match seen {
                    Ok((readers_seen, cards_seen)) => format!(
                        "pcscd shows {readers_seen} of {readers} readers and {cards_seen} of {cards} cards after {} s",
                        READY.as_secs()
                    ),
                    Err(error) => format!("pcscd does not answer: {error}"),
                };
                return Err(not_ready(&what, places));
            }
        }
    }

    fn run(&mut self, places: &Places, command: &[OsString]) -> Result<ExitCode, Trouble> {
        if let Some((program, arguments)) = command.split_first() {
            let started = Command::new(program)
                .args(arguments)
                .env("NEGIN_SIM_CONTROL", places.control())
                .spawn();
            match started {
                Ok(child) => self.command = Some(child.id()),
                Err(error) => {
                    let (status, next) = match error.kind() {
                        std::io::ErrorKind::NotFound => {
                            (127, "see whether it is installed and in PATH.")
                        }
                        _ => (126, "see whether you may run it."),
                    };
                    let program = program.to_string_lossy();
                    eprintln!(
                        "{}",
                        Trouble::new(format!("{program} cannot be run: {error}"), next)
                    );
                    return Ok(ExitCode::from(status));
                }
            }
        } else {
            println!("PC/SC is ready. Ctrl-C ends it. For programs outside:");
            println!(
                "export PCSCLITE_CSOCK_NAME={}",
                places.run().join("pcscd.comm").display()
            );
            println!("export NEGIN_SIM_CONTROL={}", places.control().display());
        }
        let mut asked: Option<Instant> = None;
        loop {
            let event = match asked {
                None => self
                    .events
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => self
                    .events
                    .recv_timeout(GRACE.saturating_sub(since.elapsed())),
            };
            match event {
                Ok(Event::Child) => {
                    if let Some(status) = self.reap() {
                        return Ok(ExitCode::from(status));
                    }
                }
                Ok(Event::End) if asked.is_none() => match self.command {
                    Some(pid) => {
                        asked = Some(Instant::now());
                        signal(pid, Signal::TERM);
                    }
                    None => return Ok(ExitCode::SUCCESS),
                },
                // Asked twice, or out of patience, or nobody is left to answer to.
                Ok(Event::End | Event::Orphaned) | Err(_) => {
                    if let Some(pid) = self.command {
                        signal(pid, Signal::KILL);
                    }
                    return Ok(ExitCode::from(128 + 9));
                }
            }
        }
    }

    fn end_daemon(&mut self) {
        let Some(daemon) = self.daemon else { return };
        daemon.signal(Signal::TERM);
        let begin = Instant::now();
        while begin.elapsed() < DAEMON_GRACE {
            let _ = self.events.recv_timeout(Duration::from_millis(10));
            self.reap();
            if self.daemon.is_none() {
                return;
            }
        }
        daemon.signal(Signal::KILL);
    }
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// A process's end as a shell's number.
fn exit_status(status: WaitStatus) -> u8 {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code as u8,
        (None, Some(signal)) => 128u8.saturating_add(signal as u8),
        (None, None) => FAILED,
    }
}

fn not_ready(what: &str, places: &Places) -> Trouble {
    let log = std::fs::read_to_string(places.log()).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let last = lines[lines.len().saturating_sub(10)..].join("\n  ");
    let trouble = Trouble::new(
        what,
        "read what pcscd says above; a machine under great load may also need a second try.",
    );
    if last.is_empty() {
        trouble
    } else {
        trouble.meaning(format!("Its last words:\n  {last}"))
    }
}
