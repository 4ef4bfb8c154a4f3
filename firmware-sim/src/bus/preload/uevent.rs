//! What udev says when a device comes or goes: a datagram to each program that listens (libudev's monitor).

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happened to the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Add,
    Remove,
}

impl Action {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

const MAGIC: u32 = 0xFEED_CAFE;
const HEADER: u32 = 40;

/// Tells all programs that listen in this bed. One that listens no longer is forgotten.
pub fn tell(
    bed: &Path,
    action: Action,
    path: &str,
    properties: &[(&str, String)],
) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let datagram = datagram(action, path, properties, number);
    let sender = UnixDatagram::unbound()?;
    // A program that does not read loses events, as with udev.
    sender.set_nonblocking(true)?;
    for entry in std::fs::read_dir(bed)?.flatten() {
        let name = entry.file_name();
        let listens = name.to_str().and_then(|name| name.strip_prefix("event"));
        if listens.is_some_and(|number| number.parse::<u32>().is_ok())
            && let Err(error) = sender.send_to(&datagram, entry.path())
        {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => drop(std::fs::remove_file(entry.path())),
                io::ErrorKind::NotFound => {}
                _ => log::debug!("{}: {error}", entry.path().display()),
            }
        }
    }
    Ok(())
}

fn datagram(action: Action, path: &str, properties: &[(&str, String)], number: u64) -> Vec<u8> {
    let mut text = Vec::new();
    let mut say = |key: &str, value: &str| text.extend(format!("{key}={value}\0").into_bytes());
    say("ACTION", action.as_str());
    say("DEVPATH", path);
    say("SUBSYSTEM", "usb");
    say("SEQNUM", &number.to_string());
    for (key, value) in properties {
        say(key, value);
    }
    let kind = properties.iter().find(|(key, _)| *key == "DEVTYPE");
    let kind = kind.map_or(0, |(_, kind)| hash(kind.as_bytes()));
    let mut bytes = b"libudev\0".to_vec();
    bytes.extend(MAGIC.to_be_bytes());
    bytes.extend(HEADER.to_ne_bytes());
    bytes.extend(HEADER.to_ne_bytes());
    bytes.extend((text.len() as u32).to_ne_bytes());
    bytes.extend(hash(b"usb").to_be_bytes());
    bytes.extend(kind.to_be_bytes());
    // No tags.
    bytes.extend([0; 8]);
    bytes.extend(text);
    bytes
}

/// MurmurHash2 with seed 0, by which the kernel sifts datagrams for those who listen.
fn hash(text: &[u8]) -> u32 {
    const M: u32 = 0x5BD1_E995;
    let mut hash = text.len() as u32;
    let mut words = text.chunks_exact(4);
    for word in &mut words {
        let mut four = [0; 4];
        four.copy_from_slice(word);
        let mut word = u32::from_ne_bytes(four).wrapping_mul(M);
        word ^= word >> 24;
        hash = hash.wrapping_mul(M) ^ word.wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (at, &byte) in rest.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_a_header_and_properties() {
        let properties = [("DEVTYPE", "usb_device".to_owned())];
        let bytes = datagram(Action::Add, "/devices/x", &properties, 7);
        let text = "ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=usb\0SEQNUM=7\0DEVTYPE=usb_device\0";
        assert_eq!(&bytes[40..], text.as_bytes());
        assert_eq!(bytes[..12], *b"libudev\0\xFE\xED\xCA\xFE");
        assert_eq!(bytes[20..24], (text.len() as u32).to_ne_bytes());
        assert_ne!(bytes[24..28], bytes[28..32]);
    }

    #[test]
    fn every_listener_hears_and_those_that_are_gone_are_forgotten() {
        let bed = tempfile::tempdir().unwrap();
        let gone = bed.path().join("event3");
        drop(UnixDatagram::bind(&gone).unwrap());
        std::fs::write(bed.path().join("events"), "").unwrap();
        let here = UnixDatagram::bind(bed.path().join("event12")).unwrap();
        tell(bed.path(), Action::Remove, "/devices/x", &[]).unwrap();
        let mut bytes = [0; 512];
        let length = here.recv(&mut bytes).unwrap();
        assert!(bytes[40..length].starts_with(b"ACTION=remove\0"));
        assert!(!gone.exists());
    }
}
