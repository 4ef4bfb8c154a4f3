//! The simulator's process, which holds the cards.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Deed, Places};
use crate::cli::Rack;
use crate::process::{halt, number, signal};
use crate::trouble::Trouble;

/// How long it may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// The simulator: running, or killed by a test.
#[derive(Clone)]
pub struct Simulator {
    rack: Rack,
    places: Places,
    running: Arc<Mutex<Option<Running>>>,
}

struct Running {
    child: Child,
    /// Its end is no surprise.
    expected: Arc<AtomicBool>,
}

/// Why there is no simulator.
pub enum NotStarted {
    /// It ended with this status, and said why.
    Said(u8),
    /// It could not even be started.
    Trouble(Trouble),
}

impl Simulator {
    /// Starts it, with the cards in its readers.
    pub fn start(rack: Rack, places: Places) -> Result<Self, NotStarted> {
        let running = start(&rack, &places)?;
        Ok(Self {
            rack,
            places,
            running: Arc::new(Mutex::new(Some(running))),
        })
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out what a line asks; what there is to say of it.
    pub fn deed(&self, deed: Deed) -> Result<Vec<String>, String> {
        let mut running = self.running();
        if running
            .as_mut()
            .is_some_and(|running| !matches!(running.child.try_wait(), Ok(None)))
        {
            *running = None;
        }
        match (deed, &mut *running) {
            (Deed::Look, Some(running)) => Ok(vec![format!("running {}", running.child.id())]),
            (Deed::Look, None) => Ok(vec!["gone".to_owned()]),
            (Deed::Start, Some(_)) => Err("the simulator is running already".to_owned()),
            (Deed::Start, None) => match start(&self.rack, &self.places) {
                Ok(started) => {
                    *running = Some(started);
                    Ok(Vec::new())
                }
                Err(NotStarted::Said(status)) => {
                    Err(format!("the simulator ended at once, with status {status}"))
                }
                Err(NotStarted::Trouble(trouble)) => Err(trouble.what),
            },
            (_, None) => Err("the simulator is not running".to_owned()),
            (Deed::Kill, Some(held)) => {
                held.expected.store(true, Ordering::Relaxed);
                let _ = held.child.kill();
                let _ = held.child.wait();
                *running = None;
                Ok(Vec::new())
            }
            (Deed::Stop, Some(held)) => {
                halt(held.child.id());
                Ok(Vec::new())
            }
            (Deed::Continue, Some(held)) => {
                signal(held.child.id(), Signal::CONT);
                Ok(Vec::new())
            }
        }
    }

    /// Lets it end, and sees to it that it does.
    pub fn end(&self) {
        let Some(mut running) = self.running().take() else {
            return;
        };
        running.expected.store(true, Ordering::Relaxed);
        signal(running.child.id(), Signal::CONT);
        drop(running.child.stdin.take());
        let begin = Instant::now();
        while begin.elapsed() < GRACE {
            match running.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                _ => return,
            }
        }
        let _ = running.child.kill();
        let _ = running.child.wait();
    }
}

fn start(rack: &Rack, places: &Places) -> Result<Running, NotStarted> {
    let failed = |error: std::io::Error| {
        NotStarted::Trouble(Trouble::new(
            format!("the simulator cannot be started: {error}"),
            "see whether negin-sim is still where it was.",
        ))
    };
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command
        .args(["serve", "--tied", "--socket"])
        .arg(places.readers());
    command.arg("--control").arg(places.simulator());
    command.args(["--readers", &rack.interfaces().len().to_string()]);
    for reader in &rack.contactless {
        command.args(["--contactless", &reader.to_string()]);
    }
    for reader in &rack.pin_pad {
        command.args(["--pin-pad", &reader.to_string()]);
    }
    if rack.echo {
        command.arg("--echo");
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
    let said = child.stdout.take().map(BufReader::new);
    if let Some(mut said) = said
        && said.read_line(&mut line).is_ok()
        && line.trim() == "ready"
    {
        let expected = Arc::new(AtomicBool::new(false));
        tell_of_end(said, Arc::clone(&expected));
        return Ok(Running { child, expected });
    }
    // It has said what is wrong.
    let _ = child.kill();
    let status = child.wait().map_err(failed)?;
    Err(NotStarted::Said(number(status)))
}

/// Says so where the simulator ends and nobody asked it to.
fn tell_of_end(mut said: impl Read + Send + 'static, expected: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let _ = said.read_to_end(&mut Vec::new());
        if !expected.load(Ordering::Relaxed) {
            eprintln!(
                "{}",
                Trouble::new(
                    "the simulator ended, and its cards are no longer in the readers",
                    "'negin-sim control simulator start' starts it again; what the cards wrote is in their files."
                )
            );
        }
    });
}
