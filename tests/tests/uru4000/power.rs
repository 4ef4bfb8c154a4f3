//! The states a scanner wakes from.

use negin_fingerprint::CaptureError;
use negin_firmware_sim::scanner::uru4000::{Product, Settings};

use super::desk::*;

fn capture(settings: Settings) -> (Result<(), CaptureError>, usize) {
    let mut desk = Desk::new(settings, attended(), "");
    let outcome = desk.capture().map(drop);
    assert_eq!(desk.written(MODE), Some(vec![0x70]));
    (outcome, desk.writes(STATUS))
}

#[test]
fn it_wakes_from_every_status() {
    for product in Product::ALL {
        for status in [0x00, 0x01, 0x03, 0x80, 0x81, 0x83, 0x84, 0x85] {
            let settings = Settings {
                product,
                status,
                ..Settings::default()
            };
            let (outcome, _) = capture(settings);
            assert_eq!(outcome, Ok(()), "{product:?} {status:#04x}");
        }
    }
}

/// As a real 4500 is woken: put to sleep, then woken, and nothing more.
#[test]
fn waking_takes_no_more_than_it_must() {
    let (outcome, writes) = capture(Settings::default());
    assert_eq!((outcome, writes), (Ok(()), 2));
}

#[test]
fn one_that_falls_asleep_again_is_woken_again() {
    for product in [Product::Uru4500, Product::MicrosoftReader2] {
        for (drowsy, awake) in [(1, true), (40, true), (98, true), (120, false)] {
            let settings = Settings {
                product,
                drowsy,
                ..Settings::default()
            };
            let expected = match awake {
                true => Ok(()),
                false => Err(CaptureError::NoPower),
            };
            assert_eq!(capture(settings).0, expected, "{product:?} {drowsy}");
        }
    }
}

#[test]
fn a_sensor_that_does_not_say_that_it_has_power_is_tried_three_times() {
    for (mute, expected) in [(1, Ok(())), (2, Ok(())), (3, Err(CaptureError::NoPower))] {
        let settings = Settings {
            mute,
            ..Settings::default()
        };
        assert_eq!(capture(settings).0, expected, "{mute}");
    }
}
