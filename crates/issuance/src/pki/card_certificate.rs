//! Certificates of the card's four keys (FIPS 201-3 §4.2.2; the profiles of NIST SP 800-73-4 Part 1 §3.1 and 3.2).
//!
//! | Key | Key usage | Extended key usage | Subject |
//! |---|---|---|---|
//! | 9A | digitalSignature | client authentication, smart card logon | the holder |
//! | 9C | digitalSignature, nonRepudiation | e-mail protection, document signing | the holder |
//! | 9D | keyAgreement, with RSA keyEncipherment | e-mail protection | the holder |
//! | 9E | digitalSignature | PIV card authentication, critical | the card, which does not tell whose it is |

use der::asn1::Ia5String;
use negin_eid::piv::{KeyReference, PublicKey};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsages, SubjectAltName, name::GeneralName};

use super::{
    Authority, Certificate, Error, Organisation, Serial, Signer, Subject, Validity,
    authority::key_usage, issue::extension, oid, public_key::SubjectKey,
};

/// What a certificate of a card's key says.
#[derive(Debug, Clone)]
pub struct CardCertificate<'a> {
    /// Which key.
    pub key: KeyReference,
    /// The key that the card made.
    pub public: PublicKey,
    /// Under which organisation's name the holder stands.
    pub organisation: &'a Organisation,
    /// The holder's Latin name and the card's number. 9E takes the number only.
    pub subject: &'a Subject,
    /// The card's UUID, as in its CHUID.
    pub card: [u8; 16],
    /// The serial number.
    pub serial: Serial,
    /// From when until when.
    pub validity: Validity,
}

impl Authority {
    /// Issues the certificate of a card's key.
    ///
    /// # Errors
    /// [`Error::PublicKey`] where the key is of neither P-256 nor RSA 2048, [`Error::Field`], [`Error::Validity`],
    /// [`Error::SignerKey`], and what the signer causes.
    pub fn issue_card(
        &self,
        card: &CardCertificate<'_>,
        signer: &mut Signer<'_>,
    ) -> Result<Certificate, Error> {
        let (usage, extended) = match card.key {
            KeyReference::Authentication => (
                KeyUsages::DigitalSignature.into(),
                vec![oid::CLIENT_AUTHENTICATION, oid::SMART_CARD_LOGON],
            ),
            KeyReference::Signature => (
                KeyUsages::DigitalSignature | KeyUsages::NonRepudiation,
                vec![oid::EMAIL_PROTECTION, oid::DOCUMENT_SIGNING],
            ),
            KeyReference::KeyManagement | KeyReference::Retired(_) => {
                let usage = match card.public {
                    PublicKey::Rsa(_) => KeyUsages::KeyEncipherment,
                    _ => KeyUsages::KeyAgreement,
                };
                (usage.into(), vec![oid::EMAIL_PROTECTION])
            }
            KeyReference::CardAuthentication => (
                KeyUsages::DigitalSignature.into(),
                vec![oid::PIV_CARD_AUTHENTICATION],
            ),
        };
        let mut extended = extension(&ExtendedKeyUsage(extended))?;
        extended.critical = card.key == KeyReference::CardAuthentication;
        let uuid = GeneralName::UniformResourceIdentifier(
            Ia5String::new(&uuid_urn(card.card))
                .map_err(|_| Error::Field { field: "card UUID" })?,
        );
        let mut alternative = extension(&SubjectAltName(vec![uuid]))?;
        alternative.critical = false;
        let extensions = vec![key_usage(usage)?, extended, alternative];
        let anonymous = Subject {
            common_name: None,
            serial_number: card.subject.serial_number.clone(),
        };
        let subject = if card.key == KeyReference::CardAuthentication {
            &anonymous
        } else {
            card.subject
        };
        self.issue(
            card.organisation,
            subject,
            extensions,
            &SubjectKey::of_card(&card.public)?,
            card.serial,
            card.validity,
            signer,
        )
    }
}

/// A UUID as RFC 9562 writes it in a URN.
fn uuid_urn(uuid: [u8; 16]) -> String {
    let digits = hex::encode(uuid);
    let group = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        group(0, 8),
        group(8, 12),
        group(12, 16),
        group(16, 20),
        group(20, 32)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_in_its_five_groups() {
        let uuid = [
            0xF8, 0x1D, 0x4F, 0xAE, 0x7D, 0xEC, 0x11, 0xD0, 0xA7, 0x65, 0x00, 0xA0, 0xC9, 0x1E,
            0x6B, 0xF6,
        ];
        assert_eq!(
            uuid_urn(uuid),
            "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
        );
    }
}
