//! A service that hangs is said.
//!
//! A call of the client library cannot be ended from outside: where the service stops answering (it is stopped, the
//! machine swaps), a program that calls it stands still. What can be done is to say so, while the person can still end
//! whatever holds it. A call costs two stores in memory by this, and no look at a clock: a thread of its own looks once
//! a second which call is under way, and counts how often it has been the same one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::time::Duration;

/// After so many looks it is said, and again each time that they double.
const PATIENCE: u64 = 10;
const LOOK: Duration = Duration::from_secs(1);

static WATCHED: Mutex<Vec<Looked>> = Mutex::new(Vec::new());
static THREAD: Once = Once::new();

struct Watched {
    reader: String,
    /// Calls begun and calls ended: odd while one is under way. Written by whoever holds the connection.
    turns: AtomicU64,
}

/// Looks after one connection.
pub(super) struct Watch(Arc<Watched>);

/// A call under way.
pub(super) struct Call<'w>(&'w Watched);

impl Watched {
    fn turn(&self) {
        let turns = self.turns.load(Ordering::Relaxed);
        self.turns.store(turns.wrapping_add(1), Ordering::Relaxed);
    }
}

impl Watch {
    pub fn over(reader: &str) -> Self {
        let watched = Arc::new(Watched {
            reader: reader.to_owned(),
            turns: AtomicU64::new(0),
        });
        let mut all = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|looked| looked.at.strong_count() > 0);
        all.push(Looked::new(&watched));
        THREAD.call_once(|| {
            std::thread::spawn(look);
        });
        Self(watched)
    }

    pub fn begin(&self) -> Call<'_> {
        self.0.turn();
        Call(&self.0)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.turn();
    }
}

/// A connection, and how often the same call was seen under way in it.
struct Looked {
    at: Weak<Watched>,
    turns: u64,
    times: u64,
}

impl Looked {
    fn new(watched: &Arc<Watched>) -> Self {
        Self {
            at: Arc::downgrade(watched),
            turns: 0,
            times: 0,
        }
    }

    /// Looks once more: the reader's name where its call has now been waited for so long that it is to be said.
    fn again(&mut self) -> Option<String> {
        let watched = self.at.upgrade()?;
        let turns = watched.turns.load(Ordering::Relaxed);
        let same = turns % 2 == 1 && turns == self.turns;
        (self.turns, self.times) = (turns, if same { self.times + 1 } else { 0 });
        is_due(self.times).then(|| watched.reader.clone())
    }
}

/// Whether it is to be said after so many looks.
fn is_due(times: u64) -> bool {
    times.is_multiple_of(PATIENCE) && (times / PATIENCE).is_power_of_two()
}

fn look() {
    loop {
        std::thread::sleep(LOOK);
        let mut all = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        for looked in all.iter_mut() {
            if let Some(reader) = looked.again() {
                let waited = looked.times * LOOK.as_secs();
                log::warn!(
                    "{reader}: no answer for {waited} s. Is the card service stopped? Press Ctrl-C twice to end this \
                     program."
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_after_ten_seconds_and_each_time_that_doubles() {
        let watch = Watch::over("one");
        let mut looked = Looked::new(&watch.0);
        let call = watch.begin();
        looked.again();
        let said: Vec<u64> = (1..200)
            .filter(|_| looked.again() == Some("one".to_owned()))
            .collect();
        assert_eq!(said, [10, 20, 40, 80, 160]);
        drop(call);
        assert_eq!((looked.again(), looked.times), (None, 0));
    }

    #[test]
    fn another_call_is_waited_for_anew() {
        let watch = Watch::over("one");
        let mut looked = Looked::new(&watch.0);
        for _ in 0..50 {
            let call = watch.begin();
            assert_eq!(looked.again(), None);
            assert_eq!(looked.times, 0);
            drop(call);
        }
        for _ in 0..50 {
            assert_eq!(looked.again(), None);
        }
    }
}
