//! U.are.U 4000, 4000B and 4500 and the Microsoft readers of the same family, as devices on USB.
//!
//! A scanner looks through a [`Glass`]; whoever holds a clone of it lays fingers on. Its registers, states and times are
//! those that real ones were seen to have; where none was seen doing something, the model does what the public driver
//! expects.

mod cover;
mod power;
mod product;

pub use cover::{HEIGHT, WIDTH};
pub use product::Product;

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

use super::glass::{Glass, Lying, Wish};
use crate::bus::usb::{Answer, Descriptors, Setup, UsbDevice};
use crate::fault::Fault;
use crate::fault::usb::Afflicted;
use crate::finger::Sensor;
use cover::{Block, Keys};
use power::Power;

/// The address of the interrupt endpoint.
pub const INTERRUPT_IN: u8 = 0x81;
/// The address of the bulk endpoint.
pub const BULK_IN: u8 = 0x82;
/// How long what the interrupt endpoint says is, bytes.
const PACKET: usize = 64;
/// How long an image takes.
const FRAME: Duration = Duration::from_millis(128);
/// bRequest of a register's transfer.
const REGISTERS: u8 = 4;
/// bmRequestType of a register's transfer, but for its direction.
const VENDOR: u8 = 0x40;
/// What the sensor sees through a clean glass.
const BARE: u8 = 0x10;
/// Resolution, dots an inch.
const DPI: u16 = 500;

/// Registers beside those of the power.
mod register {
    pub(super) const KEY_INDEX: u16 = 0x33;
    pub(super) const KEY: u16 = 0x34;
    pub(super) const MODE: u16 = 0x4E;
    pub(super) const DEVICE_INFO: u16 = 0xF0;
}

/// What is written into the register of the mode.
mod mode {
    pub(super) const AWAIT_FINGER_ON: u8 = 0x10;
    pub(super) const AWAIT_FINGER_OFF: u8 = 0x12;
    pub(super) const CAPTURE: u8 = 0x20;
    pub(super) const OFF: u8 = 0x70;
}

/// What the interrupt endpoint says.
mod notice {
    pub(super) const SCAN_POWER: [u8; 2] = [0x56, 0xAA];
    pub(super) const FINGER_ON: [u8; 2] = [0x01, 0x01];
    pub(super) const FINGER_OFF: [u8; 2] = [0x02, 0x00];
    pub(super) const TROUBLE: [u8; 2] = [0x08, 0x00];
}

/// How an image is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Open.
    Open,
    /// Hidden, and cut up as a 4500 was seen to do.
    Hidden,
    /// Hidden with every kind of block there is: several keys, blocks that lie open, blocks over which the stream stands
    /// still. The public driver takes no such image: it tests anew whether an image is hidden after each key.
    Varied,
}

/// What a scanner is, and how it behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which product.
    pub product: Product,
    /// Its serial number.
    pub serial: String,
    /// How it sends images.
    pub cover: Cover,
    /// What chance decides comes from here: keys and challenges.
    pub seed: u64,
    /// What its status register says when it gets power; 0x01 as a rule, 0x85 where it comes out of a bad sleep.
    pub status: u8,
    /// How often it goes back to sleep before it wakes.
    pub drowsy: u8,
    /// How often its sensor does not say that it has power.
    pub mute: u8,
    /// How many of its first images fail: it warns, and sends so many bytes only.
    pub failing: Vec<usize>,
}

impl Default for Settings {
    /// A 4500 that hides its images and does all at once.
    fn default() -> Self {
        Self {
            product: Product::Uru4500,
            serial: "{51A00000-0000-4500-8000-000000000001}".to_owned(),
            cover: Cover::Hidden,
            seed: 1,
            status: 0x01,
            drowsy: 0,
            mute: 0,
            failing: Vec::new(),
        }
    }
}

/// A scanner of the family.
pub struct Uru4000 {
    settings: Settings,
    descriptors: Descriptors,
    glass: Glass,
    chance: ChaCha20Rng,
    keys: Keys,
    power: Power,
    mode: u8,
    /// Whether the finger's coming or going that the mode waits for was told.
    told: bool,
    key_index: [u8; 5],
    packets: VecDeque<(Duration, [u8; 2])>,
    /// When the image is ready, and what lay on the glass when it was begun.
    exposed: Option<(Duration, Option<Lying>)>,
    /// What of an image is still to be sent.
    rest: Zeroizing<Vec<u8>>,
    failing: VecDeque<usize>,
    /// An image of no bytes is to be sent.
    sent_nothing: bool,
}

