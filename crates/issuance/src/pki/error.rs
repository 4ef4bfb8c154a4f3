//! What can go wrong with certificates and signed objects.

use negin_eid::lds::DataGroup;

/// A failure of issuing or verifying.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The holder of the private key did not sign.
    #[error("the key store did not sign: {0}")]
    Signer(#[source] Box<dyn core::error::Error + Send + Sync>),
    /// What the holder of the private key gave is no signature of the key it should have used.
    #[error("the key store signed with another key than the certificate's")]
    SignerKey,
    /// Bytes that are no public key of P-256.
    #[error("no public key on P-256")]
    PublicKey,
    /// Something that is to be written into a certificate does not fit there.
    #[error("{field} does not fit into a certificate")]
    Field {
        /// Which.
        field: &'static str,
    },
    /// A certificate would be valid at a time when its issuer is not, or would end before it begins.
    #[error("the validity is not within the issuer's, or ends before it begins")]
    Validity,
    /// Bytes that are no certificate, or one of another kind than ours.
    #[error("not a certificate that can be read: {0}")]
    Certificate(&'static str),
    /// A certificate that must not be relied on.
    #[error("the certificate is not to be trusted: {0}")]
    Untrusted(Untrusted),
    /// Bytes that are no signed object, or one of another kind than ours.
    #[error("not a signed object that can be read: {0}")]
    SignedObject(&'static str),
    /// A signed object whose signature or digest is wrong.
    #[error("the signature of the signed object is wrong")]
    Signature,
    /// A data group is not what was signed.
    #[error("data group {} is not what was signed", .0.number())]
    DataGroup(DataGroup),
    /// A data object of the card cannot be read or written.
    #[error(transparent)]
    DataObject(#[from] negin_eid::Error),
}

/// Why a certificate must not be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Untrusted {
    /// Another issuer than the one at hand.
    #[error("it has another issuer")]
    Issuer,
    /// The issuer is no authority.
    #[error("its issuer is no authority")]
    NotAuthority,
    /// The issuer's signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Its time has not come.
    #[error("it is not valid yet")]
    NotYetValid,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// It is not meant for this use.
    #[error("it is not meant for this use")]
    Usage,
    /// It has a critical extension that is not understood here.
    #[error("it has a critical extension that is not understood")]
    CriticalExtension,
}

impl Error {
    /// Every key that [`Error::key`] can give.
    pub const KEYS: &[&str] = &[
        "pki.signer",
        "pki.signer-key",
        "pki.public-key",
        "pki.field",
        "pki.validity",
        "pki.certificate",
        "pki.untrusted",
        "pki.signed-object",
        "pki.signature",
        "pki.data-group",
        "pki.data-object",
    ];

    /// The stable key under which a person's text for this error is found.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Signer(_) => "pki.signer",
            Self::SignerKey => "pki.signer-key",
            Self::PublicKey => "pki.public-key",
            Self::Field { .. } => "pki.field",
            Self::Validity => "pki.validity",
            Self::Certificate(_) => "pki.certificate",
            Self::Untrusted(_) => "pki.untrusted",
            Self::SignedObject(_) => "pki.signed-object",
            Self::Signature => "pki.signature",
            Self::DataGroup(_) => "pki.data-group",
            Self::DataObject(_) => "pki.data-object",
        }
    }
}

impl From<Untrusted> for Error {
    fn from(reason: Untrusted) -> Self {
        Self::Untrusted(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_listed_key() {
        let all = [
            Error::Signer("gone".into()),
            Error::SignerKey,
            Error::PublicKey,
            Error::Field { field: "a" },
            Error::Validity,
            Error::Certificate("a"),
            Error::Untrusted(Untrusted::Expired),
            Error::SignedObject("a"),
            Error::Signature,
            Error::DataGroup(DataGroup::DG1),
            Error::DataObject(negin_eid::Error::Pin),
        ];
        let keys: Vec<_> = all.iter().map(Error::key).collect();
        assert_eq!(keys, Error::KEYS);
    }
}
