//! Cards for the readers, and a client's few calls.

use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use negin_issuance::profile::Profile;
use negin_tests::card::BenchCard;
use negin_tests::pcsc::reader_name;
use pcsc::{Context, Error, Protocols, ReaderState, Scope, ShareMode, State};

/// SELECT without a name: the security domain answers.
pub const SELECT: [u8; 5] = [0x00, 0xA4, 0x04, 0x00, 0x00];

/// Puts blank cards into a folder.
pub fn blanks(folder: &Path, count: usize) -> Vec<PathBuf> {
    let profile = Profile::national_id().unwrap();
    (0..count)
        .map(|at| {
            let path = folder.join(format!("{at}.card"));
            fs::write(&path, BenchCard::blank_state(&profile, at as u8 + 1)).unwrap();
            path
        })
        .collect()
}

/// Options of `negin-sim pcsc`: blank cards in as many readers.
pub fn with_cards(folder: &Path, count: usize) -> Vec<String> {
    let cards = blanks(folder, count);
    cards
        .iter()
        .flat_map(|card| ["--card".to_owned(), card.display().to_string()])
        .collect()
}

pub fn context() -> Context {
    Context::establish(Scope::User).unwrap()
}

pub fn name(reader: usize) -> CString {
    CString::new(reader_name(reader)).unwrap()
}

pub fn connect(context: &Context, reader: usize) -> pcsc::Card {
    context
        .connect(&name(reader), ShareMode::Shared, Protocols::ANY)
        .unwrap()
}

pub fn transmit(card: &pcsc::Card, command: &[u8]) -> Result<Vec<u8>, Error> {
    let mut room = vec![0; 65_538];
    card.transmit(command, &mut room).map(<[u8]>::to_vec)
}

/// Waits until something comes about.
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn state(context: &Context, reader: usize) -> ReaderState {
    let mut states = [ReaderState::new(name(reader), State::UNAWARE)];
    context
        .get_status_change(Duration::ZERO, &mut states)
        .unwrap();
    let [state] = states;
    state
}

pub fn present(context: &Context, reader: usize) -> bool {
    state(context, reader)
        .event_state()
        .contains(State::PRESENT)
}
