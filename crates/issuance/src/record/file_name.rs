//! The name of a file that belongs to a record.
//!
//! The rule: relative to the record's folder and never out of it, neither by its name nor by a link
//! on its way, so that an order folder can be moved, and a record cannot make the station read
//! somebody else's file.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use serde::{Serialize, Serializer};

use crate::fault::Fault;

/// A relative file name with `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// Takes a relative name that stays below its folder.
    ///
    /// # Errors
    /// [`Fault::FileName`].
    pub fn parse(name: &str) -> Result<Self, Fault> {
        let inside = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let foreign = name.contains(['\\', ':']) || name.chars().any(char::is_control);
        if !inside || foreign {
            return Err(Fault::FileName {
                found: name.to_owned(),
            });
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file in that folder.
    #[must_use]
    pub fn within(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0)
    }

    /// The bytes of the file in that folder, wiped when dropped.
    ///
    /// # Errors
    /// What the system says; [`ErrorKind::InvalidInput`] for a link and for what is no regular
    /// file, [`ErrorKind::FileTooLarge`] above 32 MiB.
    pub fn read(&self, folder: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut path = folder.to_owned();
        for part in self.0.split('/') {
            path.push(part);
            if path.symlink_metadata()?.is_symlink() {
                let reason = "a link, which could lead out of the order";
                return Err(io::Error::new(ErrorKind::InvalidInput, reason));
            }
        }
        crate::file::read(&path)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn no_link_leads_out() {
        use std::os::unix::fs::symlink;
        let order = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("photo.jpg"), b"somebody else").unwrap();
        std::fs::create_dir(order.path().join("own")).unwrap();
        std::fs::write(order.path().join("own/photo.jpg"), b"own").unwrap();
        symlink(elsewhere.path(), order.path().join("folder")).unwrap();
        let photo = elsewhere.path().join("photo.jpg");
        symlink(photo, order.path().join("link.jpg")).unwrap();
        let read = |name| FileName::parse(name).unwrap().read(order.path());
        assert_eq!(*read("own/photo.jpg").unwrap(), b"own");
        for name in ["link.jpg", "folder/photo.jpg"] {
            let error = read(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        }
    }

    #[test]
    fn only_names_below_the_folder() {
        for good in ["photo.jpg", "fingers/2-1.png", "انگشت/۲.png"] {
            assert!(FileName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../photo.jpg",
            "a/../../b",
            "./photo.jpg",
            "a/./b",
            "a//b",
            "C:\\photo.jpg",
            "a\\b",
            "fingers/",
            "a\nb",
        ] {
            assert!(
                matches!(FileName::parse(bad), Err(Fault::FileName { .. })),
                "{bad:?}"
            );
        }
    }
}
