//! The library that is loaded before a program's own, from the package libumockdev0.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The release with which the bus was tested.
pub const TESTED: &str = "0.17.16";

const NAME: &str = "libumockdev-preload.so.0";
const FOLDERS: [&str; 5] = [
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/lib",
];

/// The library, and which release it is of.
#[derive(Debug, Clone)]
pub struct Library {
    path: PathBuf,
    version: Option<String>,
}

impl Library {
    /// The system's; None where it has none.
    #[must_use]
    pub fn find() -> Option<Self> {
        let triplet = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        let path = std::iter::once(triplet.as_str())
            .chain(FOLDERS)
            .map(|folder| Path::new(folder).join(NAME))
            .find(|path| path.exists())?;
        Some(Self {
            path,
            version: version(),
        })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What there is to say where it is not the release with which the bus was tested: what passes between the library
    /// and the bus is umockdev's own business and may change.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        match self.version.as_deref() {
            Some(TESTED) => None,
            Some(other) => Some(format!(
                "umockdev is {other} here; the bus was tested with {TESTED}"
            )),
            None => Some(format!(
                "nothing says which umockdev this is; the bus was tested with {TESTED}"
            )),
        }
    }
}

/// The package's version, or what umockdev itself says.
fn version() -> Option<String> {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success() && !said.is_empty()).then_some(said)
    };
    said("dpkg-query", &["-W", "-f", "${Version}", "libumockdev0"])
        .map(|version| upstream(&version).to_owned())
        .or_else(|| said("umockdev-run", &["--version"]))
}

/// A Debian version without the distribution's own part.
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version
        .rsplit_once('-')
        .map_or(version, |(upstream, _)| upstream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_release_is_named() {
        let library = |version: Option<&str>| Library {
            path: NAME.into(),
            version: version.map(str::to_owned),
        };
        assert_eq!(library(Some(TESTED)).warning(), None);
        assert!(
            library(Some("0.18.0"))
                .warning()
                .unwrap()
                .contains("0.18.0")
        );
        assert!(library(None).warning().is_some());
    }

    #[test]
    fn a_packages_version_is_cut_to_the_release() {
        for version in ["0.17.16-1", "1:0.17.16-1~deb12u1", "0.17.16"] {
            assert_eq!(upstream(version), "0.17.16");
        }
    }
}
