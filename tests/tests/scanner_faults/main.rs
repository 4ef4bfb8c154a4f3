//! Every fault at every transfer of a capture: each case ends in an image after recovery, or in an error that names the
//! fault; none hangs, none panics, none leaves the scanner unusable. Each sweep prints how many cases it tried.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it finds nothing"
)]

mod serial;
mod usb;
mod usb_programs;
