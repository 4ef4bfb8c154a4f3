//! Ctrl-C and SIGTERM: the first one asks the work to stop where that is safe, the second one ends the program.

use std::os::raw::c_int;
use std::sync::{LazyLock, Once, OnceLock};
use std::time::{Duration, Instant};

use negin_fingerprint::CancelToken;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::output::Exit;
use crate::preview;

/// One press may come as two signals: from the terminal or a `timeout` to the whole group, and from the program above
/// that passes it on. No hand presses twice within this.
const ONE_PRESS: Duration = Duration::from_millis(300);

/// When the person asked, and with which signal.
static ASKED: OnceLock<(Instant, c_int)> = OnceLock::new();

static TOKEN: LazyLock<CancelToken> = LazyLock::new(CancelToken::new);

/// From here on the first signal only asks.
pub fn watch() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(install);
}

fn install() {
    match Signals::new([SIGINT, SIGTERM]) {
        Ok(mut signals) => drop(std::thread::spawn(move || {
            signals.forever().for_each(heed);
        })),
        Err(error) => log::warn!("Ctrl-C ends the program at once: {error}"),
    }
}

fn heed(signal: c_int) {
    TOKEN.cancel();
    if ASKED.get_or_init(|| (Instant::now(), signal)).0.elapsed() > ONE_PRESS {
        preview::give_back_terminal();
        std::process::exit(i32::from(ended_by(signal).code()));
    }
}

fn ended_by(signal: c_int) -> Exit {
    match signal {
        SIGTERM => Exit::Terminated,
        _ => Exit::Interrupted,
    }
}

/// What calls a capture off when the person asks to stop.
pub fn token() -> CancelToken {
    TOKEN.clone()
}

/// Whether the person asked to stop.
pub fn asked() -> bool {
    ASKED.get().is_some()
}

/// How a command ended: one that was interrupted, by the signal that did it.
pub fn ended(exit: Exit) -> Exit {
    match (exit, ASKED.get()) {
        (Exit::Interrupted, Some((_, signal))) => ended_by(*signal),
        _ => exit,
    }
}
