//! Secure messaging of SCP03 (Amendment D §6.2.4 to §6.2.7): one state for each end, moving in step.
//!
//! - C-MAC over the chaining value, the header with the 'secure messaging' bit, Lc, and the data as sent (encrypted
//!   where it is); the whole MAC is the next chaining value, its first 8 (S8) or 16 bytes go with the command.
//! - Encryption: AES-CBC over the padded data; the IV is the encrypted command counter, which counts every command of
//!   the session, from 1; for an answer the counter's first bit is set. No data, no encryption.
//! - R-MAC over the chaining value of the command, the answer's data as sent, and the status word. An answer with an
//!   error (neither 9000 nor 62XX or 63XX) is the status word alone.
//! - Lc under the MAC is one byte up to 255, otherwise three, as it is encoded; where Ne alone makes a command
//!   extended, cards and tools differ, so the card's end takes both.

use alloc::vec::Vec;
use core::fmt;

use negin_apdu::{Command, Response, StatusWord, Wiped};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::schedule::{Authenticator, Cipher};
use crate::scp03::kdf::SessionKeys;
use crate::scp03::{Mode, SecurityLevel};
use crate::{Error, SmError, cipher};

/// The state that both ends keep.
pub(crate) struct Messaging {
    keys: SessionKeys,
    enc: Cipher,
    mac: Authenticator,
    rmac: Authenticator,
    mode: Mode,
    level: SecurityLevel,
    chaining: [u8; 16],
    counter: u128,
}

impl Drop for Messaging {
    fn drop(&mut self) {
        self.chaining.zeroize();
    }
}

impl fmt::Debug for Messaging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Messaging({:?}, {:?})", self.mode, self.level)
    }
}

/// The class byte with the bit that says 'secure messaging' (ISO/IEC 7816-4 §5.4.1, GlobalPlatform 2.3 §11.1.4).
const fn secured(cla: u8) -> u8 {
    if cla & 0x40 != 0 {
        cla | 0x20
    } else {
        cla | 0x04
    }
}

/// The class byte without that bit.
const fn plain(cla: u8) -> u8 {
    if cla & 0x40 != 0 {
        cla & !0x20
    } else {
        cla & !0x04
    }
}

/// The class byte under the MAC: secured, on logical channel 0.
const fn under_mac(cla: u8) -> u8 {
    if cla & 0x40 != 0 {
        secured(cla) & 0xF0
    } else {
        secured(cla) & 0xFC
    }
}

/// Whether an answer with this status word is protected (Amendment D §6.2.5).
const fn is_protected(sw: StatusWord) -> bool {
    sw.is_success() || sw.is_warning()
}

impl Messaging {
    /// Before EXTERNAL AUTHENTICATE: a zero chaining value, MACs only.
    pub(crate) fn new(keys: SessionKeys, mode: Mode) -> Self {
        Self {
            enc: Cipher::new(&keys.enc),
            mac: Authenticator::new(&keys.mac),
            rmac: Authenticator::new(&keys.rmac),
            keys,
            mode,
            level: SecurityLevel::CMac,
            chaining: [0; 16],
            counter: 0,
        }
    }

    /// After EXTERNAL AUTHENTICATE: the session's level.
    pub(crate) const fn set_level(&mut self, level: SecurityLevel) {
        self.level = level;
    }

    pub(crate) const fn level(&self) -> SecurityLevel {
        self.level
    }

    pub(crate) const fn keys(&self) -> &SessionKeys {
        &self.keys
    }

    /// Longest plain command data whose wrapped form has at most `most` bytes.
    pub(crate) const fn longest_command(&self, most: usize) -> usize {
        self.longest(most, self.level.c_mac(), self.level.c_decryption())
    }

    /// Longest plain answer data whose wrapped form has at most `most` bytes.
    pub(crate) const fn longest_response(&self, most: usize) -> usize {
        self.longest(most, self.level.r_mac(), self.level.r_encryption())
    }

    const fn longest(&self, most: usize, mac: bool, encryption: bool) -> usize {
        let room = if mac {
            most.saturating_sub(self.mode.length())
        } else {
            most
        };
        // The padding takes at least one byte.
        if encryption {
            (room / 16 * 16).saturating_sub(1)
        } else {
            room
        }
    }

    /// The IV of this command's data, or of its answer's.
    fn iv(&self, answer: bool) -> [u8; 16] {
        let direction = if answer { 1 << 127 } else { 0 };
        self.enc
            .encrypt_block((self.counter | direction).to_be_bytes())
    }

    fn command_mac(&self, header: [u8; 4], extended: bool, data: &[u8]) -> [u8; 16] {
        let [cla, ins, p1, p2] = header;
        let lc = data.len() + self.mode.length();
        let [.., high, low] = lc.to_be_bytes();
        let header = [under_mac(cla), ins, p1, p2];
        let lc: &[u8] = if extended { &[0, high, low] } else { &[low] };
        self.mac.mac(&[&self.chaining, &header, lc, data])
    }

