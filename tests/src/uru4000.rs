//! A U.are.U scanner's line in the process: the driver of the host and the simulated device meet in the bytes of USB
//! transfers, and time is as long as the simulation has it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use negin_firmware_sim::bus::usb::{End, Port, Setup, Transfer, TransferId, UsbDevice};
use negin_scanner::uru4000::{BULK_IN, INTERRUPT_IN, INTERRUPT_LENGTH, Link, LinkError};
use zeroize::Zeroizing;

/// How long a register's transfer may take.
const CONTROL: Duration = Duration::from_secs(1);
/// How long an image's may.
const IMAGE: Duration = Duration::from_millis(2500);
/// The longest step of the simulation's time.
const STEP: Duration = Duration::from_millis(5);

/// What a line has seen, to be looked at when the scanner is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// The register transfers: whether it was a write, the register, and what was written.
    pub registers: Vec<(bool, u16, Vec<u8>)>,
    /// How often the interface was given free.
    pub released: u32,
}

/// The line to a simulated device.
pub struct Line<D: UsbDevice> {
    port: Port<D>,
    now: Duration,
    listening: Option<TransferId>,
    packets: VecDeque<Vec<u8>>,
    deaf: Option<LinkError>,
    image: Option<(TransferId, Duration)>,
    arrived: Option<Result<Zeroizing<Vec<u8>>, LinkError>>,
    log: Arc<Mutex<Log>>,
}

impl<D: UsbDevice> Line<D> {
    /// A line to a device that is plugged in now.
    pub fn new(device: D) -> Self {
        Self {
            port: Port::new(device, Duration::ZERO),
            now: Duration::ZERO,
            listening: None,
            packets: VecDeque::new(),
            deaf: None,
            image: None,
            arrived: None,
            log: Arc::default(),
        }
    }

    /// What it sees, to be looked at afterwards.
    pub fn log(&self) -> Arc<Mutex<Log>> {
        self.log.clone()
    }

    /// How many transfers wait at the device.
    pub fn waiting(&self) -> usize {
        self.port.waiting()
    }

    fn hand_over(&mut self) {
        let transfer = Transfer::In(INTERRUPT_IN, INTERRUPT_LENGTH);
        self.listening = Some(self.port.submit(transfer));
    }

    /// Lets the device go on; how `watched` ended, where it did.
    fn advance(&mut self, watched: Option<TransferId>) -> Option<End> {
        let mut found = None;
        for ended in self.port.advance(self.now) {
            if Some(ended.id) == watched {
                found = Some(ended.end);
            } else if Some(ended.id) == self.listening {
                self.listening = None;
                match received(ended.end) {
                    Ok(packet) => {
                        self.packets.push_back(packet);
                        self.hand_over();
                    }
                    Err(error) => self.deaf = Some(error),
                }
            } else if self.image.is_some_and(|(id, _)| id == ended.id) {
                self.image = None;
                self.arrived = Some(received(ended.end).map(Zeroizing::new));
            }
        }
        found
    }

    /// The next moment at which anything may be different, `until` at most.
    fn step(&mut self, until: Duration) {
        let next = self.port.next_change().filter(|&next| next > self.now);
        let next = next.unwrap_or(self.now + STEP).min(self.now + STEP);
        self.now = next.min(until).max(self.now + Duration::from_nanos(1));
    }

    fn control(&mut self, setup: Setup, data: &[u8]) -> Result<Vec<u8>, LinkError> {
        let id = self.port.submit(Transfer::Control(setup, data.to_vec()));
        let until = self.now + CONTROL;
        loop {
            if let Some(end) = self.advance(Some(id)) {
                return received(end);
            }
            if self.now >= until {
                self.port.cancel(id, self.now);
                return Err(LinkError::Timeout);
            }
            self.step(until);
        }
    }
}

fn received(end: End) -> Result<Vec<u8>, LinkError> {
    match end {
        End::Received(bytes) => Ok(bytes),
        End::Sent(_) => Ok(Vec::new()),
        End::Overflow(_) => Err(LinkError::Overflow),
        End::Stalled => Err(LinkError::Stalled),
        End::Cancelled => Err(LinkError::Timeout),
        End::Gone => Err(LinkError::Gone),
    }
}

impl<D: UsbDevice> Link for Line<D> {
    fn control_in(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        into: &mut [u8],
    ) -> Result<usize, LinkError> {
        let setup = Setup {
            request_type: 0xC0,
            request,
            value,
            index,
            length: into.len() as u16,
        };
        let bytes = self.control(setup, &[])?;
        into[..bytes.len()].copy_from_slice(&bytes);
        let entry = (false, value, Vec::new());
        self.log.lock().unwrap().registers.push(entry);
        Ok(bytes.len())
    }

    fn control_out(
        &mut self,
        request: u8,
        value: u16,
        index: u16,
        data: &[u8],
    ) -> Result<(), LinkError> {
        let setup = Setup {
            request_type: 0x40,
            request,
            value,
            index,
            length: data.len() as u16,
        };
        self.control(setup, data)?;
        let entry = (true, value, data.to_vec());
        self.log.lock().unwrap().registers.push(entry);
        Ok(())
    }

    fn listen(&mut self) -> Result<(), LinkError> {
        self.packets.clear();
        self.deaf = None;
        if self.listening.is_none() {
            self.hand_over();
        }
        Ok(())
    }

    fn heard(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, LinkError> {
        let until = self.now + wait;
        loop {
            self.advance(None);
            if let Some(packet) = self.packets.pop_front() {
                return Ok(Some(packet));
            }
            if let Some(error) = self.deaf {
                return Err(error);
            }
            if self.now >= until {
                return Ok(None);
            }
            self.step(until);
        }
    }

    fn expect_image(&mut self, length: usize) -> Result<(), LinkError> {
        if let Some((id, _)) = self.image.take() {
            self.port.cancel(id, self.now);
        }
        let id = self.port.submit(Transfer::In(BULK_IN, length));
        self.image = Some((id, self.now + IMAGE));
        self.arrived = None;
        Ok(())
    }

    fn image(&mut self, wait: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError> {
        let until = self.now + wait;
        loop {
            self.advance(None);
            if let Some(arrived) = self.arrived.take() {
                return arrived.map(Some);
            }
            match self.image {
                Some((id, end)) if self.now >= end => {
                    self.port.cancel(id, self.now);
                    self.image = None;
                    return Err(LinkError::Timeout);
                }
                None => return Err(LinkError::Timeout),
                Some(_) if self.now >= until => return Ok(None),
                Some(_) => self.step(until),
            }
        }
    }

    fn hush(&mut self) {
        let image = self.image.take().map(|(id, _)| id);
        for id in self.listening.take().into_iter().chain(image) {
            self.port.cancel(id, self.now);
        }
        self.arrived = None;
    }

    fn clear_halt(&mut self, endpoint: u8) -> Result<(), LinkError> {
        self.port.clear_halt(endpoint);
        Ok(())
    }

    fn now(&self) -> Duration {
        self.now
    }

    fn pause(&mut self, time: Duration) {
        self.now += time;
    }
}

impl<D: UsbDevice> Drop for Line<D> {
    fn drop(&mut self) {
        self.log.lock().unwrap().released += 1;
    }
}
