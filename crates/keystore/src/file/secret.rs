//! Secrets in a file: hexadecimal, never copied where they are not wiped.

use core::fmt;

use negin_secure_channel::key::{Key, KeySet};
use p256::ecdsa::SigningKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::{Zeroize, Zeroizing};

/// The longest secret in bytes.
const LONGEST: usize = 32;

/// Up to 32 secret bytes. Masked in Debug, wiped when dropped.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Zeroizing::new([0; 2 * LONGEST]);
        let digits = text
            .get_mut(..2 * self.0.len())
            .ok_or_else(|| serde::ser::Error::custom("too long"))?;
        hex::encode_to_slice(self.0.as_slice(), digits).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(core::str::from_utf8(digits).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl de::Visitor<'_> for Digits {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("up to 32 bytes in hexadecimal")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
                let mut bytes = Zeroizing::new([0; LONGEST]);
                let length = text.len() / 2;
                let wrong = || E::custom("not up to 32 bytes in hexadecimal");
                let bytes = bytes.get_mut(..length).ok_or_else(wrong)?;
                hex::decode_to_slice(text, bytes).map_err(|_| wrong())?;
                Ok(Secret::new(bytes))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

/// A key set as it stands in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredKeySet {
    enc: Secret,
    mac: Secret,
    dek: Secret,
}

impl From<&KeySet> for StoredKeySet {
    fn from(keys: &KeySet) -> Self {
        let secret = |key: &Key| Secret::new(key.expose());
        Self {
            enc: secret(&keys.enc),
            mac: secret(&keys.mac),
            dek: secret(&keys.dek),
        }
    }
}

impl StoredKeySet {
    /// As keys; `None` where the lengths are no key set's.
    pub(crate) fn keys(&self) -> Option<KeySet> {
        let key = |secret: &Secret| Key::new(secret.expose()).ok();
        KeySet::new(key(&self.enc)?, key(&self.mac)?, key(&self.dek)?).ok()
    }
}

/// A private key as it stands in a file: the scalar, 32 bytes big-endian.
pub(crate) fn of_signing_key(key: &SigningKey) -> Secret {
    let mut scalar = key.to_bytes();
    let secret = Secret::new(&scalar);
    scalar.as_mut_slice().zeroize();
    secret
}
