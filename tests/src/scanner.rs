//! A scanner that gives images one after the other.

use std::collections::VecDeque;

use negin_fingerprint::Image;
use negin_fingerprint::capture::{
    Capture, CaptureError, CaptureEvent, CaptureRequest, ScannerInfo,
};

/// Gives its images in order, then says that there is no further one.
#[derive(Debug, Default)]
pub struct Images(VecDeque<Image>);

impl Images {
    /// A scanner on which these will lie.
    pub fn new(images: impl IntoIterator<Item = Image>) -> Self {
        Self(images.into_iter().collect())
    }

    /// How many are still to come.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.len()
    }
}

impl Capture for Images {
    fn info(&self) -> ScannerInfo {
        ScannerInfo {
            name: "images".to_owned(),
            serial: None,
            width: 0,
            height: 0,
            dpi: 0,
            live: false,
        }
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        request.cancel.check()?;
        let image = self.0.pop_front().ok_or(CaptureError::NoImage)?;
        on_event(CaptureEvent::Captured);
        Ok(image)
    }
}
