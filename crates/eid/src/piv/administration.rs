//! Our card's own: the administration switch (DFC104), set at personalisation: whether anybody but the issuer's channel
//! may write to the card once it lives, and with which key.
//!
//! `53 { 80 <flags>, 81 <algorithm>, 82 <key> }`; flags bit 1 is standard administration with the key 9B, bit 2 are
//! Yubico's extensions to it. A card without this object knows no key 9B and no extension. It is written and never
//! read: to GET DATA there is no such object, in any state.

use super::{ManagementAlgorithm, ManagementKey};
use crate::{Error, Secret, field};

const OBJECT: &str = "administration";
const STANDARD: u8 = 0x01;
const YUBICO: u8 = 0x02;

/// Which commands an administrator has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Extensions {
    /// What SP 800-73-4 gives the holder of 9B: PUT DATA and GENERATE ASYMMETRIC KEY PAIR.
    Standard,
    /// Besides, Yubico's administration extensions (see [`YubicoCommand`](super::YubicoCommand)).
    Yubico,
}

/// The administration switch, on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administration {
    /// Which commands there are.
    pub extensions: Extensions,
    /// The key 9B.
    pub key: ManagementKey,
}

impl Administration {
    /// The tag that PUT DATA names it by.
    pub const TAG: u32 = 0xDF_C104;

    /// The object, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Secret {
        let flags = match self.extensions {
            Extensions::Standard => STANDARD,
            Extensions::Yubico => STANDARD | YUBICO,
        };
        // Room for all of it: a vector that grows would leave copies of the key behind.
        let mut value = Vec::with_capacity(64);
        field::put(&mut value, 0x80, &[flags]);
        field::put(&mut value, 0x81, &[self.key.algorithm().code()]);
        field::put(&mut value, 0x82, self.key.expose());
        let value = Secret::new(value);
        Secret::new(field::field(0x53, value.expose()))
    }

    /// Reads the object.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::Missing`] for anything else: flags that are not defined, extensions without
    /// standard administration, a key that is not of its algorithm.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x53)?;
        let part = |tag, name| field::find(OBJECT, value, tag)?.ok_or(Error::missing(OBJECT, name));
        let extensions = match part(0x80, "80")? {
            [STANDARD] => Extensions::Standard,
            [flags] if *flags == STANDARD | YUBICO => Extensions::Yubico,
            _ => return Err(Error::malformed(OBJECT, "flags that are not defined")),
        };
        let algorithm = match part(0x81, "81")? {
            [code] => ManagementAlgorithm::from_code(*code),
            _ => None,
        }
        .ok_or(Error::malformed(OBJECT, "no algorithm of a management key"))?;
        let key = ManagementKey::new(algorithm, part(0x82, "82")?)?;
        Ok(Self { extensions, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for extensions in [Extensions::Standard, Extensions::Yubico] {
            for algorithm in ManagementAlgorithm::ALL {
                let key = ManagementKey::new(algorithm, vec![7; algorithm.key_length()]).unwrap();
                let administration = Administration { extensions, key };
                let bytes = administration.encode();
                assert_eq!(Administration::decode(bytes.expose()), Ok(administration));
            }
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let good = Administration {
            extensions: Extensions::Standard,
            key: ManagementKey::factory(),
        };
        let good = good.encode().expose().to_vec();
        assert_eq!(good[..8], [0x53, 0x20, 0x80, 0x01, 0x01, 0x81, 0x01, 0x03]);
        for flags in [0x00, 0x02, 0x04, 0x05, 0xFF] {
            let mut wrong = good.clone();
            wrong[4] = flags;
            assert!(Administration::decode(&wrong).is_err(), "{flags:02X}");
        }
        for algorithm in [0x07, 0x08, 0x0C, 0x11] {
            let mut wrong = good.clone();
            wrong[7] = algorithm;
            assert!(Administration::decode(&wrong).is_err(), "{algorithm:02X}");
        }
        assert!(Administration::decode(&[0x53, 0x00]).is_err());
        assert!(Administration::decode(&good[..33]).is_err());
    }

    #[test]
    fn the_key_does_not_show() {
        let administration = Administration {
            extensions: Extensions::Yubico,
            key: ManagementKey::factory(),
        };
        let shown = format!("{administration:?} {:?}", administration.encode());
        assert!(!shown.contains("1, 2, 3"), "{shown}");
    }
}
