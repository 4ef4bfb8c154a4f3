//! Fingerprint modules on serial lines, both ends: whatever the one says, the other goes on.
//!
//! The bytes are what a module says: before each answer its length, two bytes, big-endian; the answers come as the driver
//! asks. The same bytes are also said to the simulated module, as a host that has lost its mind.

use std::time::Duration;

use negin_fingerprint::capture::{CancelToken, Capture, CaptureRequest};
use negin_firmware_sim::bus::serial::{Plug, SerialDevice};
use negin_firmware_sim::fault::Script;
use negin_firmware_sim::scanner::zfm::{Settings, ZfmModule};
use negin_scanner::zfm::packet::{Decoder, Found, Packet};
use negin_scanner::zfm::{
    BaudRate, Buffer, CharacterFile, Error, Line, Module, Options, Password, Setting, ZfmScanner,
};

/// The driver takes any bytes for answers, in bounded time; its decoder finds the same packets however they are cut; the
/// module takes any bytes for commands and answers afterwards.
pub fn zfm(bytes: &[u8]) {
    decoder(bytes);
    driver(bytes);
    module(bytes);
}

fn packets(bytes: &[u8], piece: usize) -> Vec<Packet> {
    let mut decoder = Decoder::new(None);
    let mut packets = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.push(piece);
        loop {
            match decoder.find() {
                Found::Packet(packet) => packets.push(packet),
                Found::Damaged => {}
                Found::Nothing => break,
            }
        }
    }
    assert!(decoder.waiting() + decoder.skipped() <= bytes.len());
    packets
}

fn decoder(bytes: &[u8]) {
    let found = packets(bytes, bytes.len().max(1));
    assert_eq!(found, packets(bytes, 1));
    for packet in found {
        let written = packet.to_bytes();
        assert!(
            bytes
                .windows(written.len())
                .any(|part| part == &written[..])
        );
    }
}

/// A line on which each answer is the next of those that the bytes hold.
struct Replayed<'b> {
    rest: &'b [u8],
    answer: &'b [u8],
    now: Duration,
}

impl Line for Replayed<'_> {
    fn send(&mut self, _: &[u8]) -> Result<(), Error> {
        let Some((&[high, low], rest)) = self.rest.split_first_chunk() else {
            return Err(Error::Gone);
        };
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        (self.answer, self.rest) = rest.split_at(length);
        Ok(())
    }

    fn receive(&mut self, into: &mut [u8], wait: Duration) -> Result<usize, Error> {
        let count = into.len().min(self.answer.len());
        let (heard, rest) = self.answer.split_at(count);
        into[..count].copy_from_slice(heard);
        self.answer = rest;
        self.now += match count {
            0 => wait,
            _ => Duration::from_micros(200 * count as u64),
        };
        Ok(count)
    }

    fn set_baud(&mut self, _: u32) -> Result<(), Error> {
        Ok(())
    }

    fn now(&self) -> Duration {
        self.now
    }
}

/// Commands in this order; the corpus is answers to them.
///
/// # Errors
/// The first of the module's.
pub fn session<L: Line>(line: L) -> Result<(), Error> {
    let options = Options {
        baud: Some(BaudRate::DEFAULT),
        ..Options::default()
    };
    let mut module = Module::connect(line, &options, &CancelToken::new())?;
    module.information()?;
    module.count()?;
    module.used_pages()?;
    module.take_image()?;
    module.extract(Buffer::One)?;
    let file = module.template(Buffer::One)?;
    module.put_template(Buffer::Two, &CharacterFile::new(file.expose().to_vec()))?;
    module.compare()?;
    module.combine()?;
    module.store(Buffer::One, 3)?;
    module.search(Buffer::Two)?;
    module.read_note(1)?;
    module.set(Setting::Baud(BaudRate::DEFAULT))?;
    module.set_password(&Password::new(7))?;
    module.set_address(9)?;
    let image = module.image()?;
    module.put_image(&image)?;
    let request = CaptureRequest {
        timeout: Duration::from_secs(5),
        ..CaptureRequest::default()
    };
    let _ = ZfmScanner::new(module).capture(&request, &mut |_| {});
    Ok(())
}

fn driver(bytes: &[u8]) {
    let _ = session(Replayed {
        rest: bytes,
        answer: &[],
        now: Duration::ZERO,
    });
}

fn module(bytes: &[u8]) {
    let module = ZfmModule::new(&Settings::default());
    let mut plug = Plug::new(Box::new(module) as Box<dyn SerialDevice>, Script::default());
    let mut now = Duration::ZERO;
    for piece in bytes.chunks(64) {
        now += Duration::from_millis(10);
        plug.from_host(piece, 57_600, now);
        plug.to_host(57_600, now);
    }
    now += Duration::from_secs(1);
    // It may have been told another speed, another address and a password, and silence is none of them.
    for baud in (1..=12).map(|multiple| 9600 * multiple) {
        let count = Packet::new(
            0xFFFF_FFFF,
            negin_scanner::zfm::packet::Kind::Command,
            [0x1D],
        );
        now += Duration::from_secs(1);
        plug.from_host(&count.to_bytes(), baud, now);
        plug.to_host(baud, now);
    }
}
