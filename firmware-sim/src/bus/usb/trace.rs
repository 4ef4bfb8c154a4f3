//! What passes between a host and a device, line by line.

use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

use super::{Answer, Descriptors, Setup, UsbDevice};

/// How many bytes of a transfer are shown.
const SHOWN: usize = 8;

/// A device whose transfers are written down as they end: seconds since it was plugged in first, the endpoint, what was
/// asked, and what came of it.
///
/// ```text
/// 0.312044 control 40 04 004e 0000 [10] ok
/// 0.401222 in 81 [0101000000000000…64]
/// 0.530871 in 82 111040 bytes
/// ```
///
/// Of bulk transfers only the length is written: what they carry may be a finger. Standard requests are the bus's own
/// and do not show.
pub struct Traced<D> {
    device: D,
    sink: Box<dyn Write + Send>,
}

impl<D> Traced<D> {
    /// A device, and where its lines go.
    pub fn new(device: D, sink: impl Write + Send + 'static) -> Self {
        Self {
            device,
            sink: Box::new(sink),
        }
    }

    fn note(&mut self, now: Duration, text: &str) {
        // A trace that cannot be written is no reason to disturb the device.
        let _ = writeln!(
            self.sink,
            "{}.{:06} {text}",
            now.as_secs(),
            now.subsec_micros()
        );
        let _ = self.sink.flush();
    }
}

/// The first bytes in hexadecimal, and how many there are where that is not all.
fn hex(bytes: &[u8]) -> String {
    let mut text = "[".to_owned();
    for byte in bytes.iter().take(SHOWN) {
        let _ = write!(text, "{byte:02x}");
    }
    if bytes.len() > SHOWN {
        let _ = write!(text, "…{}", bytes.len());
    }
    text.push(']');
    text
}

impl<D: UsbDevice> UsbDevice for Traced<D> {
    fn descriptors(&self) -> &Descriptors {
        self.device.descriptors()
    }

    fn control(&mut self, setup: Setup, data: &[u8], now: Duration) -> Answer<Vec<u8>> {
        let answer = self.device.control(setup, data, now);
        let came = match &answer {
            Answer::NotYet => return answer,
            Answer::Stall => "refused".to_owned(),
            Answer::Done(bytes) if setup.is_in() => hex(bytes),
            Answer::Done(_) => format!("{} ok", hex(data)),
        };
        let Setup {
            request_type,
            request,
            value,
            index,
            ..
        } = setup;
        self.note(
            now,
            &format!("control {request_type:02x} {request:02x} {value:04x} {index:04x} {came}"),
        );
        answer
    }

    fn transfer_out(&mut self, endpoint: u8, data: &[u8], now: Duration) -> Answer<usize> {
        let answer = self.device.transfer_out(endpoint, data, now);
        match &answer {
            Answer::NotYet => {}
            Answer::Stall => self.note(now, &format!("out {endpoint:02x} refused")),
            Answer::Done(count) => self.note(now, &format!("out {endpoint:02x} {count} bytes")),
        }
        answer
    }

    fn transfer_in(&mut self, endpoint: u8, length: usize, now: Duration) -> Answer<Vec<u8>> {
        let answer = self.device.transfer_in(endpoint, length, now);
        let bulk = self
            .device
            .descriptors()
            .endpoint(endpoint)
            .is_some_and(|endpoint| endpoint.kind == super::Kind::Bulk);
        match &answer {
            Answer::NotYet => {}
            Answer::Stall => self.note(now, &format!("in {endpoint:02x} refused")),
            Answer::Done(bytes) if bulk => {
                self.note(now, &format!("in {endpoint:02x} {} bytes", bytes.len()));
            }
            Answer::Done(bytes) => self.note(now, &format!("in {endpoint:02x} {}", hex(bytes))),
        }
        answer
    }

    fn cancelled(&mut self, endpoint: u8, now: Duration) {
        self.note(now, &format!("withdrawn at {endpoint:02x}"));
        self.device.cancelled(endpoint, now);
    }

    fn reset(&mut self, now: Duration) {
        self.note(now, "reset");
        self.device.reset(now);
    }

    fn power_on(&mut self, now: Duration) {
        self.note(now, "plugged in");
        self.device.power_on(now);
    }

    fn attached(&mut self, now: Duration) -> bool {
        self.device.attached(now)
    }

    fn next_change(&self) -> Option<Duration> {
        self.device.next_change()
    }
}
