//! U.are.U 4000, 4000B and 4500 and the Microsoft readers of the same family.
//!
//! One interface of class FF/FF/FF; registers are read and written by control transfers (`register`), the scanner
//! speaks up at an interrupt endpoint, and an image comes over a bulk endpoint, hidden under a stream whose key the
//! scanner tells (`cipher`, `frame`). The page on the protocol in the documentation has the whole of it.
//!
//! The driver is written against [`Link`], the line to the scanner.

mod capture;
mod challenge;
mod cipher;
mod frame;
mod line;
mod link;
mod model;
mod power;
mod register;

pub use link::{BULK_IN, INTERRUPT_IN, INTERRUPT_LENGTH, Link, LinkError};
pub use model::{MODELS, Model};

use negin_fingerprint::{CANONICAL_DPI, ScannerInfo};

use line::Line;

/// Where the seeds of the image's cipher come from: one is asked for with each key.
///
/// The scanner tells each key combined with the seed, so that it does not lie open on the bus: a real capture draws
/// seeds by chance. A recording can only be replayed with the seeds it was made with.
pub type Seeds = Box<dyn FnMut() -> u32 + Send>;

/// A scanner of the family.
pub struct Uru4000<L: Link> {
    line: Line<L>,
    model: &'static Model,
    serial: Option<String>,
    seeds: Seeds,
    /// Whether a finger may still lie on it from the last capture.
    lying: bool,
}

impl<L: Link> Uru4000<L> {
    /// The scanner at the other end of `link`.
    pub fn new(link: L, model: &'static Model, serial: Option<String>, seeds: Seeds) -> Self {
        Self {
            line: Line::new(link),
            model,
            serial,
            seeds,
            lying: false,
        }
    }

    /// Which model it is.
    #[must_use]
    pub fn model(&self) -> &'static Model {
        self.model
    }

    fn scanner_info(&self) -> ScannerInfo {
        ScannerInfo {
            name: self.model.name.to_owned(),
            serial: self.serial.clone(),
            width: frame::WIDTH as u32,
            height: frame::HEIGHT as u32,
            dpi: CANONICAL_DPI,
            live: true,
        }
    }
}

impl<L: Link> std::fmt::Debug for Uru4000<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uru4000")
            .field("model", &self.model.name)
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}
