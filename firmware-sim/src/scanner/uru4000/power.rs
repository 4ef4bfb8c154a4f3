//! The scanner's power: asleep and awake, what it asks of a driver that wakes it, and its sensor's word.

use std::time::Duration;

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use super::Settings;

/// The register of the hardware's status.
const STATUS: u16 = 0x07;
/// Where the answer to a challenge is written.
const RESPONSE: u16 = 0x2000;
/// Where a challenge is read.
const CHALLENGE: u16 = 0x2010;

/// Of the status: asleep.
const ASLEEP: u8 = 0x80;
/// Of the status: something went wrong in its sleep.
const TROUBLE: u8 = 0x04;
/// Of the status: it is back from a start.
const ALIVE: u8 = 0x01;

/// How long a start after trouble takes.
const START: Duration = Duration::from_millis(35);
/// How long the sensor takes to say that it has power, and how long it is between two times that it says so.
const WORD: Duration = Duration::from_millis(1);
const BETWEEN: Duration = Duration::from_millis(8);
/// How often it says so.
const TIMES: u8 = 3;

/// The key of the challenge.
const KEY: [u8; 16] = *b"\x79\xAC\x91\x79\x5C\xA1\x47\x8E\x98\xE0\x0F\x3C\x59\x8F\x5F\x4B";

/// The power of a scanner.
pub(super) struct Power {
    first_status: u8,
    status: u8,
    /// When it is back from the start that trouble made necessary.
    back: Option<Duration>,
    challenges: bool,
    challenge: [u8; 16],
    answered: bool,
    drowsy: u8,
    mute: u8,
    /// When its sensor says next that it has power, and how often still.
    word: Option<(Duration, u8)>,
}

impl Power {
    pub fn new(settings: &Settings, chance: u64) -> Self {
        Self {
            first_status: settings.status,
            status: settings.status,
            back: None,
            challenges: settings.product.challenges(),
            challenge: [chance.to_le_bytes(), chance.to_be_bytes()]
                .concat()
                .try_into()
                .unwrap_or_default(),
            answered: false,
            drowsy: settings.drowsy,
            mute: settings.mute,
            word: None,
        }
    }

    /// It gets power anew.
    pub fn start(&mut self, _: Duration) {
        self.status = self.first_status;
        self.back = None;
        self.answered = false;
        self.word = None;
    }

    /// Whether it is awake.
    pub fn is_up(&self) -> bool {
        self.status & (ASLEEP | TROUBLE) == 0
    }

    /// When its sensor said that it has power, where it did by `now` and nobody has heard of it.
    pub fn scan_power(&mut self, now: Duration) -> Option<Duration> {
        let (at, left) = self.word.filter(|&(at, _)| at <= now)?;
        self.word = (left > 1).then(|| (at + BETWEEN, left - 1));
        Some(at)
    }

    pub fn next_change(&self) -> Option<Duration> {
        self.word.map(|(at, _)| at)
    }

    /// What a register of the power holds.
    pub fn read(
        &mut self,
        register: u16,
        now: Duration,
        chance: &mut ChaCha20Rng,
    ) -> Option<Vec<u8>> {
        match register {
            STATUS => {
                if self.back.is_some_and(|at| at <= now) {
                    self.back = None;
                    self.status = ASLEEP | ALIVE;
                }
                Some(vec![self.status])
            }
            CHALLENGE if self.challenges => {
                chance.fill_bytes(&mut self.challenge);
                Some(self.challenge.to_vec())
            }
            _ => None,
        }
    }

    pub fn write(&mut self, register: u16, values: &[u8], now: Duration) {
        match (register, values) {
            (STATUS, &[status, ..]) => self.set_status(status, now),
            (RESPONSE, response) if self.challenges => {
                let mut expected = self.challenge.into();
                Aes128::new(&KEY.into()).encrypt_block(&mut expected);
                self.answered = response == expected.as_slice();
            }
            _ => {}
        }
    }

    fn set_status(&mut self, status: u8, now: Duration) {
        if self.status & TROUBLE != 0 {
            // It starts anew, and is not back before it has.
            self.status &= !(TROUBLE | ALIVE);
            self.back = Some(now + START);
        } else if status & ASLEEP != 0 {
            self.status |= ASLEEP;
            self.answered = false;
            self.word = None;
        } else if self.back.is_none() && self.status & ASLEEP != 0 {
            if self.drowsy > 0 {
                self.drowsy -= 1;
            } else if !self.challenges || self.answered {
                self.status &= !ASLEEP;
                self.wake(now);
            }
        }
    }

    fn wake(&mut self, now: Duration) {
        self.word = match self.mute {
            0 => Some((now + WORD, TIMES)),
            _ => {
                self.mute -= 1;
                None
            }
        };
    }
}
