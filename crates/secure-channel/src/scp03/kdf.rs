//! Key derivation of SCP03 (Amendment D §4.1.5, §6.2): SP 800-108 in counter mode with AES-CMAC.
//!
//! One block's input: eleven bytes 00, the derivation constant, 00, the length in bits (two bytes), the counter (one
//! byte, from 1), the context.

use core::fmt;

use negin_apdu::Aid;
use zeroize::Zeroize;

use crate::cipher;
use crate::key::{Key, KeySet};
use crate::scp03::Mode;

/// Derivation constants (Amendment D table 4-1).
mod constant {
    pub(super) const CARD_CRYPTOGRAM: u8 = 0x00;
    pub(super) const HOST_CRYPTOGRAM: u8 = 0x01;
    pub(super) const CARD_CHALLENGE: u8 = 0x02;
    pub(super) const S_ENC: u8 = 0x04;
    pub(super) const S_MAC: u8 = 0x06;
    pub(super) const S_RMAC: u8 = 0x07;
}

/// Fills `out` (at most 32 bytes; the specification defines no more) from `key`, a derivation constant and the context,
/// the parts of which stand one after the other.
pub fn derive(key: &Key, constant: u8, context: &[&[u8]], out: &mut [u8]) {
    let bits = u16::try_from(out.len() * 8)
        .unwrap_or(u16::MAX)
        .to_be_bytes();
    for (counter, chunk) in (1u8..).zip(out.chunks_mut(16)) {
        let mut head = [0; 16];
        let [.., purpose, _separator, high, low, index] = &mut head;
        (*purpose, *high, *low, *index) = (constant, bits[0], bits[1], counter);
        let mut block = match context {
            [] => cipher::cmac(key, &[&head]),
            [one] => cipher::cmac(key, &[&head, one]),
            [one, two, ..] => cipher::cmac(key, &[&head, one, two]),
        };
        chunk.copy_from_slice(block.get(..chunk.len()).unwrap_or(&block));
        block.zeroize();
    }
}

/// The keys of one session. Each masks and wipes itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKeys {
    /// S-ENC: encrypts data and initial chaining vectors.
    pub enc: Key,
    /// S-MAC: MACs of commands, and the cryptograms.
    pub mac: Key,
    /// S-RMAC: MACs of answers.
    pub rmac: Key,
}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys")
    }
}

impl SessionKeys {
    /// The session keys of a card's key set and the two challenges, 8 bytes each in mode S8, 16 in S16
    /// (Amendment D §6.2.1).
    #[must_use]
    pub fn derive(keys: &KeySet, host_challenge: &[u8], card_challenge: &[u8]) -> Self {
        let context = [host_challenge, card_challenge];
        let session =
            |key: &Key, constant| key.same_length(|out| derive(key, constant, &context, out));
        Self {
            enc: session(&keys.enc, constant::S_ENC),
            mac: session(&keys.mac, constant::S_MAC),
            rmac: session(&keys.mac, constant::S_RMAC),
        }
    }

    /// The card's cryptogram in the first 8 or 16 bytes (Amendment D §6.2.2.2).
    pub(crate) fn card_cryptogram(
        &self,
        mode: Mode,
        host_challenge: &[u8],
        card_challenge: &[u8],
    ) -> Block {
        Block::derive(
            &self.mac,
            constant::CARD_CRYPTOGRAM,
            mode,
            [host_challenge, card_challenge],
        )
    }

    /// The host's cryptogram (Amendment D §6.2.2.3).
    pub(crate) fn host_cryptogram(
        &self,
        mode: Mode,
        host_challenge: &[u8],
        card_challenge: &[u8],
    ) -> Block {
        Block::derive(
            &self.mac,
            constant::HOST_CRYPTOGRAM,
            mode,
            [host_challenge, card_challenge],
        )
    }
}

/// The card's challenge where it is pseudo-random (Amendment D §6.2.2.1): derived from the card's static Key-ENC, its
/// sequence counter and the AID of the application that opens the channel.
#[must_use]
pub fn pseudo_random_challenge(
    enc: &Key,
    mode: Mode,
    sequence_counter: [u8; 3],
    invoker: &Aid,
) -> Block {
    Block::derive(
        enc,
        constant::CARD_CHALLENGE,
        mode,
        [&sequence_counter, invoker.as_bytes()],
    )
}

/// Eight bytes in mode S8, sixteen in S16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    bytes: [u8; 16],
    mode: Mode,
}

impl Block {
    fn derive(key: &Key, constant: u8, mode: Mode, context: [&[u8]; 2]) -> Self {
        let mut bytes = [0; 16];
        if let Some(out) = bytes.get_mut(..mode.length()) {
            derive(key, constant, &context, out);
        }
        Self { bytes, mode }
    }

    /// These bytes, where there are as many as the mode has.
    pub(crate) fn new(bytes: &[u8], mode: Mode) -> Option<Self> {
        let mut block = Self {
            bytes: [0; 16],
            mode,
        };
        block
            .bytes
            .get_mut(..mode.length())
            .filter(|out| out.len() == bytes.len())?
            .copy_from_slice(bytes);
        Some(block)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.mode.length()).unwrap_or(&self.bytes)
    }
}
