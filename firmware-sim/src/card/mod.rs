//! The card: an operating system over non-volatile memory, with the applications of a national identity card.

pub mod nvm;
pub mod store;
