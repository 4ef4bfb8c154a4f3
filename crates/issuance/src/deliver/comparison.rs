//! From a finger on the scanner to the card's word.

use negin_apdu::{Chaining, PinPadError, Transmit};
use negin_card::{Piv, Presence, Verification, recognise};
use negin_eid::piv::{BiometricInformationTemplate, FingerReference};
use negin_fingerprint::capture::{Capture, CaptureEvent, CaptureRequest, FrameVerdict};
use negin_fingerprint::{CaptureError, Image};
use negin_keystore::{CardKeySet, KeyStore, OfficeCode};
use negin_recognition::Extraction;

use super::Holder;
use crate::Error;
use crate::channel::{self, Chip};

/// Most frames that are taken of one finger while it lies on the scanner, to compare the best.
const FRAMES: u8 = 3;

/// Quality of a frame from which on no better one is waited for.
const GOOD: u8 = 45;

/// One finger on the scanner, for whoever looks on: what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The card says it is the finger.
    Matched,
    /// The card says it is not; so many comparisons are left.
    Refused {
        /// Comparisons left.
        tries_left: u8,
    },
    /// No minutiae for the card were found in the image; the card was not asked.
    Unusable {
        /// The stable key of the reason.
        key: &'static str,
    },
    /// The scanner gave no image; the card was not asked.
    NoImage {
        /// The reason.
        reason: CaptureError,
    },
}

/// What whoever looks on is shown.
#[derive(Debug)]
pub enum Look<'a> {
    /// The card says whose it is: what the clerk holds against the person, before any finger is asked for.
    Holder(&'a Holder),
    /// Something happened at the scanner.
    Scanner(CaptureEvent),
    /// An image came, and this was extracted.
    Finger {
        /// The image.
        image: &'a Image,
        /// What was extracted.
        extraction: &'a Extraction,
    },
    /// A try is over.
    Attempt(Attempt),
    /// The holder is asked to enter a PIN at the reader's keys.
    PinPad {
        /// Why it is asked again, where it is.
        again: Option<PinPadError>,
    },
}

/// What the scanner gave.
pub(super) enum Taken {
    /// A finger.
    Finger(Extraction),
    /// Nothing to compare.
    Nothing(Attempt),
}

/// How a frame of a live scanner is judged: by what the engine makes of it.
fn judge(frame: &Image) -> FrameVerdict {
    let score = negin_recognition::extract(frame).map_or(0, |extraction| extraction.quality);
    FrameVerdict {
        score,
        enough: score >= GOOD,
    }
}

/// Takes one image and extracts what is compared.
///
/// # Errors
/// [`Error::Capture`] where the scanner is gone or the person called it off.
pub(super) fn take(
    scanner: &mut dyn Capture,
    look: &mut dyn FnMut(Look<'_>),
) -> Result<Taken, Error> {
    let request = CaptureRequest {
        frames: FRAMES,
        judge: Some(&judge),
        ..CaptureRequest::default()
    };
    let image = match scanner.capture(&request, &mut |event| look(Look::Scanner(event))) {
        Ok(image) => image,
        Err(reason) if reason.may_pass() => {
            return Ok(Taken::Nothing(Attempt::NoImage { reason }));
        }
        Err(reason) => return Err(reason.into()),
    };
    let extraction = match negin_recognition::extract(&image) {
        Ok(extraction) => extraction,
        Err(error) => return Ok(Taken::Nothing(Attempt::Unusable { key: error.key() })),
    };
    look(Look::Finger {
        image: &image,
        extraction: &extraction,
    });
    Ok(Taken::Finger(extraction))
}

/// Takes one image and has the card compare it.
///
/// # Errors
/// [`Error::ComparisonBlocked`], [`Error::Card`]; [`Error::Capture`] where the scanner is gone or the person called it off.
pub(super) fn attempt<T: Transmit>(
    piv: &mut Piv<T>,
    finger: FingerReference,
    template: &BiometricInformationTemplate,
    scanner: &mut dyn Capture,
    look: &mut dyn FnMut(Look<'_>),
) -> Result<Attempt, Error> {
    let extraction = match take(scanner, look)? {
        Taken::Finger(extraction) => extraction,
        Taken::Nothing(attempt) => return Ok(attempt),
    };
    let minutiae = match negin_card::probe(&extraction.template, template) {
        Ok(minutiae) => minutiae,
        Err(error @ negin_card::Error::TooFewMinutiae { .. }) => {
            return Ok(Attempt::Unusable { key: error.key() });
        }
        Err(error) => return Err(error.into()),
    };
    match piv.verify_finger(finger, minutiae)? {
        Verification::Passed => Ok(Attempt::Matched),
        Verification::Failed { retries } => Ok(Attempt::Refused {
            tries_left: retries,
        }),
        Verification::Blocked => Err(Error::ComparisonBlocked),
    }
}

/// Has the card compare one image from the scanner, and nothing else: nothing is set, nothing is activated, nothing is
/// noted. The card's counter falls as for any comparison.
///
/// # Errors
/// [`Error::NoReference`], [`Error::ComparisonBlocked`], [`Error::Card`], [`Error::KeyStore`], [`Error::Capture`].
pub fn compare_once(
    keys: &dyn KeyStore,
    challenge: [u8; 16],
    office: OfficeCode,
    card: &mut dyn Transmit,
    finger: FingerReference,
    scanner: &mut dyn Capture,
    look: &mut dyn FnMut(Look<'_>),
) -> Result<Attempt, Error> {
    let mut link = Chaining::new(card);
    let identity = recognise(&mut link)?.expect(&[Presence::Issued])?;
    let piv = Piv::select(&mut link)?;
    let set = CardKeySet::Delivery { office };
    let mut piv = channel::open(keys, challenge, piv, set, Chip::from(&identity))?;
    let template = *piv
        .biometric_information()?
        .of(finger)
        .ok_or(Error::NoReference)?;
    attempt(&mut piv, finger, &template, scanner, look)
}
