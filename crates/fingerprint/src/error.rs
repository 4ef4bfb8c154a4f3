//! What can go wrong with images, templates and records.

/// An error of this crate. [`Error::key`] names the text a person sees.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be read; the system's own text is kept.
    #[error("the image file could not be read: {0}")]
    ImageFile(String),
    /// The bytes are no image in a known format, or stop short.
    #[error("the bytes are not a readable image: {0}")]
    ImageFormat(String),
    /// The pixels given do not fill the size given.
    #[error("{width}x{height} pixels need {expected} bytes, {actual} are there")]
    ImageSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes the size asks for.
        expected: usize,
        /// Bytes that are there.
        actual: usize,
    },
    /// A side of the image is 0 or above [`crate::MAX_SIDE`].
    #[error("an image of {width}x{height} pixels is outside what is taken")]
    ImageExtent {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The resolution is outside 50 to 5,000 dots an inch.
    #[error("{0} dpi is outside what is taken")]
    ImageResolution(u16),
    /// The image could not be written.
    #[error("the image could not be written: {0}")]
    ImageWrite(String),
    /// The record ends before the field named.
    #[error("the record ends before its {0}")]
    RecordTruncated(&'static str),
    /// The record is of another format or version.
    #[error("not a finger minutiae record of the standard asked for")]
    RecordFormat,
    /// A field holds what the format forbids.
    #[error("the record's {0} is not valid")]
    RecordField(&'static str),
    /// The record is not as its standard has it, in a way that reading lets pass.
    #[error("the record is not as its standard has it: {}", .0.text())]
    RecordStrict(crate::Deviation),
    /// The template holds more than the format carries, or lies outside it.
    #[error("the template does not fit the format: {0}")]
    RecordOverflow(&'static str),
    /// Fewer minutiae than the card asks for.
    #[error("the card asks for {needed} minutiae at least, there are {found}")]
    TooFewMinutiae {
        /// Minutiae there are.
        found: usize,
        /// Minutiae the card's minimum asks for.
        needed: usize,
    },
    /// A card's bare minutiae whose length is not a multiple of three, or of five.
    #[error("{0} bytes are not a whole number of minutiae")]
    CompactLength(usize),
}

impl Error {
    /// The stable keys of this enum, one for each variant.
    pub const KEYS: &'static [&'static str] = &[
        "fingerprint.image-file",
        "fingerprint.image-format",
        "fingerprint.image-size",
        "fingerprint.image-extent",
        "fingerprint.image-resolution",
        "fingerprint.image-write",
        "fingerprint.record-truncated",
        "fingerprint.record-format",
        "fingerprint.record-field",
        "fingerprint.record-strict",
        "fingerprint.record-overflow",
        "fingerprint.too-few-minutiae",
        "fingerprint.compact-length",
    ];

    /// The stable key under which the texts for this error are found.
    pub fn key(&self) -> &'static str {
        match self {
            Self::ImageFile(_) => "fingerprint.image-file",
            Self::ImageFormat(_) => "fingerprint.image-format",
            Self::ImageSize { .. } => "fingerprint.image-size",
            Self::ImageExtent { .. } => "fingerprint.image-extent",
            Self::ImageResolution(_) => "fingerprint.image-resolution",
            Self::ImageWrite(_) => "fingerprint.image-write",
            Self::RecordTruncated(_) => "fingerprint.record-truncated",
            Self::RecordFormat => "fingerprint.record-format",
            Self::RecordField(_) => "fingerprint.record-field",
            Self::RecordStrict(_) => "fingerprint.record-strict",
            Self::RecordOverflow(_) => "fingerprint.record-overflow",
            Self::TooFewMinutiae { .. } => "fingerprint.too-few-minutiae",
            Self::CompactLength(_) => "fingerprint.compact-length",
        }
    }
}
