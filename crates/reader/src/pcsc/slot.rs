//! One reader of the service.

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use negin_device::{Address, Error as DeviceError};
use pcsc::{Context, Error as Code, Protocols, ReaderState, ShareMode, State};

use super::connection::PcscConnection;
use super::fault::{Fault, Reach};
use super::name::{choose, text};
use super::service::{self, is_gone};
use super::{SCHEME, device_error};
use crate::{Canceller, CardEvent, Connection, Error, Reader, traced};

/// How long a program that looks at every card is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// From one try to the next.
const PAUSE: Duration = Duration::from_millis(50);
/// A wait looks up so often: a cancellation that comes just before the call would be lost in it.
const SLICE: Duration = Duration::from_millis(500);

/// A reader. Its context is found anew where the service was started anew.
pub struct PcscReader {
    name: CString,
    shown: String,
    context: Option<Context>,
    cancelled: Arc<AtomicBool>,
}

impl PcscReader {
    /// The reader that a locator means (see [the rules](super)).
    ///
    /// # Errors
    /// Those of [`Backend::open`](negin_device::Backend::open).
    pub fn open(locator: &str) -> Result<Self, DeviceError> {
        let names = service::names().map_err(|fault| device_error(locator, fault))?;
        let name = choose(&names, locator)
            .map_err(|unclear| unclear.into_error(Address::new(SCHEME, locator)))?;
        Ok(Self {
            shown: text(name),
            name: name.clone(),
            context: None,
            cancelled: Arc::default(),
        })
    }

    /// [`connect`](Reader::connect), without tracing and with the connection's own type.
    ///
    /// # Errors
    /// Those of [`connect`](Reader::connect).
    pub fn connect_bare(&mut self) -> Result<PcscConnection, Error> {
        let (name, until) = (self.name.clone(), Instant::now() + PATIENCE);
        let mut powered_again = false;
        loop {
            // A context for this connection alone.
            let connected = service::context().and_then(|context| {
                let card = context
                    .connect(&name, ShareMode::Exclusive, Protocols::T0 | Protocols::T1)
                    .map_err(Fault)?;
                Ok((context, card))
            });
            match connected {
                Ok((context, card)) => {
                    return PcscConnection::over(context, card, name, &self.shown);
                }
                Err(Fault(Code::SharingViolation)) if Instant::now() < until => {
                    std::thread::sleep(PAUSE);
                }
                // The service may be just about to take the power from a card that nobody used.
                Err(Fault(Code::UnpoweredCard | Code::ResetCard)) if !powered_again => {
                    powered_again = true;
                }
                Err(fault) => return Err(fault.of_reader(&self.shown)),
            }
        }
    }

    /// Does something with the service; where the service was stopped in the meantime, once more with the one that runs
    /// now.
    fn with<R>(&mut self, mut work: impl FnMut(&Context) -> Result<R, Fault>) -> Result<R, Error> {
        if let Some(context) = &self.context {
            match work(context) {
                Err(fault) if fault.reach() == Reach::Stopped => self.context = None,
                done => return done.map_err(|fault| fault.of_reader(&self.shown)),
            }
        }
        let done = service::context().and_then(|context| {
            let done = work(&context);
            self.context = Some(context);
            done
        });
        done.map_err(|fault| fault.of_reader(&self.shown))
    }

    fn state(&mut self) -> Result<State, Error> {
        let name = self.name.clone();
        let state = self.with(|context| service::state(context, &name))?;
        self.there(state.event_state())
    }

    fn there(&self, state: State) -> Result<State, Error> {
        if is_gone(state) {
            return Err(Error::Gone {
                reader: self.shown.clone(),
            });
        }
        Ok(state)
    }
}

impl Reader for PcscReader {
    fn name(&self) -> &str {
        &self.shown
    }

    fn card_present(&mut self) -> Result<bool, Error> {
        Ok(self.state()?.contains(State::PRESENT))
    }

    fn wait_for(&mut self, event: CardEvent, timeout: Duration) -> Result<(), Error> {
        let until = Instant::now().checked_add(timeout);
        let mut state = self.state()?;
        loop {
            if self.cancelled.swap(false, Ordering::SeqCst) {
                return Err(Error::Cancelled {
                    reader: self.shown.clone(),
                });
            }
            if state.contains(State::PRESENT) == (event == CardEvent::Inserted) {
                return Ok(());
            }
            let left = until.map_or(SLICE, |until| {
                until.saturating_duration_since(Instant::now())
            });
            if left.is_zero() {
                return Err(Error::TimedOut {
                    reader: self.shown.clone(),
                    waited: timeout,
                });
            }
            let name = self.name.clone();
            let waited = self.with(|context| {
                let mut states = [ReaderState::new(name.clone(), state)];
                match context.get_status_change(left.min(SLICE), &mut states) {
                    Ok(()) => Ok(states[0].event_state()),
                    Err(Code::Timeout | Code::Cancelled) => Ok(state),
                    Err(code) => Err(Fault(code)),
                }
            })?;
            state = self.there(waited)?;
        }
    }

    fn canceller(&self) -> Canceller {
        let cancelled = Arc::clone(&self.cancelled);
        let context = self.context.clone();
        Canceller::new(move || {
            cancelled.store(true, Ordering::SeqCst);
            if let Some(context) = &context {
                // Where this fails there is no wait to be ended; the flag ends the next one.
                let _ = context.cancel();
            }
        })
    }

    fn connect(&mut self) -> Result<Box<dyn Connection>, Error> {
        let connection = self.connect_bare()?;
        Ok(traced(Box::new(connection), &self.shown))
    }
}
