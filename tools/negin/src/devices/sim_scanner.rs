//! A simulated image scanner as the host sees it: frames of bytes become images.

use negin_fingerprint::Image;
use negin_fingerprint::capture::{
    Capture, CaptureError, CaptureEvent, CaptureRequest, ScannerInfo,
};
use negin_firmware_sim::scanner::{ImageScanner, NoFrame};

/// The host's end of an [`ImageScanner`].
pub struct SimScanner {
    device: ImageScanner,
}

impl SimScanner {
    /// The host's end of `device`.
    pub fn new(device: ImageScanner) -> Self {
        Self { device }
    }
}

impl Capture for SimScanner {
    fn info(&self) -> ScannerInfo {
        let sensor = self.device.sensor();
        ScannerInfo {
            name: "simulated scanner".to_owned(),
            serial: Some(self.device.serial().to_owned()),
            width: sensor.width(),
            height: sensor.height(),
            dpi: sensor.dpi(),
            live: false,
        }
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        request.cancel.check()?;
        on_event(CaptureEvent::WaitingForFinger);
        let frame = self.device.scan().map_err(|reason| match reason {
            NoFrame::Timeout => CaptureError::Timeout,
            NoFrame::Lifted => CaptureError::FingerLifted,
            NoFrame::Gone => CaptureError::Disconnected,
        })?;
        on_event(CaptureEvent::FingerDown);
        on_event(CaptureEvent::Reading);
        let image = Image::from_raw(
            frame.pixels(),
            frame.width().into(),
            frame.height().into(),
            frame.dpi(),
        )
        .map_err(|_| CaptureError::BadImage)?;
        on_event(CaptureEvent::Captured);
        on_event(CaptureEvent::FingerUp);
        Ok(image)
    }
}
