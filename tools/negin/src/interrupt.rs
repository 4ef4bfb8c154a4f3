//! Ctrl-C: the first one asks the work to stop where that is safe, the second one ends the program.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// One press may come as two signals: from the terminal or a `timeout` to the whole group, and from the program above
/// that passes it on. No hand presses twice within this.
const ONE_PRESS: Duration = Duration::from_millis(300);

static ASKED: OnceLock<Instant> = OnceLock::new();

/// From here on the first Ctrl-C only asks.
pub fn watch() {
    let installed = ctrlc::set_handler(|| {
        if ASKED.get_or_init(Instant::now).elapsed() > ONE_PRESS {
            std::process::exit(130);
        }
    });
    if let Err(error) = installed {
        log::warn!("Ctrl-C ends the program at once: {error}");
    }
}

/// Whether the person asked to stop.
pub fn asked() -> bool {
    ASKED.get().is_some()
}
