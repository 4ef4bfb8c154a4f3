//! What every reader does, whatever it is made of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use negin_apdu::{Atr, PinPad, Transmit, TransmitError};

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
    /// [`Error::Gone`], [`Error::ServiceStopped`], [`Error::System`].
    fn card_present(&mut self) -> Result<bool, Error>;

    /// Waits until `event` has happened, or until it already is so.
    ///
    /// # Errors
    /// [`Error::TimedOut`] after `timeout`, [`Error::Cancelled`] by a [`Canceller`], and those of
    /// [`card_present`](Self::card_present).
    fn wait_for(&mut self, event: CardEvent, timeout: Duration) -> Result<(), Error>;

    /// What ends a [`wait_for`](Self::wait_for) from another thread.
    fn canceller(&self) -> Canceller {
        Canceller::default()
    }

    /// Powers the card and holds it exclusively until the connection is dropped.
    ///
    /// # Errors
    /// [`Error::NoCard`], [`Error::Busy`], [`Error::BadAtr`], [`Error::Forbidden`], and those of
    /// [`card_present`](Self::card_present).
    fn connect(&mut self) -> Result<Box<dyn Connection>, Error>;
}

/// A powered card, held exclusively.
pub trait Connection: Transmit + Send {
    /// The card's answer to reset (ISO/IEC 7816-3 section 8).
    fn atr(&self) -> &Atr;

    /// Resets the card (warm reset): selection, channels and verified PINs are gone. Where the card said that somebody
    /// else reset it ([`TransmitError::CardReset`]), this takes it up again.
    ///
    /// # Errors
    /// What the transport says when the card is gone.
    fn reset(&mut self) -> Result<(), TransmitError>;

    /// The reader's own keys for PINs, where it has some. It speaks to this card, beside this connection.
    fn pin_pad(&self) -> Option<Box<dyn PinPad>> {
        None
    }
}

/// Ends the wait of a reader from another thread. Clones end the same wait.
#[derive(Clone, Default)]
pub struct Canceller {
    cancel: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Canceller {
    /// A canceller that does this.
    pub fn new(cancel: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            cancel: Some(Arc::new(cancel)),
        }
    }

    /// The wait under way, or else the next one, ends with [`Error::Cancelled`].
    pub fn cancel(&self) {
        if let Some(cancel) = &self.cancel {
            cancel();
        }
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller").finish_non_exhaustive()
    }
}
