//! A development authority: a self-signed root that issues what an order of cards needs.
//!
//! One root stands here for what a State keeps apart, the country signing authority of its travel documents (ICAO Doc
//! 9303-12) and the authority of its citizens' keys. Its private key is in a key store, reached through a [`Signer`].

use der::{
    Tag,
    asn1::{Any, SetOfVec},
    flagset::FlagSet,
};
use negin_eid::piv::PublicPoint;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages};

use super::{
    Certificate, Error, Organisation, Serial, Signer, Subject, Untrusted, Validity,
    issue::{Profile, extension, issue, raw_extension},
    oid,
    public_key::SubjectKey,
};

/// The authority: its certificate. Its key is elsewhere.
#[derive(Debug, Clone)]
pub struct Authority {
    certificate: Certificate,
}

/// What a signer's certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignerPurpose {
    /// Signs EF.SOD: ICAO's document signer of identity cards, document type `I`.
    TravelDocument,
    /// Signs PIV's CHUID, facial image and security object: PIV's content signer.
    PivContent,
}

impl Authority {
    /// Makes the root certificate of the key behind `signer`.
    ///
    /// # Errors
    /// [`Error::Field`], [`Error::Validity`], and what the signer causes.
    pub fn establish(
        organisation: &Organisation,
        common_name: &str,
        serial: Serial,
        validity: Validity,
        signer: &mut Signer<'_>,
    ) -> Result<Self, Error> {
        let subject = Subject {
            common_name: Some(common_name.to_owned()),
            serial_number: None,
        };
        let name = organisation.name_of(&subject)?;
        // No authority beneath this one.
        let constraints = BasicConstraints {
            ca: true,
            path_len_constraint: Some(0),
        };
        let profile = Profile {
            subject: name.clone(),
            issuer: name,
            extensions: vec![
                extension(&constraints)?,
                key_usage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)?,
            ],
        };
        let key = SubjectKey::P256(*signer.public());
        Ok(Self {
            certificate: issue(profile, serial, validity, &key, signer)?,
        })
    }

    /// The authority of a certificate that was made before.
    ///
    /// # Errors
    /// [`Untrusted::NotAuthority`] where the certificate is not an authority's.
    pub fn from_certificate(certificate: Certificate) -> Result<Self, Error> {
        if certificate.is_authority()? {
            Ok(Self { certificate })
        } else {
            Err(Untrusted::NotAuthority.into())
        }
    }

    /// The authority's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Issues a signer's certificate for a key of the key store.
    ///
    /// # Errors
    /// [`Error::PublicKey`], [`Error::Field`], [`Error::Validity`], and what the signer causes.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different type; none has a default"
    )]
    pub fn issue_signer(
        &self,
        purpose: SignerPurpose,
        organisation: &Organisation,
        common_name: &str,
        key: &PublicPoint,
        serial: Serial,
        validity: Validity,
        signer: &mut Signer<'_>,
    ) -> Result<Certificate, Error> {
        let mut extensions = vec![key_usage(KeyUsages::DigitalSignature.into())?];
        match purpose {
            SignerPurpose::TravelDocument => extensions.push(document_types()?),
            SignerPurpose::PivContent => {
                extensions.push(extension(&ExtendedKeyUsage(vec![
                    oid::PIV_CONTENT_SIGNING,
                ]))?);
            }
        }
        let subject = Subject {
            common_name: Some(common_name.to_owned()),
            serial_number: None,
        };
        self.issue(
            organisation,
            &subject,
            extensions,
            &SubjectKey::of_point(key)?,
            serial,
            validity,
            signer,
        )
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different type; none has a default"
    )]
    pub(super) fn issue(
        &self,
        organisation: &Organisation,
        subject: &Subject,
        extensions: Vec<x509_cert::ext::Extension>,
        key: &SubjectKey,
        serial: Serial,
        validity: Validity,
        signer: &mut Signer<'_>,
    ) -> Result<Certificate, Error> {
        let own = self.certificate.validity();
        if validity.not_before < own.not_before || validity.not_after > own.not_after {
            return Err(Error::Validity);
        }
        if !self.certificate.is_of(&signer.public_point()?) {
            return Err(Error::SignerKey);
        }
        let profile = Profile {
            subject: organisation.name_of(subject)?,
            issuer: self
                .certificate
                .parsed()
                .tbs_certificate()
                .subject()
                .clone(),
            extensions,
        };
        issue(profile, serial, validity, key, signer)
    }
}

/// A key usage extension, critical.
pub(super) fn key_usage(usage: FlagSet<KeyUsages>) -> Result<x509_cert::ext::Extension, Error> {
    extension(&KeyUsage(usage))
}

/// ICAO's list of the document types that a signer signs (Doc 9303-12 §7.1.1.6): version 0, `I`.
fn document_types() -> Result<x509_cert::ext::Extension, Error> {
    #[derive(der::Sequence)]
    struct DocumentTypeList {
        version: u8,
        types: SetOfVec<Any>,
    }
    let wrong = |_| Error::Certificate("an extension cannot be encoded");
    let identity_card = Any::new(Tag::PrintableString, *b"I").map_err(wrong)?;
    let types = SetOfVec::try_from(vec![identity_card]).map_err(wrong)?;
    raw_extension(
        oid::ICAO_DOCUMENT_TYPES,
        &DocumentTypeList { version: 0, types },
    )
}
