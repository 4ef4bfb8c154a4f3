//! Within the namespaces: pcscd, the wait for it, the command.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, wait, waitpid};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::daemon::Daemon;
use super::{Deed, Places, client, namespace};
use crate::FAILED;
use crate::cli::Inside;
use crate::process::{cannot_be_run, halt, program, signal, waited_status};
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
    /// Something is to be done to pcscd.
    Daemon(Deed),
    /// Whoever started this is gone.
    Orphaned,
}

/// Runs pcscd and the command.
pub fn run(options: Inside) -> Result<ExitCode, Trouble> {
    let places = Places(options.folder.clone());
    let (events, tie) = events(&places)?;
    if options.namespaces {
        namespace::settle(&places)?;
    }
    let daemon = Some(Daemon::start(&places)?);
    let mut household = Household {
        places,
        readers: options.readers,
        daemon,
        command: None,
        finished: None,
        ended: false,
        events,
        tie,
    };
    let done = match household.until_ready(options.cards) {
        Ok(Until::Ready) => household.run(&options),
        Ok(Until::Ended) => Ok(ExitCode::from(FAILED)),
        Err(what) => Err(not_ready(&what, &household.places)),
    };
    household.end_daemon();
    done
}

fn events(places: &Places) -> Result<(Receiver<Event>, UnixStream), Trouble> {
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
    let tie = UnixStream::connect(places.life()).map_err(failed)?;
    let heard = tie.try_clone().map_err(failed)?;
    std::thread::spawn(move || {
        for line in BufReader::new(heard).lines().map_while(Result::ok) {
            let event = match line
                .strip_prefix("daemon")
                .map(|rest| Deed::parse(rest.trim()))
            {
                Some(Ok(deed)) => Event::Daemon(deed),
                _ => Event::End,
            };
            let _ = sender.send(event);
        }
        let _ = sender.send(Event::Orphaned);
    });
    Ok((events, tie))
}

/// How the wait for pcscd came out.
enum Until {
    /// Readers and cards show.
    Ready,
    /// The run is to end before.
    Ended,
}

/// What runs within.
struct Household {
    places: Places,
    readers: usize,
    daemon: Option<Daemon>,
    command: Option<u32>,
    /// The status with which the command ended.
    finished: Option<u8>,
    /// The end was asked for while something else was done.
    ended: bool,
    events: Receiver<Event>,
    tie: UnixStream,
}

