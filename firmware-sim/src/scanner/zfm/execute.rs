//! Commands, one after the other.

use negin_recognition::{Error as Unreadable, threshold};
use rand_core::Rng;

use super::character::{Character, LENGTH};
use super::flash::{NOTE, NOTES};
use super::{Make, Target, ZfmModule};
use crate::bus::serial::SerialDevice;
use crate::scanner::Wish;

/// Confirmation codes.
mod code {
    pub const DONE: u8 = 0x00;
    pub const RECEIVE_ERROR: u8 = 0x01;
    pub const NO_FINGER: u8 = 0x02;
    pub const DISORDERLY: u8 = 0x06;
    pub const TOO_FEW: u8 = 0x07;
    pub const NO_MATCH: u8 = 0x08;
    pub const NOT_FOUND: u8 = 0x09;
    pub const NOT_ONE_FINGER: u8 = 0x0A;
    pub const NO_SUCH_PAGE: u8 = 0x0B;
    pub const NO_TEMPLATE: u8 = 0x0C;
    pub const TEMPLATE_NOT_SENT: u8 = 0x0D;
    pub const IMAGE_NOT_SENT: u8 = 0x0F;
    pub const NOT_DELETED: u8 = 0x10;
    pub const WRONG_PASSWORD: u8 = 0x13;
    pub const NO_VALID_IMAGE: u8 = 0x15;
    pub const FLASH_ERROR: u8 = 0x18;
    pub const NO_SUCH_REGISTER: u8 = 0x1A;
    pub const BAD_SETTING: u8 = 0x1B;
    pub const NO_SUCH_NOTE: u8 = 0x1C;
    pub const PORT_ERROR: u8 = 0x1D;
    pub const PASSWORD_NEEDED: u8 = 0x21;
    pub const HERE: u8 = 0x55;
}

/// Any number but 1 is the second buffer, as the manuals have it.
fn buffer(number: u8) -> usize {
    usize::from(number != 1)
}

fn word(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}

impl ZfmModule {
    pub(super) fn execute(&mut self, payload: &[u8]) {
        if self.flash.password != 0 && !self.verified && payload.first() != Some(&0x13) {
            return self.acknowledge(code::PASSWORD_NEEDED, &[]);
        }
        match *payload {
            [0x01] | [0x52] => self.take_image(),
            [0x02, number] => self.extract(buffer(number)),
            [0x03] => self.match_buffers(),
            [0x04 | 0x1B, number, s1, s0, c1, c0] => {
                self.search(buffer(number), word(s1, s0), word(c1, c0));
            }
            [0x05] => self.combine(),
            [0x06, number, p1, p0] => self.store(buffer(number), word(p1, p0)),
            [0x07, number, p1, p0] => self.load(buffer(number), word(p1, p0)),
            [0x08, number] => match self.buffers[buffer(number)] {
                Some(held) => {
                    self.acknowledge(code::DONE, &[]);
                    self.send_data(&held);
                }
                None => self.acknowledge(code::TEMPLATE_NOT_SENT, &[]),
            },
            [0x09, number] => self.receive_into(Target::Buffer(buffer(number))),
            [0x0A] => self.send_image(),
            [0x0B] => self.receive_into(Target::Image),
            [0x0C, p1, p0, c1, c0] => self.delete(word(p1, p0), word(c1, c0)),
            [0x0D] => {
                self.flash.library.fill(None);
                self.acknowledge(code::DONE, &[]);
            }
            [0x0E, register, value] => self.set(register, value),
            [0x0F] => self.tell_parameters(),
            [0x12, a, b, c, d] => {
                self.flash.password = u32::from_be_bytes([a, b, c, d]);
                self.verified = false;
                self.acknowledge(code::DONE, &[]);
            }
            [0x13, a, b, c, d] => {
                self.verified = u32::from_be_bytes([a, b, c, d]) == self.flash.password;
                let said = if self.verified {
                    code::DONE
                } else {
                    code::WRONG_PASSWORD
                };
                self.acknowledge(said, &[]);
            }
            [0x14] => {
                let number = self.rng.next_u32();
                self.acknowledge(code::DONE, &number.to_be_bytes());
            }
            [0x15, a, b, c, d] => {
                // The answer has the new address already.
                self.flash.address = u32::from_be_bytes([a, b, c, d]);
                self.acknowledge(code::DONE, &[]);
            }
            [0x16] => {
                let mut page = [0u8; 512];
                let text = format!("Negin simulated {:?}", self.make);
                page[..text.len()].copy_from_slice(text.as_bytes());
                self.acknowledge(code::DONE, &[]);
                self.send_data(&page);
            }
            [0x17, on] => {
                let said = if on <= 1 {
                    code::DONE
                } else {
                    code::PORT_ERROR
                };
                self.acknowledge(said, &[]);
            }
            [0x18, page, ref content @ ..] if content.len() == NOTE => {
                let said = match self.flash.notes.get_mut(usize::from(page)) {
                    Some(note) => {
                        note.copy_from_slice(content);
                        code::DONE
                    }
                    None => code::NO_SUCH_NOTE,
                };
                self.acknowledge(said, &[]);
            }
            [0x19, page] if usize::from(page) < NOTES => {
                let note = self.flash.notes[usize::from(page)];
                self.acknowledge(code::DONE, &note);
            }
            [0x19, _] => self.acknowledge(code::NO_SUCH_NOTE, &[]),
            [0x1D] => {
                let count = self.flash.templates() as u16;
                self.acknowledge(code::DONE, &count.to_be_bytes());
            }
            [0x1F, page] => match self.flash.table(page) {
                Some(bits) => self.acknowledge(code::DONE, &bits),
                None => self.acknowledge(code::NO_SUCH_PAGE, &[]),
            },
            _ => self.execute_of_make(payload),
        }
    }

