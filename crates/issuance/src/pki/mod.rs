//! The issuer's signatures: a development authority, certificates for the card's keys, and signed objects.
//!
//! The rule: a private key is never here. Whoever holds it signs through a [`Signer`], and what it gives back is verified
//! before it is used, so that a wrong key in a store issues nothing. Time and serial numbers come in as arguments: the
//! same arguments and a deterministic signer give the same bytes.
//!
//! - [`Authority`]: a self-signed root, which issues signer certificates and the card's
//! - [`ObjectSigner`]: signs EF.SOD, the CHUID, fingerprints, the facial image and PIV's security object
//! - [`issue_messaging`]: the card-verifiable certificate of the key with which a card sets up secure messaging
//! - [`Certificate`], [`verify_signed_object`], [`passive_authentication`]: the verifying side of each
//!
//! Everything is P-256 with SHA-256.

mod authority;
mod card_certificate;
mod certificate;
mod error;
mod issue;
mod messaging;
mod oid;
mod piv_objects;
mod public_key;
mod security_object;
mod serial;
mod signed_object;
mod signer;
mod subject;
mod time;

pub use authority::{Authority, SignerPurpose};
pub use card_certificate::CardCertificate;
pub use certificate::Certificate;
pub use error::{Error, Untrusted};
pub use messaging::{issue_messaging, verify_messaging_signer};
pub use piv_objects::{
    sign_biometric, sign_chuid, sign_piv_security_object, verify_biometric, verify_chuid,
    verify_piv_security_object,
};
pub use public_key::padded_for_rsa;
pub use security_object::{
    PassiveAuthentication, hash_data_groups, passive_authentication, sign_security_object,
};
pub use serial::Serial;
pub use signed_object::{
    ContentType, ObjectSigner, SignedContent, SignedObject, verify_signed_object,
};
pub use signer::Signer;
pub use subject::{Organisation, Subject};
pub use time::Validity;
