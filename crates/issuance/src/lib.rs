//! Records, quality control, profiles, personalisation and delivery.
#![forbid(unsafe_code)]

mod channel;
pub mod check;
mod checked;
pub mod credentials;
pub mod deliver;
pub mod entering;
mod error;
mod fault;
mod file;
pub mod finding;
mod json;
pub mod order;
pub mod personalise;
pub mod pki;
pub mod profile;
pub mod record;
pub mod schema;
mod seat;

pub use error::Error;
pub use seat::Seat;
