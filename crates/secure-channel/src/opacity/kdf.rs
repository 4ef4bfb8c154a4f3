//! Key derivation (SP 800-73-4 Part 2 §4.1.6): the concatenation KDF of SP 800-56A with SHA-256, and the cryptogram
//! with which the card confirms the keys.
//!
//! Hashed are a counter (four bytes, from 1), the shared secret, and: four algorithm identifiers 09 (AES-128), the
//! host's name, its control byte, the first 16 bytes of its point, the card's name, its nonce, its control byte; each of
//! these behind a byte with its length. Points stand without their first byte 04.

use core::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{CONTROL, CRYPTOGRAM, ID, NONCE, POINT};
use crate::cipher;
use crate::key::{Bytes, Key};

/// What both ends know of each other when keys are derived.
pub(super) struct Parties<'a> {
    pub host: [u8; ID],
    pub point: &'a [u8; POINT],
    pub card: [u8; ID],
    pub nonce: [u8; NONCE],
}

/// The keys of one session. Each masks and wipes itself.
pub(super) struct SessionKeys {
    /// SKCFRM: confirms the others, and is used for nothing else.
    confirmation: Key,
    /// SKMAC: MACs of commands.
    pub mac: Key,
    /// SKENC: encrypts data and counters, both ways.
    pub enc: Key,
    /// SKRMAC: MACs of answers.
    pub rmac: Key,
}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys")
    }
}

/// The card's name in a session: the first bytes of its certificate's digest (step C1).
pub(super) fn card_id(certificate: &[u8]) -> [u8; ID] {
    let digest: [u8; 32] = Sha256::digest(certificate).into();
    core::array::from_fn(|at| digest[at])
}

/// A point's x and y: all but the byte 04.
fn coordinates(point: &[u8; POINT]) -> &[u8] {
    &point[1..]
}

impl SessionKeys {
    pub fn derive(secret: &[u8], parties: &Parties<'_>) -> Self {
        let block = |counter: u32| -> Zeroizing<[u8; 32]> {
            let mut hash = Sha256::new();
            hash.update(counter.to_be_bytes());
            hash.update(secret);
            for part in [
                &[0x09; 4],
                &parties.host[..],
                &[CONTROL],
                &coordinates(parties.point)[..16],
                &parties.card,
                &parties.nonce,
                &[CONTROL],
            ] {
                hash.update([(part.len() & 0x7F) as u8]);
                hash.update(part);
            }
            Zeroizing::new(hash.finalize().into())
        };
        let (first, second) = (block(1), block(2));
        let key = |block: &[u8; 32], at: usize| {
            Key(Bytes::Aes128(core::array::from_fn(|i| block[at + i])))
        };
        Self {
            confirmation: key(&first, 0),
            mac: key(&first, 16),
            enc: key(&second, 0),
            rmac: key(&second, 16),
        }
    }

    /// The card's cryptogram: key confirmation of one side (SP 800-56A §5.9.1).
    pub fn cryptogram(&self, parties: &Parties<'_>) -> [u8; CRYPTOGRAM] {
        cipher::cmac(
            &self.confirmation,
            &[
                b"KC_1_V",
                &parties.card,
                &parties.host,
                coordinates(parties.point),
            ],
        )
    }
}
