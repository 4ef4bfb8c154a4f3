//! The issuer's certificates: the authority's root, and those of the key that signs the card's objects.
//!
//! They are public. They lie as one PEM file beside the key store: first the root, then the document signer's, then the
//! PIV content signer's. A counter needs the root alone and may have a file with nothing else in it.

use negin_keystore::{KeyStore, SigningKeyId};
use negin_ledger::Timestamp;

use crate::Error;
use crate::pki::{
    self, Authority, Certificate, ObjectSigner, Organisation, Serial, Signer, SignerPurpose,
    Validity,
};
use crate::profile::Certificates;
use crate::record::calendar::{Calendar, Date};

/// The issuer's certificates.
#[derive(Debug, Clone)]
pub struct Credentials {
    authority: Authority,
    signers: Option<Signers>,
}

#[derive(Debug, Clone)]
struct Signers {
    document: Certificate,
    content: Certificate,
}

impl Credentials {
    /// Makes a development authority of the key store's keys. `serials` are random.
    ///
    /// # Errors
    /// [`Error::KeyStore`] where the store holds no such keys, [`Error::Pki`].
    pub fn establish(
        keys: &dyn KeyStore,
        profile: &Certificates,
        now: Timestamp,
        serials: [[u8; 16]; 3],
    ) -> Result<Self, Error> {
        let organisation = organisation(profile);
        let today = day(now)?;
        let until = |years| -> Result<Validity, Error> {
            let last = today
                .plus_years(Calendar::Gregorian, years)
                .map_err(Error::Record)?;
            Ok(Validity::days(today.card()?, last.card()?)?)
        };
        let [root, document, content] = serials.map(Serial::from_random);
        let mut authority_key = Signer::of_store(keys, SigningKeyId::Ca)?;
        let authority = Authority::establish(
            &organisation,
            "Root",
            root,
            until(profile.authority_years)?,
            &mut authority_key,
        )?;
        let point = Signer::of_store(keys, SigningKeyId::DocumentSigner)?.public_point()?;
        let validity = until(profile.signer_years.min(profile.authority_years))?;
        let mut signer = |purpose, name, serial| {
            authority.issue_signer(
                purpose,
                &organisation,
                name,
                &point,
                serial,
                validity,
                &mut authority_key,
            )
        };
        let signers = Signers {
            document: signer(SignerPurpose::TravelDocument, "Document Signer", document)?,
            content: signer(SignerPurpose::PivContent, "PIV Content Signer", content)?,
        };
        Ok(Self {
            authority,
            signers: Some(signers),
        })
    }

    /// Reads them from PEM: the root alone, or root, document signer and content signer.
    ///
    /// # Errors
    /// [`Error::Pki`] where the text holds no such certificates.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let unreadable = |_| pki::Error::Certificate("the file is not PEM");
        let mut certificates = x509_cert::Certificate::load_pem_chain(text.as_bytes())
            .map_err(unreadable)?
            .into_iter()
            .map(|certificate| {
                let der = der::Encode::to_der(&certificate).map_err(unreadable)?;
                Certificate::from_der(&der)
            });
        let root = certificates
            .next()
            .ok_or(pki::Error::Certificate("the file holds no certificate"))??;
        let authority = Authority::from_certificate(root)?;
        let signers = match (certificates.next(), certificates.next()) {
            (Some(document), Some(content)) => Some(Signers {
                document: document?,
                content: content?,
            }),
            _ => None,
        };
        Ok(Self { authority, signers })
    }

    /// As a PEM file.
    ///
    /// # Errors
    /// None that certificates which were read can cause.
    pub fn to_pem(&self) -> Result<String, Error> {
        let mut text = pem(self.root())?;
        if let Some(signers) = &self.signers {
            text += &pem(&signers.document)?;
            text += &pem(&signers.content)?;
        }
        Ok(text)
    }

    /// The root alone, as a PEM file: what a counter needs.
    ///
    /// # Errors
    /// None that a certificate which was read can cause.
    pub fn root_pem(&self) -> Result<String, Error> {
        pem(self.root())
    }

    /// The authority.
    #[must_use]
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The root certificate.
    #[must_use]
    pub const fn root(&self) -> &Certificate {
        self.authority.certificate()
    }

    /// Who signs the travel document.
    ///
    /// # Errors
    /// [`Error::NoSigner`] with the root alone; [`Error::KeyStore`], [`Error::Pki`] where the key store has another key.
    pub fn document_signer<'a>(&self, keys: &'a dyn KeyStore) -> Result<ObjectSigner<'a>, Error> {
        let signers = self.signers.as_ref().ok_or(Error::NoSigner)?;
        object_signer(&signers.document, keys)
    }

    /// Who signs PIV's objects.
    ///
    /// # Errors
    /// As [`document_signer`](Self::document_signer).
    pub fn content_signer<'a>(&self, keys: &'a dyn KeyStore) -> Result<ObjectSigner<'a>, Error> {
        let signers = self.signers.as_ref().ok_or(Error::NoSigner)?;
        object_signer(&signers.content, keys)
    }
}

/// Whose authority a profile names.
pub(crate) fn organisation(profile: &Certificates) -> Organisation {
    Organisation {
        country: profile.country.clone(),
        name: profile.organisation.clone(),
    }
}

/// The day of a moment, in UTC.
pub(crate) fn day(moment: Timestamp) -> Result<Date, Error> {
    Date::from_unix(moment.unix_millis().div_euclid(1000), 0).map_err(Error::Record)
}

fn object_signer<'a>(
    certificate: &Certificate,
    keys: &'a dyn KeyStore,
) -> Result<ObjectSigner<'a>, Error> {
    let signer = Signer::of_store(keys, SigningKeyId::DocumentSigner)?;
    Ok(ObjectSigner::new(certificate.clone(), signer)?)
}

fn pem(certificate: &Certificate) -> Result<String, Error> {
    der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, certificate.der())
        .map_err(|_| pki::Error::Certificate("it cannot be written as PEM").into())
}
