//! The service: contexts, the readers there are, and what each of them says of itself.

use std::ffi::{CStr, CString};
use std::time::Duration;

use pcsc::{Context, Error as Code, ReaderState, Scope, State};

use super::fault::Fault;
use super::name::text;

/// A reader as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderNow {
    /// No card lies in it.
    Empty,
    /// A card lies in it.
    Card {
        /// Its answer to reset, as the service has it; empty while the card was not powered yet.
        atr: Vec<u8>,
        /// Whether another program holds it exclusively.
        held: bool,
    },
    /// A card lies in it that does not answer.
    Mute,
    /// The reader does not say.
    Unavailable,
}

/// A reader and how it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderAtHand {
    /// Its name.
    pub name: String,
    /// How it is.
    pub now: ReaderNow,
}

/// A context of our own.
pub(super) fn context() -> Result<Context, Fault> {
    Context::establish(Scope::User).map_err(Fault)
}

/// The names of the readers there are.
pub(super) fn names() -> Result<Vec<CString>, Fault> {
    names_in(&context()?)
}

pub(super) fn names_in(context: &Context) -> Result<Vec<CString>, Fault> {
    loop {
        match context.list_readers_owned() {
            // One more was plugged in between the length and the list.
            Err(Code::InsufficientBuffer) => {}
            listed => return listed.map_err(Fault),
        }
    }
}

/// All readers and how they are now.
///
/// # Errors
/// The service's [`Fault`].
pub fn readers() -> Result<Vec<ReaderAtHand>, Fault> {
    let context = context()?;
    let names = names_in(&context)?;
    names
        .into_iter()
        .map(|name| {
            let now = match state(&context, &name) {
                Ok(state) => now(&state),
                Err(Fault(Code::UnknownReader)) => ReaderNow::Unavailable,
                Err(fault) => return Err(fault),
            };
            Ok(ReaderAtHand {
                name: text(&name),
                now,
            })
        })
        .collect()
}

/// The state of one reader, without waiting.
pub(super) fn state(context: &Context, name: &CStr) -> Result<ReaderState, Fault> {
    let mut states = [ReaderState::new(name, State::UNAWARE)];
    match context.get_status_change(Duration::ZERO, &mut states) {
        Ok(()) | Err(Code::Timeout) => {}
        Err(code) => return Err(Fault(code)),
    }
    let [state] = states;
    Ok(state)
}

/// Whether a state says that the reader is not there.
pub(super) fn is_gone(state: State) -> bool {
    state.intersects(State::UNKNOWN | State::IGNORE)
}

/// What a state says.
pub(super) fn now(state: &ReaderState) -> ReaderNow {
    let event = state.event_state();
    if event.contains(State::PRESENT) {
        if event.contains(State::MUTE) {
            return ReaderNow::Mute;
        }
        return ReaderNow::Card {
            atr: state.atr().to_vec(),
            held: event.contains(State::EXCLUSIVE),
        };
    }
    if event.contains(State::EMPTY) {
        return ReaderNow::Empty;
    }
    ReaderNow::Unavailable
}
