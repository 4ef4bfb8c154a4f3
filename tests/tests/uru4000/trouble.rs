//! What goes wrong on the way: nothing hangs, nothing is taken for an image that is none, and the next capture works.

use std::time::Duration;

use negin_fingerprint::capture::{
    CancelToken, Capture, CaptureError, CaptureEvent, CaptureRequest,
};
use negin_firmware_sim::scanner::uru4000::Settings;
use negin_firmware_sim::scanner::{Glass, Uru4000 as Device};

use super::desk::*;

fn unattended() -> Desk {
    let glass = Glass::new(Device::sensor());
    Desk::new(Settings::default(), glass, "")
}

#[test]
fn nobody_comes() {
    let mut desk = unattended();
    let request = CaptureRequest {
        timeout: Duration::from_secs(3),
        ..CaptureRequest::default()
    };
    assert_eq!(desk.capture_with(&request), Err(CaptureError::Timeout));
    assert_eq!(desk.events, [CaptureEvent::WaitingForFinger]);
    assert_eq!(desk.written(MODE), Some(vec![0x70]));
    desk.glass.place(print());
    assert!(desk.capture().is_ok());
}

#[test]
fn it_is_called_off_at_every_moment() {
    for moment in [
        CaptureEvent::WaitingForFinger,
        CaptureEvent::FingerDown,
        CaptureEvent::Reading,
    ] {
        let mut desk = Desk::attended("");
        assert_eq!(
            desk.cancel_at(moment),
            Err(CaptureError::Cancelled),
            "{moment:?}"
        );
        assert_eq!(desk.written(MODE), Some(vec![0x70]), "{moment:?}");
        assert!(desk.capture().is_ok(), "{moment:?}");
    }
    // Once the image is there, it is there.
    let mut desk = Desk::attended("");
    assert!(desk.cancel_at(CaptureEvent::Captured).is_ok());
}

#[test]
fn it_is_called_off_by_another_thread() {
    let mut desk = unattended();
    let cancel = CancelToken::new();
    let request = CaptureRequest {
        // Longer than any test: only the token ends it.
        timeout: Duration::from_secs(u64::MAX / 4),
        cancel: cancel.clone(),
        ..CaptureRequest::default()
    };
    let (waits, told) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        told.recv().expect("it waits for a finger");
        cancel.cancel();
    });
    let outcome = desk.scanner.capture(&request, &mut |event| {
        if event == CaptureEvent::WaitingForFinger {
            waits.send(()).expect("the thread waits");
        }
    });
    assert_eq!(outcome, Err(CaptureError::Cancelled));
    thread.join().expect("it ended");
}

#[test]
fn a_finger_that_goes_too_early_gives_no_image() {
    let mut desk = Desk::attended("");
    let glass = desk.glass.clone();
    let outcome = desk
        .scanner
        .capture(&CaptureRequest::default(), &mut |event| {
            if event == CaptureEvent::FingerDown {
                glass.lift();
            }
        });
    assert_eq!(outcome, Err(CaptureError::FingerLifted));
    let outcome = desk
        .scanner
        .capture(&CaptureRequest::default(), &mut |event| {
            if event == CaptureEvent::Reading {
                glass.lift();
            }
        });
    assert_eq!(outcome, Err(CaptureError::FingerLifted));
    assert!(desk.capture().is_ok());
}

#[test]
fn a_finger_that_stays_is_asked_to_go_and_the_image_is_there_all_the_same() {
    let mut desk = unattended();
    desk.glass.place(print());
    assert!(desk.capture().is_ok());
    assert_eq!(desk.events.last(), Some(&CaptureEvent::LiftFinger));
    // The same placing is not taken again.
    let request = CaptureRequest {
        timeout: Duration::from_secs(2),
        ..CaptureRequest::default()
    };
    assert_eq!(desk.capture_with(&request), Err(CaptureError::Timeout));
    assert_eq!(desk.events, [CaptureEvent::LiftFinger]);
    desk.glass.lift();
    assert_eq!(desk.capture_with(&request), Err(CaptureError::Timeout));
    assert_eq!(
        desk.events,
        [
            CaptureEvent::LiftFinger,
            CaptureEvent::FingerUp,
            CaptureEvent::WaitingForFinger
        ]
    );
}

