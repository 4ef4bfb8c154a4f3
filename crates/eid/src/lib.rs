//! What the card holds, as published: applications, files, data objects, access rules, key references, states.
//!
//! The rule: bytes ↔ typed values, nothing else. No cryptography, no state, no device. Host and card both build on
//! this crate and meet only in the bytes it describes; what a standard forbids fails here at parsing, with the status
//! word the standard asks for.
//!
//! - [`aid`], [`select`]: the applications and how one is selected
//! - [`gp`], [`roles`]: the security domain (GlobalPlatform Card Specification 2.3), and who may do what on our card
//! - [`lds`]: the travel document (ICAO Doc 9303-10)
//! - [`mrz`]: machine readable zones (ICAO Doc 9303-3, 9303-5)
//! - [`piv`]: NIST SP 800-73-4, and our card's additions for personalisation and delivery
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod aid;
mod date;
mod error;
pub mod field;
pub mod gp;
pub mod lds;
pub mod mrz;
pub mod piv;
pub mod roles;
mod secret;
pub mod select;

pub use date::Date;
pub use error::Error;
pub use secret::Secret;
