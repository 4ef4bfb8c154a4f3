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

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Who computes shares the processors; who waits for a port or a program with a clock in the hand has them alone, lest
/// the sweeps beside it look like a device that is slow.
static PROCESSORS: RwLock<()> = RwLock::new(());

fn shared() -> RwLockReadGuard<'static, ()> {
    PROCESSORS.read().unwrap_or_else(PoisonError::into_inner)
}

fn alone() -> RwLockWriteGuard<'static, ()> {
    PROCESSORS.write().unwrap_or_else(PoisonError::into_inner)
}
