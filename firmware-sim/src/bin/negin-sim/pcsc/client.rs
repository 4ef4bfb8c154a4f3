//! What a client of pcscd sees: whether the readers and their cards are there.

use std::ffi::CString;

use pcsc::{Context, ReaderState, Scope, State};

use crate::readers::NAME;

/// How many of our readers a client sees, and in how many of them a card.
pub fn seen() -> Result<(usize, usize), pcsc::Error> {
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
    context.get_status_change(std::time::Duration::ZERO, &mut states)?;
    // Present and answering: its answer to reset is known.
    let cards = states
        .iter()
        .filter(|state| state.event_state().contains(State::PRESENT) && !state.atr().is_empty())
        .count();
    Ok((states.len(), cards))
}
