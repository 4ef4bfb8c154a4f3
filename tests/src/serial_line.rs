//! A serial line with a simulated module at its end, in simulated time: waits cost nothing, and a run is the same each
//! time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use negin_firmware_sim::bus::serial::{Plug, SharedPlug};
use negin_firmware_sim::fault::{Script, Touch};
use negin_firmware_sim::scanner::zfm::{Settings, ZfmModule};
use negin_scanner::zfm::{Error, Line};

/// The line, as the host holds it. Its time begins at zero and is the module's.
pub struct VirtualLine {
    plug: SharedPlug,
    clock: Clock,
    baud: u32,
    heard: VecDeque<u8>,
}

/// A line's time, in microseconds. It can be read when the line is gone.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    /// The time.
    #[must_use]
    pub fn now(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    fn set(&self, now: Duration) {
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        self.0.store(micros, Ordering::Relaxed);
    }
}

impl VirtualLine {
    /// A line to a module on whose glass this happened, with a script of faults; and the module's end, for more.
    ///
    /// # Panics
    /// Where the glass or the script is at fault.
    #[must_use]
    pub fn to(settings: &Settings, touch: Option<&Touch>, script: &str) -> (Self, SharedPlug) {
        let module = ZfmModule::new(settings);
        if let Some(touch) = touch {
            module.glass().touch(touch).expect("it can be laid on");
        }
        let script = Script::parse(script).expect("a script");
        let plug = SharedPlug::new(Plug::new(Box::new(module), script));
        (Self::at(&plug), plug)
    }

    /// A line to a module that is there already.
    #[must_use]
    pub fn at(plug: &SharedPlug) -> Self {
        Self {
            plug: plug.clone(),
            clock: Clock::default(),
            baud: 57_600,
            heard: VecDeque::new(),
        }
    }

    /// The same at a later time: time does not go back for the module.
    #[must_use]
    pub fn from(self, now: Duration) -> Self {
        self.clock.set(now);
        self
    }

    /// Its time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn pass(&mut self, bytes: usize) {
        let time = Duration::from_micros(bytes as u64 * 10_000_000 / u64::from(self.baud));
        self.clock.set(self.now() + time);
    }
}

impl Line for VirtualLine {
    fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.pass(bytes.len());
        let mut plug = self.plug.lock();
        plug.from_host(bytes, self.baud, self.now());
        plug.plugged(self.now()).map(drop).ok_or(Error::Gone)
    }

    fn receive(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, Error> {
        let end = self.now() + wait;
        loop {
            let next = {
                let mut plug = self.plug.lock();
                self.heard.extend(plug.to_host(self.baud, self.now()));
                if plug.plugged(self.now()).is_none() {
                    return Err(Error::Gone);
                }
                plug.next_change()
            };
            let count = self.heard.len().min(into.len());
            if count > 0 {
                for (byte, heard) in into.iter_mut().zip(self.heard.drain(..count)) {
                    *byte = heard;
                }
                self.pass(count);
                return Ok(count);
            }
            if self.now() >= end {
                return Ok(0);
            }
            let now = self.now();
            let next = next.filter(|&at| at > now);
            self.clock.set(next.map_or(end, |at| at.min(end)));
        }
    }

    fn set_baud(&mut self, baud: u32) -> Result<(), Error> {
        self.baud = baud;
        self.heard.clear();
        Ok(())
    }

    fn now(&self) -> Duration {
        self.clock.now()
    }
}
