//! Card readers: the reader's contract and the registry of its backends.
//!
//! A [`Reader`] is a slot into which a person puts a card; a [`Connection`] is the card in it, held exclusively,
//! through which bytes travel ([`negin_apdu::Transmit`]). What a reader is made of is its backend's business: the
//! registry is asked for an [`Address`](negin_device::Address) and answers with a reader.
#![forbid(unsafe_code)]

mod contract;
mod error;
mod traced;

pub use contract::{CardEvent, Connection, Reader};
pub use error::Error;
pub use traced::traced;

/// The readers a program was built with, by the scheme of their addresses.
pub type Readers = negin_device::Registry<dyn Reader>;
