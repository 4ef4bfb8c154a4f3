//! The challenge of the Microsoft Fingerprint Reader, second version (045E:00CA).

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};

/// How long challenge and response are, bytes.
pub(super) const LENGTH: usize = 16;

/// The key of every such reader, public in every open driver.
const KEY: [u8; LENGTH] = [
    0x79, 0xAC, 0x91, 0x79, 0x5C, 0xA1, 0x47, 0x8E, 0x98, 0xE0, 0x0F, 0x3C, 0x59, 0x8F, 0x5F, 0x4B,
];

/// The response to a challenge: its encryption under AES-128.
pub(super) fn respond(challenge: [u8; LENGTH]) -> [u8; LENGTH] {
    let mut block = challenge.into();
    Aes128::new(&KEY.into()).encrypt_block(&mut block);
    block.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a real reader asked and took it.
    #[test]
    fn the_response_is_the_one_a_reader_took() {
        let challenge = [
            0xF8, 0x4C, 0x84, 0x31, 0x48, 0xDE, 0xD8, 0xC0, 0x03, 0xFE, 0x75, 0x9B, 0x13, 0x5E,
            0x4D, 0x1A,
        ];
        let response = [
            0x3C, 0x9B, 0x01, 0x3B, 0x71, 0xB5, 0x93, 0xA3, 0xDB, 0xBA, 0xFD, 0xF3, 0x85, 0x35,
            0x1D, 0x50,
        ];
        assert_eq!(respond(challenge), response);
    }
}
