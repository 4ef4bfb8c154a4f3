//! What proofs by trying everything are made of: cards that are put back in an instant, the standings in which they are
//! tried, what must never be seen in an answer, damage in every form, and the entries of fuzzing.
//!
//! It knows the simulated card and the languages spoken with it, and no room of the host, so that it is built quickly
//! with a fuzzer's instruments.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a proof ends where it finds nothing"
)]

pub mod damage;
pub mod fuzz;
pub mod search;
pub mod secrets;
pub mod specimen;
pub mod standing;
