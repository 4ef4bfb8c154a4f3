//! Simulated readers behind the system's PC/SC: the simulator's end of the link to the driver `libnegin_ifd.so`.
//!
//! A [`Rack`] is some readers, each a [`Bay`] with a card in it or none; [`Rack::serve`] answers the driver,
//! [`control`] a person or a test that inserts, removes and tears cards. A card's memory is its file: what a
//! command changed is in the file, flushed to the disk, before the command is answered.

mod bay;
mod card_file;
pub mod control;
mod echo;
mod line;
pub mod pin_pad;
mod serve;

pub use bay::{Bay, BayError, Look};
pub use card_file::{CardFile, CardFileError};
pub use serve::{Entropy, Rack};

#[cfg(test)]
mod tests;
