//! A device's node in the bed, which tells programs when there is something to fetch.
//!
//! libusb polls a node for being writable and then fetches results; a plain file is always writable, and the program
//! would ask without end. So the node is a pipe: full while there is nothing, drained while there is something. What
//! programs read and write at a node never reaches it, the library asks the server instead.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use rustix::pipe::fcntl_setpipe_size;

/// The smallest pipe.
const SIZE: usize = 4096;

/// The node, as the server holds it.
#[derive(Debug)]
pub struct Bell {
    pipe: File,
    rings: bool,
}

impl Bell {
    /// Makes the node at this path. It does not ring.
    pub fn hang(path: &Path) -> io::Result<Self> {
        mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o666), 0)?;
        // Whatever the process's mask is.
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o666))?;
        let pipe = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::NONBLOCK.bits() as i32)
            .open(path)?;
        fcntl_setpipe_size(&pipe, SIZE)?;
        let mut bell = Self { pipe, rings: true };
        bell.ring(false)?;
        Ok(bell)
    }

    /// Whether polling programs are called.
    pub fn ring(&mut self, rings: bool) -> io::Result<()> {
        if rings == self.rings {
            return Ok(());
        }
        let moved = if rings {
            (&self.pipe).read(&mut [0; SIZE])
        } else {
            (&self.pipe).write(&[0; SIZE])
        };
        match moved {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
        self.rings = rings;
        Ok(())
    }
}
