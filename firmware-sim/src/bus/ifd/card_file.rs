//! The file in which a card's memory is kept.
//!
//! The rule: one simulator a file. The file is locked while its card lies in a reader; and as a new state is a new file
//! put in the old one's place, the lock goes with it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why a card cannot be taken from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardFileError {
    /// The system refused.
    #[error("{path}: {reason}", path = .path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// Another simulator has the card.
    #[error("{path} lies in a reader of another simulator, or in another reader of this one", path = .0.display())]
    InUse(PathBuf),
    /// The file holds no card.
    #[error("{path}: {reason}", path = .path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: crate::Error,
    },
}

/// A card's file, locked.
#[derive(Debug)]
pub struct CardFile {
    path: PathBuf,
    locked: File,
}

impl CardFile {
    /// Locks a card's file and reads it.
    ///
    /// # Errors
    /// [`CardFileError::System`], [`CardFileError::InUse`].
    pub fn open(path: &Path) -> Result<(Self, Vec<u8>), CardFileError> {
        let system = |reason| CardFileError::System {
            path: path.to_owned(),
            reason,
        };
        // A link is followed once: the state goes where the file is, and the link stays.
        let path = &path.canonicalize().map_err(system)?;
        for _ in 0..100 {
            let mut locked = File::open(path).map_err(system)?;
            match locked.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(CardFileError::InUse(path.clone())),
                Err(TryLockError::Error(error)) => return Err(system(error)),
            }
            // Between opening and locking another simulator may have put a new state in place.
            let (now, held) = (
                fs::metadata(path).map_err(system)?,
                locked.metadata().map_err(system)?,
            );
            if (now.dev(), now.ino()) == (held.dev(), held.ino()) {
                let mut bytes = Vec::new();
                locked.read_to_end(&mut bytes).map_err(system)?;
                return Ok((
                    Self {
                        path: path.clone(),
                        locked,
                    },
                    bytes,
                ));
            }
        }
        Err(CardFileError::InUse(path.clone()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts a new state in place of the old one. Power loss leaves the one or the other.
    ///
    /// # Errors
    /// As the system's; the old state is then still there.
    pub fn replace(&mut self, state: &[u8]) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.join(format!(".{name}.{}", std::process::id()));
        let written = (|| {
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut options = OpenOptions::new();
            let mut new = options
                .read(true)
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&beside)?;
            new.try_lock().map_err(io::Error::from)?;
            new.write_all(state)?;
            new.sync_all()?;
            fs::rename(&beside, &self.path)?;
            // In place from here on: this is the file that is locked.
            self.locked = new;
            File::open(folder)?.sync_all()
        })();
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn one_simulator_a_file_also_after_it_was_replaced() {
        let folder = folder();
        let path = folder.path().join("x.card");
        fs::write(&path, b"one").unwrap();
        let (mut file, bytes) = CardFile::open(&path).unwrap();
        assert_eq!(bytes, b"one");
        assert!(matches!(
            CardFile::open(&path),
            Err(CardFileError::InUse(_))
        ));
        file.replace(b"two").unwrap();
        file.replace(b"three").unwrap();
        assert!(matches!(
            CardFile::open(&path),
            Err(CardFileError::InUse(_))
        ));
        drop(file);
        let (_file, bytes) = CardFile::open(&path).unwrap();
        assert_eq!(bytes, b"three");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = folder();
        let (path, link) = (folder.path().join("x.card"), folder.path().join("link"));
        fs::write(&path, b"one").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        CardFile::open(&link).unwrap().0.replace(b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was() {
        let folder = folder();
        let path = folder.path().join("x.card");
        fs::write(&path, b"one").unwrap();
        let (mut file, _) = CardFile::open(&path).unwrap();
        // A folder in the place where the new state is first written.
        fs::create_dir(
            folder
                .path()
                .join(format!(".x.card.{}", std::process::id())),
        )
        .unwrap();
        assert!(file.replace(b"two").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn no_file_says_so() {
        let missing = CardFile::open(Path::new("/nowhere/x.card")).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/x.card"), "{missing}");
    }
}
