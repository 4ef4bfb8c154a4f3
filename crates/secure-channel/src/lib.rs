//! Secure channels with a card, both ends of each: SCP03, PIV's secure messaging, and key diversification.
//!
//! Rules of this room:
//! - Both ends are built from one set of primitives ([`scp03::kdf`], the messaging inside [`scp03`] and [`opacity`]), and each is
//!   tested against published numbers and a foreign peer, not only against the other.
//! - A card is checked before it is answered: a wrong key shows in the card's cryptogram
//!   ([`scp03::host::Handshake::verify_card`]), before EXTERNAL AUTHENTICATE could spend one of the card's tries.
//! - The first thing that is wrong ends a session, on both ends.
//! - Keys mask themselves in `Debug`, compare in constant time and wipe themselves.
//! - No randomness of its own: challenges come in as arguments.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod challenge;
pub mod channel;
mod cipher;
mod error;
pub mod kdf3;
pub mod key;
pub mod opacity;
pub mod put_key;
mod schedule;
pub mod scp03;

pub use error::{Error, SmError};
