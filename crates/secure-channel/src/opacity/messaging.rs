//! Secure messaging of PIV (SP 800-73-4 Part 2 §4.2): one state for each end, moving in step.
//!
//! - A command's data goes as `87 {01, cryptogram}`, its Ne as `97`, and `8E` has the first 8 bytes of the MAC over the
//!   chaining value, the padded header with class 0C, and those objects. The class under the MAC is 0C in every piece of
//!   a chain.
//! - An answer goes as `87`, `99 {status word}`, `8E`; the MAC is over the answers' own chaining value and the objects.
//!   Errors are answers like any other.
//! - Encryption is AES-CBC over padded data with the encrypted counter as IV. The counter counts commands from 1; for an
//!   answer its first bit is set. The whole MAC is the next chaining value; both begin with zeros.

use alloc::vec::Vec;
use core::fmt;

use negin_apdu::tlv::{self, Tag};
use negin_apdu::{Command, Response, StatusWord};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::kdf::SessionKeys;
use crate::{Error, SmError, cipher};

/// The class byte of a secured command: ISO/IEC 7816-4 §6, header authenticated.
const SECURED: u8 = 0x0C;
/// The MAC's length as it is sent.
const MAC_LENGTH: usize = 8;
/// What says that the plain text was padded (ISO/IEC 7816-4 §6.2.3).
const PADDED: u8 = 0x01;

const CRYPTOGRAM: Tag = Tag::new(0x87);
const NE: Tag = Tag::new(0x97);
const STATUS: Tag = Tag::new(0x99);
const MAC: Tag = Tag::new(0x8E);

/// Longest that `87`'s head, `97` and `8E` are beside the cryptogram in a command.
const AROUND: usize = 5 + 4 + 10;

/// The state that both ends keep.
pub(super) struct Messaging {
    keys: SessionKeys,
    counter: u128,
    command_chaining: [u8; 16],
    answer_chaining: [u8; 16],
}

impl Drop for Messaging {
    fn drop(&mut self) {
        self.command_chaining.zeroize();
        self.answer_chaining.zeroize();
    }
}

impl fmt::Debug for Messaging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Messaging")
    }
}

/// Longest plain command data whose wrapped form has at most `most` bytes.
pub(super) const fn longest_command(most: usize) -> usize {
    (most.saturating_sub(AROUND) / 16 * 16).saturating_sub(1)
}

/// The objects before the MAC, and the MAC.
fn split_mac(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (objects, last) = bytes.split_at_checked(bytes.len().checked_sub(2 + MAC_LENGTH)?)?;
    let mac = tlv::only(last, MAC).ok()?;
    (mac.len() == MAC_LENGTH).then_some((objects, mac))
}

impl Messaging {
    pub const fn new(keys: SessionKeys) -> Self {
        Self {
            keys,
            counter: 0,
            command_chaining: [0; 16],
            answer_chaining: [0; 16],
        }
    }

    /// The IV of this command's data, or of its answer's.
    fn iv(&self, answer: bool) -> [u8; 16] {
        let direction = if answer { 1 << 127 } else { 0 };
        cipher::encrypt_block(&self.keys.enc, (self.counter | direction).to_be_bytes())
    }

    /// Adds the data, encrypted; none where there is none.
    fn seal(&self, objects: &mut Vec<u8>, data: &[u8], answer: bool) {
        if data.is_empty() {
            return;
        }
        let mut padded = cipher::padded(data);
        cipher::cbc_encrypt(&self.keys.enc, self.iv(answer), &mut padded);
        tlv::write(objects, CRYPTOGRAM, &[&[PADDED], &padded[..]].concat());
    }

    /// The data of an `87`.
    fn unseal(&self, value: &[u8], answer: bool) -> Option<Zeroizing<Vec<u8>>> {
        let (&PADDED, cryptogram) = value.split_first()? else {
            return None;
        };
        if cryptogram.is_empty() || !cryptogram.len().is_multiple_of(16) {
            return None;
        }
        let mut data = Zeroizing::new(cryptogram.to_vec());
        cipher::cbc_decrypt(&self.keys.enc, self.iv(answer), &mut data);
        let length = cipher::unpadded(&data)?;
        data.truncate(length);
        Some(data)
    }

    fn command_mac(&self, [_, ins, p1, p2]: [u8; 4], objects: &[u8]) -> [u8; 16] {
        let mut header = [0; 16];
        header[..5].copy_from_slice(&[SECURED, ins, p1, p2, 0x80]);
        cipher::cmac(&self.keys.mac, &[&self.command_chaining, &header, objects])
    }

