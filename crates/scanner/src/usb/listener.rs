//! The thread that waits at a scanner's interrupt endpoint.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusb::{Context, DeviceHandle};

use super::wire::fault;
use crate::uru4000::{INTERRUPT_IN, INTERRUPT_LENGTH, LinkError};

/// How long one transfer waits before it is withdrawn and handed over again. A scanner keeps what it has to say until
/// it is asked, so nothing is lost between two; it is long because a recording knows only one of them.
const TURN: Duration = Duration::from_secs(2);

/// What a thread that is nobody's any more, or whose endpoint fails, leaves behind.
#[derive(Default)]
struct Heard {
    packets: VecDeque<Vec<u8>>,
    failed: Option<LinkError>,
    wanted: bool,
    running: bool,
}

#[derive(Default)]
struct Shared {
    heard: Mutex<Heard>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Heard> {
        // What is in it is whole whoever held it when a thread gave up.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a transfer waiting at the interrupt endpoint.
pub(super) struct Listener {
    handle: Arc<DeviceHandle<Context>>,
    shared: Arc<Shared>,
}

impl Listener {
    /// One that does not listen yet.
    pub fn new(handle: Arc<DeviceHandle<Context>>) -> Self {
        Self {
            handle,
            shared: Arc::default(),
        }
    }

    /// Listens from here on, and forgets what was heard before; whether a thread had to be started for it.
    pub fn listen(&self) -> bool {
        let mut heard = self.shared.lock();
        heard.packets.clear();
        heard.failed = None;
        heard.wanted = true;
        if heard.running {
            return false;
        }
        heard.running = true;
        drop(heard);
        let (handle, shared) = (self.handle.clone(), self.shared.clone());
        std::thread::spawn(move || run(&handle, &shared));
        true
    }

    /// Listens no more. A transfer that still waits is used by the next [`Self::listen`], or ends in a [`TURN`].
    pub fn hush(&self) {
        self.shared.lock().wanted = false;
    }

    /// The next packet; none where none came in `wait`.
    pub fn heard(&self, wait: Duration) -> Result<Option<Vec<u8>>, LinkError> {
        let until = Instant::now() + wait;
        let mut heard = self.shared.lock();
        loop {
            if let Some(packet) = heard.packets.pop_front() {
                return Ok(Some(packet));
            }
            if let Some(error) = heard.failed {
                return Err(error);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let waited = self.shared.changed.wait_timeout(heard, left);
            heard = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn run(handle: &DeviceHandle<Context>, shared: &Shared) {
    loop {
        let mut packet = vec![0; INTERRUPT_LENGTH];
        let read = handle.read_interrupt(INTERRUPT_IN, &mut packet, TURN);
        let mut heard = shared.lock();
        match read {
            // The system ended it: the interface was given free.
            Ok(0) => {
                drop(heard);
                std::thread::sleep(Duration::from_millis(1));
                heard = shared.lock();
            }
            Ok(count) => {
                packet.truncate(count);
                heard.packets.push_back(packet);
            }
            Err(rusb::Error::Timeout | rusb::Error::Interrupted) => {}
            Err(error) => {
                heard.failed = Some(fault(error));
                heard.running = false;
                shared.changed.notify_all();
                return;
            }
        }
        shared.changed.notify_all();
        if !heard.wanted {
            heard.running = false;
            return;
        }
    }
}