    /// What only some modules know.
    fn execute_of_make(&mut self, payload: &[u8]) {
        match (self.make, payload) {
            (Make::Zfm20, [0x50 | 0x51]) => self.acknowledge(code::DONE, &[]),
            (Make::R503, [0x35, 1..=6, _, 1..=7, _] | [0x36 | 0x40]) => {
                self.acknowledge(code::DONE, &[]);
            }
            (Make::R503, [0x3C]) => self.tell_product(),
            (Make::R503, [0x3D]) => {
                self.power_on(self.last);
                self.outgoing.clear();
                self.acknowledge(code::DONE, &[]);
                self.outgoing.push_back(vec![0x55]);
            }
            (_, [0x53]) => self.acknowledge(code::HERE, &[]),
            _ => self.acknowledge(code::RECEIVE_ERROR, &[]),
        }
    }

    fn take_image(&mut self) {
        let seen = self.glass.look(self.last);
        // Whoever stands before it lays a finger on when one is missed, and lifts it when it was taken.
        let (said, wish) = match seen {
            Some(_) => (code::DONE, Wish::Lift),
            None => (code::NO_FINGER, Wish::Finger),
        };
        if self.glass.next_change().is_none() {
            self.glass.want(wish, self.last);
        }
        self.image = seen.map(|lying| (*lying.image).clone());
        self.acknowledge(said, &[]);
    }

    fn extract(&mut self, into: usize) {
        let said = match self.image.as_ref().map(Character::of_image) {
            Some(Ok(character)) => {
                self.buffers[into] = Some(character.to_bytes());
                code::DONE
            }
            Some(Err(Unreadable::TooFewMinutiae { .. } | Unreadable::TooSmall { .. })) => {
                code::TOO_FEW
            }
            Some(Err(_)) => code::DISORDERLY,
            None => code::NO_VALID_IMAGE,
        };
        self.acknowledge(said, &[]);
    }

    fn character(&self, buffer: usize) -> Option<Character> {
        self.buffers[buffer].as_ref().and_then(Character::of_bytes)
    }

    /// The score from which on two fingers are one, by the security level.
    fn threshold(&self) -> u16 {
        let usual = u32::from(threshold::ON_CARD.0);
        let percent = [70, 85, 100, 115, 130][usize::from(self.flash.security.clamp(1, 5)) - 1];
        (usual * percent / 100) as u16
    }

    fn match_buffers(&mut self) {
        let score = match (self.character(0), self.character(1)) {
            (Some(one), Some(two)) => one.compare(&two).0,
            _ => 0,
        };
        let said = if score >= self.threshold() {
            code::DONE
        } else {
            code::NO_MATCH
        };
        self.acknowledge(said, &score.to_be_bytes());
    }

    fn search(&mut self, buffer: usize, start: u16, count: u16) {
        let wanted = self.character(buffer);
        let pages = self.flash.library.iter().enumerate();
        let best = pages
            .skip(start.into())
            .take(count.into())
            .filter_map(|(page, held)| Some((page, Character::of_bytes(held.as_ref()?)?)))
            .filter_map(|(page, held)| Some((page, wanted.as_ref()?.compare(&held).0)))
            // The first of equals.
            .min_by_key(|&(_, score)| std::cmp::Reverse(score))
            .filter(|&(_, score)| score >= self.threshold());
        self.found = best.is_some();
        match best {
            Some((page, score)) => {
                let rest = [(page as u16).to_be_bytes(), score.to_be_bytes()].concat();
                self.acknowledge(code::DONE, &rest);
            }
            None => self.acknowledge(code::NOT_FOUND, &[0; 4]),
        }
    }

