//! What every reader does, whatever it is made of.

use std::time::Duration;

use negin_apdu::{Atr, Transmit, TransmitError};

use crate::Error;

/// What a person does at a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardEvent {
    /// A card was put in.
    Inserted,
    /// The card was taken out.
    Removed,
}

/// A slot for one card.
pub trait Reader: Send {
    /// The reader's name, as its system gives it.
    fn name(&self) -> &str;

    /// Whether a card lies in it now.
    ///
    /// # Errors
    /// [`Error::System`] when the reader itself is gone.
    fn card_present(&mut self) -> Result<bool, Error>;

    /// Waits until `event` has happened, or until it already is so.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after `timeout`, [`Error::System`] when the reader itself is gone.
    fn wait_for(&mut self, event: CardEvent, timeout: Duration) -> Result<(), Error>;

    /// Powers the card and holds it exclusively until the connection is dropped.
    ///
    /// # Errors
    /// [`Error::NoCard`], [`Error::Busy`], [`Error::BadAtr`], [`Error::System`].
    fn connect(&mut self) -> Result<Box<dyn Connection>, Error>;
}

/// A powered card, held exclusively.
pub trait Connection: Transmit + Send {
    /// The card's answer to reset (ISO/IEC 7816-3 section 8).
    fn atr(&self) -> &Atr;

    /// Resets the card (warm reset): selection, channels and verified PINs are gone.
    ///
    /// # Errors
    /// What the transport says when the card is gone.
    fn reset(&mut self) -> Result<(), TransmitError>;
}
