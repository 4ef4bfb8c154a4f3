//! The terminal's alternate screen, given back however the program ends.

use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};

use signal_hook::consts::SIGTSTP;
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use crate::output::shortened;

/// The other screen, nothing on it, no cursor.
const TAKE: &str = "\u{1b}[?1049h\u{1b}[0m\u{1b}[2J\u{1b}[?25l";
/// Nothing left on it, the cursor, the screen that was.
const GIVE_BACK: &str = "\u{1b}[0m\u{1b}[2J\u{1b}[?25h\u{1b}[?1049l";

/// What the terminal shows. Who writes to it holds this.
static SHOWN: Mutex<Shown> = Mutex::new(Shown {
    taken: false,
    words: String::new(),
});

struct Shown {
    /// Whether it is the other screen.
    taken: bool,
    /// What stands in its last line.
    words: String,
}

impl Shown {
    fn put_words(&self) {
        if let Some((columns, lines)) = size() {
            let words = shortened(&self.words, usize::from(columns).saturating_sub(1));
            put(&format!("\u{1b}[{lines};1H\u{1b}[0m\u{1b}[2K{words}"));
        }
    }
}

/// The other screen of the terminal on standard output.
pub(super) struct Screen {
    level: log::LevelFilter,
    stopping: Option<Handle>,
}

impl Screen {
    /// Takes it. What is logged meanwhile would tear the picture: nothing is.
    pub fn take() -> Self {
        static WATCHED: Once = Once::new();
        // What a panic says belongs on the screen that stays.
        WATCHED.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                before(panic);
            }));
        });
        let level = log::max_level();
        log::set_max_level(log::LevelFilter::Off);
        let stopping = watch_stops();
        let mut shown = shown();
        put(TAKE);
        shown.taken = true;
        Self { level, stopping }
    }

    /// Writes to it, while it is there.
    pub fn write(&self, text: &str) {
        if shown().taken {
            put(text);
        }
    }

    /// Writes words into its last line.
    pub fn say(&self, words: &str) {
        let mut shown = shown();
        words.clone_into(&mut shown.words);
        if shown.taken {
            shown.put_words();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(stopping) = &self.stopping {
            stopping.close();
        }
        give_back();
        log::set_max_level(self.level);
    }
}

/// Gives the terminal back, where it was taken; from whatever thread, and more than once.
pub fn give_back() {
    let taken = match SHOWN.try_lock() {
        Ok(mut shown) => std::mem::take(&mut shown.taken),
        Err(TryLockError::Poisoned(shown)) => std::mem::take(&mut shown.into_inner().taken),
        // Whoever writes may be stopped in the middle of it, and the program is about to end.
        Err(TryLockError::WouldBlock) => true,
    };
    if taken {
        put(GIVE_BACK);
    }
}

/// Columns and lines of the terminal.
pub(super) fn size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout().as_fd()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// While the program is stopped (Ctrl-Z) the terminal is others'.
fn watch_stops() -> Option<Handle> {
    let mut signals = match Signals::new([SIGTSTP]) {
        Ok(signals) => signals,
        Err(error) => {
            log::debug!("Ctrl-Z leaves the terminal as it is: {error}");
            return None;
        }
    };
    let handle = signals.handle();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            let shown = shown();
            if shown.taken {
                put(GIVE_BACK);
            }
            // Comes back when the program goes on.
            let _ = emulate_default_handler(SIGTSTP);
            if shown.taken {
                put(TAKE);
                shown.put_words();
            }
        }
    });
    Some(handle)
}

fn shown() -> MutexGuard<'static, Shown> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Past the buffer of standard output, which would keep the picture.
fn put(text: &str) {
    let out = std::io::stdout();
    let mut left = text.as_bytes();
    while !left.is_empty() {
        match rustix::io::write(out.as_fd(), left) {
            Ok(count) => left = &left[count..],
            Err(rustix::io::Errno::INTR) => {}
            // A terminal that is gone shows nothing.
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::process::Command;

    use super::*;

    const PANICS: &str = "NEGIN_TEST_PANICS";

    /// This test once more, in a process whose standard output is looked at.
    #[test]
    fn a_panic_gives_the_terminal_back_before_it_is_told() {
        if std::env::var_os(PANICS).is_some() {
            let screen = Screen::take();
            screen.write("PICTURE");
            panic!("deliberately");
        }
        let (mut reader, writer) = std::io::pipe().unwrap();
        let name = "preview::screen::tests::a_panic_gives_the_terminal_back_before_it_is_told";
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", name, "--nocapture"])
            .env(PANICS, "1")
            .stdout(writer.try_clone().unwrap())
            .stderr(writer);
        let mut child = command.spawn().unwrap();
        drop(command);
        let mut said = String::new();
        reader.read_to_string(&mut said).unwrap();
        assert!(!child.wait().unwrap().success());
        let place = |text: &str| {
            said.find(text)
                .unwrap_or_else(|| panic!("no {text:?} in {said:?}"))
        };
        let order = [TAKE, "PICTURE", GIVE_BACK, "deliberately"].map(place);
        assert!(order.is_sorted(), "{said:?}");
    }
}