impl Uru4000 {
    /// The sensor of every model.
    #[must_use]
    pub fn sensor() -> Sensor {
        // Both sides are in range.
        Sensor::new(WIDTH as u32, HEIGHT as u32, DPI).unwrap_or_default()
    }

    /// A scanner under this glass, whose sensor should be [`Self::sensor`].
    #[must_use]
    pub fn new(settings: Settings, glass: Glass) -> Self {
        let mut chance = ChaCha20Rng::seed_from_u64(settings.seed);
        Self {
            descriptors: settings.product.descriptors(&settings.serial),
            glass,
            keys: Keys::new(chance.next_u64()),
            power: Power::new(&settings, chance.next_u64()),
            chance,
            mode: mode::OFF,
            told: false,
            key_index: [0; 5],
            packets: VecDeque::new(),
            exposed: None,
            rest: Zeroizing::default(),
            failing: settings.failing.iter().copied().collect(),
            sent_nothing: false,
            settings,
        }
    }

    /// Its glass.
    #[must_use]
    pub fn glass(&self) -> &Glass {
        &self.glass
    }

    fn say(&mut self, at: Duration, notice: [u8; 2]) {
        self.packets.push_back((at, notice));
    }

    /// Goes on to `now`.
    fn advance(&mut self, now: Duration) {
        while let Some(at) = self.power.scan_power(now) {
            self.say(at, notice::SCAN_POWER);
        }
        if self.told || !self.power.is_up() {
            return;
        }
        let covered = || self.glass.covered(now);
        let notice = match self.mode {
            mode::AWAIT_FINGER_ON if covered() => notice::FINGER_ON,
            mode::AWAIT_FINGER_OFF if !covered() => notice::FINGER_OFF,
            _ => return,
        };
        self.told = true;
        self.say(now, notice);
    }

    fn read(&mut self, register: u16, length: usize, now: Duration) -> Vec<u8> {
        let mut bytes = match register {
            register::KEY => {
                let [number, seed @ ..] = self.key_index;
                let key = self.keys.of(number) ^ u32::from_le_bytes(seed);
                key.to_le_bytes().to_vec()
            }
            register::MODE => vec![self.mode],
            register::DEVICE_INFO => self.settings.product.info().to_vec(),
            register => self
                .power
                .read(register, now, &mut self.chance)
                .unwrap_or_default(),
        };
        bytes.resize(length, 0);
        bytes
    }

    fn write(&mut self, register: u16, values: &[u8], now: Duration) {
        match register {
            register::KEY_INDEX => {
                if let Ok(index) = values.try_into() {
                    self.key_index = index;
                }
            }
            register::MODE => {
                if let Some(&mode) = values.first() {
                    self.set_mode(mode, now);
                }
            }
            register => self.power.write(register, values, now),
        }
        if !self.power.is_up() {
            self.set_mode(mode::OFF, now);
        }
    }

    fn set_mode(&mut self, mode: u8, now: Duration) {
        self.mode = mode;
        self.told = false;
        self.exposed = None;
        self.rest = Zeroizing::default();
        let wish = match mode {
            _ if !self.power.is_up() => Wish::Nothing,
            mode::AWAIT_FINGER_ON => Wish::Finger,
            mode::AWAIT_FINGER_OFF => Wish::Lift,
            _ => Wish::Nothing,
        };
        self.glass.want(wish, now);
        if mode == mode::CAPTURE && self.power.is_up() {
            self.expose(now);
            if !self.failing.is_empty() {
                self.say(now, notice::TROUBLE);
            }
        }
    }

    /// Begins an image.
    fn expose(&mut self, now: Duration) {
        self.exposed = Some((now + FRAME, self.glass.look(now)));
    }

    /// What the sensor sees: light ridges on a dark ground.
    fn sees(&self, lying: Option<&Lying>) -> Zeroizing<Vec<u8>> {
        let mut raw = Zeroizing::new(match lying {
            Some(lying) => lying.image.pixels().iter().map(|pixel| !pixel).collect(),
            None => vec![BARE; WIDTH * HEIGHT],
        });
        if self.settings.product.turned() {
            raw.reverse();
        }
        raw
    }

