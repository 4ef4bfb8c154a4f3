//! What a print is: image, minutiae, templates and their codecs, and how one is captured.
//!
//! One frame of reference holds for everything in this crate and above it: pixels at 500 dpi, the origin in the
//! image's upper left corner, x to the right, y downward; angles in radians, counter-clockwise from the positive
//! x axis as seen on the page (ISO/IEC 19794-2:2005, 6.5). Images of another resolution are resampled, records of
//! another resolution are scaled when they are read.
//!
//! Images and templates are personal data of the kind that cannot be changed once lost: they show nothing in
//! `Debug` but their size, and wipe themselves when dropped.
#![forbid(unsafe_code)]

pub mod ansi378;
pub mod capture;
pub mod card_normal;
pub mod compact;
mod error;
mod finger;
pub mod format;
mod image;
pub mod iso19794_2;
mod minutia;
mod order;
pub mod record;
mod resample;
mod template;
mod window;

pub use capture::{
    Bounded, Burst, CancelToken, Capture, CaptureError, CaptureEvent, CaptureRequest, FrameVerdict,
    Judge, ScannerInfo,
};
pub use error::Error;
pub use finger::FingerPosition;
pub use format::Format;
pub use image::{CANONICAL_DPI, Image, MAX_SIDE};
pub use minutia::{Minutia, MinutiaKind, angle_difference, normalize_angle};
pub use record::{Deviation, Record, View};
pub use template::Template;