    /// Wraps a command, on the host.
    pub(crate) fn wrap_command(&mut self, command: &Command) -> Result<Command, Error> {
        if !self.level.c_mac() {
            return Ok(command.clone());
        }
        if self.longest_command(65_535) < command.data().len() {
            return Err(Error::CommandTooLong);
        }
        // Enciphered where it goes out: no plain copy is left to be wiped.
        let mut sent = Vec::with_capacity(command.data().len() + 16 + self.mode.length());
        sent.extend_from_slice(command.data());
        if self.level.c_decryption() {
            self.counter = self.counter.wrapping_add(1);
            if !sent.is_empty() {
                cipher::pad(&mut sent);
                self.enc.cbc_encrypt(self.iv(false), &mut sent);
            }
        }
        let ne = command.le().unwrap_or(0);
        let extended = sent.len() + self.mode.length() > 255 || ne > 256;
        self.chaining = self.command_mac(command.header(), extended, &sent);
        sent.extend(self.chaining.iter().take(self.mode.length()));
        let [cla, ins, p1, p2] = command.header();
        Ok(Command::new(secured(cla), ins, p1, p2)
            .with_data(sent)
            .with_le(ne))
    }

    /// Checks and unwraps a command, in the card. After an error the state is of no more use.
    pub(crate) fn unwrap_command(&mut self, command: &Command) -> Result<Command, SmError> {
        let [cla, ins, p1, p2] = command.header();
        if !self.level.c_mac() {
            return if cla == plain(cla) {
                Ok(command.clone())
            } else {
                Err(SmError::Mac)
            };
        }
        if cla != secured(cla) {
            return Err(SmError::NotSecured);
        }
        let at = command
            .data()
            .len()
            .checked_sub(self.mode.length())
            .ok_or(SmError::Mac)?;
        let (data, mac) = command.data().split_at_checked(at).ok_or(SmError::Mac)?;
        let must_be_extended = command.data().len() > 255;
        let forms: &[bool] = if must_be_extended {
            &[true]
        } else {
            &[false, true]
        };
        let matching = forms
            .iter()
            .map(|extended| self.command_mac(command.header(), *extended, data))
            .find(|own| {
                own.get(..self.mode.length())
                    .is_some_and(|own| own.ct_eq(mac).into())
            });
        self.chaining = matching.ok_or(SmError::Mac)?;
        let mut data = Wiped::new(data.to_vec());
        if self.level.c_decryption() {
            self.counter = self.counter.wrapping_add(1);
            if !data.is_empty() {
                if !data.len().is_multiple_of(16) {
                    return Err(SmError::Padding);
                }
                self.enc.cbc_decrypt(self.iv(false), &mut data);
                let length = cipher::unpadded(&data).ok_or(SmError::Padding)?;
                data.truncate(length);
            }
        }
        Ok(Command::new(plain(cla), ins, p1, p2)
            .with_data(data.into_inner())
            .with_le(command.le().unwrap_or(0)))
    }

    fn response_mac(&self, data: &[u8], sw: StatusWord) -> [u8; 16] {
        self.rmac.mac(&[&self.chaining, data, &sw.0.to_be_bytes()])
    }

    /// Wraps the answer to the last command, in the card.
    pub(crate) fn wrap_response(&self, mut response: Response) -> Response {
        if !self.level.r_mac() {
            return response;
        }
        if !is_protected(response.sw) {
            response.data.zeroize();
            return Response::status(response.sw);
        }
        let plain = Wiped::new(core::mem::take(&mut response.data));
        let mut sent = Vec::with_capacity(plain.len() + 16 + self.mode.length());
        sent.extend_from_slice(&plain);
        if self.level.r_encryption() && !sent.is_empty() {
            cipher::pad(&mut sent);
            self.enc.cbc_encrypt(self.iv(true), &mut sent);
        }
        let mac = self.response_mac(&sent, response.sw);
        sent.extend(mac.iter().take(self.mode.length()));
        Response {
            data: sent,
            sw: response.sw,
        }
    }

    /// Checks and unwraps an answer, on the host. After an error the state is of no more use.
    pub(crate) fn unwrap_response(&self, response: Response) -> Result<Response, Error> {
        if !self.level.r_mac() {
            return Ok(response);
        }
        if !is_protected(response.sw) {
            return if response.data.is_empty() {
                Ok(response)
            } else {
                Err(Error::Response)
            };
        }
        let at = response
            .data
            .len()
            .checked_sub(self.mode.length())
            .ok_or(Error::Response)?;
        let (data, mac) = response.data.split_at_checked(at).ok_or(Error::Response)?;
        let own = self.response_mac(data, response.sw);
        if !own
            .get(..self.mode.length())
            .is_some_and(|own| bool::from(own.ct_eq(mac)))
        {
            return Err(Error::Response);
        }
        // Deciphered where it came in.
        let mut data = Wiped::new(response.data);
        data.truncate(at);
        if self.level.r_encryption() && !data.is_empty() {
            if !data.len().is_multiple_of(16) {
                return Err(Error::Response);
            }
            self.enc.cbc_decrypt(self.iv(true), &mut data);
            let length = cipher::unpadded(&data).ok_or(Error::Response)?;
            data.truncate(length);
        }
        Ok(Response {
            data: data.into_inner(),
            sw: response.sw,
        })
    }
}
