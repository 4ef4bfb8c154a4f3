//! The name of a file that belongs to a record.
//!
//! The rule: relative to the record's folder and never out of it, so that an order folder can be
//! moved, and a record cannot make the station read somebody else's file.

use std::fmt;
use std::path::{Path, PathBuf};

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
