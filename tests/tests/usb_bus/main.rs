//! Simulated devices on USB as programs find them that use libusb: lsusb, and rusb in processes of their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it finds nothing"
)]

mod faults;
mod guest;
mod hotplug;
mod programs;
mod transfers;
