//! A service that hangs is said.
//!
//! A call of the client library cannot be ended from outside: where the service stops answering (it is stopped, the
//! machine swaps), a program that calls it stands still. What can be done is to say so, while the person can still end
//! whatever holds it. A call costs two stores in memory by this.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::time::{Duration, Instant};

/// After so long it is said, and again each time that it doubles.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_secs(1);

static WATCHED: Mutex<Vec<Weak<Watched>>> = Mutex::new(Vec::new());
static THREAD: Once = Once::new();

struct Watched {
    reader: String,
    epoch: Instant,
    /// Milliseconds since the epoch at which the call under way began, and 1; 0 where none is.
    since: AtomicU64,
}

impl Watched {
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// How long the call under way has taken.
    fn waited(&self) -> Duration {
        match self.since.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => Duration::from_millis(self.now().saturating_sub(since)),
        }
    }
}

/// Looks after one connection.
pub(super) struct Watch(Arc<Watched>);

/// A call under way.
pub(super) struct Call<'w>(&'w Watched);

impl Watch {
    pub fn over(reader: &str) -> Self {
        let watched = Arc::new(Watched {
            reader: reader.to_owned(),
            epoch: Instant::now(),
            since: AtomicU64::new(0),
        });
        let mut all = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|watched| watched.strong_count() > 0);
        all.push(Arc::downgrade(&watched));
        THREAD.call_once(|| {
            std::thread::spawn(look);
        });
        Self(watched)
    }

    pub fn begin(&self) -> Call<'_> {
        self.0.since.store(self.0.now(), Ordering::Relaxed);
        Call(&self.0)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.since.store(0, Ordering::Relaxed);
    }
}

/// Whether a wait of this length is to be said, having been looked at one [`LOOK`] before.
fn is_due(waited: Duration) -> bool {
    let (mut mark, before) = (PATIENCE, waited.saturating_sub(LOOK));
    while mark <= before {
        mark *= 2;
    }
    mark <= waited
}

fn look() {
    loop {
        std::thread::sleep(LOOK);
        let all = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
        for watched in all.iter().filter_map(Weak::upgrade) {
            let waited = watched.waited();
            if is_due(waited) {
                log::warn!(
                    "{}: no answer for {} s. Is the card service stopped? Press Ctrl-C twice to end this program.",
                    watched.reader,
                    waited.as_secs()
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
        let said: Vec<u64> = (0..200)
            .filter(|&second| is_due(Duration::from_millis(second * 1000 + 137)))
            .collect();
        assert_eq!(said, [10, 20, 40, 80, 160]);
    }

    #[test]
    fn a_call_that_is_over_waits_for_nothing() {
        let watch = Watch::over("one");
        assert_eq!(watch.0.waited(), Duration::ZERO);
        let call = watch.begin();
        std::thread::sleep(Duration::from_millis(20));
        assert!(watch.0.waited() >= Duration::from_millis(10));
        drop(call);
        assert_eq!(watch.0.waited(), Duration::ZERO);
    }
}