#[test]
fn images_that_come_short_are_asked_for_again() {
    for (failing, expected) in [
        (vec![0], Ok(())),
        (vec![20_000, 63], Ok(())),
        (
            vec![0, 64, 20_000],
            Err(CaptureError::ShortImage {
                expected: 111_040,
                received: 20_000,
            }),
        ),
    ] {
        let settings = Settings {
            failing: failing.clone(),
            ..Settings::default()
        };
        let mut desk = Desk::new(settings, attended(), "");
        assert_eq!(desk.capture().map(drop), expected, "{failing:?}");
        assert!(desk.capture().is_ok(), "{failing:?}");
    }
}

/// The numbers of the transfers of one capture, and the image.
fn whole() -> (negin_fingerprint::Image, u64) {
    let mut desk = Desk::attended("");
    let image = desk.capture().unwrap();
    let registers = desk.log.lock().unwrap().registers.len() as u64;
    // Beside the registers: three times the sensor's power, finger on, finger off, the image.
    (image, registers + 6)
}

#[test]
fn a_scanner_pulled_out_at_any_transfer_is_gone() {
    let (image, transfers) = whole();
    for n in 1..=transfers {
        let mut desk = Desk::attended(&format!("at transfer {n} unplug"));
        match desk.capture() {
            Err(error) => assert_eq!(error, CaptureError::Disconnected, "transfer {n}"),
            // The image had come already.
            Ok(taken) => {
                assert_eq!(taken, image, "transfer {n}");
                assert!(n > transfers - 5, "transfer {n}");
            }
        }
        assert_eq!(desk.capture(), Err(CaptureError::Disconnected));
    }
}

#[test]
fn one_refusal_at_any_transfer_is_got_over() {
    let (image, transfers) = whole();
    for n in 1..=transfers {
        let mut desk = Desk::attended(&format!("at transfer {n} stall"));
        assert_eq!(desk.capture(), Ok(image.clone()), "transfer {n}");
        assert_eq!(desk.written(MODE), Some(vec![0x70]), "transfer {n}");
        assert!(desk.capture().is_ok(), "transfer {n}");
    }
}

#[test]
fn a_scanner_that_falls_silent_at_any_transfer_is_given_up_in_time() {
    let (image, transfers) = whole();
    for n in 1..=transfers {
        let mut desk = Desk::attended(&format!("at transfer {n} silence"));
        match desk.capture() {
            Ok(taken) => assert_eq!(taken, image, "transfer {n}"),
            Err(error) => assert!(
                matches!(
                    error,
                    CaptureError::NoAnswer | CaptureError::NoPower | CaptureError::Timeout
                ),
                "transfer {n}: {error}"
            ),
        }
    }
}

#[test]
fn a_slow_scanner_is_waited_for() {
    let (image, transfers) = whole();
    for n in 1..=transfers {
        let mut desk = Desk::attended(&format!("at transfer {n} delay 200ms"));
        assert_eq!(desk.capture().unwrap(), image, "transfer {n}");
    }
}

/// Bytes that are turned over or missing end in an image or in a word for it, and the scanner works on.
#[test]
fn spoiled_transfers_end_in_an_image_or_an_error() {
    let (_, transfers) = whole();
    for fault in ["short", "garbage", "corrupt"] {
        for n in 1..=transfers {
            let script = format!("seed {n}\nat transfer {n} {fault}");
            let mut desk = Desk::attended(&script);
            if let Err(error) = desk.capture() {
                assert_ne!(error, CaptureError::Disconnected, "{fault} at {n}");
            }
            let next = desk.capture();
            assert!(next.is_ok(), "after {fault} at {n}: {next:?}");
        }
    }
}
