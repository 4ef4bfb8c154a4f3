//! The U.are.U driver against the simulated scanner, in the process: every product, every kind of image, every state it
//! wakes from, and everything that goes wrong on the way.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]
#![allow(clippy::unwrap_used, reason = "a test ends where it finds nothing")]

mod desk;
mod images;
mod power;
mod trouble;
