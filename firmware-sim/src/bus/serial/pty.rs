//! A pseudo terminal, which programs take for a serial port.
//!
//! The port is a link that a device's coming makes and its going takes away, as `/dev/ttyUSB0` comes and goes; what is
//! open then reads as hung up. A pseudo terminal has no speed of its own: the device's end looks at the speed that the
//! program has set, so a program at the wrong one hears noise. What is sent while nobody has the port open is lost, as
//! on a real line.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::SharedPlug;

/// How long may pass before the script, or a line from outside, is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// A device's port, served as long as this lives.
pub struct PtyPort {
    path: PathBuf,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PtyPort {
    /// Serves a device's line at `path`, which is made and must not be there.
    ///
    /// # Errors
    /// The system's, where it gives no pseudo terminal or no link can be made.
    pub fn serve(plug: SharedPlug, path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let end = Arc::new(AtomicBool::new(false));
        let mut server = Server {
            plug,
            path: path.clone(),
            epoch: Instant::now(),
            insertion: None,
            terminal: None,
            unsent: Vec::new(),
        };
        server.follow()?;
        let ended = Arc::clone(&end);
        let thread = std::thread::Builder::new()
            .name("serial line".to_owned())
            .spawn(move || {
                while !ended.load(Ordering::Acquire) {
                    if let Err(error) = server.turn() {
                        log::error!("{}: {error}", server.path.display());
                        break;
                    }
                }
                server.leave();
            })?;
        Ok(Self {
            path,
            end,
            thread: Some(thread),
        })
    }

    /// Where programs find it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PtyPort {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Server {
    plug: SharedPlug,
    path: PathBuf,
    epoch: Instant,
    /// Which time the device was plugged in that has this terminal.
    insertion: Option<u64>,
    terminal: Option<OwnedFd>,
    /// What the program has not made room for yet.
    unsent: Vec<u8>,
}

impl Server {
    /// The port is there as long as the device is.
    fn follow(&mut self) -> io::Result<()> {
        let plugged = self.plug.lock().plugged(self.epoch.elapsed());
        if plugged != self.insertion {
            self.leave();
            self.insertion = plugged;
        }
        if plugged.is_some() && self.terminal.is_none() {
            let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
            rustix::io::fcntl_setfd(&terminal, rustix::io::FdFlags::CLOEXEC)?;
            fcntl_setfl(&terminal, OFlags::NONBLOCK)?;
            grantpt(&terminal)?;
            unlockpt(&terminal)?;
            // Nothing is echoed before a program has set it up.
            let mut mode = tcgetattr(&terminal)?;
            mode.make_raw();
            tcsetattr(&terminal, OptionalActions::Now, &mode)?;
            let name = ptsname(&terminal, Vec::new())?;
            let target = name.to_str().map_err(io::Error::other)?;
            std::os::unix::fs::symlink(target, &self.path)?;
            self.terminal = Some(terminal);
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.unsent.clear();
        if self.terminal.take().is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    /// Waits for something to do and does it.
    fn turn(&mut self) -> io::Result<()> {
        self.follow()?;
        let now = self.epoch.elapsed();
        let due = self.plug.lock().next_change();
        let wait = due.map_or(LOOK, |due| due.saturating_sub(now).min(LOOK));
        let Some(terminal) = &self.terminal else {
            std::thread::sleep(wait.max(Duration::from_millis(1)));
            return Ok(());
        };
        let mut wanted = PollFlags::IN;
        if !self.unsent.is_empty() {
            wanted |= PollFlags::OUT;
        }
        let mut looked = [PollFd::from_borrowed_fd(terminal.as_fd(), wanted)];
        let wait = Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(wait.subsec_nanos()),
        };
        match poll(&mut looked, Some(&wait)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let seen = looked[0].revents();
        let mut bytes = [0; 4096];
        let read = match rustix::io::read(terminal, &mut bytes) {
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR | Errno::IO) => 0,
            Err(error) => return Err(error.into()),
        };
        // The program's speed, as it has set it at its end.
        let baud = tcgetattr(terminal)?.output_speed();
        let now = self.epoch.elapsed();
        {
            let mut plug = self.plug.lock();
            if read > 0 {
                plug.from_host(&bytes[..read], baud, now);
            }
            self.unsent.extend(plug.to_host(baud, now));
        }
        if seen.contains(PollFlags::HUP) && read == 0 {
            // Nobody has it open.
            self.unsent.clear();
            std::thread::sleep(LOOK / 2);
        } else if !self.unsent.is_empty() {
            match rustix::io::write(terminal, &self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(Errno::AGAIN | Errno::INTR | Errno::IO) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
