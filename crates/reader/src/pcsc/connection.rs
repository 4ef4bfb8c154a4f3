//! A card held through the service.

use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use negin_apdu::{Atr, Interface, Limits, PinPad, Transmit, TransmitError};
use pcsc::{
    Card, Context, Disposition, Error as Code, Protocol, Protocols, ReaderState, ShareMode, State,
};
use zeroize::Zeroizing;

use super::fault::Fault;
use super::features::{Features, limits};
use super::interface::interface;
use super::keypad::Keypad;
use super::service::{self, is_gone};
use super::watchdog::Watch;
use crate::{Connection, Error};

/// The longest answer there is: 65,536 bytes and a status word. No answer is longer, so none is lost.
const LONGEST_ANSWER: usize = 65_538;
/// A driver says that nothing came before the service has seen the card go: it looks every 0.4 s.
const SETTLING: Duration = Duration::from_millis(1_000);
const PAUSE: Duration = Duration::from_millis(50);

/// A card that a connection and its reader's keys speak to.
pub(super) type SharedCard = Arc<Mutex<Card>>;

/// The card. A thread that panicked while it held it left it as it was.
pub(super) fn lock(card: &Mutex<Card>) -> MutexGuard<'_, Card> {
    card.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The card's handle, beside a connection to it: for control codes of the reader's maker, and for measuring.
///
/// The connection waits while it is locked. Its reset is the connection's business.
#[derive(Clone)]
pub struct BareCard(SharedCard);

impl BareCard {
    /// The handle of the crate `pcsc`.
    pub fn lock(&self) -> MutexGuard<'_, Card> {
        lock(&self.0)
    }
}

/// A powered card. When it is dropped, the card is reset and given free.
pub struct PcscConnection {
    card: SharedCard,
    name: CString,
    /// How often a card had come or gone in the reader when this one was connected to.
    moves: u32,
    atr: Atr,
    features: Features,
    limits: Limits,
    interface: Interface,
    /// Wiped when the card is given free.
    buffer: Zeroizing<Vec<u8>>,
    watch: Watch,
    /// Keeps the card's context, which is dropped after it.
    _context: Context,
}

impl PcscConnection {
    /// The card's handle.
    #[must_use]
    pub fn bare(&self) -> BareCard {
        BareCard(Arc::clone(&self.card))
    }

    /// Takes hold of a card that was just connected to.
    pub(super) fn over(
        context: Context,
        mut card: Card,
        name: CString,
        shown: &str,
    ) -> Result<Self, Error> {
        let failed = |fault: Fault| fault.of_reader(shown);
        begin(&mut card).map_err(failed)?;
        let (atr, protocol) = status(&card).map_err(failed)?;
        let reader = || shown.to_owned();
        let atr = Atr::parse(&atr).map_err(|_| Error::BadAtr { reader: reader() })?;
        // Without a protocol there is nothing that an APDU could be put into.
        let protocol = protocol.ok_or_else(|| Error::BadAtr { reader: reader() })?;
        let features = Features::of(&card);
        let limits = limits(features.max_data(&card), protocol == Protocol::T1, &atr);
        let moves = service::state(&context, &name)
            .map_err(failed)?
            .event_count();
        Ok(Self {
            interface: interface(&atr, shown),
            watch: Watch::over(shown),
            card: Arc::new(Mutex::new(card)),
            name,
            moves,
            atr,
            features,
            limits,
            buffer: Zeroizing::new(vec![0; LONGEST_ANSWER]),
            _context: context,
        })
    }

    /// The reader's state, in a context of its own: the connection's is in use, and may be dead.
    fn state(&self) -> Result<ReaderState, Fault> {
        service::context().and_then(|context| service::state(&context, &self.name))
    }

    /// Whether the card that was connected to was taken out, even where one lies there again.
    fn was_taken_out(&self) -> bool {
        self.state()
            .is_ok_and(|state| state.event_count() != self.moves)
    }

