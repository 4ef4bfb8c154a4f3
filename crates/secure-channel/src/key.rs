//! AES keys, and the three that make a key set.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Error, cipher};

/// An AES key of 128, 192 or 256 bits. Masked in `Debug`, compared in constant time, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key(pub(crate) Bytes);

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) enum Bytes {
    Aes128([u8; 16]),
    Aes192([u8; 24]),
    Aes256([u8; 32]),
}

impl Key {
    /// A key of these bytes. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`Error::KeyLength`] unless there are 16, 24 or 32.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |_| Error::KeyLength(bytes.len());
        Ok(Self(match bytes.len() {
            16 => Bytes::Aes128(bytes.try_into().map_err(wrong)?),
            24 => Bytes::Aes192(bytes.try_into().map_err(wrong)?),
            _ => Bytes::Aes256(bytes.try_into().map_err(wrong)?),
        }))
    }

    /// A key of the same length as this one, its bytes written by `fill`.
    #[must_use]
    pub fn same_length(&self, fill: impl FnOnce(&mut [u8])) -> Self {
        let mut key = self.clone();
        fill(match &mut key.0 {
            Bytes::Aes128(bytes) => bytes,
            Bytes::Aes192(bytes) => bytes,
            Bytes::Aes256(bytes) => bytes,
        });
        key
    }

    /// The secret itself: for what stores keys (a card's memory, a development key file) and nothing else.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        match &self.0 {
            Bytes::Aes128(bytes) => bytes,
            Bytes::Aes192(bytes) => bytes,
            Bytes::Aes256(bytes) => bytes,
        }
    }

    /// Length in bytes: 16, 24 or 32.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub const fn len(&self) -> usize {
        match &self.0 {
            Bytes::Aes128(_) => 16,
            Bytes::Aes192(_) => 24,
            Bytes::Aes256(_) => 32,
        }
    }

    /// Length in bits, as key derivation writes it.
    pub(crate) const fn bits(&self) -> u16 {
        match &self.0 {
            Bytes::Aes128(_) => 128,
            Bytes::Aes192(_) => 192,
            Bytes::Aes256(_) => 256,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(AES-{})", self.bits())
    }
}

/// The three keys of a key version (GlobalPlatform Amendment D §6.1, Key Identifiers 01, 02, 03), of one length.
/// Each key masks and wipes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// Key-ENC: from it the session key of encryption.
    pub enc: Key,
    /// Key-MAC: from it the session keys of both MACs.
    pub mac: Key,
    /// Key-DEK: encrypts keys that are sent to the card.
    pub dek: Key,
}

impl KeySet {
    /// A key set of these three.
    ///
    /// # Errors
    /// [`Error::KeySetLengths`] where they differ in length.
    pub fn new(enc: Key, mac: Key, dek: Key) -> Result<Self, Error> {
        if enc.len() != mac.len() || enc.len() != dek.len() {
            return Err(Error::KeySetLengths);
        }
        Ok(Self { enc, mac, dek })
    }

    /// One key in all three places: a master key before diversification, or a test card's.
    #[must_use]
    pub fn of_one(key: &Key) -> Self {
        Self {
            enc: key.clone(),
            mac: key.clone(),
            dek: key.clone(),
        }
    }

    /// The check values of ENC, MAC and DEK.
    #[must_use]
    pub fn kcvs(&self) -> [[u8; 3]; 3] {
        [kcv(&self.enc), kcv(&self.mac), kcv(&self.dek)]
    }
}

/// Key check value (Amendment D §4.1.4): the first three bytes of sixteen bytes 01, encrypted.
#[must_use]
pub fn kcv(key: &Key) -> [u8; 3] {
    let [a, b, c, ..] = cipher::encrypt_block(key, [1; 16]);
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn lengths_and_masks() {
        for length in [16, 24, 32] {
            let key = Key::new(&[7; 32][..length]).unwrap();
            assert_eq!((key.len(), key.expose().len()), (length, length));
            assert_eq!(format!("{key:?}"), format!("Key(AES-{})", length * 8));
        }
        assert_eq!(Key::new(&[0; 17]), Err(Error::KeyLength(17)));
        assert_eq!(Key::new(&[0; 33]), Err(Error::KeyLength(33)));
        let (short, long) = (Key::new(&[7; 16]).unwrap(), Key::new(&[7; 32]).unwrap());
        assert_ne!(short, long);
        assert_eq!(
            KeySet::new(short.clone(), short.clone(), long),
            Err(Error::KeySetLengths)
        );
        assert!(!format!("{:?}", KeySet::of_one(&short)).contains("07"));
    }
}
