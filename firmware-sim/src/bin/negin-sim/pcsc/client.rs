//! What a client of pcscd sees: whether the readers and their cards are there.

use std::ffi::CString;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use pcsc::{Context, ReaderState, Scope, State};

use crate::readers::NAME;

/// What [`seen`] sees, again and again, as long as somebody listens. In a thread of its own: a pcscd that hangs holds
/// its clients.
pub fn look_again_and_again() -> Receiver<Result<(usize, usize), pcsc::Error>> {
    let (sender, looks) = channel();
    std::thread::spawn(move || {
        while sender.send(seen()).is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    looks
}

/// How many of our readers a client sees, and in how many of them a card.
fn seen() -> Result<(usize, usize), pcsc::Error> {
    let context = Context::establish(Scope::User)?;
    let readers = context.list_readers_owned()?;
    let ours = |name: &CString| name.to_bytes().starts_with(NAME.as_bytes());
    let mut states: Vec<ReaderState> = readers
        .into_iter()
        .filter(ours)
        .map(|name| ReaderState::new(name, State::UNAWARE))
        .collect();
    if states.is_empty() {
        return Ok((0, 0));
    }
    context.get_status_change(Duration::ZERO, &mut states)?;
    // Present and answering: its answer to reset is known.
    let cards = states
        .iter()
        .filter(|state| state.event_state().contains(State::PRESENT) && !state.atr().is_empty())
        .count();
    Ok((states.len(), cards))
}
