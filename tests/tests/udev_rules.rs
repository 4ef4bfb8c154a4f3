//! The udev rules beside this project, against the models the driver knows and in front of the system's own udevadm.
#![allow(clippy::expect_used, reason = "a test ends where it finds nothing")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use negin_scanner::uru4000::MODELS;
use negin_tests::usb;

const NAME: &str = "70-negin-scanners.rules";

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../udev")
        .join(NAME)
}

/// What stands between quotation marks after this.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{key}==\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[test]
fn the_rules_are_for_the_models_the_driver_knows_and_no_others() {
    let text = std::fs::read_to_string(rules()).expect("the rules");
    let ruled: Vec<(u16, u16)> = text
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains("uaccess"))
        .map(|line| {
            let number = |key| {
                let digits = quoted(line, key).expect("a rule names a device");
                // sysfs has four digits, small letters; a rule is compared letter by letter.
                assert_eq!((digits.len(), digits.to_lowercase().as_str()), (4, digits));
                u16::from_str_radix(digits, 16).expect("a number")
            };
            (number("ATTR{idVendor}"), number("ATTR{idProduct}"))
        })
        .collect();
    let known: BTreeSet<(u16, u16)> = MODELS
        .iter()
        .map(|model| (model.vendor, model.product))
        .collect();
    assert_eq!(ruled.len(), known.len(), "each once");
    assert_eq!(ruled.into_iter().collect::<BTreeSet<_>>(), known);
}

/// What udevadm says of each device, without udevd: it reads the rules of the system and those in /run/udev/rules.d, and
/// says what they would do to a device. That folder is one of this run's own, in a namespace; where the machine gives
/// none, root's, for the moment.
fn said(with_rules: bool, devices: &[String]) -> Vec<String> {
    let script = format!(
        "set -e
         mount -t tmpfs none /run 2>/dev/null || [ -z \"$OWN\" ]
         mkdir -p /run/udev/rules.d
         {copy}
         {sim} usb {devices} -- sh -c 'for n in $(seq {count}); do
             echo \"== \"; udevadm test --action=add /sys/bus/usb/devices/1-$n 2>&1; done'",
        copy = match with_rules {
            true => format!(
                "trap 'rm -f /run/udev/rules.d/{NAME}' EXIT; cp '{}' /run/udev/rules.d/",
                rules().display()
            ),
            false => String::new(),
        },
        sim = usb::negin_sim().display(),
        devices = usb::plugged(&devices.iter().map(String::as_str).collect::<Vec<_>>()).join(" "),
        count = devices.len(),
    );
    let unshare = ["unshare", "--mount", "--map-root-user"];
    let own = Command::new(unshare[0])
        .args(&unshare[1..])
        .arg("true")
        .output()
        .is_ok_and(|output| output.status.success());
    let mut command = match own {
        true => Command::new(unshare[0]),
        false => Command::new("sh"),
    };
    if own {
        command.args(&unshare[1..]).arg("sh").env("OWN", "yes");
    }
    let output = command.args(["-c", &script]).output().expect("sh");
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "this needs a mount namespace, or root:\n{out}{err}"
    );
    out.split("== \n").skip(1).map(str::to_owned).collect()
}

fn is_tagged(said: &str) -> bool {
    said.lines()
        .any(|line| line.starts_with("TAGS=") && line.contains(":uaccess:"))
}

#[test]
fn udev_gives_each_scanner_to_whoever_sits_there_and_no_other_device() {
    let mut devices: Vec<String> = MODELS
        .iter()
        .map(|model| format!("uru4000,product={:04x}:{:04x}", model.vendor, model.product))
        .collect();
    devices.push("loopback".to_owned());
    let with = said(true, &devices);
    let without = said(false, &devices);
    assert_eq!((with.len(), without.len()), (devices.len(), devices.len()));
    for ((device, with), without) in devices.iter().zip(&with).zip(&without) {
        let scanner = device != "loopback";
        assert!(with.contains("DEVTYPE=usb_device"), "{device}: {with}");
        assert_eq!(is_tagged(with), scanner, "{device}: {with}");
        // It is by our rules.
        assert!(!is_tagged(without), "{device}: {without}");
        let complaints: Vec<&str> = with
            .lines()
            .filter(|line| line.contains(NAME))
            .filter(|line| !line.starts_with("Reading rules file"))
            .collect();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
    let read = with
        .iter()
        .all(|said| said.contains("Reading rules file: /run/udev/rules.d/70-negin-scanners.rules"));
    assert!(read, "{}", with[0]);
}
