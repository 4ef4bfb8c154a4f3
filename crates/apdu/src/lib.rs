//! The card's language: commands, responses, status words, AIDs, ATRs, BER-TLV, and how bytes travel.
//!
//! Everything here is ISO/IEC 7816-3 and 7816-4; nothing knows an application, a key or a reader. The rooms above build
//! a command's way down out of [`Transmit`]: each layer takes bytes, gives bytes, and is itself usable as one.
//!
//! Rules of this room:
//! - What comes from outside is parsed, never indexed: every length is checked, every nesting bounded.
//! - A command knows which of its bytes are secret ([`Command::secret`]); the tracer asks it. Neither [`Command`] nor
//!   [`Response`] shows its data in `Debug`, and a command wipes its data when dropped.
//! - Lengths are the standard's: `Ne` is the number of bytes expected (1 to 65536), never the byte `Le`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod aid;
mod atr;
mod chaining;
mod command;
mod historical;
pub mod ins;
mod masking;
pub mod pin_pad;
mod response;
mod status;
pub mod tlv;
mod trace;
mod transmit;
mod wipe;

pub use aid::{Aid, AidError};
pub use atr::{Atr, AtrError, InterfaceBytes};
pub use chaining::Chaining;
pub use command::{Command, EncodeError, ParseError};
pub use historical::{CardCapabilities, Historical, HistoricalError};
pub use masking::{Mask, Masking};
pub use pin_pad::{PinPad, PinPadError};
pub use response::Response;
pub use status::StatusWord;
pub use trace::{Shown, Sink, Trace, Traced};
pub use transmit::{Exchange, Interface, Limits, Transmit, TransmitError};
pub use wipe::Wiped;
