//! The trait that every key store fulfils: a file, a hardware module.

use negin_secure_channel::put_key::PutKey;
use negin_secure_channel::scp03::kdf::SessionKeys;
use p256::ecdsa::{Signature, VerifyingKey};
use zeroize::Zeroizing;

use crate::{CardKeySet, Error, ForeignBatch, Kdd, OfficeCode, SigningKeyId};

/// Holds keys and hands out what comes of them.
pub trait KeyStore: Send + Sync {
    /// The session keys of SCP03 for the card with this diversification data and these challenges, 8 bytes each (mode S8)
    /// or 16 (S16). They end with the session.
    ///
    /// # Errors
    /// [`Error::NoCardKeys`], [`Error::OtherOffice`], [`Error::OverrideLocked`], [`Error::ChallengeLength`].
    fn derive_session(
        &self,
        set: CardKeySet,
        kdd: &Kdd,
        host_challenge: &[u8],
        card_challenge: &[u8],
    ) -> Result<SessionKeys, Error>;

    /// The check values of the card's ENC, MAC and DEK keys of that set.
    ///
    /// # Errors
    /// [`Error::NoCardKeys`], [`Error::OtherOffice`], [`Error::OverrideLocked`].
    fn kcvs(&self, set: CardKeySet, kdd: &Kdd) -> Result<[[u8; 3]; 3], Error>;

    /// The data field of the PUT KEY that gives the card its key set `new` as version `version`, encrypted under the DEK
    /// of `under`, the set that opened the session; and the answer to expect.
    ///
    /// # Errors
    /// For either set: [`Error::NoCardKeys`], [`Error::OtherOffice`], [`Error::OverrideLocked`].
    fn wrap_keys(
        &self,
        new: CardKeySet,
        kdd: &Kdd,
        version: u8,
        under: CardKeySet,
    ) -> Result<PutKey, Error>;

    /// ECDSA on P-256 with SHA-256 over `message`, deterministic (RFC 6979).
    ///
    /// # Errors
    /// [`Error::NoSigningKey`].
    fn sign(&self, key: &SigningKeyId, message: &[u8]) -> Result<Signature, Error>;

    /// The public key that signatures of `key` verify under.
    ///
    /// # Errors
    /// [`Error::NoPublicKey`].
    fn public_key(&self, key: &SigningKeyId) -> Result<VerifyingKey, Error>;

    /// The PUK of the card with this diversification data: eight ASCII digits, from the national key for PUKs. It exists on
    /// the host for as long as it takes to write it, or to tell it to the card's holder.
    ///
    /// # Errors
    /// [`Error::NoPukKey`].
    fn puk(&self, kdd: &Kdd) -> Result<Zeroizing<[u8; 8]>, Error>;

    /// The pairing code of the card with this diversification data: eight ASCII digits, from the national key for PUKs and
    /// telling nothing of the PUK. It opens the virtual contact interface and no more.
    ///
    /// # Errors
    /// [`Error::NoPukKey`].
    fn pairing_code(&self, kdd: &Kdd) -> Result<Zeroizing<[u8; 8]>, Error>;

    /// The PIN that a card which is not ours has on its way to the office that delivers it: eight ASCII digits, from the
    /// card's delivery keys. Nobody but that office and the issuer can derive it.
    ///
    /// # Errors
    /// [`Error::NoCardKeys`], [`Error::OtherOffice`].
    fn transport_pin(&self, office: OfficeCode, kdd: &Kdd) -> Result<Zeroizing<[u8; 8]>, Error>;

    /// The card management key (9B, AES-256) of the card with this diversification data, from the national key for them. It
    /// exists on the host for as long as it takes to write it to the card, or to use it.
    ///
    /// # Errors
    /// [`Error::NoManagementKey`].
    fn management_key(&self, kdd: &Kdd) -> Result<Zeroizing<[u8; 32]>, Error>;

    /// What the maker of other cards than ours put on those of a batch.
    ///
    /// # Errors
    /// [`Error::NoForeignBatch`].
    fn foreign(&self, batch: &str) -> Result<ForeignBatch, Error>;

    /// A citizen's tag for the ledger: HMAC-SHA-256 of the national number, ten ASCII digits, under the national key for
    /// it. One citizen has one tag everywhere; without the key nobody gets from tag to number.
    ///
    /// # Errors
    /// [`Error::NationalNumber`], [`Error::NoCitizenKey`].
    fn citizen_tag(&self, national_number: &str) -> Result<[u8; 32], Error>;
}
