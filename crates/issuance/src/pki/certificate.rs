//! A certificate, read and verified.

use der::{Decode, Encode};
use negin_eid::piv::PublicPoint;
use negin_ledger::Timestamp;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};

use super::public_key::SubjectKey;
use super::{Error, Untrusted, Validity, oid};

/// An X.509 certificate of a P-256 key, or of one of RSA 2048.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    parsed: x509_cert::Certificate,
    der: Vec<u8>,
    key: SubjectKey,
}

impl Certificate {
    /// Reads a certificate from DER.
    ///
    /// # Errors
    /// [`Error::Certificate`] where it is none, [`Error::PublicKey`] where its key is of neither kind.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let parsed =
            x509_cert::Certificate::from_der(der).map_err(|_| Error::Certificate("not DER"))?;
        Self::from_parsed(parsed)
    }

    pub(super) fn from_parsed(parsed: x509_cert::Certificate) -> Result<Self, Error> {
        let der = parsed.to_der().map_err(|_| Error::Certificate("not DER"))?;
        let spki = parsed.tbs_certificate().subject_public_key_info();
        let key = SubjectKey::decode(spki)?;
        Ok(Self { parsed, der, key })
    }

    /// The certificate, DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) const fn parsed(&self) -> &x509_cert::Certificate {
        &self.parsed
    }

    /// The public key, of P-256.
    ///
    /// # Errors
    /// [`Error::PublicKey`] where it is of RSA.
    pub fn public_point(&self) -> Result<PublicPoint, Error> {
        match &self.key {
            SubjectKey::P256(key) => Ok(PublicPoint::new(key.to_sec1_point(false).as_bytes())?),
            SubjectKey::Rsa(_) => Err(Error::PublicKey),
        }
    }

    /// Whether this is the certificate of that key.
    #[must_use]
    pub fn is_of(&self, point: &PublicPoint) -> bool {
        self.public_point().is_ok_and(|own| own == *point)
    }

    /// Whether its key is of RSA.
    #[must_use]
    pub const fn is_rsa(&self) -> bool {
        matches!(self.key, SubjectKey::Rsa(_))
    }

    /// The subject, as RFC 4514 writes names.
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// The number of the card it is for: the subject's serial number attribute.
    #[must_use]
    pub fn card_number(&self) -> Option<String> {
        let subject = self.parsed.tbs_certificate().subject();
        let number = subject.iter().find(|part| part.oid == oid::SERIAL_NUMBER)?;
        String::from_utf8(number.value.value().to_vec()).ok()
    }

    /// The issuer, as RFC 4514 writes names.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.parsed.tbs_certificate().issuer().to_string()
    }

    /// The serial number, big-endian.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.parsed.tbs_certificate().serial_number().as_bytes()
    }

    /// From when until when it is valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        Validity::decode(self.parsed.tbs_certificate().validity())
    }

    /// The key usages it gives, empty where it says none.
    ///
    /// # Errors
    /// [`Error::Certificate`] where the extension cannot be read.
    pub(super) fn key_usage(&self) -> Result<Option<KeyUsage>, Error> {
        self.extension::<KeyUsage>()
    }

    /// Whether its key may sign objects of the issuer: no authority's, digital signature where usages are said, and
    /// where purposes are said, PIV content signing among them. Cards' certificates always say purposes, so that no
    /// holder signs what only the issuer may, although one root is above both.
    pub(super) fn may_sign_objects(&self) -> Result<bool, Error> {
        let signs = self
            .key_usage()?
            .is_none_or(|usage| usage.digital_signature());
        let purposes = self.extension::<ExtendedKeyUsage>()?;
        let content =
            purposes.is_none_or(|purposes| purposes.0.contains(&oid::PIV_CONTENT_SIGNING));
        Ok(signs && content && !self.is_authority()?)
    }

    /// Whether it is an authority's: basic constraints say so, and the key may sign certificates.
    ///
    /// # Errors
    /// [`Error::Certificate`] where the extensions cannot be read.
    pub fn is_authority(&self) -> Result<bool, Error> {
        let authority = self
            .extension::<BasicConstraints>()?
            .is_some_and(|constraints| constraints.ca);
        Ok(authority && self.key_usage()?.is_some_and(|usage| usage.key_cert_sign()))
    }

    /// Verifies a signature of this certificate's key over the SHA-256 of `message`: ECDSA in DER, or
    /// RSASSA-PKCS1-v1_5.
    ///
    /// # Errors
    /// [`Error::Signature`].
    pub fn verify_signature(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.key.verify(message, signature)
    }

    /// Verifies that `issuer` is an authority, issued this certificate, and that both are valid at `now`. Revocation is
    /// not looked at.
    ///
    /// # Errors
    /// [`Error::Untrusted`] with the reason, [`Error::Certificate`] where an extension cannot be read.
    pub fn verify_issued_by(&self, issuer: &Self, now: Timestamp) -> Result<(), Error> {
        let (own, theirs) = (
            self.parsed.tbs_certificate(),
            issuer.parsed.tbs_certificate(),
        );
        if own.issuer() != theirs.subject() {
            return Err(Untrusted::Issuer.into());
        }
        let wanted = self
            .extension::<AuthorityKeyIdentifier>()?
            .and_then(|authority| authority.key_identifier);
        let found = issuer
            .extension::<SubjectKeyIdentifier>()?
            .map(|subject| subject.0);
        if wanted
            .zip(found)
            .is_some_and(|(wanted, found)| wanted != found)
        {
            return Err(Untrusted::Issuer.into());
        }
        if !issuer.is_authority()? {
            return Err(Untrusted::NotAuthority.into());
        }
        self.check_critical_extensions()?;
        issuer.check_critical_extensions()?;
        let algorithm = self.parsed.signature_algorithm();
        let signature = self
            .parsed
            .signature()
            .as_bytes()
            .ok_or(Untrusted::Signature)?;
        let signed = own.to_der().map_err(|_| Error::Certificate("not DER"))?;
        if algorithm.oid != oid::ECDSA_WITH_SHA256
            || algorithm != own.signature()
            || issuer.verify_signature(&signed, signature).is_err()
        {
            return Err(Untrusted::Signature.into());
        }
        issuer.verify_valid_at(now)?;
        self.verify_valid_at(now)
    }

    /// Verifies a chain: this certificate, those that lead up from it in any order, and the trusted root, all at `now`.
    ///
    /// # Errors
    /// As [`Certificate::verify_issued_by`]; [`Untrusted::Issuer`] where no way leads to `root`.
    pub fn verify_chain(&self, between: &[Self], root: &Self, now: Timestamp) -> Result<(), Error> {
        let mut current = self;
        // Each step takes one certificate of `between`, so a circle ends.
        for _ in 0..=between.len() {
            match current.verify_issued_by(root, now) {
                Err(Error::Untrusted(Untrusted::Issuer)) => {}
                other => return other,
            }
            let mut next = Err(Untrusted::Issuer.into());
            for candidate in between {
                match current.verify_issued_by(candidate, now) {
                    Err(Error::Untrusted(Untrusted::Issuer)) => {}
                    other => next = other.map(|()| candidate),
                }
            }
            current = next?;
        }
        Err(Untrusted::Issuer.into())
    }

    /// Verifies that `now` is within its validity.
    ///
    /// # Errors
    /// [`Untrusted::NotYetValid`] or [`Untrusted::Expired`].
    pub fn verify_valid_at(&self, now: Timestamp) -> Result<(), Error> {
        let validity = self.validity();
        if validity.contains(now) {
            Ok(())
        } else if now < validity.not_before {
            Err(Untrusted::NotYetValid.into())
        } else {
            Err(Untrusted::Expired.into())
        }
    }

    fn check_critical_extensions(&self) -> Result<(), Error> {
        let known = [
            oid::KEY_USAGE,
            oid::BASIC_CONSTRAINTS,
            oid::EXTENDED_KEY_USAGE,
        ];
        let extensions = self
            .parsed
            .tbs_certificate()
            .extensions()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if extensions
            .iter()
            .any(|extension| extension.critical && !known.contains(&extension.extn_id))
        {
            return Err(Untrusted::CriticalExtension.into());
        }
        Ok(())
    }

    pub(super) fn extension<'a, T>(&'a self) -> Result<Option<T>, Error>
    where
        T: Decode<'a> + der::oid::AssociatedOid,
    {
        self.parsed
            .tbs_certificate()
            .get_extension::<T>()
            .map(|found| found.map(|(_, extension)| extension))
            .map_err(|_| Error::Certificate("an extension cannot be read"))
    }
}

impl core::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Certificate({} bytes)", self.der.len())
    }
}
