//! How a print is captured: what every scanner is to those who use one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::Image;

/// What a scanner says of itself, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannerInfo {
    /// Its name for people, e.g. maker and model.
    pub name: String,
    /// Its serial number, where it has one.
    pub serial: Option<String>,
    /// Width of its images in pixels; 0 where images differ.
    pub width: u32,
    /// Height of its images in pixels; 0 where images differ.
    pub height: u32,
    /// Resolution of its images in dots an inch; 0 where images differ.
    pub dpi: u16,
    /// Whether a capture of several frames gives them while the finger lies on it, so that whoever looks on sees the
    /// print before it is taken.
    pub live: bool,
}

/// What happens on the way to an image, for whoever guides the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CaptureEvent {
    /// The scanner waits for a finger: it is to be laid on.
    WaitingForFinger,
    /// A finger lies on it.
    FingerDown,
    /// The image is being read.
    Reading,
    /// The finger moves; it is to be held still.
    Moving,
    /// The finger is too dry to leave a whole print.
    TooDry,
    /// The finger is too wet: its ridges run together.
    TooWet,
    /// The image is there; the finger may be lifted.
    Captured,
    /// The scanner cannot go on before the finger is lifted.
    LiftFinger,
    /// The finger was lifted.
    FingerUp,
}

/// Why there is no image. What the caller can act on; the scanner's own code is kept in [`Other`](Self::Other).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// No finger came in the time given.
    #[error("no finger was laid on the scanner in time")]
    Timeout,
    /// The caller or the person called it off.
    #[error("the capture was called off")]
    Cancelled,
    /// The scanner is gone.
    #[error("the scanner is no longer there")]
    Disconnected,
    /// The scanner is in use by another program.
    #[error("the scanner is in use by another program")]
    Busy,
    /// The finger was lifted or moved before the image was complete.
    #[error("the finger was lifted too early")]
    FingerLifted,
    /// What came is no valid image.
    #[error("the scanner sent no valid image")]
    BadImage,
    /// The scanner stopped in the middle of an image, and did so again when asked anew.
    #[error("the scanner sent {received} of an image's {expected} bytes")]
    ShortImage {
        /// Bytes of a whole image.
        expected: u32,
        /// Bytes that came.
        received: u32,
    },
    /// There is no further image (a folder of images, or a script, is at its end).
    #[error("there is no further image")]
    NoImage,
    /// The scanner is there, and answers nothing.
    #[error("the scanner does not answer")]
    NoAnswer,
    /// The scanner refuses what it is asked, and goes on to after its line was cleared.
    #[error("the scanner refuses what it is asked")]
    Stalled,
    /// The scanner's sensor does not come to life.
    #[error("the scanner could not be powered up")]
    NoPower,
    /// What came over the line was damaged on the way, again and again.
    #[error("what the scanner sent was damaged on the way")]
    Damaged,
    /// The scanner is locked with a password that was not given, or not the right one.
    #[error("the scanner is locked with a password")]
    Password,
    /// The scanner answered out of its protocol.
    #[error("the scanner answered out of its protocol")]
    Protocol,
    /// A module's own word for what went wrong: the confirmation code of its protocol.
    #[error("the scanner's module reports {0:#04x}")]
    Module(u8),
    /// Anything else: the scanner's or the system's code.
    #[error("the scanner failed with code {0}")]
    Other(i32),
}

