//! Ctrl-C: the first one asks the work to stop where that is safe, the second one ends the program.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on the first Ctrl-C only asks.
pub fn watch() {
    let installed = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
    if let Err(error) = installed {
        log::warn!("Ctrl-C ends the program at once: {error}");
    }
}

/// Whether the person asked to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
