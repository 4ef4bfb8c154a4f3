//! What can go wrong in `negin finger`.

use std::path::{Path, PathBuf};

/// Why a command about prints could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A print could not be read, or nothing made of it.
    #[error("{}: {source}", path.display())]
    Print {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: negin_recognition::Error,
    },
    /// A folder could not be measured.
    #[error(transparent)]
    Bench(#[from] negin_recognition::Error),
    /// A result could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A picture was asked of a template, which has none.
    #[error("{} is a template: there is no image to draw on", .0.display())]
    NoImage(PathBuf),
    /// A file of quality figures could not be opened.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file of quality figures is none.
    #[error("{}: line {line} is not 'set,image,figure'", path.display())]
    Figures {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Images that the file of quality figures says nothing of.
    #[error("{}: no figure for {image}", path.display())]
    NoFigure {
        /// The file.
        path: PathBuf,
        /// The first such image, `set/image`.
        image: String,
    },
    /// Standard output could not be written.
    #[error("standard output: {0}")]
    Output(std::io::Error),
}

impl Error {
    /// The stable keys that are this enum's own; prints and folders have the engine's.
    #[cfg(test)]
    pub const KEYS: &'static [&'static str] = &[
        "finger.write",
        "finger.no-image",
        "finger.figures",
        "finger.no-figure",
        "finger.output",
    ];

    /// The stable key under which the texts for this error are found.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Print { source, .. } | Self::Bench(source) => source.key(),
            Self::Write { .. } => "finger.write",
            Self::NoImage(_) => "finger.no-image",
            Self::Read { .. } | Self::Figures { .. } => "finger.figures",
            Self::NoFigure { .. } => "finger.no-figure",
            Self::Output(_) => "finger.output",
        }
    }
}

/// Writes a file.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}
