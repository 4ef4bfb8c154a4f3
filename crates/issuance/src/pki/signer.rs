//! Who signs: a public key, and a function that reaches the private one.

use negin_eid::piv::PublicPoint;
use negin_keystore::{KeyStore, SigningKeyId};
use p256::ecdsa::{DerSignature, Signature, VerifyingKey, signature::Verifier};

use super::Error;

/// A P-256 key that signs elsewhere: in a key store, a hardware module, a test.
pub struct Signer<'a> {
    public: VerifyingKey,
    sign: SignMessage<'a>,
}

type Cause = Box<dyn core::error::Error + Send + Sync>;
type SignMessage<'a> = Box<dyn FnMut(&[u8]) -> Result<Signature, Cause> + 'a>;

impl<'a> Signer<'a> {
    /// The key of this public half. `sign` is given a message of any length and returns the ECDSA signature over its
    /// SHA-256.
    pub fn new<E: Into<Cause>>(
        public: VerifyingKey,
        mut sign: impl FnMut(&[u8]) -> Result<Signature, E> + 'a,
    ) -> Self {
        Self {
            public,
            sign: Box::new(move |message| sign(message).map_err(Into::into)),
        }
    }

    /// A key of a key store.
    ///
    /// # Errors
    /// [`Error::Signer`] where the store has no such key.
    pub fn of_store(keys: &'a dyn KeyStore, key: SigningKeyId) -> Result<Self, Error> {
        let public = keys
            .public_key(&key)
            .map_err(|error| Error::Signer(error.into()))?;
        Ok(Self::new(public, move |message| keys.sign(&key, message)))
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The public half as a point.
    ///
    /// # Errors
    /// None that a valid key can cause.
    pub fn public_point(&self) -> Result<PublicPoint, Error> {
        Ok(PublicPoint::new(
            self.public.to_sec1_point(false).as_bytes(),
        )?)
    }

    /// Signs a message, and verifies what comes back.
    pub(super) fn sign(&mut self, message: &[u8]) -> Result<DerSignature, Error> {
        let signature = (self.sign)(message).map_err(Error::Signer)?;
        self.public
            .verify(message, &signature)
            .map_err(|_| Error::SignerKey)?;
        Ok(signature.to_der())
    }
}

impl core::fmt::Debug for Signer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Signer")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
