//! How bytes travel: [`Transmit`] takes a command APDU and gives the response APDU.
//!
//! Readers implement it at the bottom; chaining, secure messaging and tracing wrap it and implement it again.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::{Command, Response, Wiped};

/// Which side of the card is spoken to. Cards decide access by it (SP 800-73-4 Part 1, table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interface {
    /// The contact plate (ISO/IEC 7816-3).
    Contact,
    /// The antenna (ISO/IEC 14443).
    Contactless,
}

/// What one exchange carries, in bytes of data field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest command data field, 255 or 65535 (or less where a reader says so).
    pub command_data: usize,
    /// Longest response data field, 256 or 65536 (or less where a reader says so).
    pub response_data: usize,
}

impl Limits {
    /// Short APDUs: 255 and 256 bytes.
    pub const SHORT: Self = Self {
        command_data: 255,
        response_data: 256,
    };
    /// Extended APDUs: 65535 and 65536 bytes.
    pub const EXTENDED: Self = Self {
        command_data: 65_535,
        response_data: 65_536,
    };
}

/// Why no answer came. What a caller can act on; the rest keeps the system's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransmitError {
    /// The card left the reader, or lost its power.
    #[error("the card was removed or lost its power")]
    CardRemoved,
    /// The card was reset by another program: what was selected and verified is gone.
    #[error("the card was reset")]
    CardReset,
    /// The reader itself is gone.
    #[error("the reader is gone")]
    ReaderGone,
    /// The system's service through which the reader is reached has stopped; whether the card had the command is not
    /// known.
    #[error("the system's card service has stopped")]
    ServiceStopped,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The bytes are not an APDU.
    #[error("the bytes are not an APDU")]
    Malformed,
    /// The command or its answer is longer than the channel carries.
    #[error("longer than the channel carries")]
    TooLong,
    /// Another program holds the card.
    #[error("another program holds the card")]
    Sharing,
    /// An answer failed the check of secure messaging; the session is over.
    #[error("the answer failed the check of secure messaging")]
    SecureMessaging,
    /// Any other failure, with the system's code.
    #[error("the system's error {0:#010x}")]
    Other(
        /// The code as the system gave it.
        i32,
    ),
}

/// A way to a card: bytes in, bytes out.
pub trait Transmit {
    /// Sends a command APDU and waits for the response APDU (data and status word).
    ///
    /// # Errors
    /// [`TransmitError`] where no answer came; a status word other than 9000 is an answer.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError>;

    /// What one exchange carries.
    fn limits(&self) -> Limits;

    /// Which side of the card is spoken to.
    fn interface(&self) -> Interface;
}

impl<T: Transmit + ?Sized> Transmit for &mut T {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        (**self).transmit(command)
    }
    fn limits(&self) -> Limits {
        (**self).limits()
    }
    fn interface(&self) -> Interface {
        (**self).interface()
    }
}

impl<T: Transmit + ?Sized> Transmit for Box<T> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        (**self).transmit(command)
    }
    fn limits(&self) -> Limits {
        (**self).limits()
    }
    fn interface(&self) -> Interface {
        (**self).interface()
    }
}

/// [`Transmit`] with commands and responses instead of bytes; every `Transmit` has it.
pub trait Exchange: Transmit {
    /// Sends a command and reads the answer. An Ne beyond the channel's limit is lowered to it (the rest comes by
    /// GET RESPONSE, see [`Chaining`](crate::Chaining)). The encoded bytes are wiped.
    ///
    /// # Errors
    /// [`TransmitError::TooLong`] where the data is longer than the channel carries; [`TransmitError`] of the channel.
    fn exchange(&mut self, command: &Command) -> Result<Response, TransmitError> {
        let limits = self.limits();
        if command.data().len() > limits.command_data {
            return Err(TransmitError::TooLong);
        }
        let most = u32::try_from(limits.response_data).unwrap_or(u32::MAX);
        let bytes = match command.le() {
            Some(ne) if ne > most => command.clone().with_le(most).to_bytes(),
            _ => command.to_bytes(),
        };
        let bytes = Wiped::new(bytes.map_err(|_| TransmitError::TooLong)?);
        Response::from_bytes(self.transmit(&bytes)?)
    }
}

impl<T: Transmit + ?Sized> Exchange for T {}