impl Household {
    /// Takes note of processes that ended; as the first process of a namespace also of those that nobody else waits
    /// for.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let pid = pid.as_raw_nonzero().get() as u32;
            if self.command == Some(pid) {
                self.command = None;
                self.finished = Some(waited_status(status));
            } else if self.daemon == Some(Daemon { pid }) {
                self.daemon = None;
            }
        }
    }

    /// Waits until the readers show, and at least so many cards.
    fn until_ready(&mut self, cards: usize) -> Result<Until, String> {
        let begin = Instant::now();
        let looks = client::look_again_and_again();
        let mut seen = Err(pcsc::Error::NoService);
        loop {
            match self.events.recv_timeout(Duration::from_millis(5)) {
                Ok(Event::Child) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::Daemon(_)) => self.reply("pcscd is being started"),
                Ok(Event::End | Event::Orphaned) | Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    return Ok(Until::Ended);
                }
            }
            self.reap();
            if self.daemon.is_none() {
                return Err("pcscd ended before it was ready".to_owned());
            }
            seen = looks.try_iter().last().unwrap_or(seen);
            match seen {
                Ok((readers, present)) if readers == self.readers && present >= cards => {
                    return Ok(Until::Ready);
                }
                _ if begin.elapsed() < READY => {}
                Ok((readers, present)) => {
                    return Err(format!(
                        "pcscd shows {readers} of {} readers and {present} of {cards} cards after {} s",
                        self.readers,
                        READY.as_secs()
                    ));
                }
                Err(error) => return Err(format!("pcscd does not answer: {error}")),
            }
        }
    }

    fn start(&mut self, options: &Inside) -> Result<(), ExitCode> {
        let Some((wanted, arguments)) = options.command.split_first() else {
            println!("PC/SC is ready. Ctrl-C ends it. For programs of yours outside:");
            if options.namespaces {
                let socket = self.places.run().join("pcscd.comm");
                println!("export PCSCLITE_CSOCK_NAME={}", socket.display());
            }
            println!(
                "export NEGIN_SIM_CONTROL={}",
                self.places.control().display()
            );
            return Ok(());
        };
        let mut command = as_user(options, wanted);
        match command
            .args(arguments)
            .env("NEGIN_SIM_CONTROL", self.places.control())
            .spawn()
        {
            Ok(child) => {
                self.command = Some(child.id());
                Ok(())
            }
            Err(error) => Err(cannot_be_run(wanted, &error)),
        }
    }

    fn run(&mut self, options: &Inside) -> Result<ExitCode, Trouble> {
        if let Err(status) = self.start(options) {
            return Ok(status);
        }
        let mut asked: Option<Instant> = None;
        loop {
            let event = match asked {
                _ if std::mem::take(&mut self.ended) => Ok(Event::End),
                None => self
                    .events
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => self
                    .events
                    .recv_timeout(GRACE.saturating_sub(since.elapsed())),
            };
            match event {
                Ok(Event::Child) => {}
                Ok(Event::Daemon(deed)) => {
                    let said = self.deed(deed).unwrap_or_else(|what| what);
                    self.reply(&said);
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
                    if matches!(event, Ok(Event::Orphaned)) {
                        let _ = std::fs::remove_dir_all(&self.places.0);
                    }
                    return Ok(ExitCode::from(128 + 9));
                }
            }
            self.reap();
            if let Some(status) = self.finished {
                return Ok(ExitCode::from(status));
            }
        }
    }

    fn reply(&mut self, said: &str) {
        // Who asked and is gone needs no answer.
        let _ = self
            .tie
            .write_all(format!("{}\n", said.replace('\n', " ")).as_bytes());
    }

    /// Carries out on pcscd what a line asks.
    fn deed(&mut self, deed: Deed) -> Result<String, String> {
        match (deed, self.daemon) {
            (Deed::Look, Some(daemon)) => Ok(format!("ok running {}", daemon.pid)),
            (Deed::Look, None) => Ok("ok gone".to_owned()),
            (Deed::Start, Some(_)) => Err("pcscd is running already".to_owned()),
            (Deed::Start, None) => {
                self.daemon = Some(Daemon::start(&self.places).map_err(|trouble| trouble.what)?);
                match self.until_ready(0) {
                    Ok(Until::Ready) => Ok("ok".to_owned()),
                    Ok(Until::Ended) => Err("the run is to end".to_owned()),
                    Err(what) => Err(what),
                }
            }
            (_, None) => Err("pcscd is not running".to_owned()),
            (Deed::Kill, Some(daemon)) => {
                signal(daemon.pid, Signal::KILL);
                // Only once it is waited for can the next one tell that it is gone.
                while self.daemon.is_some() {
                    std::thread::sleep(Duration::from_millis(1));
                    if wait_for(daemon.pid) {
                        self.daemon = None;
                    }
                }
                Ok("ok".to_owned())
            }
            (Deed::Stop, Some(daemon)) => {
                halt(daemon.pid);
                Ok("ok".to_owned())
            }
            (Deed::Continue, Some(daemon)) => {
                signal(daemon.pid, Signal::CONT);
                Ok("ok".to_owned())
            }
        }
    }

    fn end_daemon(&mut self) {
        let Some(daemon) = self.daemon else { return };
        signal(daemon.pid, Signal::CONT);
        signal(daemon.pid, Signal::TERM);
        let begin = Instant::now();
        while begin.elapsed() < DAEMON_GRACE {
            let _ = self.events.recv_timeout(Duration::from_millis(10));
            self.reap();
            if self.daemon.is_none() {
                return;
            }
        }
        signal(daemon.pid, Signal::KILL);
    }
}

/// Whether this process of ours ended; it is waited for then.
fn wait_for(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return true;
    };
    !matches!(waitpid(Some(pid), WaitOptions::NOHANG), Ok(None))
}

/// The command, as the user who started all this.
fn as_user(options: &Inside, wanted: &OsStr) -> Command {
    let (Some(user), Some(group), Some(unshare)) =
        (options.user, options.group, program("unshare"))
    else {
        return Command::new(wanted);
    };
    // In a namespace beneath this one, in which root here is the user again.
    let mut command = Command::new(unshare);
    command
        .arg(format!("--map-user={user}"))
        .arg(format!("--map-group={group}"))
        .arg("--")
        .arg(wanted);
    command
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
