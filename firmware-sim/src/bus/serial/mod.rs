//! A simulated device on a serial line: one trait, served unchanged by every bus that has such lines.
//!
//! A model implements [`SerialDevice`]: packets in, packets out, at a speed. [`Plug`] is the line's end at the device:
//! it cuts what comes into packets, carries out the script of faults, and turns bytes into what a receiver of another
//! speed makes of them. Buses bring the host's bytes to a [`Plug`] and take the device's away: [`pty`] as a pseudo
//! terminal, which programs take for a serial port.

mod plug;
#[cfg(unix)]
pub mod pty;
mod uart;

pub use plug::{Plug, SharedPlug};
pub use uart::as_heard;

use std::time::Duration;

use crate::fault::Touch;

/// How the bytes that have come in are to be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// So many bytes at the beginning are a packet; one at least.
    Packet(usize),
    /// So many are none and lead to none; one at least.
    Noise(usize),
    /// More must come.
    NotYet,
}

/// A device on a serial line as its firmware sees it.
///
/// `now` is the time since it was first plugged in; it never goes backwards. A device draws nothing from any other
/// clock.
pub trait SerialDevice: Send {
    /// The speed at which it sends and listens now, baud; 8 data bits, no parity, one stop bit.
    fn baud(&self) -> u32;

    /// Where the first packet in these bytes ends. Only for the script of faults, which counts packets: damaged ones and
    /// noise go to the device as well.
    fn cut(&self, bytes: &[u8]) -> Cut;

    /// Bytes come in.
    fn receive(&mut self, bytes: &[u8], now: Duration);

    /// The next packet that goes out at this time, where there is one.
    fn transmit(&mut self, now: Duration) -> Option<Vec<u8>>;

    /// With what it refuses a packet that it could not read.
    fn refusal(&self) -> Vec<u8>;

    /// Something happens on its glass.
    ///
    /// # Errors
    /// What is wrong, for a person.
    fn touch(&mut self, touch: &Touch) -> Result<(), String>;

    /// It gets power: what is not in its flash is as it was when made.
    fn power_on(&mut self, now: Duration);

    /// When it has something to send without being asked, where that is known.
    fn next_change(&self) -> Option<Duration> {
        None
    }
}
