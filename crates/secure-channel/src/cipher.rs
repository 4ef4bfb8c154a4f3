//! AES of whatever key length, in the few ways this room needs it.

use aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
    array::Array,
};
use aes::{Aes128, Aes192, Aes256};
use alloc::vec::Vec;
use cmac::{Cmac, Mac};
use zeroize::Zeroizing;

use crate::key::{Bytes, Key};

/// Does the same with the cipher of the key's length.
macro_rules! with_aes {
    ($key:expr, $bytes:ident, $Aes:ident => $body:expr) => {
        match &$key.0 {
            Bytes::Aes128($bytes) => {
                type $Aes = Aes128;
                $body
            }
            Bytes::Aes192($bytes) => {
                type $Aes = Aes192;
                $body
            }
            Bytes::Aes256($bytes) => {
                type $Aes = Aes256;
                $body
            }
        }
    };
}

/// One block.
pub(crate) fn encrypt_block(key: &Key, block: [u8; 16]) -> [u8; 16] {
    let mut block = Array::from(block);
    with_aes!(key, bytes, Aes => Aes::new(bytes.into()).encrypt_block(&mut block));
    block.into()
}

/// One block, the other way.
pub(crate) fn decrypt_block(key: &Key, block: [u8; 16]) -> [u8; 16] {
    let mut block = Array::from(block);
    with_aes!(key, bytes, Aes => Aes::new(bytes.into()).decrypt_block(&mut block));
    block.into()
}

/// AES-CMAC (RFC 4493, SP 800-38B) over the parts one after the other.
pub(crate) fn cmac(key: &Key, parts: &[&[u8]]) -> [u8; 16] {
    with_aes!(key, bytes, Aes => {
        let mut mac = Cmac::<Aes>::new(bytes.into());
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    })
}

/// CBC in place over the whole blocks of `data`; a caller gives only whole ones.
pub(crate) fn cbc_encrypt(key: &Key, iv: [u8; 16], data: &mut [u8]) {
    let (blocks, _) = Array::slice_as_chunks_mut(data);
    with_aes!(key, bytes, Aes => cbc::Encryptor::<Aes>::new(bytes.into(), &iv.into()).encrypt_blocks(blocks));
}

/// The reverse of [`cbc_encrypt`].
pub(crate) fn cbc_decrypt(key: &Key, iv: [u8; 16], data: &mut [u8]) {
    let (blocks, _) = Array::slice_as_chunks_mut(data);
    with_aes!(key, bytes, Aes => cbc::Decryptor::<Aes>::new(bytes.into(), &iv.into()).decrypt_blocks(blocks));
}

/// The data with a byte 80 and zeros up to a whole block (ISO/IEC 9797-1 padding method 2).
pub(crate) fn padded(data: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = (data.len() / 16 + 1) * 16;
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    out.extend_from_slice(data);
    out.push(0x80);
    out.resize(length, 0);
    out
}

/// Adds a byte 80 and zeros up to a whole block (ISO/IEC 9797-1 padding method 2).
pub(crate) fn pad(data: &mut Vec<u8>) {
    let length = (data.len() / 16 + 1) * 16;
    data.push(0x80);
    data.resize(length, 0);
}

/// How many bytes are left when the padding is taken off; `None` where it is not padding of at most one block.
pub(crate) fn unpadded(data: &[u8]) -> Option<usize> {
    let mark = data.iter().rposition(|byte| *byte != 0)?;
    (data.get(mark) == Some(&0x80) && data.len() - mark <= 16).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn key(text: &str) -> Key {
        Key::new(&hex::decode(text).unwrap()).unwrap()
    }

    /// RFC 4493 §4: four lengths of one message.
    #[test]
    fn rfc_4493() {
        let key = key("2b7e151628aed2a6abf7158809cf4f3c");
        let message = hex::decode(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
             30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        )
        .unwrap();
        for (length, mac) in [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ] {
            assert_eq!(hex::encode(cmac(&key, &[&message[..length]])), mac);
            let (head, tail) = message[..length].split_at(length / 3);
            assert_eq!(hex::encode(cmac(&key, &[head, tail])), mac);
        }
    }

    /// SP 800-38B's examples for AES-192 and AES-256, 40 bytes each.
    #[test]
    fn sp_800_38b() {
        let message = hex::decode(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
        )
        .unwrap();
        for (of, mac) in [
            (
                "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
                "8a1de5be2eb31aad089a82e6ee908b0e",
            ),
            (
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "aaf3d8f1de5640c232f5b169b9c911e6",
            ),
        ] {
            assert_eq!(hex::encode(cmac(&key(of), &[&message])), mac);
        }
    }

    /// SP 800-38A F.2.1: the first two blocks of CBC-AES128.
    #[test]
    fn sp_800_38a_cbc() {
        let key = key("2b7e151628aed2a6abf7158809cf4f3c");
        let iv = core::array::from_fn(|index| u8::try_from(index).unwrap());
        let plain = hex::decode("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
            .unwrap();
        let mut data = plain.clone();
        cbc_encrypt(&key, iv, &mut data);
        assert_eq!(
            hex::encode(&data),
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        );
        cbc_decrypt(&key, iv, &mut data);
        assert_eq!(data, plain);
    }

    #[test]
    fn padding() {
        for length in 0..40 {
            let data = vec![0; length];
            let whole = padded(&data);
            assert_eq!((whole.len() % 16, unpadded(&whole)), (0, Some(length)));
        }
        assert_eq!(unpadded(&[0; 16]), None);
        assert_eq!(unpadded(&[]), None);
        assert_eq!(
            unpadded(&[0x80; 1].into_iter().chain([0; 16]).collect::<Vec<_>>()),
            None
        );
        assert_eq!(unpadded(&[1, 2, 3]), None);
    }
}
