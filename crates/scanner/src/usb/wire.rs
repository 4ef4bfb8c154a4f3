//! A scanner's line through libusb.
//!
//! Two transfers must wait at the scanner while registers are read and written, and rusb has no transfers that wait:
//! each is a thread that blocks in one. [`Listener`] is the one at the interrupt endpoint; the bulk endpoint gets one
//! for each image. A register's transfer blocks the caller.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusb::{Context, DeviceHandle};
use zeroize::Zeroizing;

use super::listener::Listener;
use crate::uru4000::{BULK_IN, Link, LinkError};

/// bmRequestType of a vendor's request to the device; bit 7 is set towards the host.
const VENDOR: u8 = 0x40;
/// How long a register's transfer may take.
const CONTROL: Duration = Duration::from_secs(2);
/// How long an image's transfer may take before the scanner is given up.
const IMAGE: Duration = Duration::from_millis(2500);
/// What the thread of a transfer needs from "here I go" to its transfer being in the kernel's hands, and more.
const AWAY: Duration = Duration::from_millis(2);

type Received = Result<Zeroizing<Vec<u8>>, LinkError>;
type Arrived = Result<Option<Zeroizing<Vec<u8>>>, LinkError>;

/// A claimed interface. It is released when this is dropped.
pub(super) struct Wire {
    handle: Arc<DeviceHandle<Context>>,
    interface: u8,
    listener: Listener,
    image: Option<Receiver<Received>>,
    reader: Option<JoinHandle<()>>,
    start: Instant,
}

impl Wire {
    /// Claims the scanner's interface.
    pub fn claim(handle: DeviceHandle<Context>, interface: u8) -> Result<Self, rusb::Error> {
        handle.claim_interface(interface)?;
        let handle = Arc::new(handle);
        Ok(Self {
            listener: Listener::new(handle.clone()),
            handle,
            interface,
            image: None,
            reader: None,
            start: Instant::now(),
        })
    }
}

/// libusb's error as the driver understands it.
pub(super) fn fault(error: rusb::Error) -> LinkError {
    match error {
        rusb::Error::Timeout => LinkError::Timeout,
        rusb::Error::Pipe => LinkError::Stalled,
        rusb::Error::NoDevice | rusb::Error::NotFound => LinkError::Gone,
        rusb::Error::Overflow => LinkError::Overflow,
        error => LinkError::Other(code(error)),
    }
}

/// libusb's number of an error.
fn code(error: rusb::Error) -> i32 {
    match error {
        rusb::Error::Io => -1,
        rusb::Error::InvalidParam => -2,
        rusb::Error::Access => -3,
        rusb::Error::NoDevice => -4,
        rusb::Error::NotFound => -5,
        rusb::Error::Busy => -6,
        rusb::Error::Timeout => -7,
        rusb::Error::Overflow => -8,
        rusb::Error::Pipe => -9,
        rusb::Error::Interrupted => -10,
        rusb::Error::NoMem => -11,
        rusb::Error::NotSupported => -12,
        rusb::Error::BadDescriptor | rusb::Error::Other => -99,
    }
}

impl Link for Wire {
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        into: &mut [u8],
    ) -> Result<usize, LinkError> {
        self.handle
            .read_control(VENDOR | 0x80, request, value, index, into, CONTROL)
            .map_err(fault)
    }

    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        data: &[u8],
    ) -> Result<(), LinkError> {
        let sent = self
            .handle
            .write_control(VENDOR, request, value, index, data, CONTROL)
            .map_err(fault)?;
        match sent == data.len() {
            true => Ok(()),
            false => Err(LinkError::Timeout),
        }
    }

    fn listen(&mut self) -> Result<(), LinkError> {
        if self.listener.listen() {
            std::thread::sleep(AWAY);
        }
        Ok(())
    }

    fn heard(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, LinkError> {
        self.listener.heard(wait)
    }

    fn expect_image(&mut self, length: usize) -> Result<(), LinkError> {
        // One that was withdrawn goes on waiting in its thread until its time is over.
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        let (sender, receiver) = channel();
        let (away, gone) = channel();
        let handle = self.handle.clone();
        self.reader = Some(std::thread::spawn(move || {
            let mut bytes = Zeroizing::new(vec![0; length]);
            let _ = away.send(());
            let received = handle.read_bulk(BULK_IN, &mut bytes, IMAGE);
            let received = received.map_err(fault).map(|count| {
                bytes.truncate(count);
                bytes
            });
            let _ = sender.send(received);
        }));
        self.image = Some(receiver);
        let _ = gone.recv();
        std::thread::sleep(AWAY);
        Ok(())
    }

    fn image(&mut self, wait: Duration) -> Arrived {
        let Some(receiver) = &self.image else {
            return Err(LinkError::Timeout);
        };
        let received = match receiver.recv_timeout(wait) {
            Ok(received) => received,
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(LinkError::Gone),
        };
        self.image = None;
        received.map(Some)
    }

    fn hush(&mut self) {
        self.listener.hush();
        self.image = None;
    }

    fn clear_halt(&mut self, endpoint: u8) -> Result<(), LinkError> {
        self.handle.clear_halt(endpoint).map_err(fault)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn pause(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listener.hush();
        // The system ends what still waits at the interface; the threads go then, and the device is closed with the
        // last of them.
        if let Err(error) = self.handle.release_interface(self.interface) {
            log::debug!("the scanner's interface was not released: {error}");
        }
    }
}
