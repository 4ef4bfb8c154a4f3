//! What can go wrong, each kind under its stable key. No error carries key bytes.

use std::path::PathBuf;

use crate::{CardKeySet, OfficeCode, SigningKeyId};

/// An error of the key store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no file there.
    #[error("no key file at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is a file already; keys are never written over.
    #[error("{} exists already and is not written over", path.display())]
    Exists {
        /// Where it was to be made.
        path: PathBuf,
    },
    /// Others than the owner may use the file.
    #[error("{} is open to others (mode {mode:04o})", path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is something else, or not what was written.
    #[error("{} is not a key file, or damaged (line {line}, column {column})", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the parser stopped; 0 where the whole does not fit its check value.
        line: usize,
        /// Where the parser stopped.
        column: usize,
    },
    /// A later version wrote the file.
    #[error("{} has version {found}, this program knows up to {known}", path.display())]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// The system cannot read or write the file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No room to write; the file is as it was.
    #[error("no room to write {}", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// This store does not hold that card key set.
    #[error("this key store holds no {0} keys for this card")]
    NoCardKeys(CardKeySet),
    /// This store is another office's.
    #[error("this key store is of office {own}, not of {asked}")]
    OtherOffice {
        /// Whose it is.
        own: OfficeCode,
        /// Which was asked for.
        asked: OfficeCode,
    },
    /// The override needs both officers' shares.
    #[error("the override is locked: it needs both officers' shares")]
    OverrideLocked,
    /// The two shares do not belong together, or not to this store.
    #[error("the two shares {reason}")]
    ShareMismatch {
        /// What does not fit.
        reason: &'static str,
    },
    /// This store does not hold that key, or not its private part.
    #[error("this key store cannot sign as {0}")]
    NoSigningKey(SigningKeyId),
    /// This store does not know that public key.
    #[error("this key store does not know the public key of {0}")]
    NoPublicKey(SigningKeyId),
    /// This store holds no key for citizens' tags.
    #[error("this key store holds no key for citizens' tags")]
    NoCitizenKey,
    /// This store holds no key for PUKs.
    #[error("this key store holds no key for PUKs")]
    NoPukKey,
    /// This store holds no key for card management keys.
    #[error("this key store holds no key for card management keys")]
    NoManagementKey,
    /// This store knows no batch of other cards by that name.
    #[error("this key store knows no batch of other cards called '{name}'")]
    NoForeignBatch {
        /// What was asked for.
        name: String,
    },
    /// The seat or batch is there already.
    #[error("'{name}' is in this key store already")]
    Taken {
        /// Its name.
        name: String,
    },
    /// A name has the wrong length or characters.
    #[error("not a valid {what}")]
    InvalidName {
        /// What it was to be.
        what: &'static str,
    },
    /// Challenges are 8 or 16 bytes, both the same.
    #[error("challenges of {host} and {card} bytes")]
    ChallengeLength {
        /// The host's, in bytes.
        host: usize,
        /// The card's, in bytes.
        card: usize,
    },
    /// A national number has ten digits.
    #[error("not a national number of ten ASCII digits")]
    NationalNumber,
}

impl Error {
    /// All keys that [`key`](Self::key) gives.
    pub const KEYS: &[&str] = &[
        "keystore.missing",
        "keystore.exists",
        "keystore.permissions",
        "keystore.damaged",
        "keystore.newer-version",
        "keystore.io",
        "keystore.disk-full",
        "keystore.no-card-keys",
        "keystore.other-office",
        "keystore.override-locked",
        "keystore.share-mismatch",
        "keystore.no-signing-key",
        "keystore.no-public-key",
        "keystore.no-citizen-key",
        "keystore.no-puk-key",
        "keystore.no-management-key",
        "keystore.no-foreign-batch",
        "keystore.taken",
        "keystore.invalid-name",
        "keystore.challenge-length",
        "keystore.national-number",
    ];

    /// The stable key under which a person finds what this means and what to do.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "keystore.missing",
            Self::Exists { .. } => "keystore.exists",
            Self::Permissions { .. } => "keystore.permissions",
            Self::Damaged { .. } => "keystore.damaged",
            Self::NewerVersion { .. } => "keystore.newer-version",
            Self::Io { .. } => "keystore.io",
            Self::DiskFull { .. } => "keystore.disk-full",
            Self::NoCardKeys(_) => "keystore.no-card-keys",
            Self::OtherOffice { .. } => "keystore.other-office",
            Self::OverrideLocked => "keystore.override-locked",
            Self::ShareMismatch { .. } => "keystore.share-mismatch",
            Self::NoSigningKey(_) => "keystore.no-signing-key",
            Self::NoPublicKey(_) => "keystore.no-public-key",
            Self::NoCitizenKey => "keystore.no-citizen-key",
            Self::NoPukKey => "keystore.no-puk-key",
            Self::NoManagementKey => "keystore.no-management-key",
            Self::NoForeignBatch { .. } => "keystore.no-foreign-batch",
            Self::Taken { .. } => "keystore.taken",
            Self::InvalidName { .. } => "keystore.invalid-name",
            Self::ChallengeLength { .. } => "keystore.challenge-length",
            Self::NationalNumber => "keystore.national-number",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_listed_once() {
        let mut sorted = Error::KEYS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), Error::KEYS.len());
        assert!(sorted.iter().all(|key| key.starts_with("keystore.")));
        assert!(Error::KEYS.contains(&Error::OverrideLocked.key()));
    }
}
