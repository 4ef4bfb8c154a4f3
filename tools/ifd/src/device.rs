//! What a device name in `reader.conf` says: which simulator, which of its readers.
//!
//! The name is `/dev/null:<path of the simulator's socket>:<reader, from 0>`. pcscd looks whether what stands before the
//! first colon exists, and spoils the rest of the configuration where it does not: hence `/dev/null`.

use std::path::PathBuf;

use negin_link::MAX_READERS;

/// A reader of a simulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The simulator's socket.
    pub socket: PathBuf,
    /// Which of its readers, from 0.
    pub reader: u8,
}

impl Device {
    /// The reader that a device name stands for; `None` where it stands for none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (_, rest) = name.split_once(':')?;
        let (socket, reader) = rest.rsplit_once(':')?;
        let reader = reader.parse().ok().filter(|&reader| reader < MAX_READERS)?;
        let socket = PathBuf::from(socket);
        socket.is_absolute().then_some(Self { socket, reader })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let device = Device {
            socket: "/run/negin-sim/readers".into(),
            reader: 15,
        };
        assert_eq!(
            Device::parse("/dev/null:/run/negin-sim/readers:15"),
            Some(device)
        );
        let device = Device {
            socket: "/a:b".into(),
            reader: 0,
        };
        assert_eq!(Device::parse("/dev/null:/a:b:0"), Some(device));
        for name in [
            "",
            "/dev/null",
            "/dev/null:/a",
            "/dev/null:/a:16",
            "/dev/null:/a:x",
            "/dev/null:a:1",
            "/dev/null:/a:-1",
        ] {
            assert_eq!(Device::parse(name), None, "{name}");
        }
    }
}
