//! The line with its patience: a transfer that failed is tried again where that may help.

use std::time::Duration;

use negin_fingerprint::{CancelToken, CaptureError};
use zeroize::Zeroizing;

use super::link::{BULK_IN, INTERRUPT_IN, Link, LinkError};
use super::register::{MODE, Mode, Notice, REGISTERS, STATUS};

/// How often a control transfer is tried.
const CONTROL_TRIES: u8 = 3;
/// How often one is tried that was not answered at all.
const SILENT_TRIES: u8 = 2;
/// How often one of a capture's pipes may fail.
const PIPE_FAULTS: u8 = 3;
/// How often a wait looks whether it was called off.
const SLICE: Duration = Duration::from_millis(50);
/// How long a finger is waited for in silence before the scanner is told anew what to look for: what it said may have
/// been lost, and told anew it says it again.
const QUIET: Duration = Duration::from_secs(2);

/// How often a control transfer is tried that fails so.
fn tries_against(error: LinkError) -> u8 {
    match error {
        LinkError::Timeout => SILENT_TRIES,
        _ => CONTROL_TRIES,
    }
}

/// A link, and how often its pipes have failed in this capture.
pub(super) struct Line<L> {
    link: L,
    faults: u8,
    gone: bool,
    /// What it was told last to do, and when.
    mode: Mode,
    told: Duration,
}

impl<L: Link> Line<L> {
    pub fn new(link: L) -> Self {
        Self {
            link,
            faults: 0,
            gone: false,
            mode: Mode::Off,
            told: Duration::ZERO,
        }
    }

    /// Begins a capture: what the interrupt endpoint says is heard from here on.
    pub fn begin(&mut self) -> Result<(), CaptureError> {
        self.faults = 0;
        self.gone = false;
        self.link.listen().map_err(|error| self.give_up(error))
    }

    /// Ends it: the scanner is switched off as well as it can be, and nothing waits any more.
    pub fn end(&mut self) {
        for _ in 0..CONTROL_TRIES {
            if self.gone {
                break;
            }
            let off = [Mode::Off as u8];
            match self.link.control_out(REGISTERS, MODE, 0, &off) {
                // One that does not answer is not waited for again.
                Ok(()) | Err(LinkError::Timeout) => break,
                Err(error) => {
                    log::debug!("the scanner was not switched off: {error:?}");
                    self.gone = error == LinkError::Gone;
                }
            }
        }
        self.mode = Mode::Off;
        self.link.hush();
    }

    /// What is not tried again. A device that is gone is not spoken to any more.
    fn give_up(&mut self, error: LinkError) -> CaptureError {
        self.gone |= error == LinkError::Gone;
        error.into()
    }

    fn control<T>(
        &mut self,
        mut transfer: impl FnMut(&mut L) -> Result<T, LinkError>,
    ) -> Result<T, CaptureError> {
        let mut tries = 1;
        loop {
            match transfer(&mut self.link) {
                Ok(done) => return Ok(done),
                Err(LinkError::Gone) => return Err(self.give_up(LinkError::Gone)),
                Err(error) if tries >= tries_against(error) => return Err(self.give_up(error)),
                // Endpoint 0 refuses a request and answers the next: there is nothing to clear.
                Err(error) => log::debug!("a register's transfer failed: {error:?}"),
            }
            tries += 1;
        }
    }

    /// Reads registers from `register` on.
    ///
    /// # Errors
    /// [`CaptureError::Protocol`] where fewer bytes come than there are.
    pub fn read(&mut self, register: u16, into: &mut [u8]) -> Result<(), CaptureError> {
        for _ in 0..CONTROL_TRIES {
            let count = self.control(|link| link.control_in(REGISTERS, register, 0, into))?;
            if count == into.len() {
                return Ok(());
            }
            log::debug!("register {register:#06x} gave {count} bytes");
        }
        Err(CaptureError::Protocol)
    }

    /// Writes registers from `register` on.
    pub fn write(&mut self, register: u16, values: &[u8]) -> Result<(), CaptureError> {
        self.control(|link| link.control_out(REGISTERS, register, 0, values))
    }

    pub fn status(&mut self) -> Result<u8, CaptureError> {
        let mut status = [0];
        self.read(STATUS, &mut status)?;
        Ok(status[0])
    }

