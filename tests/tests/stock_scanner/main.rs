//! libfprint, unmodified, with a simulated U.are.U 4500 on USB: what it needs is in the list of packages in
//! `tools/setup`; nothing is skipped where it is not there.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::path::Path;

use negin_tests::usb::{Ran, run};

/// A program with libfprint, with a scanner on which this finger is laid whenever it asks for one.
fn libfprint(scanner: &str, task: &str, template: &Path) -> Ran {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stock_scanner/fprint.py");
    let template = template.to_str().expect("a path in UTF-8");
    run(&[scanner], "/usr/bin/python3", &[program, task, template])
}

#[test]
fn libfprint_enrols_a_finger_and_knows_it_from_another() {
    let folder = tempfile::tempdir().expect("room");
    for (finger, other, settings) in [(7, 8, ""), (11, 12, ",encrypt=off")] {
        let template = folder.path().join(finger.to_string());
        let scanner = |finger: u64| format!("uru4000,finger={finger}{settings}");
        let enrolled = libfprint(&scanner(finger), "enrol", &template).well();
        assert!(
            enrolled.out.contains("driver uru4000, 5 stages") && enrolled.out.contains("enrolled"),
            "{enrolled:?}"
        );
        // Each stage had another impression of the finger, and so has the comparison.
        let same = libfprint(&scanner(finger), "compare", &template);
        assert!(same.out.contains("same finger"), "{same:?}");
        assert_eq!(same.status, Some(0), "{same:?}");
        let foreign = libfprint(&scanner(other), "compare", &template);
        assert!(foreign.out.contains("another finger"), "{foreign:?}");
        assert_eq!(foreign.status, Some(1), "{foreign:?}");
        println!("libfprint enrolled finger {finger} and refused finger {other}");
    }
}
