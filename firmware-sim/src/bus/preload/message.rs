//! What a program's preloaded library and the server say to each other: three words a message, in the machine's own
//! order, as libumockdev-preload.so.0 of umockdev 0.17 has them.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

/// The program asks for an ioctl: its number, its argument.
const IOCTL: u64 = 1;
/// It wants to read from the node, or write to it.
const READ: u64 = 7;
const WRITE: u64 = 8;

const DONE: u64 = 3;
const READ_MEMORY: u64 = 5;
const WRITE_MEMORY: u64 = 6;

/// What a program asks of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// An ioctl: the request's number, and its argument, a number or an address.
    Ioctl(u64, u64),
    /// Up to so many bytes to this address.
    Read(u64, u64),
    /// Something else is written.
    Write,
}

/// A program at the other end, from one open() to its close().
#[derive(Debug)]
pub struct Program(UnixStream);

/// What an ioctl returns: a result, or an error's number.
pub type Outcome = Result<u64, u64>;

impl Program {
    pub fn new(stream: UnixStream) -> Self {
        Self(stream)
    }

    /// What it asks next; None when it has closed the node.
    pub fn asks(&mut self) -> io::Result<Option<Asked>> {
        let mut bytes = [0; 24];
        match self.0.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_ne_bytes(word)
        };
        Ok(Some(match word(0) {
            IOCTL => Asked::Ioctl(word(8), word(16)),
            READ => Asked::Read(word(8), word(16)),
            WRITE => Asked::Write,
            other => {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("message {other} is none that umockdev 0.17 sends"),
                ));
            }
        }))
    }

    /// One message. Each goes out by itself: the library at the other end expects to get it whole.
    fn say(&mut self, words: [u64; 3]) -> io::Result<()> {
        let mut bytes = [0; 24];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_ne_bytes());
        }
        self.0.write_all(&bytes)
    }

    /// Fills `bytes` with what lies in the program's memory.
    pub fn read(&mut self, address: u64, bytes: &mut [u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.say([READ_MEMORY, address, bytes.len() as u64])?;
        self.0.read_exact(bytes)
    }

    /// Four bytes of the program's memory, as a number.
    pub fn read_word(&mut self, address: u64) -> io::Result<u32> {
        let mut word = [0; 4];
        self.read(address, &mut word)?;
        Ok(u32::from_ne_bytes(word))
    }

    /// Puts bytes into the program's memory.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.say([WRITE_MEMORY, address, bytes.len() as u64])?;
        self.0.write_all(bytes)
    }

    /// Ends what was asked.
    pub fn done(&mut self, outcome: Outcome) -> io::Result<()> {
        match outcome {
            Ok(result) => self.say([DONE, result, 0]),
            Err(errno) => self.say([DONE, u64::MAX, errno]),
        }
    }
}