    /// The image as its transfer. Its second half is as the glass is now.
    fn image(&mut self, begun: Option<&Lying>, now: Duration) -> Zeroizing<Vec<u8>> {
        let mut raw = self.sees(begun);
        let half = WIDTH * HEIGHT / 2;
        let now_seen = self.sees(self.glass.look(now).as_ref());
        raw[half..].copy_from_slice(&now_seen[half..]);
        let plan: Vec<Block> = match self.settings.cover {
            Cover::Open => cover::open(&cover::SEEN),
            Cover::Hidden => cover::SEEN.to_vec(),
            Cover::Varied => cover::VARIED.to_vec(),
        };
        cover::pack(&raw, &plan, 0, &self.keys, &mut self.chance)
    }

    /// The next image is ready: it is sent, and another one begun.
    fn send(&mut self, now: Duration) {
        let Some((ready, begun)) = self.exposed.take() else {
            return;
        };
        if ready > now {
            self.exposed = Some((ready, begun));
            return;
        }
        let mut image = self.image(begun.as_ref(), now);
        if let Some(length) = self.failing.pop_front() {
            image.truncate(length);
            self.sent_nothing = image.is_empty();
        }
        self.rest = image;
        self.expose(now);
    }
}

impl UsbDevice for Uru4000 {
    fn descriptors(&self) -> &Descriptors {
        &self.descriptors
    }

    fn control(&mut self, setup: Setup, data: &[u8], now: Duration) -> Answer<Vec<u8>> {
        if setup.request_type & 0x7F != VENDOR || setup.request != REGISTERS {
            return Answer::Stall;
        }
        self.advance(now);
        if setup.is_in() {
            return Answer::Done(self.read(setup.value, usize::from(setup.length), now));
        }
        self.write(setup.value, data, now);
        Answer::Done(Vec::new())
    }

    fn transfer_out(&mut self, _: u8, _: &[u8], _: Duration) -> Answer<usize> {
        Answer::Stall
    }

    fn transfer_in(&mut self, endpoint: u8, length: usize, now: Duration) -> Answer<Vec<u8>> {
        self.advance(now);
        match endpoint {
            INTERRUPT_IN => match self.packets.front() {
                Some(&(at, notice)) if at <= now => {
                    self.packets.pop_front();
                    let mut packet = vec![0; PACKET];
                    packet[..2].copy_from_slice(&notice);
                    Answer::Done(packet)
                }
                _ => Answer::NotYet,
            },
            BULK_IN if self.mode == mode::CAPTURE => {
                if self.rest.is_empty() {
                    self.send(now);
                }
                if std::mem::take(&mut self.sent_nothing) {
                    return Answer::Done(Vec::new());
                }
                if self.rest.is_empty() {
                    return Answer::NotYet;
                }
                let part = self.rest[..length.min(self.rest.len())].to_vec();
                self.rest.drain(..part.len());
                Answer::Done(part)
            }
            BULK_IN => Answer::NotYet,
            _ => Answer::Stall,
        }
    }

    fn reset(&mut self, now: Duration) {
        self.power.start(now);
        self.packets.clear();
        self.set_mode(mode::OFF, now);
        self.key_index = [0; 5];
    }

    fn next_change(&self) -> Option<Duration> {
        let packet = self.packets.front().map(|&(at, _)| at);
        let image = self.exposed.as_ref().map(|&(ready, _)| ready);
        [
            packet,
            image,
            self.power.next_change(),
            self.glass.next_change(),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}

/// Shows settings and mode.
impl fmt::Debug for Uru4000 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uru4000")
            .field("settings", &self.settings)
            .field("mode", &format_args!("{:#04x}", self.mode))
            .field("glass", &self.glass)
            .finish_non_exhaustive()
    }
}

impl Afflicted for Uru4000 {
    fn afflict(&mut self, fault: &Fault, _: Duration) -> bool {
        match fault {
            Fault::Finger(touch) => match self.glass.touch(touch) {
                Ok(()) => true,
                Err(error) => {
                    log::warn!("{error}");
                    false
                }
            },
            _ => false,
        }
    }

    fn leave_out(&mut self, endpoint: u8, sent: &mut Vec<u8>, chance: u64) -> bool {
        endpoint == BULK_IN && cover::leave_out(sent, chance)
    }
}
