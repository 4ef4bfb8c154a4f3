//! The data of PUT KEY for an SCP03 key set, and of its answer (GlobalPlatform 2.3 §11.8, Amendment D §7.2).
//!
//! Data: the new key version, then for ENC, MAC and DEK a block
//! `88 | length of what follows up to the check value | key length | key, encrypted | 03 | check value`.
//! Encrypted is AES-CBC under the DEK of the key set that opened the session, with a zero IV; an AES-192 key is padded
//! to two blocks. The answer repeats the version and the three check values.

use alloc::vec::Vec;
use core::fmt;

use negin_apdu::StatusWord;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::key::{Key, KeySet, kcv};
use crate::{Error, cipher};

/// Key type 'AES' (GlobalPlatform 2.3 table 11-16).
const AES: u8 = 0x88;

/// Length of the answer: the version and three check values.
pub const CONFIRMATION_LENGTH: usize = 10;

/// The data field of a PUT KEY and the answer that confirms it.
#[derive(Clone, PartialEq, Eq)]
pub struct PutKey {
    data: Vec<u8>,
    confirmation: [u8; CONFIRMATION_LENGTH],
}

impl PutKey {
    /// Prepares the data that puts `keys` in as `version`, encrypted under `dek`, the DEK of the key set with which
    /// the session was opened.
    #[must_use]
    pub fn encode(version: u8, keys: &KeySet, dek: &Key) -> Self {
        let mut data = alloc::vec![version];
        for key in [&keys.enc, &keys.mac, &keys.dek] {
            let mut block = match key.len() % 16 {
                0 => Zeroizing::new(key.expose().to_vec()),
                _ => cipher::padded(key.expose()),
            };
            cipher::cbc_encrypt(dek, [0; 16], &mut block);
            // At most 32 + 1: both lengths fit one byte.
            data.extend_from_slice(&[AES, (block.len() + 1) as u8, key.len() as u8]);
            data.extend_from_slice(&block);
            data.push(3);
            data.extend_from_slice(&kcv(key));
        }
        Self {
            data,
            confirmation: confirmation(version, keys),
        }
    }

    /// The data field: 70 bytes for AES-128, 118 for the longer ones. The keys in it are encrypted.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Checks the card's answer. A card that answers nothing but 9000 has confirmed nothing.
    ///
    /// # Errors
    /// [`Error::KeysNotConfirmed`] unless version and check values are those that were sent.
    pub fn check(&self, answer: &[u8]) -> Result<(), Error> {
        if answer.ct_eq(&self.confirmation).into() {
            Ok(())
        } else {
            Err(Error::KeysNotConfirmed)
        }
    }
}

impl fmt::Debug for PutKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PutKey({} bytes)", self.data.len())
    }
}

/// What a card answers to PUT KEY: the version and the three check values.
#[must_use]
pub fn confirmation(version: u8, keys: &KeySet) -> [u8; CONFIRMATION_LENGTH] {
    let [[a, b, c], [d, e, f], [g, h, i]] = keys.kcvs();
    [version, a, b, c, d, e, f, g, h, i]
}

/// Why a card does not take the data of a PUT KEY.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not a version and three blocks.
    #[error("the data is not a version and three key blocks")]
    Form,
    /// A key that is not AES, or of no AES length, or three of different lengths.
    #[error("a key type or length that is not taken")]
    Algorithm,
    /// A check value does not fit its key.
    #[error("a check value does not fit its key")]
    CheckValue,
}

impl DecodeError {
    /// What the card answers (GlobalPlatform 2.3 §11.8.3.2).
    #[must_use]
    pub const fn status(self) -> StatusWord {
        match self {
            Self::Form => StatusWord::WRONG_DATA,
            Self::Algorithm => StatusWord::ALGORITHM_NOT_SUPPORTED,
            Self::CheckValue => StatusWord::INVALID_KEY_CHECK_VALUE,
        }
    }
}

