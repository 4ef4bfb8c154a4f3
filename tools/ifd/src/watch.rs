//! Whether a card is in: a thread that listens to the simulator, and what the daemon makes of what it hears.
//!
//! The rule: the daemon learns of every change, in order. A card taken out and another put in at once are two changes,
//! though a look at the reader would find a card both times. So a change is kept until the daemon's waiting function
//! takes it, and till then the reader looks as it did.

use std::collections::VecDeque;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use negin_link::{Error, Features, Purpose};

use crate::device::Device;
use crate::reader::{dial, greet};

/// How long until a simulator that is not there is looked for again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long a new reader waits to hear whether it has a card.
const FIRST_WORD: Duration = Duration::from_millis(500);
/// More changes than anybody waits for: then some that cancel each other out are forgotten.
const MOST_CHANGES: usize = 32;

#[derive(Default)]
struct State {
    /// As the daemon was told.
    present: bool,
    /// What happened since.
    changes: VecDeque<bool>,
    /// The daemon waits for changes in a function of ours, rather than looking from time to time.
    awaited: bool,
    /// The waiting shall end, once.
    woken: bool,
    /// The first attempt to reach the simulator came to an end.
    tried: bool,
    closing: bool,
    /// What the reader can, as far as it was heard of.
    features: Features,
    /// To be shut down when closing.
    stream: Option<UnixStream>,
}

impl State {
    fn last(&self) -> bool {
        self.changes.back().copied().unwrap_or(self.present)
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        match self.changed.wait_timeout(state, time) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    /// Waits until `done`, at most so long.
    fn wait_until(&self, time: Duration, done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let begin = Instant::now();
        let mut state = self.lock();
        while !done(&state) {
            match time.checked_sub(begin.elapsed()) {
                Some(left) if !left.is_zero() => state = self.wait(state, left),
                _ => break,
            }
        }
        state
    }

    fn heard(&self, present: bool) {
        let mut state = self.lock();
        if state.last() != present {
            state.changes.push_back(present);
            if state.changes.len() > MOST_CHANGES {
                // Two in a row cancel each other out.
                state.changes.drain(..2);
            }
        }
        state.tried = true;
        self.changed.notify_all();
    }
}

/// The watch over one reader. Dropping it ends the thread.
pub struct Watch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Begins to watch; waits a moment for the first word.
    pub fn begin(device: Device) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name(format!("negin-ifd {}", device.reader))
            .spawn(move || listen(&of_thread, &device))?;
        let mut state = shared.wait_until(FIRST_WORD, |state| state.tried);
        // Nobody was told anything yet.
        state.present = state.last();
        state.changes.clear();
        drop(state);
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Whether the daemon shall see a card.
    pub fn presence(&self) -> bool {
        let mut state = self.shared.lock();
        if !state.awaited
            && let Some(next) = state.changes.pop_front()
        {
            state.present = next;
        }
        state.present
    }

    /// What the reader can; what it could, where its simulator is gone.
    pub fn features(&self) -> Features {
        self.shared.lock().features
    }

    /// From here on the daemon takes changes with [`Watch::wait`].
    pub fn will_be_awaited(&self) {
        self.shared.lock().awaited = true;
    }

    /// Waits for the next change, at most so long, or until [`Watch::wake`].
    pub fn wait(&self, time: Duration) {
        let ended = |state: &State| !state.changes.is_empty() || state.woken || state.closing;
        let mut state = self.shared.wait_until(time, ended);
        state.woken = false;
        if let Some(next) = state.changes.pop_front() {
            state.present = next;
        }
    }

    /// Ends a [`Watch::wait`], the present one or the next.
    pub fn wake(&self) {
        self.shared.lock().woken = true;
        self.shared.changed.notify_all();
    }

    /// The simulator does not answer: as far as anybody knows there is no card. The thread looks for it anew.
    pub fn lost(&self) {
        if let Some(stream) = &self.shared.lock().stream {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.closing = true;
            if let Some(stream) = &state.stream {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // The library may be unloaded next, and no thread may be left in it.
            let _ = thread.join();
        }
    }
}

fn listen(shared: &Shared, device: &Device) {
    while !shared.lock().closing {
        // Whatever ends it, there is no card then, as far as anybody knows.
        let _ = hear(shared, device);
        shared.heard(false);
        let mut state = shared.wait_until(LOOK_AGAIN, |state| state.closing);
        state.stream = None;
    }
}

fn hear(shared: &Shared, device: &Device) -> Result<(), Error> {
    let stream = dial(device)?;
    {
        let mut state = shared.lock();
        if state.closing {
            return Ok(());
        }
        state.stream = Some(stream.try_clone()?);
    }
    let mut link = greet(stream, device, Purpose::Watch)?;
    shared.lock().features = link.features();
    // Nothing said for a long time is no sign of anything from here on.
    link.stream().set_read_timeout(None)?;
    link.wait_without_end();
    loop {
        shared.heard(link.next_presence()?);
    }
}
