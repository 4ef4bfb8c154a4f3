//! What a pcscd is told of simulated readers: their names, where they are, and the driver.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::Config;
use crate::trouble::Trouble;

/// What every reader's name begins with. pcscd adds which of them it is and which slot: ' 00 00'.
pub const NAME: &str = "Negin Simulated Reader";

const DRIVER: &str = "libnegin_ifd.so";

/// The driver: where a person says, or beside this program, or in its library folder.
pub fn driver(said: Option<&Path>) -> Result<PathBuf, Trouble> {
    if let Some(path) = said {
        return path.canonicalize().map_err(|error| {
            Trouble::new(
                format!("the driver {} cannot be used: {error}", path.display()),
                "name the file libnegin_ifd.so after --ifd; 'cargo build -p negin-ifd' makes it.",
            )
        });
    }
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new("."));
    [
        folder.join(DRIVER),
        folder.join("../lib/negin").join(DRIVER),
    ]
    .into_iter()
    .find_map(|path| path.canonicalize().ok())
    .ok_or_else(|| {
        Trouble::new(
            format!("the driver {DRIVER} is not beside {}", program.display()),
            "build it with 'cargo build -p negin-ifd', or say where it is with --ifd PATH.",
        )
    })
}

/// The configuration with which a pcscd finds the readers of the simulator at `socket`.
pub fn config(driver: &Path, socket: &Path, readers: usize) -> Result<String, Trouble> {
    let mut text = String::new();
    for path in [driver, socket] {
        let shown = path.display().to_string();
        if !path.is_absolute()
            || shown.contains(['"', '\n', '#'])
            || shown.contains(char::is_whitespace)
        {
            return Err(Trouble::new(
                format!("pcscd's configuration cannot hold the path {shown:?}"),
                "use an absolute path without blanks, quotes and number signs.",
            ));
        }
    }
    for reader in 0..readers {
        let _ = write!(
            text,
            "FRIENDLYNAME \"{NAME}\"\nDEVICENAME /dev/null:{}:{reader}\nLIBPATH {}\nCHANNELID {reader}\n\n",
            socket.display(),
            driver.display()
        );
    }
    Ok(text)
}

/// `negin-sim config`.
pub fn print_config(options: &Config) -> Result<(), Trouble> {
    print!(
        "{}",
        config(
            &driver(options.ifd.as_deref())?,
            &options.socket,
            options.readers.into()
        )?
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_has_its_device() {
        let text = config(Path::new("/lib/x.so"), Path::new("/run/s"), 2).unwrap();
        assert_eq!(
            text.matches("FRIENDLYNAME \"Negin Simulated Reader\"\n")
                .count(),
            2
        );
        assert!(text.contains("DEVICENAME /dev/null:/run/s:1\nLIBPATH /lib/x.so\n"));
    }

    #[test]
    fn paths_that_would_break_it_are_refused() {
        for path in ["relative", "/with blank", "/with\"quote", "/with#sign"] {
            assert!(
                config(Path::new("/lib/x.so"), Path::new(path), 1).is_err(),
                "{path}"
            );
        }
    }
}
