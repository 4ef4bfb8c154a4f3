//! A fingerprint module of the ZFM protocol, as a model: ZFM-20 and its kin, or an R503.
//!
//! It takes images of what lies on its glass, makes character files of them with the project's own extractor, keeps
//! templates and searches them with the comparison that cards make. Everything it does is done over the line. What it
//! keeps without power is its [`Settings`] and its library.
//!
//! The rules, where manuals leave room:
//! - A command that did not arrive whole is answered with 01; so is one that it does not know. One for another address
//!   is none of its business.
//! - With a password other than 0 everything but VfyPwd is answered with 21 until that was right; power on forgets it.
//! - After a new speed the answer still goes out at the old one.
//! - A pause of [`PAUSE`] within a packet or within data ends it.

mod character;
mod execute;
mod flash;
mod packet;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use negin_fingerprint::Image;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::bus::serial::{Cut, SerialDevice};
use crate::fault::Touch;
use crate::finger::Sensor;
use crate::scanner::Glass;
use character::LENGTH;
use flash::{Flash, NOTE, NOTES};
use packet::{Identifier, Seen, look, packet};

/// A pause within a packet or within data that ends it.
pub const PAUSE: Duration = Duration::from_millis(200);

/// Which module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// An optical one: 256 × 288 px at 500 dpi, a light under the glass.
    Zfm20,
    /// A small capacitive one: 192 × 192 px at 508 dpi, a ring of light, a greeting at power on, product information.
    R503,
}

impl Make {
    /// Its sensor.
    #[must_use]
    pub fn sensor(self) -> Sensor {
        let (width, height, dpi) = match self {
            Self::Zfm20 => (256, 288, 500),
            Self::R503 => (192, 192, 508),
        };
        match Sensor::new(width, height, dpi) {
            Some(sensor) => sensor,
            None => unreachable!("these are sensors"),
        }
    }
}

/// What a module is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which module it is.
    pub make: Make,
    /// Its speed as a multiple of 9600 baud, 1 to 12.
    pub baud: u8,
    /// Data packets carry 32 bytes times two to the power of this, 0 to 3.
    pub packet: u8,
    /// Its password; 0 for none.
    pub password: u32,
    /// Its address.
    pub address: u32,
    /// Pages of its library.
    pub library: u16,
    /// What chance decides comes from here.
    pub seed: u64,
}

impl Default for Settings {
    /// As it leaves the maker's hands: 57600 baud, 128 bytes, no password, 200 pages.
    fn default() -> Self {
        Self {
            make: Make::Zfm20,
            baud: 6,
            packet: 2,
            password: 0,
            address: 0xFFFF_FFFF,
            library: 200,
            seed: 0,
        }
    }
}

/// Where data of the host go.
enum Target {
    Image,
    Buffer(usize),
}

/// The module.
pub struct ZfmModule {
    make: Make,
    flash: Flash,
    glass: Glass,
    rng: ChaCha20Rng,
    // From here on what is lost without power.
    image: Option<Image>,
    buffers: [Option<[u8; LENGTH]>; 2],
    verified: bool,
    found: bool,
    incoming: Vec<u8>,
    last: Duration,
    receiving: Option<(Target, Vec<u8>)>,
    outgoing: VecDeque<Vec<u8>>,
    /// The speed that holds once the answer is out.
    next_baud: Option<u8>,
    baud: u8,
}

