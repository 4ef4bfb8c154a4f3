//! AES keys with their schedules expanded: that takes as long as some blocks do, and a session does it once.

use aes::cipher::{
    BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit, array::Array,
};
use aes::{Aes128, Aes192, Aes256};
use cmac::{Cmac, Mac};

use crate::key::{Bytes, Key};

/// Does the same with whatever cipher it is.
macro_rules! with {
    ($Schedule:ident, $schedule:expr, $inner:ident => $body:expr) => {
        match $schedule {
            $Schedule::Aes128($inner) => $body,
            $Schedule::Aes192($inner) => $body,
            $Schedule::Aes256($inner) => $body,
        }
    };
}

/// A key for enciphering.
pub(crate) enum Cipher {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl Cipher {
    pub(crate) fn new(key: &Key) -> Self {
        match &key.0 {
            Bytes::Aes128(bytes) => Self::Aes128(Aes128::new(bytes.into())),
            Bytes::Aes192(bytes) => Self::Aes192(Aes192::new(bytes.into())),
            Bytes::Aes256(bytes) => Self::Aes256(Aes256::new(bytes.into())),
        }
    }

    /// One block.
    pub(crate) fn encrypt_block(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array::from(block);
        with!(Cipher, self, cipher => cipher.encrypt_block(&mut block));
        block.into()
    }

    /// CBC in place over the whole blocks of `data`; a caller gives only whole ones.
    pub(crate) fn cbc_encrypt(&self, iv: [u8; 16], data: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(data);
        with!(Cipher, self, cipher => {
            cbc::Encryptor::inner_iv_init(cipher, &iv.into()).encrypt_blocks(blocks);
        });
    }

    /// The reverse of [`cbc_encrypt`](Self::cbc_encrypt).
    pub(crate) fn cbc_decrypt(&self, iv: [u8; 16], data: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(data);
        with!(Cipher, self, cipher => {
            cbc::Decryptor::inner_iv_init(cipher, &iv.into()).decrypt_blocks(blocks);
        });
    }
}

/// A key for AES-CMAC (RFC 4493, SP 800-38B).
pub(crate) enum Authenticator {
    Aes128(Cmac<Aes128>),
    Aes192(Cmac<Aes192>),
    Aes256(Cmac<Aes256>),
}

impl Authenticator {
    pub(crate) fn new(key: &Key) -> Self {
        match &key.0 {
            Bytes::Aes128(bytes) => Self::Aes128(Cmac::new(bytes.into())),
            Bytes::Aes192(bytes) => Self::Aes192(Cmac::new(bytes.into())),
            Bytes::Aes256(bytes) => Self::Aes256(Cmac::new(bytes.into())),
        }
    }

    /// Over the parts one after the other.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 16] {
        with!(Authenticator, self, keyed => {
            let mut mac = keyed.clone();
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cipher;

    /// What [`cipher`] computes, which is held against published vectors.
    #[test]
    fn expanded_once_is_expanded_each_time() {
        for length in [16, 24, 32] {
            let key = Key::new(&[0x5A; 32][..length]).unwrap();
            let (block, iv) = ([7; 16], [9; 16]);
            let schedule = Cipher::new(&key);
            assert_eq!(
                schedule.encrypt_block(block),
                cipher::encrypt_block(&key, block)
            );
            let (mut one, mut other) = ([3; 160], [3; 160]);
            schedule.cbc_encrypt(iv, &mut one);
            cipher::cbc_encrypt(&key, iv, &mut other);
            assert_eq!(one, other);
            schedule.cbc_decrypt(iv, &mut one);
            assert_eq!(one, [3; 160]);
            let authenticator = Authenticator::new(&key);
            for parts in [&[&[1_u8; 5][..], &[2; 40]][..], &[&[]]] {
                assert_eq!(authenticator.mac(parts), cipher::cmac(&key, parts));
            }
        }
    }
}
