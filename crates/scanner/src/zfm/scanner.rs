//! A module as a scanner of fingers.

use std::time::Duration;

use negin_fingerprint::Image;
use negin_fingerprint::capture::{
    Burst, Capture, CaptureError, CaptureEvent, CaptureRequest, ScannerInfo,
};

use super::confirmation::Confirmation;
use super::error::Error;
use super::line::Line;
use super::module::Module;

/// How long the module rests between two looks for a finger.
const REST: Duration = Duration::from_millis(40);

/// A module that gives images.
pub struct ZfmScanner<L> {
    module: Module<L>,
}

impl<L: Line> ZfmScanner<L> {
    /// Takes images with a module.
    pub fn new(module: Module<L>) -> Self {
        Self { module }
    }

    /// The module itself.
    pub fn module(&mut self) -> &mut Module<L> {
        &mut self.module
    }

    /// Waits until a finger lies on it and its image is taken, until `end` at most.
    fn wait_for_finger(
        &mut self,
        end: Duration,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<(), CaptureError> {
        let mut told = None;
        loop {
            let hint = match self.module.take_image() {
                Ok(true) => return Ok(()),
                Ok(false) => None,
                Err(Error::Refused {
                    confirmation: Confirmation::TooDry,
                    ..
                }) => Some(CaptureEvent::TooDry),
                Err(Error::Refused {
                    confirmation: Confirmation::TooWet,
                    ..
                }) => Some(CaptureEvent::TooWet),
                // The finger came or went just then.
                Err(Error::Refused {
                    confirmation: Confirmation::NoImageTaken | Confirmation::Disorderly,
                    ..
                }) => Some(CaptureEvent::Moving),
                Err(error) => return Err(error.into()),
            };
            if hint != told
                && let Some(hint) = hint
            {
                on_event(hint);
            }
            told = hint;
            let left = end.saturating_sub(self.module.link().now());
            if left.is_zero() {
                return Err(CaptureError::Timeout);
            }
            self.module.link().pause(REST.min(left))?;
        }
    }

    fn frames(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        on_event(CaptureEvent::WaitingForFinger);
        let end = self.module.link().now() + request.timeout;
        self.wait_for_finger(end, on_event)?;
        on_event(CaptureEvent::FingerDown);
        on_event(CaptureEvent::Reading);
        let mut burst = Burst::new();
        while burst.offer(self.module.image()?, request) {
            match self.module.take_image() {
                Ok(true) => {}
                // The finger is gone; what there is, is what there will be.
                Ok(false) | Err(Error::Refused { .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let image = burst.best().ok_or(CaptureError::BadImage)?;
        on_event(CaptureEvent::Captured);
        Ok(image)
    }
}

impl<L: Line> Capture for ZfmScanner<L> {
    fn info(&self) -> ScannerInfo {
        let geometry = self.module.geometry();
        let product = self.module.product();
        let said = |text: &String| (!text.is_empty()).then(|| text.clone());
        ScannerInfo {
            name: product
                .and_then(|product| said(&product.model))
                .unwrap_or_else(|| "ZFM fingerprint module".to_owned()),
            serial: product.and_then(|product| said(&product.serial)),
            width: geometry.width,
            height: geometry.height,
            dpi: geometry.dpi,
            // A frame takes seconds over such a line.
            live: false,
        }
    }

    /// The time-out is for the finger. An image then takes as long as the line takes for 37 KB, 7 s at 57600 baud;
    /// several frames so many times as long.
    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        request.cancel.check()?;
        self.module.heed(&request.cancel);
        let taken = self.frames(request, on_event);
        self.module
            .heed(&negin_fingerprint::capture::CancelToken::new());
        taken
    }
}
