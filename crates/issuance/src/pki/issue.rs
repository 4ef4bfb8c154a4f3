//! Issuing a certificate: a profile's extensions around a public key, signed from outside.

use der::{
    Encode,
    asn1::{BitString, OctetString},
};
use p256::ecdsa::{VerifyingKey, signature::Keypair};
use sha2::{Digest, Sha256};
use spki::{AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, SubjectPublicKeyInfoRef};
use x509_cert::{
    builder::{Builder, CertificateBuilder, profile::BuilderProfile},
    certificate::TbsCertificate,
    ext::{
        Extension, ToExtension,
        pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier},
    },
    name::Name,
};

use super::public_key::SubjectKey;
use super::{Certificate, Error, Serial, Signer, Validity, oid};

/// What a certificate of one kind says, beside key identifiers, which all have.
pub(super) struct Profile {
    pub(super) subject: Name,
    pub(super) issuer: Name,
    pub(super) extensions: Vec<Extension>,
}

/// Issues a certificate for `key`, signed by `signer`.
pub(super) fn issue(
    profile: Profile,
    serial: Serial,
    validity: Validity,
    key: &SubjectKey,
    signer: &mut Signer<'_>,
) -> Result<Certificate, Error> {
    if validity.not_after < validity.not_before {
        return Err(Error::Validity);
    }
    let fits = |_| Error::Certificate("its parts cannot be encoded");
    let key = key.encode()?;
    let mut builder = CertificateBuilder::new(profile, serial.number()?, validity.encode()?, key)
        .map_err(fits)?;
    let issuer = Issuer(*signer.public());
    let signed = builder.finalize(&issuer).map_err(fits)?;
    let signature = signer.sign(&signed)?;
    let signature = BitString::from_bytes(signature.as_bytes()).map_err(|_| Error::SignerKey)?;
    let certificate = builder.assemble(signature, &issuer).map_err(fits)?;
    Certificate::from_parsed(certificate)
}

/// An extension of our making as the builder takes it. Where its being critical depends on the subject (alternative
/// names), the caller settles it.
pub(super) fn extension<E: ToExtension>(extension: E) -> Result<Extension, Error> {
    extension
        .to_extension(&Name::default(), &[])
        .map_err(|_| Error::Certificate("an extension cannot be encoded"))
}

/// The key identifier: the leftmost 160 bits of the SHA-256 of the public key (RFC 7093 §2, method 1).
pub(super) fn key_identifier(key: &[u8]) -> Result<OctetString, der::Error> {
    let hash = Sha256::digest(key);
    OctetString::new(hash.get(..20).unwrap_or_default())
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        issuer_key: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let own = SubjectKeyIdentifier(key_identifier(key.subject_public_key.raw_bytes())?);
        let authority = AuthorityKeyIdentifier {
            key_identifier: Some(key_identifier(issuer_key.subject_public_key.raw_bytes())?),
            ..AuthorityKeyIdentifier::default()
        };
        let mut extensions = vec![
            authority.to_extension(tbs.subject(), &[])?,
            own.to_extension(tbs.subject(), &[])?,
        ];
        extensions.extend(self.extensions.iter().cloned());
        Ok(extensions)
    }
}

/// The issuer's public half, as the builder asks for it.
struct Issuer(VerifyingKey);

impl Keypair for Issuer {
    type VerifyingKey = VerifyingKey;

    fn verifying_key(&self) -> VerifyingKey {
        self.0
    }
}

impl DynSignatureAlgorithmIdentifier for Issuer {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned {
            oid: oid::ECDSA_WITH_SHA256,
            parameters: None,
        })
    }
}

/// An extension whose content is already DER.
pub(super) fn raw_extension(
    oid: der::asn1::ObjectIdentifier,
    value: &impl Encode,
) -> Result<Extension, Error> {
    let wrong = |_| Error::Certificate("an extension cannot be encoded");
    let value = OctetString::new(value.to_der().map_err(wrong)?).map_err(wrong)?;
    Ok(Extension {
        extn_id: oid,
        critical: false,
        extn_value: value,
    })
}