impl ZfmModule {
    /// A module with a clean glass.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let baud = settings.baud.clamp(1, 12);
        Self {
            make: settings.make,
            flash: Flash {
                password: settings.password,
                address: settings.address,
                baud,
                security: 3,
                packet: settings.packet.min(3),
                library: vec![None; usize::from(settings.library.min(1024))],
                notes: [[0; NOTE]; NOTES],
            },
            glass: Glass::new(settings.make.sensor()),
            rng: ChaCha20Rng::seed_from_u64(settings.seed),
            image: None,
            buffers: [None; 2],
            verified: false,
            found: false,
            incoming: Vec::new(),
            last: Duration::ZERO,
            receiving: None,
            outgoing: VecDeque::new(),
            next_baud: None,
            baud,
        }
    }

    /// The same under another glass, of the same sensor.
    #[must_use]
    pub fn with_glass(self, glass: Glass) -> Self {
        Self { glass, ..self }
    }

    /// Its glass.
    #[must_use]
    pub fn glass(&self) -> &Glass {
        &self.glass
    }

    fn send(&mut self, identifier: Identifier, payload: &[u8]) {
        let packet = packet(self.flash.address, identifier, payload);
        self.outgoing.push_back(packet);
    }

    fn acknowledge(&mut self, code: u8, rest: &[u8]) {
        self.send(Identifier::Acknowledge, &[&[code], rest].concat());
    }

    fn send_data(&mut self, data: &[u8]) {
        let pieces = data.chunks(self.flash.packet_bytes());
        let last = pieces.len().saturating_sub(1);
        for (at, piece) in pieces.enumerate() {
            let identifier = if at == last {
                Identifier::End
            } else {
                Identifier::Data
            };
            self.send(identifier, piece);
        }
    }

    /// Data of the host, where there is to be some.
    fn take_data(&mut self, data: &[u8], is_last: bool) {
        let sensor = self.make.sensor();
        let most = match &self.receiving {
            Some((Target::Image, _)) => sensor.width() as usize * sensor.height() as usize / 2,
            Some((Target::Buffer(_), _)) => LENGTH,
            None => return,
        };
        if let Some((_, held)) = &mut self.receiving {
            let room = most.saturating_sub(held.len());
            held.extend_from_slice(&data[..data.len().min(room)]);
        }
        if !is_last {
            return;
        }
        match self.receiving.take() {
            Some((Target::Image, mut held)) => {
                // What did not come is white.
                held.resize(most, 0xFF);
                let pixels = held
                    .iter()
                    .flat_map(|byte| [(byte >> 4) * 17, (byte & 15) * 17])
                    .collect();
                self.image = Image::new(sensor.width(), sensor.height(), sensor.dpi(), pixels).ok();
            }
            Some((Target::Buffer(buffer), mut held)) => {
                held.resize(LENGTH, 0);
                self.buffers[buffer] = held.try_into().ok();
            }
            None => {}
        }
    }
}

impl SerialDevice for ZfmModule {
    fn baud(&self) -> u32 {
        9600 * u32::from(self.baud)
    }

    fn cut(&self, bytes: &[u8]) -> Cut {
        match look(bytes) {
            Seen::Packet { length, .. } | Seen::Damaged(length) => Cut::Packet(length),
            Seen::Noise(count) => Cut::Noise(count),
            Seen::NotYet => Cut::NotYet,
        }
    }

    fn receive(&mut self, bytes: &[u8], now: Duration) {
        if now > self.last + PAUSE {
            self.incoming.clear();
            self.receiving = None;
        }
        self.last = now;
        self.incoming.extend_from_slice(bytes);
        let mut held = std::mem::take(&mut self.incoming);
        let mut at = 0;
        loop {
            match look(&held[at..]) {
                Seen::NotYet => break,
                Seen::Noise(count) => at += count,
                Seen::Damaged(length) => {
                    at += length;
                    self.acknowledge(0x01, &[]);
                }
                Seen::Packet {
                    address,
                    identifier,
                    payload,
                    length,
                } => {
                    at += length;
                    if address != self.flash.address {
                        continue;
                    }
                    match identifier {
                        Identifier::Command => {
                            // A command stops whatever is under way.
                            self.receiving = None;
                            self.outgoing.clear();
                            self.execute(payload);
                        }
                        Identifier::Data => self.take_data(payload, false),
                        Identifier::End => self.take_data(payload, true),
                        Identifier::Acknowledge => {}
                    }
                }
            }
        }
        held.drain(..at);
        self.incoming = held;
    }

    fn transmit(&mut self, _now: Duration) -> Option<Vec<u8>> {
        let packet = self.outgoing.pop_front();
        if packet.is_some()
            && let Some(baud) = self.next_baud.take()
        {
            self.baud = baud;
        }
        packet
    }

    fn refusal(&self) -> Vec<u8> {
        packet(self.flash.address, Identifier::Acknowledge, &[0x01])
    }

    fn touch(&mut self, touch: &Touch) -> Result<(), String> {
        self.glass.touch(touch).map_err(|error| error.to_string())
    }

    fn power_on(&mut self, now: Duration) {
        self.image = None;
        self.buffers = [None; 2];
        self.verified = false;
        self.found = false;
        self.incoming.clear();
        self.last = now;
        self.receiving = None;
        self.outgoing.clear();
        self.next_baud = None;
        self.baud = self.flash.baud;
        if self.make == Make::R503 {
            self.outgoing.push_back(vec![0x55]);
        }
    }
}
