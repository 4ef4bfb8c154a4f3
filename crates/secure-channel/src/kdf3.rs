//! Diversified keys: from a master key set and a card's diversification data, the card's own key set.
//!
//! The rule is the one GlobalPlatformPro calls KDF3, so that other tools derive the same: SP 800-108 in counter mode
//! with CMAC, an 8-bit counter in front of the constant 00000001 (ENC), 00000002 (MAC) or 00000003 (DEK), a byte 00,
//! and the ten bytes of key diversification data that INITIALIZE UPDATE returns.

use crate::cipher;
use crate::key::{Key, KeySet};

/// The card's key set under this master key set.
#[must_use]
pub fn diversify(master: &KeySet, kdd: &[u8; 10]) -> KeySet {
    KeySet {
        enc: derive(&master.enc, 1, kdd),
        mac: derive(&master.mac, 2, kdd),
        dek: derive(&master.dek, 3, kdd),
    }
}

fn derive(master: &Key, purpose: u8, kdd: &[u8; 10]) -> Key {
    master.same_length(|out| {
        for (counter, chunk) in (1u8..).zip(out.chunks_mut(16)) {
            let block = cipher::cmac(master, &[&[counter, 0, 0, 0, purpose, 0], kdd]);
            chunk.copy_from_slice(block.get(..chunk.len()).unwrap_or(&block));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(master: &str) -> KeySet {
        KeySet::of_one(&Key::new(&hex::decode(master).unwrap()).unwrap())
    }

    /// GlobalPlatformPro's unit tests: check values for the three key lengths.
    #[test]
    fn as_globalplatformpro_by_check_values() {
        let kdd = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        for (master, kcvs) in [
            (
                "404142434445464748494A4B4C4D4E4F",
                ["E79C05", "D1BD77", "3FDE8C"],
            ),
            (
                "404142434445464748494A4B4C4D4E4F5051525354555657",
                ["1DE8EA", "47C00C", "C04D76"],
            ),
            (
                "404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F",
                ["2972D2", "036F94", "5D57B8"],
            ),
        ] {
            assert_eq!(
                diversify(&set(master), &kdd).kcvs().map(hex::encode_upper),
                kcvs
            );
        }
    }

    /// GlobalPlatformPro's external vector: a whole derived key.
    #[test]
    fn as_globalplatformpro_whole_key() {
        let master = set("8C72C72CF908411653018807950D82FBAD947562F0828A0B10B8B9606ABF3BCD");
        let kdd = [0xD9, 0xB1, 0xDE, 0x5D, 0x03, 0x62, 0xDE, 0xDC, 0xE4, 0xFB];
        let expected = "9AAC5D0B3601F89438A0D9D0B6B256CFB47E6462DFA5228D3420C4AC7C224781";
        assert_eq!(
            hex::encode_upper(diversify(&master, &kdd).enc.expose()),
            expected
        );
    }
}
