//! The seat that writes: its name, its key, its randomness.

use core::fmt;
use std::collections::BTreeMap;

use p256::ecdsa::{Signature, VerifyingKey};

use crate::entry::verify_seal;
use crate::{Digest, Error, Salt, SealBytes, SeatName};

/// Signs a message (not its hash) with the seat's P-256 key, with SHA-256; such as the key store's `sign`.
pub type SignFn =
    Box<dyn Fn(&[u8]) -> Result<Signature, Box<dyn std::error::Error + Send + Sync>> + Send>;

/// Fills a slice with random bytes, for salts.
pub type EntropyFn = Box<dyn FnMut(&mut [u8]) + Send>;

/// The public keys a verifier trusts, by seat. They come from the key store or from paper, never from the ledger itself.
pub type TrustedKeys = BTreeMap<SeatName, VerifyingKey>;

/// A station or counter that writes to a ledger.
pub struct Seat {
    name: SeatName,
    public_key: VerifyingKey,
    sign: SignFn,
    entropy: EntropyFn,
}

impl Seat {
    /// A seat of that name, whose signatures verify under `public_key`.
    #[must_use]
    pub fn new(name: SeatName, public_key: VerifyingKey, sign: SignFn, entropy: EntropyFn) -> Self {
        Self {
            name,
            public_key,
            sign,
            entropy,
        }
    }

    /// The seat's name.
    #[must_use]
    pub const fn name(&self) -> &SeatName {
        &self.name
    }

    /// The key its entries verify under.
    #[must_use]
    pub const fn public_key(&self) -> &VerifyingKey {
        &self.public_key
    }

    pub(crate) fn salt(&mut self) -> Salt {
        let mut salt = [0; 16];
        (self.entropy)(&mut salt);
        Salt::from(salt)
    }

    /// Signs an entry's encoding, whose hash is `hash`, and checks what came back.
    pub(crate) fn seal(&self, encoding: &[u8], hash: &Digest) -> Result<SealBytes, Error> {
        let refused = |reason: String| Error::Signer {
            seat: self.name.clone(),
            reason,
        };
        let signature = (self.sign)(encoding).map_err(|error| refused(error.to_string()))?;
        // One of the two forms of an ECDSA signature is fixed, so that a seal cannot be exchanged for its twin unseen.
        let seal = SealBytes::from(<[u8; 64]>::from(signature.normalize_s().to_bytes()));
        if verify_seal(&self.public_key, hash, &seal) {
            Ok(seal)
        } else {
            Err(refused(
                "it does not verify under the seat's public key".to_owned(),
            ))
        }
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