    fn answer_mac(&self, objects: &[u8]) -> [u8; 16] {
        cipher::cmac(&self.keys.rmac, &[&self.answer_chaining, objects])
    }

    /// Wraps a command, on the host.
    pub fn wrap_command(&mut self, command: &Command) -> Result<Command, Error> {
        if command.data().len() > longest_command(65_535) {
            return Err(Error::CommandTooLong);
        }
        let [_, ins, p1, p2] = command.header();
        self.counter = self.counter.wrapping_add(1);
        let mut objects = Vec::new();
        self.seal(&mut objects, command.data(), false);
        if let Some(ne) = command.le() {
            // One byte, 00 for all there is: what SP 800-73-4 knows.
            let short = u8::try_from(ne).unwrap_or(0);
            tlv::write(&mut objects, NE, &[short]);
        }
        self.command_chaining = self.command_mac(command.header(), &objects);
        tlv::write(&mut objects, MAC, &self.command_chaining[..MAC_LENGTH]);
        Ok(Command::new(SECURED, ins, p1, p2)
            .with_data(objects)
            .with_le(command.le().unwrap_or(0).max(256)))
    }

    /// Checks and unwraps a command, in the card. After an error the state is of no more use.
    pub fn unwrap_command(&mut self, command: &Command) -> Result<Command, SmError> {
        let [cla, ins, p1, p2] = command.header();
        if cla != SECURED {
            return Err(SmError::NotSecured);
        }
        let (objects, mac) = split_mac(command.data()).ok_or(SmError::Missing)?;
        let own = self.command_mac(command.header(), objects);
        if !bool::from(own[..MAC_LENGTH].ct_eq(mac)) {
            return Err(SmError::Mac);
        }
        self.command_chaining = own;
        self.counter = self.counter.wrapping_add(1);
        let mut plain = Command::new(0x00, ins, p1, p2);
        let mut before = None;
        for object in tlv::objects(objects) {
            let (tag, value) = object.map_err(|_| SmError::Object)?;
            plain = match (before, tag, value) {
                (None, CRYPTOGRAM, value) => {
                    let mut data = self.unseal(value, false).ok_or(SmError::Padding)?;
                    plain.with_data(core::mem::take(&mut *data))
                }
                (None | Some(CRYPTOGRAM), NE, [ne]) => plain.with_le(match ne {
                    0 => 256,
                    ne => u32::from(*ne),
                }),
                (None | Some(CRYPTOGRAM), NE, [high, low]) => {
                    plain.with_le(match u16::from_be_bytes([*high, *low]) {
                        0 => 65_536,
                        ne => u32::from(ne),
                    })
                }
                _ => return Err(SmError::Object),
            };
            before = Some(tag);
        }
        Ok(plain)
    }

    /// Wraps the answer to the command that was unwrapped last, in the card.
    pub fn wrap_answer(&mut self, response: Response) -> Response {
        let mut data = Zeroizing::new(response.data);
        let mut objects = Vec::with_capacity(data.len() + 48);
        self.seal(&mut objects, &data, true);
        data.zeroize();
        tlv::write(&mut objects, STATUS, &response.sw.0.to_be_bytes());
        self.answer_chaining = self.answer_mac(&objects);
        tlv::write(&mut objects, MAC, &self.answer_chaining[..MAC_LENGTH]);
        Response::new(objects, StatusWord::SUCCESS)
    }

    /// Checks and unwraps the answer, on the host. After an error the state is of no more use.
    pub fn unwrap_answer(&mut self, response: &Response) -> Result<Response, Error> {
        let wrong = Error::Response;
        // A status word outside is the link's or anybody's.
        if !response.sw.is_success() {
            return Err(wrong);
        }
        let (objects, mac) = split_mac(&response.data).ok_or(wrong)?;
        let own = self.answer_mac(objects);
        if !bool::from(own[..MAC_LENGTH].ct_eq(mac)) {
            return Err(wrong);
        }
        self.answer_chaining = own;
        let (tag, value, rest) = tlv::read(objects).map_err(|_| wrong)?;
        let (mut data, status) = if tag == CRYPTOGRAM {
            (self.unseal(value, true).ok_or(wrong)?, rest)
        } else {
            (Zeroizing::default(), objects)
        };
        let &[high, low] = tlv::only(status, STATUS).map_err(|_| wrong)? else {
            return Err(wrong);
        };
        let sw = StatusWord(u16::from_be_bytes([high, low]));
        Ok(Response::new(core::mem::take(&mut *data), sw))
    }
}