/// Reads the data field of a PUT KEY in the card: version and key set, decrypted under the session's DEK, each key
/// against its check value.
///
/// # Errors
/// [`DecodeError`].
pub fn decode(data: &[u8], dek: &Key) -> Result<(u8, KeySet), DecodeError> {
    let (&version, mut rest) = data.split_first().ok_or(DecodeError::Form)?;
    let mut next = || -> Result<Key, DecodeError> {
        let (key, after) = decode_block(rest, dek)?;
        rest = after;
        Ok(key)
    };
    let (enc, mac, key_dek) = (next()?, next()?, next()?);
    if !rest.is_empty() {
        return Err(DecodeError::Form);
    }
    let keys = KeySet::new(enc, mac, key_dek).map_err(|_| DecodeError::Algorithm)?;
    Ok((version, keys))
}

fn decode_block<'a>(data: &'a [u8], dek: &Key) -> Result<(Key, &'a [u8]), DecodeError> {
    let [key_type, length, rest @ ..] = data else {
        return Err(DecodeError::Form);
    };
    if *key_type != AES {
        return Err(DecodeError::Algorithm);
    }
    let (body, rest) = rest
        .split_at_checked(usize::from(*length))
        .ok_or(DecodeError::Form)?;
    let [3, a, b, c, rest @ ..] = rest else {
        return Err(DecodeError::Form);
    };
    let (&key_length, encrypted) = body.split_first().ok_or(DecodeError::Form)?;
    let key_length = usize::from(key_length);
    if !matches!(key_length, 16 | 24 | 32) {
        return Err(DecodeError::Algorithm);
    }
    // What pads an AES-192 key is the sender's choice; the length in the clear says where the key ends.
    if encrypted.len() != key_length.next_multiple_of(16) {
        return Err(DecodeError::Form);
    }
    let mut plain = Zeroizing::new(encrypted.to_vec());
    cipher::cbc_decrypt(dek, [0; 16], &mut plain);
    let key = plain
        .get(..key_length)
        .and_then(|bytes| Key::new(bytes).ok())
        .ok_or(DecodeError::Form)?;
    if bool::from(kcv(&key).ct_eq(&[*a, *b, *c])) {
        Ok((key, rest))
    } else {
        Err(DecodeError::CheckValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn set(length: usize, seed: u8) -> KeySet {
        let key = |offset: u8| {
            Key::new(
                &(0..32)
                    .map(|n: u8| n.wrapping_mul(17) ^ seed ^ offset)
                    .collect::<Vec<_>>()[..length],
            )
            .unwrap()
        };
        KeySet::new(key(1), key(2), key(3)).unwrap()
    }

    #[test]
    fn there_and_back_for_every_length() {
        for (length, bytes) in [(16, 70), (24, 118), (32, 118)] {
            for dek in [16, 24, 32] {
                let (keys, dek) = (set(length, 5), set(dek, 9).dek);
                let put = PutKey::encode(0x30, &keys, &dek);
                assert_eq!(put.data().len(), bytes);
                assert_eq!(decode(put.data(), &dek), Ok((0x30, keys.clone())));
                assert_eq!(put.check(&confirmation(0x30, &keys)), Ok(()));
                assert_eq!(
                    put.check(&confirmation(0x31, &keys)),
                    Err(Error::KeysNotConfirmed)
                );
                assert_eq!(put.check(&[]), Err(Error::KeysNotConfirmed));
                assert_eq!(
                    decode(put.data(), &set(16, 77).dek),
                    Err(DecodeError::CheckValue)
                );
            }
        }
    }

    #[test]
    fn what_is_wrong_is_refused() {
        let (keys, dek) = (set(16, 5), set(16, 9).dek);
        let data = PutKey::encode(0x30, &keys, &dek).data().to_vec();
        for end in 0..data.len() {
            assert!(decode(&data[..end], &dek).is_err());
        }
        for at in 1..data.len() {
            let mut changed = data.clone();
            changed[at] ^= 0x40;
            assert!(decode(&changed, &dek).is_err(), "byte {at}");
        }
        let longer = [&data[..], &[0]].concat();
        assert_eq!(decode(&longer, &dek), Err(DecodeError::Form));
        let mut des = data;
        des[1] = 0x80;
        assert_eq!(decode(&des, &dek), Err(DecodeError::Algorithm));
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_are_refused(data in proptest::collection::vec(any::<u8>(), 0..150)) {
            let _ = decode(&data, &set(16, 9).dek);
        }
    }
}