    /// Finds out why nothing came.
    fn look_into(&self, fault: Fault) -> TransmitError {
        let until = Instant::now() + SETTLING;
        loop {
            let state = self
                .state()
                .map(|state| (state.event_state(), state.event_count()));
            match state {
                Ok((state, _)) if is_gone(state) || state.contains(State::UNAVAILABLE) => {
                    return TransmitError::ReaderGone;
                }
                Ok((state, moves))
                    if moves != self.moves
                        || !state.contains(State::PRESENT)
                        || state.contains(State::MUTE) =>
                {
                    return TransmitError::CardRemoved;
                }
                Err(other) if other.of_exchange().is_some() => {
                    return other.of_exchange().unwrap_or(TransmitError::ReaderGone);
                }
                _ if Instant::now() < until => std::thread::sleep(PAUSE),
                // It lies there and does not answer: it has no power, or no contact.
                _ if fault == Fault(Code::NotTransacted) => return TransmitError::CardRemoved,
                _ => return TransmitError::Other(fault.code() as i32),
            }
        }
    }

    fn explain(&self, fault: Fault) -> TransmitError {
        let error = match fault.of_exchange() {
            None => self.look_into(fault),
            // The one that lies there now was reset because it was put in; it may be another one.
            Some(TransmitError::CardReset) if self.was_taken_out() => TransmitError::CardRemoved,
            Some(error) => error,
        };
        log::info!("{}: {fault}: {error}", self.name.to_string_lossy());
        error
    }
}

/// Begins a transaction that ends with the connection.
fn begin(card: &mut Card) -> Result<(), Fault> {
    let transaction = card.transaction().map_err(Fault)?;
    // Its guard would end it here. Disconnecting ends it, and every connection is.
    std::mem::forget(transaction);
    Ok(())
}

/// The card's answer to reset, and the protocol chosen.
fn status(card: &Card) -> Result<(Vec<u8>, Option<Protocol>), Fault> {
    let status = card.status2_owned().map_err(Fault)?;
    Ok((status.atr().to_vec(), status.protocol2()))
}

impl Transmit for PcscConnection {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let sent = {
            let card = lock(&self.card);
            let _watched = self.watch.begin();
            card.transmit(command, &mut self.buffer).map(<[u8]>::len)
        };
        match sent {
            Ok(length) => Ok(self.buffer[..length].to_vec()),
            Err(code) => Err(self.explain(Fault(code))),
        }
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn interface(&self) -> Interface {
        self.interface
    }
}

impl Connection for PcscConnection {
    fn atr(&self) -> &Atr {
        &self.atr
    }

    fn reset(&mut self) -> Result<(), TransmitError> {
        if self.was_taken_out() {
            return Err(TransmitError::CardRemoved);
        }
        let again = {
            let mut card = lock(&self.card);
            let protocols = Protocols::T0 | Protocols::T1;
            let done = card.reconnect(ShareMode::Exclusive, protocols, Disposition::ResetCard);
            match done {
                // Somebody else had reset it: that is told once, by the call that takes it up again.
                Err(Code::ResetCard) => {
                    card.reconnect(ShareMode::Exclusive, protocols, Disposition::ResetCard)
                }
                done => done,
            }
            .map_err(Fault)
            .and_then(|()| status(&card))
        };
        let (atr, protocol) = again.map_err(|fault| self.explain(fault))?;
        self.atr = Atr::parse(&atr).map_err(|_| TransmitError::CardRemoved)?;
        if protocol.is_none() {
            return Err(TransmitError::CardRemoved);
        }
        Ok(())
    }

    fn pin_pad(&self) -> Option<Box<dyn PinPad>> {
        let Features {
            verify_pin,
            modify_pin,
            ..
        } = self.features;
        Keypad::new(Arc::clone(&self.card), verify_pin, modify_pin)
            .map(|keypad| Box::new(keypad) as Box<dyn PinPad>)
    }
}
