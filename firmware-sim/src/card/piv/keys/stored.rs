//! A key pair as memory holds it. The form is part of the state file's format.
//!
//! `01 <algorithm> <origin> <private key>`: origin 01 is made in the card, 02 brought from elsewhere; the private key is
//! a scalar or both primes. Who may use a key, and how, is said by its reference and not stored. Earlier releases wrote
//! 32 bytes, a scalar of P-256 made in the card; no form of today has that length.

use negin_eid::piv::Algorithm;
use zeroize::Zeroizing;

use super::private_key::PrivateKey;

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::card) enum Origin {
    /// Made in the card: nobody else ever had it.
    Generated,
    /// Brought from elsewhere.
    Imported,
}

impl Origin {
    /// The code, in memory and in the metadata of Yubico's extensions.
    pub const fn code(self) -> u8 {
        match self {
            Self::Generated => 0x01,
            Self::Imported => 0x02,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            0x01 => Some(Self::Generated),
            0x02 => Some(Self::Imported),
            _ => None,
        }
    }
}

/// A key pair and where it comes from.
pub(in crate::card) struct StoredKey {
    pub origin: Origin,
    pub private: PrivateKey,
}

const FORM: u8 = 0x01;
/// The length of a whole key of the first releases.
const SCALAR_ALONE: usize = 32;

impl StoredKey {
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let private = self.private.encode();
        // Room for all of it: a vector that grows would leave copies of the key behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(3 + private.len()));
        bytes.extend([FORM, self.private.algorithm().code(), self.origin.code()]);
        bytes.extend_from_slice(&private);
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (algorithm, origin, private) = match bytes {
            scalar if scalar.len() == SCALAR_ALONE => {
                (Algorithm::EccP256, Origin::Generated, scalar)
            }
            [FORM, algorithm, origin, private @ ..] => (
                Algorithm::from_code(*algorithm)?,
                Origin::from_code(*origin)?,
                private,
            ),
            _ => return None,
        };
        Some(Self {
            origin,
            private: PrivateKey::decode(algorithm, private)?,
        })
    }
}
