//! Fingerprint scanners: the registry of their backends, U.are.U scanners on USB, ZFM modules on serial lines, and image
//! folders served as a scanner.
//!
//! What a scanner does is [`negin_fingerprint::capture::Capture`]; the registry is asked for an
//! [`Address`](negin_device::Address) and answers with one.
#![forbid(unsafe_code)]

mod condition;
mod folder;
pub mod uru4000;
pub mod usb;
pub mod zfm;

pub use folder::{FolderBackend, FolderScanner};
pub use usb::UsbBackend;
pub use zfm::SerialBackend;

/// The scanners a program was built with, by the scheme of their addresses.
pub type Scanners = negin_device::Registry<dyn negin_fingerprint::capture::Capture>;