    fn combine(&mut self) {
        let said = match (self.character(0), self.character(1)) {
            (Some(one), Some(two)) if one.compare(&two).0 >= self.threshold() => {
                self.buffers = [Some(one.merged(&two).to_bytes()); 2];
                code::DONE
            }
            _ => code::NOT_ONE_FINGER,
        };
        self.acknowledge(said, &[]);
    }

    fn store(&mut self, buffer: usize, page: u16) {
        let held = self.buffers[buffer];
        let said = match (self.flash.library.get_mut(usize::from(page)), held) {
            (Some(kept), Some(held)) => {
                *kept = Some(held);
                code::DONE
            }
            (Some(_), None) => code::FLASH_ERROR,
            (None, _) => code::NO_SUCH_PAGE,
        };
        self.acknowledge(said, &[]);
    }

    fn load(&mut self, buffer: usize, page: u16) {
        let said = match self.flash.library.get(usize::from(page)) {
            Some(Some(kept)) if Character::of_bytes(kept).is_some() => {
                self.buffers[buffer] = Some(*kept);
                code::DONE
            }
            Some(_) => code::NO_TEMPLATE,
            None => code::NO_SUCH_PAGE,
        };
        self.acknowledge(said, &[]);
    }

    fn delete(&mut self, page: u16, count: u16) {
        let (from, to) = (usize::from(page), usize::from(page) + usize::from(count));
        let said = match self.flash.library.get_mut(from..to) {
            Some(pages) => {
                pages.fill(None);
                code::DONE
            }
            None => code::NOT_DELETED,
        };
        self.acknowledge(said, &[]);
    }

    fn receive_into(&mut self, target: Target) {
        self.receiving = Some((target, Vec::with_capacity(LENGTH)));
        self.acknowledge(code::DONE, &[]);
    }

    fn send_image(&mut self) {
        let Some(image) = &self.image else {
            return self.acknowledge(code::IMAGE_NOT_SENT, &[]);
        };
        let data: Vec<u8> = image
            .pixels()
            .chunks_exact(2)
            .map(|pair| (pair[0] & 0xF0) | (pair[1] >> 4))
            .collect();
        self.acknowledge(code::DONE, &[]);
        self.send_data(&data);
    }

    fn set(&mut self, register: u8, value: u8) {
        let (kept, allowed) = match register {
            4 => (&mut self.flash.baud, 1..=12),
            5 => (&mut self.flash.security, 1..=5),
            6 => (&mut self.flash.packet, 0..=3),
            _ => return self.acknowledge(code::NO_SUCH_REGISTER, &[]),
        };
        if !allowed.contains(&value) {
            return self.acknowledge(code::BAD_SETTING, &[]);
        }
        *kept = value;
        if register == 4 {
            self.next_baud = Some(value);
        }
        self.acknowledge(code::DONE, &[]);
    }

    fn tell_parameters(&mut self) {
        let status = u16::from(self.found) << 1
            | u16::from(self.verified) << 2
            | u16::from(self.image.is_some()) << 3;
        let [a1, a0] = [self.flash.address >> 16, self.flash.address & 0xFFFF];
        let words = [
            status,
            0x0009,
            self.flash.library.len() as u16,
            self.flash.security.into(),
            a1 as u16,
            a0 as u16,
            self.flash.packet.into(),
            self.flash.baud.into(),
        ];
        let bytes: Vec<u8> = words.into_iter().flat_map(u16::to_be_bytes).collect();
        self.acknowledge(code::DONE, &bytes);
    }

    fn tell_product(&mut self) {
        let sensor = self.make.sensor();
        let mut bytes = [0; 46];
        bytes[..4].copy_from_slice(b"R503");
        bytes[16..20].copy_from_slice(b"0001");
        bytes[20..28].copy_from_slice(b"SIM00001");
        bytes[28] = 1;
        bytes[30..38].copy_from_slice(b"SIM192  ");
        bytes[38..40].copy_from_slice(&(sensor.width() as u16).to_be_bytes());
        bytes[40..42].copy_from_slice(&(sensor.height() as u16).to_be_bytes());
        bytes[42..44].copy_from_slice(&(LENGTH as u16).to_be_bytes());
        bytes[44..46].copy_from_slice(&(self.flash.library.len() as u16).to_be_bytes());
        self.acknowledge(code::DONE, &bytes);
    }
}