impl CaptureError {
    /// The stable keys of this enum, one for each variant.
    pub const KEYS: &'static [&'static str] = &[
        "capture.timeout",
        "capture.cancelled",
        "capture.disconnected",
        "capture.busy",
        "capture.finger-lifted",
        "capture.bad-image",
        "capture.short-image",
        "capture.no-image",
        "capture.no-answer",
        "capture.stalled",
        "capture.no-power",
        "capture.damaged",
        "capture.password",
        "capture.protocol",
        "capture.module",
        "capture.other",
    ];

    /// The stable key under which the texts for this error are found.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Timeout => "capture.timeout",
            Self::Cancelled => "capture.cancelled",
            Self::Disconnected => "capture.disconnected",
            Self::Busy => "capture.busy",
            Self::FingerLifted => "capture.finger-lifted",
            Self::BadImage => "capture.bad-image",
            Self::ShortImage { .. } => "capture.short-image",
            Self::NoImage => "capture.no-image",
            Self::NoAnswer => "capture.no-answer",
            Self::Stalled => "capture.stalled",
            Self::NoPower => "capture.no-power",
            Self::Damaged => "capture.damaged",
            Self::Password => "capture.password",
            Self::Protocol => "capture.protocol",
            Self::Module(_) => "capture.module",
            Self::Other(_) => "capture.other",
        }
    }

    /// Whether the same scanner may well give an image if the person tries again: nobody came, the finger went too
    /// early, or the image was no good. Anything else needs somebody to look at the scanner.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::FingerLifted
                | Self::BadImage
                | Self::ShortImage { .. }
                | Self::Damaged
        )
    }
}

/// Calls a capture off, from whatever thread. Clones are the same token; once cancelled, it stays so.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The capture that was given this token ends with [`CaptureError::Cancelled`] as soon as its scanner lets it, in a
    /// fraction of a second.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Ends with [`CaptureError::Cancelled`] where it was.
    ///
    /// # Errors
    /// [`CaptureError::Cancelled`].
    pub fn check(&self) -> Result<(), CaptureError> {
        match self.is_cancelled() {
            true => Err(CaptureError::Cancelled),
            false => Ok(()),
        }
    }
}

/// What a judge says of one frame of a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameVerdict {
    /// How good it is; the frame of the highest score is the one that is kept.
    pub score: u8,
    /// Whether it is good enough to end the burst: no further frame is taken.
    pub enough: bool,
}

/// A judge of frames: quality comes from outside, a scanner only counts.
pub type Judge<'a> = &'a dyn Fn(&Image) -> FrameVerdict;

/// What is asked of a scanner.
#[derive(Clone)]
pub struct CaptureRequest<'a> {
    /// How long a finger is waited for. A scanner's own answers have shorter times of their own.
    pub timeout: Duration,
    /// Calls it off.
    pub cancel: CancelToken,
    /// How many frames may be taken while the finger lies; at least one is. A scanner that cannot give several gives
    /// one.
    pub frames: u8,
    /// Says which frame of a burst is best, and when one is good enough. Without a judge the first frame is taken.
    pub judge: Option<Judge<'a>>,
}

impl CaptureRequest<'_> {
    /// How long a person is waited for where nobody says otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
}

impl Default for CaptureRequest<'_> {
    /// One frame, and half a minute for the finger.
    fn default() -> Self {
        Self {
            timeout: Self::TIMEOUT,
            cancel: CancelToken::new(),
            frames: 1,
            judge: None,
        }
    }
}

impl fmt::Debug for CaptureRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureRequest")
            .field("timeout", &self.timeout)
            .field("cancel", &self.cancel)
            .field("frames", &self.frames)
            .field("judged", &self.judge.is_some())
            .finish()
    }
}

/// The best frame of a burst so far. A driver [`offer`](Self::offer)s one after the other.
#[derive(Debug, Default)]
pub struct Burst {
    best: Option<(u8, Image)>,
    taken: u8,
}

impl Burst {
    /// A burst of which no frame was taken.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a frame, and says whether another one is wanted.
    pub fn offer(&mut self, frame: Image, request: &CaptureRequest<'_>) -> bool {
        self.taken = self.taken.saturating_add(1);
        let Some(judge) = request.judge else {
            self.best.get_or_insert((0, frame));
            return false;
        };
        let verdict = judge(&frame);
        if self
            .best
            .as_ref()
            .is_none_or(|(score, _)| verdict.score > *score)
        {
            self.best = Some((verdict.score, frame));
        }
        !verdict.enough && self.taken < request.frames
    }

    /// The best frame; none where none was offered.
    #[must_use]
    pub fn best(self) -> Option<Image> {
        self.best.map(|(_, image)| image)
    }
}

/// A source of images of fingers: a scanner, a module, a folder.
pub trait Capture {
    /// What the scanner says of itself.
    fn info(&self) -> ScannerInfo;

