//! Fingerprint scanners: those on USB, and whether they let this person in; the serial ports on which modules hang.
//!
//! Simulated scanners and folders of images need none of this, so that nothing here fails, it warns.

use std::path::Path;
use std::process::Command;

use negin_device::{Address, Backend, Error};
use negin_fingerprint::capture::Capture;
use negin_scanner::SerialBackend;
use negin_scanner::usb::{self, Access, Found, UsbError};

use super::machine::answer;
use super::{Check, Status};

/// The rules that come with this program…
const RULES: &str = "70-negin-scanners.rules";
/// …and where udev looks for them.
const FOLDERS: [&str; 4] = [
    "/etc/udev/rules.d",
    "/run/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
];
/// The service that most often holds a scanner; the kernel keeps 15 letters of a program's name.
const FPRINTD: &str = "fprintd";

pub(super) fn checks() -> Vec<Check> {
    let ruled = FOLDERS
        .iter()
        .any(|folder| Path::new(folder).join(RULES).exists());
    let mut checks = match usb::found() {
        Ok(found) if found.is_empty() => vec![none()],
        Ok(found) => found
            .iter()
            .map(|each| scanner(each, ruled, || runs(FPRINTD)))
            .collect(),
        Err(error) => vec![libusb(error)],
    };
    checks.push(serial(
        Backend::<dyn Capture>::list(&SerialBackend::default()),
        may_be_used,
    ));
    checks
}

fn none() -> Check {
    Check::new("scanner", Status::Warn, "none on USB").hinting("scanner-none")
}

fn libusb(error: UsbError) -> Check {
    Check::new("scanner", Status::Warn, format!("libusb: {error}")).hinting("scanner-libusb")
}

fn scanner(found: &Found, ruled: bool, fprintd: impl FnOnce() -> bool) -> Check {
    let shown = format!("usb:{}, {}", found.locator, found.model.name);
    let warn = |what: &str, hint| {
        Check::new("scanner", Status::Warn, format!("{shown}: {what}")).hinting(hint)
    };
    match (found.access, ruled) {
        (Access::Ready, _) => Check::new("scanner", Status::Ok, format!("{shown}: ready")),
        (Access::Denied, false) => warn(
            "may not be opened, and the udev rules are not installed",
            "scanner-denied",
        ),
        (Access::Denied, true) => warn(
            "may not be opened, though the udev rules are installed",
            "scanner-denied-ruled",
        ),
        (Access::Busy, _) if fprintd() => warn("in use, and fprintd runs", "scanner-fprintd"),
        (Access::Busy, _) => warn("in use by another program", "scanner-busy"),
        (Access::Failing, _) => warn("fails when it is opened", "scanner-failing"),
    }
}

/// Whether a program of this name runs, whoever's it is.
fn runs(name: &str) -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| std::fs::read_to_string(process.path().join("comm")).ok())
        .any(|comm| comm.trim_end() == name)
}

/// The ports are looked at, not opened: opening one resets what hangs on many of them.
fn serial(ports: Result<Vec<Address>, Error>, may_be_used: impl Fn(&str) -> bool) -> Check {
    let ports = match ports {
        Ok(ports) => ports,
        Err(error) => {
            return Check::new("serial-ports", Status::Warn, error.to_string())
                .hinting("serial-ports-unlisted");
        }
    };
    let paths = || ports.iter().map(Address::locator);
    let denied: Vec<&str> = paths().filter(|path| !may_be_used(path)).collect();
    match (ports.is_empty(), denied.is_empty()) {
        (true, _) => Check::new("serial-ports", Status::Ok, "no adapter on USB"),
        (_, true) => {
            let all: Vec<&str> = paths().collect();
            Check::new("serial-ports", Status::Ok, all.join(", "))
        }
        _ => Check::new(
            "serial-ports",
            Status::Warn,
            format!("may not be opened: {}", denied.join(", ")),
        )
        .hinting("serial-ports-denied"),
    }
}

/// Whether the system lets this person read and write there (access(2)).
fn may_be_used(path: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", "[ -r \"$1\" ] && [ -w \"$1\" ]", "sh", path]);
    answer(command).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Language;
    use crate::doctor::texts;

    fn said(check: &Check) -> (Status, &'static str) {
        for language in [Language::En, Language::Fa] {
            assert!(!texts::title(check.name, language).is_empty());
            let next = texts::next(check.hint, language);
            assert!(!next.is_empty() || check.status == Status::Ok, "{check:?}");
        }
        (check.status, check.hint)
    }

    #[test]
    fn each_way_of_missing_a_scanner_has_its_own_remedy() {
        let found = |access| Found {
            locator: "05ba:000a@1-2".parse().unwrap(),
            model: &negin_scanner::uru4000::MODELS[6],
            serial: None,
            access,
        };
        for (access, ruled, fprintd, expected) in [
            (Access::Ready, false, false, (Status::Ok, "scanner")),
            (
                Access::Denied,
                false,
                true,
                (Status::Warn, "scanner-denied"),
            ),
            (
                Access::Denied,
                true,
                true,
                (Status::Warn, "scanner-denied-ruled"),
            ),
            (Access::Busy, true, true, (Status::Warn, "scanner-fprintd")),
            (Access::Busy, true, false, (Status::Warn, "scanner-busy")),
            (
                Access::Failing,
                true,
                true,
                (Status::Warn, "scanner-failing"),
            ),
        ] {
            let check = scanner(&found(access), ruled, || fprintd);
            assert_eq!(said(&check), expected);
            assert!(check.found.contains("usb:05ba:000a@1-2"), "{check:?}");
        }
        assert_eq!(said(&none()), (Status::Warn, "scanner-none"));
        assert_eq!(
            said(&libusb(UsbError::Io)),
            (Status::Warn, "scanner-libusb")
        );
        assert!(texts::next("scanner-denied", Language::En).contains(RULES));
    }

    #[test]
    fn ports_that_may_not_be_opened_are_named() {
        let port = |path: &str| Address::new("serial", path);
        let two = || Ok(vec![port("/dev/ttyACM0"), port("/dev/ttyUSB0")]);
        let check = serial(Ok(Vec::new()), |_| false);
        assert_eq!(said(&check), (Status::Ok, "serial-ports"));
        let check = serial(two(), |_| true);
        assert_eq!(check.found, "/dev/ttyACM0, /dev/ttyUSB0");
        let check = serial(two(), |path| path.contains("ACM"));
        assert_eq!(said(&check), (Status::Warn, "serial-ports-denied"));
        assert_eq!(check.found, "may not be opened: /dev/ttyUSB0");
        let check = serial(
            Err(Error::Unavailable {
                address: port("*"),
                reason: "no sysfs".to_owned(),
            }),
            |_| true,
        );
        assert_eq!(said(&check), (Status::Warn, "serial-ports-unlisted"));
    }

    #[test]
    fn what_may_be_used_is_the_systems_word() {
        assert!(may_be_used("/dev/null"));
        assert!(!may_be_used("/dev/no such port"));
        assert!(runs(
            std::fs::read_to_string("/proc/self/comm")
                .unwrap()
                .trim_end()
        ));
        assert!(!runs("no-such-program"));
    }
}
