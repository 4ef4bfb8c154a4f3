//! Simulated readers behind the system's own pcscd, as its clients see them.
#![allow(clippy::unwrap_used)]

mod clients;
mod deaths;
mod runs;
mod support;
