//! What can go wrong in the engine.

/// An error of this crate. [`Error::key`] names the text a person sees.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The image is smaller than a print can be: one side is below 4 mm.
    #[error("the image of {width}x{height} pixels at 500 dpi is too small for a print")]
    TooSmall {
        /// Width at 500 dpi.
        width: u32,
        /// Height at 500 dpi.
        height: u32,
    },
    /// There is no print in the image.
    #[error("there is no print in the image")]
    Blank,
    /// There is a print, but too little of it can be read.
    #[error("only {found} minutiae could be read, {needed} are needed")]
    TooFewMinutiae {
        /// Minutiae found.
        found: usize,
        /// Minutiae needed.
        needed: usize,
    },
    /// The image itself is at fault.
    #[error(transparent)]
    Image(#[from] negin_fingerprint::Error),
    /// A picture could not be made.
    #[error("the picture could not be made: {0}")]
    Picture(String),
    /// A folder of images could not be read: its name, and the system's own text.
    #[error("the folder {0} could not be read: {1}")]
    Folder(String, String),
    /// A folder holds no set of images.
    #[error("the folder {0} holds no files <finger>_<impression> to compare")]
    EmptySet(String),
}

impl Error {
    /// The stable keys of this enum, one for each variant but [`Error::Image`], which has the image's own.
    pub const KEYS: &'static [&'static str] = &[
        "recognition.too-small",
        "recognition.blank",
        "recognition.too-few-minutiae",
        "recognition.picture",
        "recognition.folder",
        "recognition.empty-set",
    ];

    /// The stable key under which the texts for this error are found.
    pub fn key(&self) -> &'static str {
        match self {
            Self::TooSmall { .. } => "recognition.too-small",
            Self::Blank => "recognition.blank",
            Self::TooFewMinutiae { .. } => "recognition.too-few-minutiae",
            Self::Image(error) => error.key(),
            Self::Picture(_) => "recognition.picture",
            Self::Folder(..) => "recognition.folder",
            Self::EmptySet(_) => "recognition.empty-set",
        }
    }
}
