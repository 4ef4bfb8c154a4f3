//! `libnegin_ifd.so`: the PC/SC driver (IFD handler, version 3.0) through which pcscd sees simulated readers.
//!
//! The rule: pcscd never suffers from a simulator. Where none is there, the reader is there with no card in it; where one
//! dies, its cards are taken out; where one hangs, the driver gives up after [`reader::PATIENCE`]; and a panic of our
//! own ends at the boundary as a communication error.
//!
//! The way of a call: `ffi` (the C boundary, and the one file with `unsafe`) → [`readers`] (which reader) → [`reader`]
//! (the link to the simulator).
#![deny(unsafe_code)]

pub mod attributes;
pub mod code;
pub mod control;
pub mod device;
#[allow(
    unsafe_code,
    reason = "pcscd calls C functions with pointers; each block says why it is sound"
)]
mod ffi;
pub mod reader;
pub mod readers;
mod watch;
