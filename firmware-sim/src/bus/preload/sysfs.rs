//! A device as Linux shows it under /sys and /dev: the folder that programs see as the root of both.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::SOCKETS;
use super::uevent::{self, Action};
use crate::bus::usb::{Descriptors, Interface};

/// The number of the one bus.
const BUS: u8 = 1;
/// The character devices of USB.
const MAJOR: u8 = 189;
const HUB: &str = "/devices/sim/usb1";

/// Where on the bus a device is: its socket's number, from 1, and its address, which is another each time it is
/// plugged in. The hub itself is at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub port: u8,
    pub address: u8,
}

impl Seat {
    fn name(self) -> String {
        match self.port {
            0 => format!("usb{BUS}"),
            port => format!("{BUS}-{port}"),
        }
    }

    fn interface(self, number: usize) -> String {
        format!("{BUS}-{}:1.{number}", self.port)
    }

    fn path(self) -> String {
        match self.port {
            0 => HUB.to_owned(),
            _ => format!("{HUB}/{}", self.name()),
        }
    }

    fn number(self) -> String {
        format!("{MAJOR}:{}", self.minor())
    }

    fn minor(self) -> u8 {
        self.address - 1
    }

    /// The device's node, below the root.
    pub fn node(self) -> String {
        format!("dev/bus/usb/{BUS:03}/{:03}", self.address)
    }

    /// The socket at which the node's requests arrive, below the root.
    pub fn socket(self) -> String {
        format!("ioctl/{}", self.node())
    }

    /// Its node's number, in a link of this name below the root.
    fn number_link(self) -> String {
        format!("dev/.node/bus_usb_{BUS:03}_{:03}", self.address)
    }
}

/// Makes what every bed has.
pub fn lay(root: &Path) -> io::Result<()> {
    for folder in [
        "sys/bus/usb/devices",
        "sys/class",
        "sys/dev/char",
        "dev/.node",
    ] {
        fs::create_dir_all(root.join(folder))?;
    }
    for folder in [
        format!("dev/bus/usb/{BUS:03}"),
        format!("ioctl/dev/bus/usb/{BUS:03}"),
    ] {
        fs::create_dir_all(root.join(folder))?;
    }
    fs::create_dir_all(below(root, HUB))
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join("sys").join(path.trim_start_matches('/'))
}

/// Shows a device whose node and socket are there already, and tells whoever listens.
pub fn show(root: &Path, seat: Seat, descriptors: &Descriptors) -> io::Result<()> {
    let name = seat.name();
    let folder = below(root, &seat.path());
    fs::create_dir_all(folder.join("power"))?;
    for (attribute, value) in attributes(seat, descriptors) {
        fs::write(folder.join(attribute), value)?;
    }
    fs::write(folder.join("descriptors"), descriptors.raw())?;
    fs::write(folder.join("uevent"), lines(&properties(seat, descriptors)))?;
    let up = "../".repeat(seat.path().matches('/').count());
    symlink(format!("{up}bus/usb"), folder.join("subsystem"))?;
    for (number, interface) in descriptors.description().interfaces.iter().enumerate() {
        let folder = folder.join(seat.interface(number));
        fs::create_dir(&folder)?;
        for (attribute, value) in interface_attributes(number, interface) {
            fs::write(folder.join(attribute), value)?;
        }
        let properties = interface_properties(descriptors, number, interface);
        fs::write(folder.join("uevent"), lines(&properties))?;
        symlink(format!("../{up}bus/usb"), folder.join("subsystem"))?;
    }
    // From here on it is found.
    symlink(seat.number(), root.join(seat.number_link()))?;
    symlink(
        format!("../..{}", seat.path()),
        root.join("sys/dev/char").join(seat.number()),
    )?;
    for each in names(seat, descriptors) {
        let inside = match each == name {
            true => String::new(),
            false => format!("/{each}"),
        };
        symlink(
            format!("../../..{}{inside}", seat.path()),
            root.join("sys/bus/usb/devices").join(each),
        )?;
    }
    tell(root, Action::Add, seat, descriptors)
}

/// Takes away what [`show`] made, and the node; tells whoever listens. What is gone already is no error.
pub fn hide(root: &Path, seat: Seat, descriptors: &Descriptors) -> io::Result<()> {
    let devices = root.join("sys/bus/usb/devices");
    let links = names(seat, descriptors)
        .into_iter()
        .map(|name| devices.join(name));
    for path in links.chain([
        root.join("sys/dev/char").join(seat.number()),
        root.join(seat.node()),
        root.join(seat.number_link()),
    ]) {
        let _ = fs::remove_file(path);
    }
    let _ = fs::remove_dir_all(below(root, &seat.path()));
    tell(root, Action::Remove, seat, descriptors)
}

fn tell(root: &Path, action: Action, seat: Seat, descriptors: &Descriptors) -> io::Result<()> {
    let path = seat.path();
    let device = || uevent::tell(root, action, &path, &properties(seat, descriptors));
    if action == Action::Add {
        device()?;
    }
    for (number, interface) in descriptors.description().interfaces.iter().enumerate() {
        let path = format!("{path}/{}", seat.interface(number));
        let properties = interface_properties(descriptors, number, interface);
        uevent::tell(root, action, &path, &properties)?;
    }
    if action == Action::Remove {
        device()?;
    }
    Ok(())
}

/// What the device and its interfaces are called.
fn names(seat: Seat, descriptors: &Descriptors) -> Vec<String> {
    let interfaces = 0..descriptors.description().interfaces.len();
    std::iter::once(seat.name())
        .chain(interfaces.map(|number| seat.interface(number)))
        .collect()
}