    /// Takes one image, blocking until it is there or fails. `on_event` is told what happens, in order.
    ///
    /// # Errors
    /// [`CaptureError`]: why there is no image. The scanner can be asked again after each but
    /// [`CaptureError::Disconnected`].
    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError>;
}

impl<T: Capture + ?Sized> Capture for &mut T {
    fn info(&self) -> ScannerInfo {
        (**self).info()
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        (**self).capture(request, on_event)
    }
}

impl<T: Capture + ?Sized> Capture for Box<T> {
    fn info(&self) -> ScannerInfo {
        (**self).info()
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        (**self).capture(request, on_event)
    }
}

/// A scanner whose captures all have the same time-out and can all be called off with one token, whatever those who use
/// it ask.
#[derive(Debug)]
pub struct Bounded<S> {
    scanner: S,
    timeout: Duration,
    cancel: CancelToken,
}

impl<S: Capture> Bounded<S> {
    /// Bounds a scanner's captures.
    pub fn new(scanner: S, timeout: Duration, cancel: CancelToken) -> Self {
        Self {
            scanner,
            timeout,
            cancel,
        }
    }
}

impl<S: Capture> Capture for Bounded<S> {
    fn info(&self) -> ScannerInfo {
        self.scanner.info()
    }

    fn capture(
        &mut self,
        request: &CaptureRequest<'_>,
        on_event: &mut dyn FnMut(CaptureEvent),
    ) -> Result<Image, CaptureError> {
        request.cancel.check()?;
        let bounded = CaptureRequest {
            timeout: self.timeout,
            cancel: self.cancel.clone(),
            ..request.clone()
        };
        self.scanner.capture(&bounded, on_event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(level: u8) -> Image {
        Image::new(1, 1, 500, vec![level]).unwrap()
    }

    #[test]
    fn the_best_frame_is_kept_and_a_good_one_ends_the_burst() {
        let judge = |image: &Image| FrameVerdict {
            score: image.pixels()[0],
            enough: image.pixels()[0] >= 90,
        };
        let request = CaptureRequest {
            frames: 4,
            judge: Some(&judge),
            ..CaptureRequest::default()
        };
        let mut burst = Burst::new();
        let wanted = [20, 60, 40, 50].map(|level| burst.offer(grey(level), &request));
        assert_eq!(wanted, [true, true, true, false]);
        assert_eq!(burst.best(), Some(grey(60)));
        let mut burst = Burst::new();
        let wanted = [20, 95].map(|level| burst.offer(grey(level), &request));
        assert_eq!(wanted, [true, false]);
        assert_eq!(burst.best(), Some(grey(95)));
    }

    #[test]
    fn without_a_judge_the_first_frame_is_taken() {
        let request = CaptureRequest {
            frames: 9,
            ..CaptureRequest::default()
        };
        let mut burst = Burst::new();
        assert!(!burst.offer(grey(7), &request));
        assert_eq!(burst.best(), Some(grey(7)));
        assert_eq!(Burst::new().best(), None);
    }

    #[test]
    fn a_token_cancelled_in_one_thread_is_cancelled_in_all() {
        let token = CancelToken::new();
        let other = token.clone();
        assert_eq!(token.check(), Ok(()));
        std::thread::spawn(move || other.cancel()).join().unwrap();
        assert_eq!(token.check(), Err(CaptureError::Cancelled));
    }

    #[test]
    fn every_error_has_its_own_key() {
        let errors = [
            CaptureError::Timeout,
            CaptureError::Cancelled,
            CaptureError::Disconnected,
            CaptureError::Busy,
            CaptureError::FingerLifted,
            CaptureError::BadImage,
            CaptureError::ShortImage {
                expected: 2,
                received: 1,
            },
            CaptureError::NoImage,
            CaptureError::NoAnswer,
            CaptureError::Stalled,
            CaptureError::NoPower,
            CaptureError::Damaged,
            CaptureError::Password,
            CaptureError::Protocol,
            CaptureError::Module(2),
            CaptureError::Other(5),
        ];
        assert_eq!(errors.map(|error| error.key()), *CaptureError::KEYS);
    }
}
