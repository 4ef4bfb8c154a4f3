//! The line a module is on, as the driver needs it; and the system's serial ports as such lines.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use serialport::{ClearBuffer, DataBits, FlowControl, Parity, SerialPort, StopBits, TTYPort};

use super::error::Error;

/// A line of bytes with a clock. Time is the line's, so that a simulated line may have a simulated one.
pub trait Line: Send {
    /// Sends all of these bytes.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Line`].
    fn send(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Waits so long for bytes and gives as many as have come, 0 where none have.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Line`].
    fn receive(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, Error>;

    /// Sets the speed; what has come before is forgotten.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Line`].
    fn set_baud(&mut self, baud: u32) -> Result<(), Error>;

    /// The time since whenever.
    fn now(&self) -> Duration;
}

/// A serial port of this system. Held exclusively as long as it lives.
#[derive(Debug)]
pub struct SerialLine {
    port: TTYPort,
    epoch: Instant,
}

impl SerialLine {
    /// Opens the port at a path, 8 data bits, no parity, one stop bit, no flow control.
    ///
    /// DTR and CTS are left alone: modules have neither, and pseudo terminals refuse them.
    ///
    /// # Errors
    /// The system's.
    pub fn open(path: &str, baud: u32) -> Result<Self, serialport::Error> {
        let port = serialport::new(path, baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None)
            .open_native()?;
        Ok(Self {
            port,
            epoch: Instant::now(),
        })
    }
}

/// What an error of the line says. A port that was pulled out says it in one of many ways, most of which come without
/// a code.
fn fault(error: &std::io::Error) -> Error {
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof | ErrorKind::NotFound, _) | (_, None) => {
            Error::Gone
        }
        (_, Some(code)) => Error::Line(code),
    }
}

impl Line for SerialLine {
    fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        // Long enough for the longest packet at the slowest speed, and an adapter that takes its time.
        let patience = Duration::from_secs(2);
        self.port.set_timeout(patience).map_err(|_| Error::Gone)?;
        match self.port.write_all(bytes) {
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(Error::NoAnswer),
            Err(error) if error.kind() == ErrorKind::WriteZero => Err(Error::Gone),
            done => done.map_err(|error| fault(&error)),
        }
    }

    fn receive(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, Error> {
        self.port.set_timeout(wait).map_err(|_| Error::Gone)?;
        match self.port.read(into) {
            // A terminal that hung up reads as at its end.
            Ok(0) if !into.is_empty() => Err(Error::Gone),
            Ok(count) => Ok(count),
            Err(error) => match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(0),
                _ => Err(fault(&error)),
            },
        }
    }

    fn set_baud(&mut self, baud: u32) -> Result<(), Error> {
        let set = self.port.set_baud_rate(baud);
        set.and_then(|()| self.port.clear(ClearBuffer::All))
            .map_err(|error| fault(&error.into()))
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }
}

impl<L: Line + ?Sized> Line for Box<L> {
    fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        (**self).send(bytes)
    }

    fn receive(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, Error> {
        (**self).receive(into, wait)
    }

    fn set_baud(&mut self, baud: u32) -> Result<(), Error> {
        (**self).set_baud(baud)
    }

    fn now(&self) -> Duration {
        (**self).now()
    }
}
