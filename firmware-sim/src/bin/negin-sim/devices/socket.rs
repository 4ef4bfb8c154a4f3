//! Where lines from outside arrive.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use negin_firmware_sim::bus::control::listen;

use super::no_folder;
use crate::trouble::Trouble;

/// The control socket's place; cleared away with it.
pub struct ControlSocket {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl ControlSocket {
    /// Where a person wants it, or a place of its own.
    pub fn at(wanted: Option<&Path>) -> Result<Self, Trouble> {
        if let Some(path) = wanted {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            return Ok(Self {
                path,
                _folder: None,
            });
        }
        let folder = tempfile::Builder::new()
            .prefix("negin-sim-")
            .tempdir()
            .map_err(|error| no_folder(&error))?;
        Ok(Self {
            path: folder.path().join("control"),
            _folder: Some(folder),
        })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From here on lines arrive.
    pub fn listen(&self) -> Result<UnixListener, Trouble> {
        let listening = listen(&self.path).and_then(|listener| {
            fs::set_permissions(&self.path, PermissionsExt::from_mode(0o600)).map(|()| listener)
        });
        listening.map_err(|error| {
            Trouble::new(
                format!("no socket can be made at {}: {error}", self.path.display()),
                "choose a path in a folder that is there and yours, shorter than 100 bytes, where no other simulator is.",
            )
        })
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
