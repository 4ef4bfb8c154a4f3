//! The simulator's end of one connection to the driver: answers, and 'still at work' in between.

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use negin_link::{Answer, Error, send};

/// What is said on one connection, by whichever thread.
#[derive(Debug)]
pub(super) struct Line {
    stream: UnixStream,
    speaking: Mutex<Speaking>,
}

#[derive(Debug, Default)]
struct Speaking {
    /// A request was heard and not answered yet.
    working: bool,
    frame: Vec<u8>,
}

impl Line {
    pub fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            speaking: Mutex::default(),
        }
    }

    fn speaking(&self) -> MutexGuard<'_, Speaking> {
        self.speaking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request was heard.
    pub fn begin(&self) {
        self.speaking().working = true;
    }

    /// Answers it.
    pub fn answer(&self, answer: &Answer<'_>) -> Result<(), Error> {
        let mut speaking = self.speaking();
        speaking.working = false;
        send(&mut &self.stream, answer, &mut speaking.frame)
    }

    /// Says that the card is still at work, where it is.
    pub fn still_working(&self) {
        let mut speaking = self.speaking();
        if speaking.working {
            // Who is gone needs no word; the thread that reads will notice.
            let _ = send(&mut &self.stream, &Answer::Working, &mut speaking.frame);
        }
    }

    /// Says whether a card is in.
    pub fn presence(&self, present: bool) -> Result<(), Error> {
        let mut speaking = self.speaking();
        send(
            &mut &self.stream,
            &Answer::Presence(present),
            &mut speaking.frame,
        )
    }
}