    pub fn set_mode(&mut self, mode: Mode) -> Result<(), CaptureError> {
        self.write(MODE, &[mode as u8])?;
        self.mode = mode;
        self.told = self.now();
        Ok(())
    }

    /// Whether it waits for a finger to come or to go.
    fn watches(&self) -> bool {
        matches!(self.mode, Mode::AwaitFingerOn | Mode::AwaitFingerOff)
    }

    pub fn now(&self) -> Duration {
        self.link.now()
    }

    pub fn pause(&mut self, time: Duration) {
        self.link.pause(time);
    }

    /// One of the pipes failed: it is cleared where it refuses, and given up where it has failed too often.
    fn mend(&mut self, endpoint: u8, error: LinkError) -> Result<(), CaptureError> {
        self.faults += 1;
        log::debug!("endpoint {endpoint:#04x} failed: {error:?}");
        if error == LinkError::Gone || self.faults > PIPE_FAULTS {
            return Err(self.give_up(error));
        }
        if error == LinkError::Stalled {
            self.link
                .clear_halt(endpoint)
                .map_err(|error| self.give_up(error))?;
        }
        Ok(())
    }

    /// The next notice before `until`; none where none came. Packets that are no notice are passed over.
    ///
    /// # Errors
    /// [`CaptureError::Cancelled`], and the link's.
    pub fn notice(
        &mut self,
        until: Duration,
        cancel: &CancelToken,
    ) -> Result<Option<Notice>, CaptureError> {
        loop {
            cancel.check()?;
            let left = until.saturating_sub(self.now());
            match self.link.heard(left.min(SLICE)) {
                Ok(Some(packet)) => match Notice::of(&packet) {
                    Some(Notice::Trouble) => {
                        log::warn!("the scanner gives warning that its next image will fail");
                    }
                    Some(notice) => return Ok(Some(notice)),
                    None => log::debug!("an interrupt of an unknown kind"),
                },
                Ok(None) if left.is_zero() => return Ok(None),
                Ok(None) if self.watches() && self.now() >= self.told + QUIET => {
                    self.set_mode(self.mode)?;
                }
                Ok(None) => {}
                Err(error) => {
                    self.mend(INTERRUPT_IN, error)?;
                    self.link.listen().map_err(|error| self.give_up(error))?;
                    // What was lost there may have been the word that is waited for.
                    if self.watches() {
                        self.set_mode(self.mode)?;
                    }
                }
            }
        }
    }

    /// Waits for one notice and passes over the others; whether it came before `until`.
    pub fn await_notice(
        &mut self,
        wanted: Notice,
        until: Duration,
        cancel: &CancelToken,
    ) -> Result<bool, CaptureError> {
        while let Some(notice) = self.notice(until, cancel)? {
            if notice == wanted {
                return Ok(true);
            }
            log::debug!("passed over: {notice:?}");
        }
        Ok(false)
    }

    /// What was said up to now is of no more interest.
    pub fn forget_notices(&mut self, cancel: &CancelToken) -> Result<(), CaptureError> {
        let now = self.now();
        while self.notice(now, cancel)?.is_some() {}
        Ok(())
    }

    /// A transfer for an image waits at the scanner from here on.
    pub fn expect_image(&mut self, length: usize) -> Result<(), CaptureError> {
        self.link
            .expect_image(length)
            .map_err(|error| self.give_up(error))
    }

    /// The image's transfer, or why it may be asked for again: it did not come before `until`, or its endpoint failed
    /// and was mended.
    ///
    /// # Errors
    /// What asking again does not help against.
    pub fn image(
        &mut self,
        until: Duration,
        cancel: &CancelToken,
    ) -> Result<Result<Zeroizing<Vec<u8>>, CaptureError>, CaptureError> {
        loop {
            cancel.check()?;
            let left = until.saturating_sub(self.now());
            match self.link.image(left.min(SLICE)) {
                Ok(Some(bytes)) => return Ok(Ok(bytes)),
                Ok(None) if left.is_zero() => return Ok(Err(CaptureError::NoAnswer)),
                Ok(None) => {}
                Err(LinkError::Timeout) => return Ok(Err(CaptureError::NoAnswer)),
                Err(error) => {
                    self.mend(BULK_IN, error)?;
                    return Ok(Err(error.into()));
                }
            }
        }
    }
}
