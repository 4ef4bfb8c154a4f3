//! Files that are whole or as they were: written beside, flushed, then put in place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner: what is personal, and the memory of a simulated card with its keys.
    Owner,
    /// Whoever the system lets: certificates.
    Anybody,
}

/// Puts `bytes` in place of what `file` holds, or makes it. Power loss leaves the old content or the new one.
pub fn replace(file: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let (folder, beside) = places(file)?;
    let written = (|| {
        let mut out = make(&beside, access)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        fs::rename(&beside, file)?;
        File::open(&folder)?.sync_all()
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Whether [`replace`] would find a place for that file; for who asks a person for what goes into it.
pub fn can_replace(file: &Path) -> io::Result<()> {
    if file.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let (_, beside) = places(file)?;
    make(&beside, Access::Owner)?;
    fs::remove_file(beside)
}

/// The folder of a file, and where in it the new content is first written.
fn places(file: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let name = file.file_name().ok_or(ErrorKind::InvalidInput)?;
    let beside = format!(".{}.{}", name.to_string_lossy(), std::process::id());
    Ok((folder.clone(), folder.join(beside)))
}

/// A new file, never one that somebody put there.
fn make(path: &Path, access: Access) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if access == Access::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_replaced_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state");
        replace(&file, b"one", Access::Owner).unwrap();
        replace(&file, b"two", Access::Owner).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_leaves_what_was() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("no/such/folder");
        assert!(replace(&nowhere, b"x", Access::Owner).is_err());
        assert!(can_replace(&nowhere).is_err() && can_replace(folder.path()).is_err());
        can_replace(&folder.path().join("new")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    #[cfg(unix)]
    fn what_is_the_owners_is_not_shown_to_others() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("card");
        let elsewhere = folder.path().join("elsewhere");
        // A link in the place where the new content is first written.
        let beside = folder.path().join(format!(".card.{}", std::process::id()));
        symlink(&elsewhere, beside).unwrap();
        replace(&file, b"keys", Access::Owner).unwrap();
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(!elsewhere.exists());
    }
}
