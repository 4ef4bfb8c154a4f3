//! Who holds keys: derives, wraps, signs, and never hands out a master.
//!
//! The rules of this room:
//!
//! - [`KeyStore`] gives out what comes of keys, never keys: session keys for one card and two challenges, a card's keys
//!   encrypted for that card, signatures, tags. No master, CA or signer key leaves it.
//! - A card's own key sets come from masters by GlobalPlatformPro's KDF3 and the card's diversification data
//!   ([`negin_secure_channel::kdf3`]), so that other tools derive the same:
//!   issuer and override keys from the national masters; delivery keys from the office's masters, which are KDF3 of the
//!   national delivery masters with the [`OfficeCode`] as data. A counter's store holds its office's masters only: a
//!   stolen counter costs one office.
//! - The override master exists only as two [`OverrideShare`]s, in the files of two officers. A store derives with it only
//!   while both lie in it.
//! - [`FileKeyStore`] is for development: its file holds keys in the clear and is guarded by its permissions alone. In
//!   earnest the keys belong in a hardware module behind the same trait.
//! - Randomness comes in as an argument; signatures are deterministic (RFC 6979). Keys wipe and mask themselves.
//!
//! ```
//! use negin_keystore::{CardKeySet, FileKeyStore, KeyStore, NewKeys, OfficeCode, SigningKeyId};
//! # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//!
//! # fn main() -> Result<(), negin_keystore::Error> {
//! # let mut rng = ChaCha20Rng::from_seed([7; 32]);
//! let (mut centre, shares) = FileKeyStore::generate(&NewKeys::new("officer-1", "officer-2"), &mut rng)?;
//! let office: OfficeCode = "TEH-0042".parse()?;
//! let counter = centre.export_office(office, "counter-7", &mut rng)?;
//! let (kdd, challenge) = ([7; 10], [1; 8]);
//! let set = CardKeySet::Delivery { office };
//! // Centre and counter derive the same for a card of that office; the counter can do no more.
//! assert_eq!(centre.kcvs(set, &kdd)?, counter.kcvs(set, &kdd)?);
//! assert!(counter.derive_session(CardKeySet::Issuer, &kdd, &challenge, &challenge).is_err());
//! // Two officers together can override.
//! assert!(centre.kcvs(CardKeySet::Override, &kdd).is_err());
//! centre.unlock_override(&shares[0], &shares[1])?;
//! assert!(centre.kcvs(CardKeySet::Override, &kdd).is_ok());
//! let signature = counter.sign(&SigningKeyId::LedgerSeat("counter-7".to_owned()), b"an entry")?;
//! # let _ = signature;
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

mod error;
mod file;
mod names;
mod share;
mod store;

pub use error::Error;
pub use file::{FileKeyStore, ForeignBatch, KeyLength, NewKeys, TransportBatch};
pub use names::{CardKeySet, Kdd, OfficeCode, SigningKeyId};
pub use share::OverrideShare;
pub use store::KeyStore;
