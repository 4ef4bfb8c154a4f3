//! What comes out is what lay on the glass.

use std::collections::BTreeSet;

use negin_fingerprint::Image;
use negin_fingerprint::capture::{Capture, CaptureEvent, CaptureRequest, FrameVerdict};
use negin_firmware_sim::scanner::uru4000::{Cover, Product, Settings};
use negin_firmware_sim::scanner::{Glass, Hand, Print, Uru4000 as Device};

use super::desk::*;

/// Each product shows the print as it lay there, upright and black on white; only missing rows and lost bytes differ.
#[test]
fn every_product_gives_the_print_whatever_way_it_sends_it() {
    let seen = seen();
    for product in Product::ALL {
        for cover in [Cover::Open, Cover::Hidden, Cover::Varied] {
            let settings = Settings {
                product,
                cover,
                ..Settings::default()
            };
            let mut desk = Desk::new(settings, attended(), "");
            let image = desk.capture().unwrap_or_else(|error| {
                panic!("{product:?} {cover:?}: {error}");
            });
            let turned = product == Product::Uru4500;
            let (rows, bytes) = lost(cover);
            let at = |(x, y): (u32, u32)| if turned { (383 - x, 289 - y) } else { (x, y) };
            let wrong: BTreeSet<_> = differences(&image, &seen)
                .into_iter()
                .map(at)
                .filter(|(_, y)| !rows.contains(y))
                .filter(|(x, y)| *x != 383 || !bytes.contains(y))
                .collect();
            assert!(wrong.is_empty(), "{product:?} {cover:?}: {wrong:?}");
            // A missing row is filled with the one after it, not left out.
            assert!(differences(&image, &seen).len() < 384 * rows.len() + bytes.len() + 1);
        }
    }
}

#[test]
fn the_key_is_asked_for_with_the_seed_given() {
    let mut desk = Desk::attended("");
    desk.capture().unwrap();
    assert_eq!(
        desk.written(KEY_INDEX),
        Some(vec![0, 0x24, 0x21, 0xEA, 0x51])
    );
    assert_eq!(desk.writes(KEY_INDEX), 1);
    let settings = Settings {
        cover: Cover::Varied,
        ..Settings::default()
    };
    let mut desk = Desk::new(settings, attended(), "");
    desk.capture().unwrap();
    assert_eq!(desk.writes(KEY_INDEX), 4);
    assert_eq!(
        desk.written(KEY_INDEX),
        Some(vec![3, 0x24, 0x21, 0xEA, 0x51])
    );
}

#[test]
fn what_happens_is_told_in_order_and_the_scanner_is_left_off() {
    let mut desk = Desk::attended("");
    for _ in 0..3 {
        desk.capture().unwrap();
        assert_eq!(
            desk.events,
            [
                CaptureEvent::WaitingForFinger,
                CaptureEvent::FingerDown,
                CaptureEvent::Reading,
                CaptureEvent::Captured,
                CaptureEvent::LiftFinger,
                CaptureEvent::FingerUp,
            ]
        );
        assert_eq!(desk.written(MODE), Some(vec![0x70]));
    }
    let log = desk.log.clone();
    assert_eq!(log.lock().unwrap().released, 0);
    drop(desk);
    assert_eq!(log.lock().unwrap().released, 1);
}

#[test]
fn each_placing_gives_another_image() {
    let glass = Glass::new(Device::sensor()).with_hand(Hand::Again(Print::Finger(finger(), None)));
    let mut desk = Desk::new(Settings::default(), glass, "");
    let images: Vec<Image> = (0..3).map(|_| desk.capture().unwrap()).collect();
    assert_ne!(images[0], images[1]);
    assert_ne!(images[1], images[2]);
}

#[test]
fn of_a_burst_the_best_is_kept_and_a_good_one_ends_it() {
    for (enough, frames) in [(7, 4), (2, 2)] {
        let mut desk = Desk::attended("");
        let count = std::cell::Cell::new(0);
        let judge = |_: &Image| {
            count.set(count.get() + 1);
            FrameVerdict {
                score: 50 - count.get(),
                enough: count.get() == enough,
            }
        };
        let request = CaptureRequest {
            frames: 4,
            judge: Some(&judge),
            ..CaptureRequest::default()
        };
        desk.capture_with(&request).unwrap();
        assert_eq!(count.get(), frames);
        // All frames are of one exposure: the scanner goes on sending.
        assert_eq!(desk.writes(MODE), 4);
    }
}

#[test]
fn wet_and_dry_fingers_are_told() {
    for (wet, advice) in [(true, CaptureEvent::TooWet), (false, CaptureEvent::TooDry)] {
        let glass = attended();
        match wet {
            true => glass.wet(),
            false => glass.dry(),
        }
        let mut desk = Desk::new(Settings::default(), glass, "");
        desk.capture().unwrap();
        assert!(desk.events.contains(&advice), "{:?}", desk.events);
        // The next one is as it should be.
        desk.capture().unwrap();
        assert!(!desk.events.contains(&advice), "{:?}", desk.events);
    }
}

#[test]
fn a_finger_that_moves_is_told() {
    let glass = attended();
    let mut desk = Desk::new(Settings::default(), glass.clone(), "");
    let judge = |_: &Image| {
        glass.place(Print::Finger(finger(), None));
        FrameVerdict {
            score: 1,
            enough: false,
        }
    };
    let request = CaptureRequest {
        frames: 3,
        judge: Some(&judge),
        ..CaptureRequest::default()
    };
    desk.capture_with(&request).unwrap();
    assert!(
        desk.events.contains(&CaptureEvent::Moving),
        "{:?}",
        desk.events
    );
}

#[test]
fn the_scanner_says_what_it_is() {
    let desk = Desk::attended("");
    let info = desk.scanner.info();
    assert_eq!((info.width, info.height, info.dpi), (384, 290, 500));
    assert!(info.live && info.serial.is_some());
    assert!(info.name.contains("U.are.U"), "{}", info.name);
}

/// Where blocks are lost again and again they are filled with the rows after them; the rest is where it belongs.
#[test]
fn rows_that_are_lost_spoil_no_others() {
    let seen = seen();
    let lost = |seed: u64, images: &[u64]| {
        let settings = Settings {
            seed,
            ..Settings::default()
        };
        let script: String = images
            .iter()
            .map(|n| format!("at transfer {n} drop-block\n"))
            .collect();
        let mut desk = Desk::new(settings, attended(), &format!("seed {seed}\n{script}"));
        let image = desk.capture().unwrap();
        let rows: BTreeSet<u32> = differences(&image, &seen)
            .into_iter()
            .map(|(_, y)| y)
            .collect();
        rows.len()
    };
    for seed in 0..8 {
        let whole = lost(seed, &[]);
        assert!(whole < 8, "{whole} rows differ where nothing is lost");
        // The image's transfer; those of its key follow, and then the next image's.
        let again = lost(seed, &[IMAGE]);
        assert!(again <= whole + 4, "{again} rows differ");
        let rows = lost(seed, &[IMAGE, IMAGE + 3, IMAGE + 6]);
        assert!(rows <= 130, "{rows} rows differ");
    }
    let most = (0..8).map(|seed| lost(seed, &[IMAGE, IMAGE + 3, IMAGE + 6]));
    assert!(most.max() > Some(40), "no block was lost");
}

/// The number of the image's transfer in a capture where nothing goes wrong.
const IMAGE: u64 = 12;
