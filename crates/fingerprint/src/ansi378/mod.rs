//! The finger minutiae records of INCITS 378, and the profile of it that PIV cards hold.

pub mod piv;
mod v2004;
mod v2009;

pub use v2004::{decode, encode};
pub use v2009::{decode as decode_2009, encode as encode_2009};
