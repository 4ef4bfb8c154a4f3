//! Key Information Template (tag E0): which keys are there (GlobalPlatform Card Specification 2.3 §11.3.3.1).

use crate::{Error, field};

const OBJECT: &str = "Key Information Template";

/// A key's type and what it can be (table 11-16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// DES (80).
    Des,
    /// AES (88).
    Aes,
    /// Any other, by its code.
    Other(u8),
}

impl KeyType {
    /// The code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Des => 0x80,
            Self::Aes => 0x88,
            Self::Other(code) => code,
        }
    }

    /// The type of a code.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            0x80 => Self::Des,
            0x88 => Self::Aes,
            _ => Self::Other(code),
        }
    }
}

/// One key: `C0 04 <id> <version> <type> <length>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyInformation {
    /// Key identifier: 1 ENC, 2 MAC, 3 DEK for SCP03.
    pub id: u8,
    /// Key version number.
    pub version: u8,
    /// Its type.
    pub key_type: KeyType,
    /// Its length in bytes.
    pub length: u8,
}

impl KeyInformation {
    /// The three AES keys of a key set.
    #[must_use]
    pub const fn key_set(version: u8, length: u8) -> [Self; 3] {
        const fn key(id: u8, version: u8, length: u8) -> KeyInformation {
            KeyInformation {
                id,
                version,
                key_type: KeyType::Aes,
                length,
            }
        }
        [
            key(1, version, length),
            key(2, version, length),
            key(3, version, length),
        ]
    }

    /// The template of these keys, tag E0 and all.
    #[must_use]
    pub fn encode_template(keys: &[Self]) -> Vec<u8> {
        let mut value = Vec::new();
        for key in keys {
            field::put(
                &mut value,
                0xC0,
                &[key.id, key.version, key.key_type.code(), key.length],
            );
        }
        field::field(0xE0, &value)
    }

    /// Reads a template. Keys of more than one component (RSA) count by their first.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else.
    pub fn decode_template(bytes: &[u8]) -> Result<Vec<Self>, Error> {
        let mut keys = Vec::new();
        for entry in field::fields(OBJECT, field::only(OBJECT, bytes, 0xE0)?) {
            match entry? {
                (0xC0, [id, version, key_type, length, ..]) => keys.push(Self {
                    id: *id,
                    version: *version,
                    key_type: KeyType::from_code(*key_type),
                    length: *length,
                }),
                (0xC0, _) => {
                    return Err(Error::malformed(OBJECT, "an entry of less than four bytes"));
                }
                _ => {}
            }
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let keys = [
            KeyInformation::key_set(0x30, 16),
            KeyInformation::key_set(0x31, 32),
        ]
        .concat();
        let bytes = KeyInformation::encode_template(&keys);
        assert_eq!(bytes[..8], [0xE0, 0x24, 0xC0, 0x04, 0x01, 0x30, 0x88, 0x10]);
        assert_eq!(KeyInformation::decode_template(&bytes).unwrap(), keys);
    }

    #[test]
    fn rubbish_is_refused() {
        assert!(KeyInformation::decode_template(&[0xE0, 0x03, 0xC0, 0x01, 0x01]).is_err());
        assert!(KeyInformation::decode_template(&[0xE1, 0x00]).is_err());
        assert!(KeyInformation::decode_template(&[]).is_err());
    }
}
