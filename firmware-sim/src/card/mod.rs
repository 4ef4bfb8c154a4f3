//! The card: an operating system over non-volatile memory, with the applications of a national identity card.
//!
//! [`Card::blank`] makes one, [`Card::power_on`] and [`Card::process`] use it, [`Card::state_bytes`] keeps it. What
//! it enforces is in the module `access`, in one place; that it bears tears is the business of [`store`].

mod access;
mod blank;
mod domain;
mod fault;
mod holder;
mod link;
mod memory;
pub mod nvm;
mod piv;
mod request;
mod session;
mod state_file;
pub mod store;
mod system;
mod travel;

pub use blank::BlankOptions;
pub use system::Card;

#[cfg(test)]
mod tests;
