//! OpenSSL's command line, as the peer.

use std::path::Path;
use std::process::Command;

/// Runs it in `folder`: whether it succeeded, and all it said.
///
/// # Panics
/// Where it is not installed; `tools/setup` does that.
#[must_use]
pub fn openssl(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("openssl, which tools/setup installs");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}
