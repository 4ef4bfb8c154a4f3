//! Ctrl-C: the first one asks the work to stop where that is safe, the second one ends the program.

use std::sync::{LazyLock, Once, OnceLock};
use std::time::{Duration, Instant};

use negin_fingerprint::CancelToken;

/// One press may come as two signals: from the terminal or a `timeout` to the whole group, and from the program above
/// that passes it on. No hand presses twice within this.
const ONE_PRESS: Duration = Duration::from_millis(300);

static ASKED: OnceLock<Instant> = OnceLock::new();

static TOKEN: LazyLock<CancelToken> = LazyLock::new(CancelToken::new);

/// From here on the first Ctrl-C only asks.
pub fn watch() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(install);
}

fn install() {
    let token = token();
    let installed = ctrlc::set_handler(move || {
        token.cancel();
        if ASKED.get_or_init(Instant::now).elapsed() > ONE_PRESS {
            std::process::exit(130);
        }
    });
    if let Err(error) = installed {
        log::warn!("Ctrl-C ends the program at once: {error}");
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
