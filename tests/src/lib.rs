//! The bench on which whole journeys are tried: citizens who do not exist, an office with its keys, cards whose power
//! can be cut, and a look at what a finished card holds.
//!
//! The rules:
//! - Everything comes from a seed; a failure can be made again from the numbers it names.
//! - The rooms are used as the command line uses them, through their public functions. What a card holds is read back
//!   through the host, never out of the simulator.
//! - Only the simulator is told what a test does to it: where power goes, what lies on the scanner.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it finds nothing"
)]

pub mod cabinet;
pub mod card;
pub mod channel;
pub mod citizen;
pub mod desk;
pub mod holding;
pub mod journey;
pub mod kept;
pub mod link;
pub mod mortal;
pub mod office;
pub mod openssl;
pub mod pcsc;
pub mod scanner;
pub mod scenario;
pub mod serial_line;
pub mod sim;
pub mod spoil;
pub mod station;
pub mod sweep;
pub mod uru4000;
pub mod usb;
