//! Certificates of PIV's secure messaging (NIST SP 800-73-4 Part 2 §4.1.5): the content signer issues a card-verifiable
//! certificate for the card's key 04, and stands in the card's signer container for whoever verifies it.

use negin_eid::piv::{PublicPoint, SecureMessagingSigner};
use negin_ledger::Timestamp;
use negin_secure_channel::opacity::{ContentSigner, Cvc, CvcSubject, UnsignedCvc};
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::{Certificate, Error, Signer, Untrusted};

const UNREAD: Error = Error::Certificate("not card-verifiable");

impl Certificate {
    /// The certificate's key as a signer of cards' messaging certificates.
    ///
    /// # Errors
    /// [`Error::Certificate`] without a key identifier, [`Error::PublicKey`] for a key that is not of P-256.
    pub fn as_content_signer(&self) -> Result<ContentSigner, Error> {
        let identifier = self
            .extension::<SubjectKeyIdentifier>()?
            .ok_or(Error::Certificate("it has no key identifier"))?;
        ContentSigner::new(identifier.0.as_bytes(), self.public_point()?.as_bytes())
            .map_err(|_| Error::Certificate("its key identifier is too short"))
    }
}

/// Issues the certificate of a card's messaging key: signed by the content signer of this certificate, for the card of
/// this UUID.
///
/// # Errors
/// [`Error::SignerKey`] where the certificate is another key's, [`Error::Certificate`], and what the signer causes.
pub fn issue_messaging(
    content: &Certificate,
    signer: &mut Signer<'_>,
    point: &PublicPoint,
    card: [u8; 16],
) -> Result<Cvc, Error> {
    let issuer = content.as_content_signer()?;
    let unsigned = UnsignedCvc {
        issuer: issuer.name(),
        subject: CvcSubject::Card(card),
        point: *point.as_bytes(),
    };
    let signature = signer.sign(&unsigned.body())?;
    let certificate = unsigned.signed(signature.as_bytes()).map_err(|_| UNREAD)?;
    certificate
        .verify(&issuer, None)
        .map_err(|_| Error::SignerKey)?;
    Ok(certificate)
}

/// Verifies a card's signer container up to `root`, at `now`: gives the signer whom the card's messaging certificate is
/// to be verified by, and the intermediate certificate where there is one.
///
/// # Errors
/// [`Error::Untrusted`] for a certificate that does not lead to the root or is not a content signer's,
/// [`Error::Certificate`] for what cannot be read.
pub fn verify_messaging_signer(
    container: &SecureMessagingSigner,
    root: &Certificate,
    now: Timestamp,
) -> Result<(ContentSigner, Option<Cvc>), Error> {
    if container.compressed {
        return Err(Error::Certificate("compressed"));
    }
    let certificate = Certificate::from_der(&container.certificate)?;
    certificate.verify_issued_by(root, now)?;
    if !certificate.may_sign_objects()? {
        return Err(Untrusted::Usage.into());
    }
    let intermediate = container.intermediate.as_deref().map(Cvc::parse);
    Ok((
        certificate.as_content_signer()?,
        intermediate.transpose().map_err(|_| UNREAD)?,
    ))
}
