//! Programs with a PC/SC of their own, through `negin-sim pcsc`.
//!
//! The rules:
//! - `cargo test` alone is enough: `negin-sim` and its driver are built first, as the test itself was built.
//! - Nothing is skipped. Where the machine gives no namespaces, root's one pcscd is used, one run after the other;
//!   where it gives neither, the test fails and says why.
//! - What a test does as a client of PC/SC it does in a process of its own, [`within`] the namespaces: where pcscd's
//!   socket lies is built into the client library.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::sim;
pub use crate::sim::{Ran, control_socket, finish, negin_sim, say};

/// What each reader's name begins with; then come a number, from 00 in hexadecimal, and the slot, always 00.
pub const READER: &str = "Negin Simulated Reader";

/// The name that pcscd gives to the reader of this number.
#[must_use]
pub fn reader_name(number: usize) -> String {
    format!("{READER} {number:02X} 00")
}

/// `negin-sim pcsc` with these options, about to run `program`: arguments added to the result are the program's.
///
/// # Panics
/// Where this machine gives no way to run a pcscd: what `negin-sim` says of it.
#[must_use]
pub fn command<O: AsRef<OsStr>>(options: &[O], program: impl AsRef<OsStr>) -> Command {
    let mut command = bare(fallback());
    command.args(options).arg("--").arg(program);
    command
}

fn bare(fallback: bool) -> Command {
    let mut command = Command::new(negin_sim());
    command.arg("pcsc").env(NO_NAMESPACES, fallback.to_string());
    command
}

const NO_NAMESPACES: &str = "NEGIN_SIM_NO_NAMESPACES";

/// What must be in the environment of a program that calls `negin-sim pcsc` by itself.
///
/// # Panics
/// As [`command`].
#[must_use]
pub fn environment() -> (&'static str, String) {
    (NO_NAMESPACES, fallback().to_string())
}

/// Whether this machine gives no namespaces, but root may run its one pcscd.
fn fallback() -> bool {
    static FALLBACK: OnceLock<bool> = OnceLock::new();
    *FALLBACK.get_or_init(|| {
        let said = |fallback| {
            let output = bare(fallback)
                .args(["--", "true"])
                .stdin(Stdio::null())
                .output()
                .expect("negin-sim was built");
            (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let Some(first) = said(false) else {
            return false;
        };
        let Some(second) = said(true) else {
            return true;
        };
        panic!("no pcscd can be run here.\n{first}\n{second}")
    })
}

/// Runs a program with its arguments to its end, with these cards in the first readers.
///
/// # Panics
/// Where this machine gives no way to run a pcscd.
#[must_use]
pub fn run<C: AsRef<Path>, A: AsRef<OsStr>>(cards: &[C], program: &str, arguments: &[A]) -> Ran {
    let mut options = Vec::new();
    for card in cards {
        options.push(OsStr::new("--card"));
        options.push(card.as_ref().as_os_str());
    }
    let mut command = command(&options, program);
    finish(command.args(arguments))
}

/// Carries out a part of the calling test in a process that has a PC/SC of its own: this test's program once more, with
/// this test alone. `prepare` gets an empty folder, for cards, and says with which options of `negin-sim pcsc` to go on;
/// `body` gets the same folder. To be called once in a test, with nothing before it.
///
/// # Panics
/// Where the body does.
pub fn within(prepare: impl FnOnce(&Path) -> Vec<String>, body: impl FnOnce(&Path)) {
    sim::within(prepare, |options, program| command(options, program), body);
}
