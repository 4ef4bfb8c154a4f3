//! One capture, from the sensor's power to the finger that is lifted.

use std::time::Duration;

use negin_fingerprint::{
    Burst, Capture, CaptureError, CaptureEvent, CaptureRequest, Image, ScannerInfo,
};

use super::Uru4000;
use super::frame::{Frame, TRANSFER};
use super::link::Link;
use super::register::{KEY, KEY_INDEX, Mode, Notice};
use crate::condition;

/// How often an image is tried that came short, or not at all.
const IMAGE_TRIES: u8 = 3;
/// How long an image's transfer may take: a scanner at its best needs an eighth of a second.
const IMAGE: Duration = Duration::from_secs(2);
/// How many rows may be missing of an image before another one is taken in its stead; a scanner at its best misses two.
const PATCHED: usize = 24;
/// How long the finger may go on lying once the image is there.
const LIFT: Duration = Duration::from_secs(5);

impl<L: Link> Capture for Uru4000<L> {
    fn info(&self) -> ScannerInfo {
        self.scanner_info()
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        request.cancel.check()?;
        let image = self.take(request, on_event);
        self.line.end();
        image
    }
}

impl<L: Link> Uru4000<L> {
    fn take(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        let until = self.line.now().saturating_add(request.timeout);
        self.line.begin()?;
        self.line.power_up(self.model, &request.cancel)?;
        if self.lying {
            on_event(CaptureEvent::LiftFinger);
            self.await_lift(until, request, on_event)?;
        }
        self.line.set_mode(Mode::AwaitFingerOn)?;
        on_event(CaptureEvent::WaitingForFinger);
        let on = self
            .line
            .await_notice(Notice::FingerOn, until, &request.cancel)?;
        if !on {
            return Err(CaptureError::Timeout);
        }
        self.lying = true;
        on_event(CaptureEvent::FingerDown);
        let image = self.burst(request, on_event)?;
        on_event(CaptureEvent::Captured);
        on_event(CaptureEvent::LiftFinger);
        // The image is there; nothing that goes wrong from here on takes it away.
        let until = self.line.now() + LIFT;
        if let Err(error) = self.await_lift(until, request, on_event) {
            log::debug!("the finger was not seen to go: {error}");
        }
        Ok(image)
    }

    /// Waits until no finger lies on it any more.
    fn await_lift(
        &mut self,
        until: Duration,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<(), CaptureError> {
        self.line.set_mode(Mode::AwaitFingerOff)?;
        let off = self
            .line
            .await_notice(Notice::FingerOff, until, &request.cancel)?;
        if !off {
            return Err(CaptureError::Timeout);
        }
        self.lying = false;
        on_event(CaptureEvent::FingerUp);
        Ok(())
    }

    /// The best of as many frames as are asked for.
    fn burst(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        let mut burst = Burst::new();
        let mut last: Option<Image> = None;
        self.line.expect_image(TRANSFER)?;
        self.line.set_mode(Mode::Capture)?;
        on_event(CaptureEvent::Reading);
        loop {
            let image = match self.frame(request) {
                Ok(image) => image,
                // A later frame that fails does not spoil those that came.
                Err(error) if last.is_some() && error.may_pass() => break,
                Err(error) => return Err(error),
            };
            let advice = condition::advice(&image, last.as_ref());
            let more = burst.offer(image.clone(), request);
            if let Some(advice) = advice {
                on_event(advice);
            }
            last = Some(image);
            if !more {
                break;
            }
            self.line.expect_image(TRANSFER)?;
        }
        burst.best().ok_or(CaptureError::BadImage)
    }

    /// One frame; a transfer for it waits already. Where no whole one comes, one that is patched will do: what a scanner
    /// loses in every image is lost.
    fn frame(&mut self, request: &CaptureRequest<'_>) -> Result<Image, CaptureError> {
        let mut patched = None;
        match self.whole_frame(request, &mut patched) {
            Err(error) if error != CaptureError::Cancelled => patched.ok_or(error),
            frame => frame,
        }
    }

    fn whole_frame(
        &mut self,
        request: &CaptureRequest<'_>,
        patched: &mut Option<Image>,
    ) -> Result<Image, CaptureError> {
        let mut trouble = CaptureError::NoAnswer;
        for again in 0..IMAGE_TRIES {
            if again > 0 {
                log::debug!("the image is asked for again: {trouble}");
                self.line.expect_image(TRANSFER)?;
                // One that came is followed by others; a scanner that sent nothing is told anew.
                if !trouble.may_pass() {
                    self.line.set_mode(Mode::Capture)?;
                }
            }
            let until = self.line.now() + IMAGE;
            let bytes = self.line.image(until, &request.cancel)?;
            let mut frame = match bytes.and_then(Frame::read) {
                Ok(frame) => frame,
                Err(error) => {
                    trouble = error;
                    continue;
                }
            };
            if frame.is_covered() {
                frame.uncover(|number| self.key(number))?;
                if frame.is_noise() {
                    log::debug!("a key was damaged on its way");
                    trouble = CaptureError::BadImage;
                    continue;
                }
            }
            let image = frame.image(self.model.turned)?;
            let image = self.whole(image, request)?;
            if frame.missing() <= PATCHED {
                return Ok(image);
            }
            trouble = CaptureError::BadImage;
            patched.get_or_insert(image);
        }
        Err(trouble)
    }

    /// An image that shows nothing, or in whose midst the finger went, is none.
    fn whole(&mut self, image: Image, request: &CaptureRequest<'_>) -> Result<Image, CaptureError> {
        let now = self.line.now();
        // Rows come in the sensor's order.
        let turned = self.model.turned;
        let mut lifted = condition::is_blank(&image) || condition::breaks_off(&image, turned);
        while let Some(notice) = self.line.notice(now, &request.cancel)? {
            if notice == Notice::FingerOff {
                self.lying = false;
                lifted = true;
            }
        }
        match lifted {
            true => Err(CaptureError::FingerLifted),
            false => Ok(image),
        }
    }

    /// The key of a number: the scanner combines it with a seed of ours.
    fn key(&mut self, number: u8) -> Result<u32, CaptureError> {
        let seed = (self.seeds)();
        let [a, b, c, d] = seed.to_le_bytes();
        self.line.write(KEY_INDEX, &[number, a, b, c, d])?;
        let mut key = [0; 4];
        self.line.read(KEY, &mut key)?;
        Ok(u32::from_le_bytes(key) ^ seed)
    }
}
