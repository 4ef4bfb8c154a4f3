//! How a print is captured: what every scanner is to those who use one.

use crate::Image;

/// What a scanner says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerInfo {
    /// Its name for people, e.g. maker and model.
    pub name: String,
    /// Its serial number, where it has one.
    pub serial: Option<String>,
    /// Width of its images in pixels; 0 where images differ.
    pub width: u32,
    /// Height of its images in pixels; 0 where images differ.
    pub height: u32,
    /// Resolution of its images in dots an inch; 0 where images differ.
    pub dpi: u16,
}

/// What happens on the way to an image, for whoever guides the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CaptureEvent {
    /// The scanner waits for a finger.
    WaitingForFinger,
    /// A finger lies on it.
    FingerDown,
    /// The image is being read.
    Reading,
    /// The image is there; the finger may be lifted.
    Captured,
    /// The finger was lifted.
    FingerUp,
}

/// Why there is no image. What the caller can act on; the scanner's own code is kept in [`Other`](Self::Other).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// No finger came in the time given.
    #[error("no finger was laid on the scanner in time")]
    Timeout,
    /// The caller or the person called it off.
    #[error("the capture was called off")]
    Cancelled,
    /// The scanner is gone.
    #[error("the scanner is no longer there")]
    Disconnected,
    /// The scanner is in use by another program.
    #[error("the scanner is in use by another program")]
    Busy,
    /// The finger was lifted or moved before the image was complete.
    #[error("the finger was lifted too early")]
    FingerLifted,
    /// What came is no valid image.
    #[error("the scanner sent no valid image")]
    BadImage,
    /// There is no further image (a folder of images, or a script, is at its end).
    #[error("there is no further image")]
    NoImage,
    /// The scanner answered out of its protocol.
    #[error("the scanner answered out of its protocol")]
    Protocol,
    /// Anything else: the scanner's or the system's code.
    #[error("the scanner failed with code {0}")]
    Other(i32),
}

impl CaptureError {
    /// The stable keys of this enum, one for each variant.
    pub const KEYS: &'static [&'static str] = &[
        "capture.timeout",
        "capture.cancelled",
        "capture.disconnected",
        "capture.busy",
        "capture.finger-lifted",
        "capture.bad-image",
        "capture.no-image",
        "capture.protocol",
        "capture.other",
    ];

    /// The stable key under which the texts for this error are found.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Timeout => "capture.timeout",
            Self::Cancelled => "capture.cancelled",
            Self::Disconnected => "capture.disconnected",
            Self::Busy => "capture.busy",
            Self::FingerLifted => "capture.finger-lifted",
            Self::BadImage => "capture.bad-image",
            Self::NoImage => "capture.no-image",
            Self::Protocol => "capture.protocol",
            Self::Other(_) => "capture.other",
        }
    }
}

/// A source of images of fingers: a scanner, a module, a folder.
pub trait Capture {
    /// What the scanner says of itself.
    fn info(&self) -> ScannerInfo;

    /// Takes one image, blocking until it is there or fails. `on_event` is told what happens, in order.
    fn capture(&mut self, on_event: &mut dyn FnMut(CaptureEvent)) -> Result<Image, CaptureError>;
}

impl<T: Capture + ?Sized> Capture for &mut T {
    fn info(&self) -> ScannerInfo {
        (**self).info()
    }

    fn capture(&mut self, on_event: &mut dyn FnMut(CaptureEvent)) -> Result<Image, CaptureError> {
        (**self).capture(on_event)
    }
}

impl<T: Capture + ?Sized> Capture for Box<T> {
    fn info(&self) -> ScannerInfo {
        (**self).info()
    }

    fn capture(&mut self, on_event: &mut dyn FnMut(CaptureEvent)) -> Result<Image, CaptureError> {
        (**self).capture(on_event)
    }
}
