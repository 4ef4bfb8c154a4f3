//! What the driver asks of the line to its scanner.

use std::time::Duration;

use negin_fingerprint::CaptureError;
use zeroize::Zeroizing;

/// The address of the interrupt endpoint.
pub const INTERRUPT_IN: u8 = 0x81;
/// How long an interrupt transfer is, bytes.
pub const INTERRUPT_LENGTH: usize = 64;
/// The address of the bulk endpoint.
pub const BULK_IN: u8 = 0x82;

/// How a transfer failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkError {
    /// Nothing came in the time a transfer has.
    Timeout,
    /// The endpoint refuses; one other than 0 goes on doing so until it is cleared.
    Stalled,
    /// The device is gone.
    Gone,
    /// The device sent more than it was asked for.
    Overflow,
    /// Anything else: the system's code.
    Other(i32),
}

impl From<LinkError> for CaptureError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Timeout => Self::NoAnswer,
            LinkError::Stalled => Self::Stalled,
            LinkError::Gone => Self::Disconnected,
            LinkError::Overflow => Self::Protocol,
            LinkError::Other(code) => Self::Other(code),
        }
    }
}

/// A line to a scanner whose interface is claimed. Dropping it gives the interface free.
///
/// The driver is written against this, so that it runs over a real bus and, in tests, over a simulated device in the
/// same process. Time comes from here as well: where the device's clock is a simulated one, a wait costs nothing.
pub trait Link: Send {
    /// A vendor's request to the device with the data going to the host; how many bytes came.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Timeout`] after a second or two.
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        into: &mut [u8],
    ) -> Result<usize, LinkError>;

    /// A vendor's request to the device with the data going to the device.
    ///
    /// # Errors
    /// As [`Self::control_in`].
    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        data: &[u8],
    ) -> Result<(), LinkError>;

    /// From here on a transfer of [`INTERRUPT_LENGTH`] bytes waits at the interrupt endpoint, and is handed over again
    /// each time one is through, until [`Self::hush`]. What was heard before is forgotten.
    ///
    /// # Errors
    /// [`LinkError`].
    fn listen(&mut self) -> Result<(), LinkError>;

    /// What the interrupt endpoint sent next; none where nothing came in `wait`.
    ///
    /// # Errors
    /// [`LinkError`]; nothing is heard any more then until [`Self::listen`].
    fn heard(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, LinkError>;

    /// Hands a transfer of `length` bytes over to the bulk endpoint and does not wait for it.
    ///
    /// # Errors
    /// [`LinkError`].
    fn expect_image(&mut self, length: usize) -> Result<(), LinkError>;

    /// What came of [`Self::expect_image`]; none where it is not through in `wait`.
    ///
    /// # Errors
    /// [`LinkError`]; the transfer is over then.
    fn image(&mut self, wait: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError>;

    /// Withdraws both transfers.
    fn hush(&mut self);

    /// Has an endpoint answer again that refused.
    ///
    /// # Errors
    /// [`LinkError`].
    fn clear_halt(&mut self, endpoint: u8) -> Result<(), LinkError>;

    /// The time since some moment in the past.
    fn now(&self) -> Duration;

    /// Lets time pass.
    fn pause(&mut self, time: Duration);
}
