//! A sample of the same through the system's libusb: the scanners of one program, each with a script of its own.

use std::fs;
use std::time::{Duration, Instant};

use negin_device::Backend;
use negin_fingerprint::capture::CaptureRequest;
use negin_scanner::UsbBackend;
use negin_tests::usb::{say, within};

/// The scripts, and what a capture comes to: an error's key, or none.
const SCRIPTS: [(&str, &[&str]); 9] = [
    ("", &[]),
    ("at transfer 2 stall", &[]),
    (
        "at transfer 1 stall\nat transfer 2 stall\nat transfer 3 stall",
        &["capture.stalled"],
    ),
    ("at transfer 3 delay 200ms", &[]),
    (
        "at transfer 5 silence",
        &["capture.no-answer", "capture.no-power"],
    ),
    ("at transfer 4 unplug", &["capture.disconnected"]),
    ("at transfer 9 unplug", &["capture.disconnected"]),
    (
        "at transfer 12 short",
        &[
            "capture.short-image",
            "capture.bad-image",
            "capture.protocol",
        ],
    ),
    ("at transfer 3 drop-block", &[]),
];

#[test]
fn faults_reach_the_driver_through_libusb() {
    let _processors = crate::alone();
    within(
        |folder| {
            let mut options = Vec::new();
            for (number, (script, _)) in SCRIPTS.iter().enumerate() {
                let file = folder.join(number.to_string());
                fs::write(&file, script).unwrap();
                options.extend(["--device".to_owned(), "uru4000,finger=5".to_owned()]);
                options.extend(["--fault".to_owned(), format!("{number}={}", file.display())]);
            }
            options
        },
        |_| {
            let backend = UsbBackend::new(|| 7);
            for (number, (script, errors)) in SCRIPTS.iter().enumerate() {
                let locator = format!("05ba:000a@1-{}", number + 1);
                let begin = Instant::now();
                let request = CaptureRequest {
                    timeout: Duration::from_secs(8),
                    ..CaptureRequest::default()
                };
                let capture = |text: &str| {
                    let mut scanner = backend
                        .open(text)
                        .unwrap_or_else(|error| panic!("{script}: {error}"));
                    scanner.capture(&request, &mut |_| ())
                };
                let image = capture(&locator);
                println!(
                    "{script:?}: {:?} after {:?}",
                    image.as_ref().err(),
                    begin.elapsed()
                );
                match &image {
                    Ok(image) => assert_eq!((image.width(), image.height()), (384, 290)),
                    Err(error) => assert!(errors.contains(&error.key()), "{script}: {error}"),
                }
                // Put back, it gives images again: nothing is left claimed.
                say(&format!("unplug {number}"));
                say(&format!("plug {number}"));
                capture(&locator).unwrap_or_else(|error| panic!("{script}, afterwards: {error}"));
            }
        },
    );
}
