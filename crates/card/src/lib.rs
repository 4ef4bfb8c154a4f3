//! The card as the host sees it: security domain, PIV, travel document.
//!
//! Typed functions over any [`Transmit`](negin_apdu::Transmit). Each application is a value that exists while it is
//! selected: [`SecurityDomain`], [`Piv`], [`TravelDocument`]. What is done over a secure channel is done with the same
//! value over a [`Channel`](negin_secure_channel::scp03::host::Channel):
//!
//! ```no_run
//! use negin_apdu::Chaining;
//! use negin_card::{CardApplication, Error, Piv};
//! use negin_eid::roles::Role;
//! use negin_secure_channel::scp03::{SecurityLevel, kdf::SessionKeys};
//! # fn run(
//! #     reader: impl negin_apdu::Transmit,
//! #     challenge: [u8; 8],
//! #     keys_of: impl Fn(&negin_secure_channel::scp03::host::Handshake) -> SessionKeys,
//! # ) -> Result<(), Error> {
//! let mut card = Chaining::new(reader);
//! let mut piv = Piv::select(&mut card)?;
//! let handshake = piv.initialize_update(Role::Delivery.key_version(), &challenge)?;
//! let keys = keys_of(&handshake); // a key store's work: it has the master keys, this room has none
//! let mut piv = piv.authenticate(handshake, keys, SecurityLevel::Full)?;
//! let fingers = piv.biometric_information()?;
//! # Ok(()) }
//! ```
//!
//! Rules of this room:
//! - It knows no reader and no key store. The carrier is whatever takes APDUs; where that is limited to short ones,
//!   [`Chaining`](negin_apdu::Chaining) goes between, and secure messaging above it.
//! - A wrong key is found in the card's cryptogram, before EXTERNAL AUTHENTICATE could spend a try of the card.
//! - A verification that fails is an answer ([`Verification`]), not an error; a status word that should not come is an
//!   [`Error::Refused`] with the command's name.
//! - Every function can be called again after a tear: what is there already is found, not assumed.
#![forbid(unsafe_code)]

mod application;
mod ask;
mod error;
mod finger;
mod piv;
mod recognise;
mod security_domain;
mod travel_document;
mod verification;

pub use application::CardApplication;
pub use error::Error;
pub use finger::{Framing, compare_on_card, enrolment, probe};
pub use piv::{Piv, management_algorithm};
pub use recognise::{Identity, Presence, Recognition, recognise};
pub use security_domain::{Life, SecurityDomain};
pub use travel_document::{FileState, TravelDocument};
pub use verification::Verification;

#[cfg(test)]
mod script;
