//! The few messages between simulated card readers and the PC/SC driver that shows them to the system.
//!
//! The rule: the simulator listens on a Unix socket, the driver connects to it, once for each reader and [`Purpose`].
//! The driver greets with [`Request::Hello`]; a simulator that speaks the same [`VERSION`] and has that reader
//! welcomes it. After that
//! - on a connection for [`Purpose::Exchange`], every request is answered by exactly one answer, before which any
//!   number of [`Answer::Working`] may come: 'still at it', at least every [`WORKING_EVERY`];
//! - on a connection for [`Purpose::Watch`], the driver asks nothing; the simulator says [`Answer::Presence`] at once
//!   and then at every change.
//!
//! A message is a frame: length (4 bytes, big-endian, of what follows), kind (1), body. No frame is longer than
//! [`MAX_FRAME`]; whoever receives something else ends the connection. [`Link`] is the driver's end of it.
#![forbid(unsafe_code)]

mod client;
mod error;
mod frame;
mod message;

pub use client::{Link, WORKING_EVERY};
pub use error::{Error, Refusal};
pub use frame::{FrameReader, MAX_FRAME, send};
pub use message::{Answer, Failure, Features, Malformed, PinEntry, Purpose, Request};

/// The version of this protocol. Both ends must speak the same.
pub const VERSION: u16 = 1;

/// The most readers a simulator has: as many as pcscd takes.
pub const MAX_READERS: u8 = 16;

/// The longest answer to reset, as ISO/IEC 7816-3 §8 allows it.
pub const MAX_ATR: usize = 33;
