//! Challenge and response with a symmetric key, one block at a time: how a PIV card and its administrator prove
//! themselves to each other with the card management key (NIST SP 800-73-4 Part 2 §3.2.4, SP 800-78-4 §5).
//!
//! One block is enciphered in ECB, as the standard asks, and only blocks that one side has just drawn: this is no
//! cipher for messages.

use core::fmt;

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit, array::Array};
use des::TdesEde3;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::key::Key;
use crate::{Error, cipher};

/// Longest block.
const LONGEST: usize = 16;

/// A symmetric key for challenges. Masked in `Debug`, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub enum ChallengeKey {
    /// Triple DES with three keys, encrypt-decrypt-encrypt (SP 800-67). Parity bits are not looked at.
    TripleDes([u8; 24]),
    /// AES of 128, 192 or 256 bits.
    Aes(Key),
}

/// One block: 8 bytes for Triple DES, 16 for AES. Wiped when dropped.
pub struct Block {
    bytes: Zeroizing<[u8; LONGEST]>,
    length: usize,
}

impl Block {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl ChallengeKey {
    /// A Triple DES key of these 24 bytes. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`Error::KeyLength`] for another number of bytes.
    pub fn triple_des(bytes: &[u8]) -> Result<Self, Error> {
        let key = bytes.try_into();
        Ok(Self::TripleDes(
            key.map_err(|_| Error::KeyLength(bytes.len()))?,
        ))
    }

    /// An AES key of these 16, 24 or 32 bytes. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`Error::KeyLength`] for another number of bytes.
    pub fn aes(bytes: &[u8]) -> Result<Self, Error> {
        Key::new(bytes).map(Self::Aes)
    }

    /// Bytes of a block.
    #[must_use]
    pub const fn block_length(&self) -> usize {
        match self {
            Self::TripleDes(_) => 8,
            Self::Aes(_) => 16,
        }
    }

    /// Enciphers one block.
    ///
    /// # Errors
    /// [`Error::ChallengeLength`] where it is not one block.
    pub fn encrypt(&self, block: &[u8]) -> Result<Block, Error> {
        self.apply(block, Direction::Encrypt)
    }

    /// Deciphers one block.
    ///
    /// # Errors
    /// [`Error::ChallengeLength`] where it is not one block.
    pub fn decrypt(&self, block: &[u8]) -> Result<Block, Error> {
        self.apply(block, Direction::Decrypt)
    }

    fn apply(&self, block: &[u8], direction: Direction) -> Result<Block, Error> {
        let length = self.block_length();
        if block.len() != length {
            return Err(Error::ChallengeLength(block.len()));
        }
        let mut bytes = Zeroizing::new([0; LONGEST]);
        bytes[..length].copy_from_slice(block);
        match self {
            Self::TripleDes(key) => {
                let cipher = TdesEde3::new(&Array::from(*key));
                if let ([whole], _) = Array::slice_as_chunks_mut(&mut bytes[..length]) {
                    match direction {
                        Direction::Encrypt => cipher.encrypt_block(whole),
                        Direction::Decrypt => cipher.decrypt_block(whole),
                    }
                }
            }
            Self::Aes(key) => {
                *bytes = match direction {
                    Direction::Encrypt => cipher::encrypt_block(key, *bytes),
                    Direction::Decrypt => cipher::decrypt_block(key, *bytes),
                };
            }
        }
        Ok(Block { bytes, length })
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Encrypt,
    Decrypt,
}

impl fmt::Debug for ChallengeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TripleDes(_) => f.write_str("ChallengeKey(Triple DES)"),
            Self::Aes(key) => write!(f, "ChallengeKey({key:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    fn both_ways(key: &ChallengeKey, plain: &str, enciphered: &str) {
        let (plain, enciphered) = (
            hex::decode(plain).unwrap(),
            hex::decode(enciphered).unwrap(),
        );
        assert_eq!(key.encrypt(&plain).unwrap().as_bytes(), enciphered);
        assert_eq!(key.decrypt(&enciphered).unwrap().as_bytes(), plain);
    }

    /// SP 800-67 appendix B.1 (three keys, ECB, the first block) and FIPS 197 appendix C.
    #[test]
    fn published_vectors() {
        let key = hex::decode("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123").unwrap();
        both_ways(
            &ChallengeKey::triple_des(&key).unwrap(),
            "5468652071756663",
            "A826FD8CE53B855F",
        );
        let plain = "00112233445566778899AABBCCDDEEFF";
        for (length, enciphered) in [
            (16, "69C4E0D86A7B0430D8CDB78070B4C55A"),
            (24, "DDA97CA4864CDFE06EAF70A0EC0D7191"),
            (32, "8EA2B7CA516745BFEAFC49904B496089"),
        ] {
            let bytes: std::vec::Vec<u8> = (0..length).collect();
            both_ways(&ChallengeKey::aes(&bytes).unwrap(), plain, enciphered);
        }
    }

    #[test]
    fn lengths_and_masks() {
        let key = ChallengeKey::triple_des(&[7; 24]).unwrap();
        assert_eq!(key.block_length(), 8);
        for length in (0..32).filter(|length| *length != 8) {
            assert_eq!(
                key.encrypt(&[0; 32][..length]).err(),
                Some(Error::ChallengeLength(length))
            );
        }
        assert!(ChallengeKey::triple_des(&[7; 16]).is_err());
        assert!(ChallengeKey::aes(&[7; 8]).is_err());
        assert_eq!(format!("{key:?}"), "ChallengeKey(Triple DES)");
    }
}
