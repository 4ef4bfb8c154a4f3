//! How a device is named, and the registry in which its backend is found.
//!
//! A device is an [`Address`], `scheme:locator`. Whoever builds a program (the command line, a test) fills a
//! [`Registry`] with a [`Backend`] for each scheme it serves; whoever uses a device asks the registry for it and
//! never learns whether it is simulated.
#![forbid(unsafe_code)]

mod address;
mod registry;

pub use address::{Address, AddressError};
pub use registry::{Backend, Error, Registry};
