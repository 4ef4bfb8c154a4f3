//! How the scanner's sensor comes to life.

use std::time::Duration;

use negin_fingerprint::{CancelToken, CaptureError};

use super::challenge;
use super::line::Line;
use super::link::Link;
use super::model::Model;
use super::register::{
    ALIVE, CHALLENGE, DEVICE_INFO, KEPT, LOW_POWER, Notice, RESPONSE, STATUS, TROUBLE,
};

/// How often the whole is tried where the sensor's word does not come.
const TRIES: u8 = 3;
/// How long that word is waited for.
const SCAN_POWER: Duration = Duration::from_millis(300);
/// How often the status is looked at.
const POLLS: u8 = 100;
/// How long between two looks.
const POLL: Duration = Duration::from_millis(10);

impl<L: Link> Line<L> {
    /// Powers the sensor down and up again, and waits until it says that it has power.
    ///
    /// # Errors
    /// [`CaptureError::NoPower`], [`CaptureError::Cancelled`], and the link's.
    pub fn power_up(&mut self, model: &Model, cancel: &CancelToken) -> Result<(), CaptureError> {
        for _ in 0..TRIES {
            let mut status = self.status()?;
            if status & (LOW_POWER | TROUBLE) == LOW_POWER | TROUBLE {
                status = self.start_anew(status, cancel)?;
            }
            // The word that is waited for may come before the last of these transfers is through; one from before the
            // first of them is of an earlier life.
            self.forget_notices(cancel)?;
            if status & LOW_POWER == 0 {
                self.write(STATUS, &[status | LOW_POWER])?;
            }
            self.wake(status & KEPT, model, cancel)?;
            let until = self.now() + SCAN_POWER;
            if self.await_notice(Notice::ScanPower, until, cancel)? {
                return self.look();
            }
            log::debug!("the sensor does not say that it has power");
        }
        Err(CaptureError::NoPower)
    }

    /// A device that was left in low power and in trouble is stirred until it is back; its status then.
    fn start_anew(&mut self, status: u8, cancel: &CancelToken) -> Result<u8, CaptureError> {
        self.write(STATUS, &[status & KEPT])?;
        for _ in 0..POLLS {
            let status = self.status()?;
            if status & ALIVE != 0 {
                return Ok(status);
            }
            cancel.check()?;
            self.pause(POLL);
        }
        Err(CaptureError::NoPower)
    }

    /// Takes the device out of low power; where it wants a challenge answered, with every try.
    fn wake(
        &mut self,
        status: u8,
        model: &Model,
        cancel: &CancelToken,
    ) -> Result<(), CaptureError> {
        for _ in 0..POLLS {
            self.write(STATUS, &[status])?;
            if self.status()? & LOW_POWER == 0 {
                return Ok(());
            }
            cancel.check()?;
            self.pause(POLL);
            if model.challenges {
                let mut challenge = [0; challenge::LENGTH];
                self.read(CHALLENGE, &mut challenge)?;
                self.write(RESPONSE, &challenge::respond(challenge))?;
            }
        }
        Err(CaptureError::NoPower)
    }

    fn look(&mut self) -> Result<(), CaptureError> {
        let mut info = [0; 16];
        self.read(DEVICE_INFO, &mut info)?;
        log::debug!(
            "the scanner's versions are {:02x}{:02x} and {:02x}{:02x}",
            info[10],
            info[11],
            info[4],
            info[5]
        );
        Ok(())
    }
}
