//! A simulated USB device: one trait, served unchanged by every bus.
//!
//! A model implements [`UsbDevice`] and knows its own requests and endpoints only. What every device does alike (the
//! standard requests, halted endpoints, the queue of each endpoint) is in [`Port`], the socket it is plugged into.
//! Buses bring transfers to a [`Port`] and take the results away.
//!
//! Numbers in quotation marks are sections of the Universal Serial Bus Specification, revision 2.0.

mod descriptors;
mod port;
mod standard;
#[cfg(test)]
mod tests;
mod trace;

pub use descriptors::{Description, Descriptors, Direction, Endpoint, Interface, Kind, Speed};
pub use port::{End, Ended, Port, Transfer, TransferId};
pub use trace::Traced;

use std::time::Duration;

/// A control transfer's first eight bytes ('9.3').
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Setup {
    /// bmRequestType: bit 7 towards the host, bits 6 and 5 standard, class or vendor, bits 4 to 0 whom it is for.
    pub request_type: u8,
    /// bRequest.
    pub request: u8,
    /// wValue.
    pub value: u16,
    /// wIndex.
    pub index: u16,
    /// wLength: how many bytes follow, or how many may be answered.
    pub length: u16,
}

impl Setup {
    /// How long it is, bytes.
    pub const LENGTH: usize = 8;

    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        let [request_type, request, v0, v1, i0, i1, l0, l1] = bytes;
        Self {
            request_type,
            request,
            value: u16::from_le_bytes([v0, v1]),
            index: u16::from_le_bytes([i0, i1]),
            length: u16::from_le_bytes([l0, l1]),
        }
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LENGTH] {
        let [v0, v1] = self.value.to_le_bytes();
        let [i0, i1] = self.index.to_le_bytes();
        let [l0, l1] = self.length.to_le_bytes();
        [self.request_type, self.request, v0, v1, i0, i1, l0, l1]
    }

    /// Whether the data go to the host.
    #[must_use]
    pub const fn is_in(self) -> bool {
        self.request_type & 0x80 != 0
    }

    /// Whether it is one of the requests that every device knows ('9.4').
    #[must_use]
    pub const fn is_standard(self) -> bool {
        self.request_type & 0x60 == 0
    }
}

/// What a device does with a transfer at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// It is through.
    Done(T),
    /// Nothing yet: the bus asks again later, at [`UsbDevice::next_change`] or when anything else happens.
    NotYet,
    /// The endpoint refuses. A bus keeps an endpoint other than 0 halted until the host clears it ('8.5.3.4', '9.4.1').
    Stall,
}

/// A USB device as its firmware sees the bus.
///
/// `now` is the time since it was first plugged in; it does not begin anew when the device is pulled out and put
/// back. It never goes backwards. A device draws nothing from any other clock.
///
/// An endpoint is asked for one transfer at a time, in the order in which the host handed them over; endpoints do not
/// wait for one another.
pub trait UsbDevice: Send {
    /// What it says it is.
    fn descriptors(&self) -> &Descriptors;

    /// A vendor's or a class's request; `data` is what came with it. The answer to one that [`Setup::is_in`] is cut to
    /// [`Setup::length`], that to another is ignored.
    ///
    /// Standard requests are served by the bus from the descriptors; those for an interface that the bus does not know
    /// (class descriptors) arrive here as well.
    fn control(&mut self, setup: Setup, data: &[u8], now: Duration) -> Answer<Vec<u8>>;

    /// The host sends `data` to an interrupt or bulk endpoint, bit 7 of whose address is clear. How many bytes it took.
    fn transfer_out(&mut self, endpoint: u8, data: &[u8], now: Duration) -> Answer<usize>;

    /// The host waits for up to `length` bytes from an interrupt or bulk endpoint, bit 7 of whose address is set.
    ///
    /// What is handed out is one transfer, and gone from the device.
    fn transfer_in(&mut self, endpoint: u8, length: usize, now: Duration) -> Answer<Vec<u8>>;

    /// The host has withdrawn the transfer that was waiting at this endpoint (0 for a control transfer).
    fn cancelled(&mut self, endpoint: u8, now: Duration) {
        let _ = (endpoint, now);
    }

    /// The host resets the device's port: it is as when just plugged in, and not configured.
    fn reset(&mut self, now: Duration);

    /// It is put into a socket and gets power.
    fn power_on(&mut self, now: Duration) {
        self.reset(now);
    }

    /// Whether it is in its socket. A bus asks whenever something has happened; a device that is not in it takes part
    /// in nothing, and what waits ends.
    fn attached(&mut self, now: Duration) -> bool {
        let _ = now;
        true
    }

    /// When something that is pending may be ready without being asked: a time at which the bus asks again. None where
    /// nothing will change by itself; a time that has come already asks for nothing.
    fn next_change(&self) -> Option<Duration>;
}

impl<D: UsbDevice + ?Sized> UsbDevice for Box<D> {
    fn descriptors(&self) -> &Descriptors {
        (**self).descriptors()
    }

    fn control(&mut self, setup: Setup, data: &[u8], now: Duration) -> Answer<Vec<u8>> {
        (**self).control(setup, data, now)
    }

    fn transfer_out(&mut self, endpoint: u8, data: &[u8], now: Duration) -> Answer<usize> {
        (**self).transfer_out(endpoint, data, now)
    }

    fn transfer_in(&mut self, endpoint: u8, length: usize, now: Duration) -> Answer<Vec<u8>> {
        (**self).transfer_in(endpoint, length, now)
    }

    fn cancelled(&mut self, endpoint: u8, now: Duration) {
        (**self).cancelled(endpoint, now);
    }

    fn reset(&mut self, now: Duration) {
        (**self).reset(now);
    }

    fn power_on(&mut self, now: Duration) {
        (**self).power_on(now);
    }

    fn attached(&mut self, now: Duration) -> bool {
        (**self).attached(now)
    }

    fn next_change(&self) -> Option<Duration> {
        (**self).next_change()
    }
}
