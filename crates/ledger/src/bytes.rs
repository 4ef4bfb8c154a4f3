//! Byte strings of a fixed length, read and written as lower-case hexadecimal.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// From a slice; `None` where its length differs.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let mut bytes = [0; $len];
                hex::decode_to_slice(&text, &mut bytes)
                    .map_err(|_| de::Error::custom(concat!("not ", $len, " bytes in hexadecimal")))?;
                Ok(Self(bytes))
            }
        }
    };
}

fixed_bytes!(
    /// A SHA-256 hash.
    Digest,
    32
);
fixed_bytes!(
    /// What makes two hashes of one citizen differ: 16 random bytes, new for each entry.
    Salt,
    16
);
fixed_bytes!(
    /// An ECDSA signature on P-256: r and s, 32 bytes each, big-endian, with s in the lower half.
    SealBytes,
    64
);