type Properties = Vec<(&'static str, String)>;

fn lines(properties: &Properties) -> String {
    properties
        .iter()
        .fold(String::new(), |mut text, (key, value)| {
            let _ = writeln!(text, "{key}={value}");
            text
        })
}

fn product(descriptors: &Descriptors) -> String {
    let about = descriptors.description();
    format!("{:x}/{:x}/{:x}", about.vendor, about.product, about.release)
}

fn kind(class: [u8; 3]) -> String {
    class.map(|byte| byte.to_string()).join("/")
}

fn properties(seat: Seat, descriptors: &Descriptors) -> Properties {
    let about = descriptors.description();
    let mut properties = vec![
        ("DEVTYPE", "usb_device".to_owned()),
        ("DRIVER", "usb".to_owned()),
        ("PRODUCT", product(descriptors)),
        ("TYPE", kind(about.class)),
        ("BUSNUM", format!("{BUS:03}")),
        ("DEVNUM", format!("{:03}", seat.address)),
        ("MAJOR", MAJOR.to_string()),
        ("MINOR", seat.minor().to_string()),
        ("DEVNAME", format!("/{}", seat.node())),
        // What udev's own rules add.
        ("ID_BUS", "usb".to_owned()),
        ("ID_VENDOR_ID", format!("{:04x}", about.vendor)),
        ("ID_MODEL_ID", format!("{:04x}", about.product)),
        ("ID_REVISION", format!("{:04x}", about.release)),
    ];
    if let Some(serial) = &about.serial {
        properties.push(("ID_SERIAL_SHORT", serial.replace(char::is_whitespace, "_")));
    }
    properties
}

fn interface_properties(
    descriptors: &Descriptors,
    number: usize,
    interface: &Interface,
) -> Properties {
    let about = descriptors.description();
    let [class, subclass, protocol] = about.class;
    let [of, sub, proto] = interface.class;
    vec![
        ("DEVTYPE", "usb_interface".to_owned()),
        ("PRODUCT", product(descriptors)),
        ("TYPE", kind(about.class)),
        ("INTERFACE", kind(interface.class)),
        (
            "MODALIAS",
            format!(
                "usb:v{:04X}p{:04X}d{:04X}dc{class:02X}dsc{subclass:02X}dp{protocol:02X}\
                 ic{of:02X}isc{sub:02X}ip{proto:02X}in{number:02X}",
                about.vendor, about.product, about.release
            ),
        ),
    ]
}

fn attributes(seat: Seat, descriptors: &Descriptors) -> Vec<(&'static str, String)> {
    let about = descriptors.description();
    let [class, subclass, protocol] = about.class;
    let line = |value: String| format!("{value}\n");
    let mut attributes = vec![
        ("busnum", line(BUS.to_string())),
        ("devnum", line(seat.address.to_string())),
        ("devpath", line(seat.port.to_string())),
        ("dev", line(seat.number())),
        ("speed", line(about.speed.as_str().to_owned())),
        (
            "version",
            line(format!("{:2x}.{:02x}", about.usb >> 8, about.usb & 0xFF)),
        ),
        ("idVendor", line(format!("{:04x}", about.vendor))),
        ("idProduct", line(format!("{:04x}", about.product))),
        ("bcdDevice", line(format!("{:04x}", about.release))),
        ("bDeviceClass", line(format!("{class:02x}"))),
        ("bDeviceSubClass", line(format!("{subclass:02x}"))),
        ("bDeviceProtocol", line(format!("{protocol:02x}"))),
        ("bMaxPacketSize0", line(about.packet.to_string())),
        ("bMaxPower", line(format!("{}mA", about.milliamperes))),
        (
            "bmAttributes",
            line(if about.wakes { "a0" } else { "80" }.to_owned()),
        ),
        ("bNumConfigurations", line("1".to_owned())),
        ("bConfigurationValue", line("1".to_owned())),
        (
            "bNumInterfaces",
            line(format!("{:2}", about.interfaces.len())),
        ),
        ("configuration", String::new()),
        (
            "maxchild",
            line(if seat.port == 0 { SOCKETS } else { 0 }.to_string()),
        ),
        ("authorized", line("1".to_owned())),
        ("removable", line("removable".to_owned())),
        ("quirks", line("0x0".to_owned())),
        ("rx_lanes", line("1".to_owned())),
        ("tx_lanes", line("1".to_owned())),
        ("power/control", line("on".to_owned())),
    ];
    for (attribute, text) in [
        ("manufacturer", &about.manufacturer),
        ("product", &about.name),
        ("serial", &about.serial),
    ] {
        if let Some(text) = text {
            attributes.push((attribute, line(text.clone())));
        }
    }
    attributes
}

fn interface_attributes(number: usize, interface: &Interface) -> Vec<(&'static str, String)> {
    let [class, subclass, protocol] = interface.class;
    vec![
        ("bInterfaceNumber", format!("{number:02x}\n")),
        ("bAlternateSetting", " 0\n".to_owned()),
        (
            "bNumEndpoints",
            format!("{:02x}\n", interface.endpoints.len()),
        ),
        ("bInterfaceClass", format!("{class:02x}\n")),
        ("bInterfaceSubClass", format!("{subclass:02x}\n")),
        ("bInterfaceProtocol", format!("{protocol:02x}\n")),
        ("authorized", "1\n".to_owned()),
    ]
}
