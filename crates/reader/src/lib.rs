//! Card readers: the reader's contract, the registry of its backends, and the readers of the system's PC/SC service.
//!
//! A [`Reader`] is a slot into which a person puts a card; a [`Connection`] is the card in it, held exclusively,
//! through which bytes travel ([`negin_apdu::Transmit`]); a [`negin_apdu::PinPad`] are a reader's own keys. What a reader is made
//! of is its backend's business: the registry is asked for an [`Address`](negin_device::Address) and answers with a
//! reader.
//!
//! Backends here: [`pcsc`].
#![forbid(unsafe_code)]

mod contract;
mod error;
pub mod pcsc;
mod traced;

pub use contract::{Canceller, CardEvent, Connection, Reader};
pub use error::Error;
pub use pcsc::PcscBackend;
pub use traced::traced;

/// The readers a program was built with, by the scheme of their addresses.
pub type Readers = negin_device::Registry<dyn Reader>;
