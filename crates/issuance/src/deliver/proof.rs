//! The proof that a card is alive: it signs a challenge, and the signature verifies against its certificate.

use negin_apdu::Transmit;
use negin_card::{Piv, Verification};
use negin_eid::piv::{CertificateObject, KeyReference};
use negin_ledger::{CardNumber, Timestamp};
use sha2::{Digest, Sha256};

use super::{Look, PinSource};
use crate::Error;
use crate::pki::{self, Certificate};

/// A card's proof that it is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What it was asked to sign.
    pub challenge: [u8; 32],
    /// Its signature over the challenge's SHA-256: ECDSA in DER, or RSASSA-PKCS1-v1_5.
    pub signature: Vec<u8>,
}

/// Has the card in the holder's hand sign `challenge` with its authentication key (9A) after VERIFY with the PIN, and
/// checks signature and certificate, which must be that of the card with this number. PIV must be selected; nothing is written. Returns the certificate and the proof.
///
/// # Errors
/// [`Error::PinRefused`], [`Error::NotProved`], [`Error::Pki`] where the certificate is not the authority's, [`Error::Card`].
pub fn prove<T: Transmit>(
    piv: &mut Piv<T>,
    card: &CardNumber,
    pin: &mut PinSource<'_>,
    challenge: &[u8; 32],
    root: &Certificate,
    now: Timestamp,
    look: &mut dyn FnMut(Look<'_>),
) -> Result<(Certificate, Proof), Error> {
    let key = KeyReference::Authentication;
    let object = piv.get(key.certificate())?.ok_or(Error::NotProved {
        what: "it holds no certificate",
    })?;
    let certificate = Certificate::from_der(&CertificateObject::decode(&object)?.certificate)?;
    certificate.verify_issued_by(root, now)?;
    // Before another card is shown the PIN.
    if certificate.card_number().as_deref() != Some(card.as_str()) {
        return Err(Error::NotProved {
            what: "its certificate is another card's",
        });
    }
    match pin.verify(piv, look)? {
        Verification::Passed => {}
        Verification::Failed { retries } => {
            return Err(Error::PinRefused {
                tries_left: retries,
            });
        }
        Verification::Blocked => return Err(Error::PinRefused { tries_left: 0 }),
    }
    let signature = match certificate.is_rsa() {
        true => {
            let block = pki::padded_for_rsa(challenge);
            piv.rsa(key, &block)?.expose().to_vec()
        }
        false => piv.sign(key, &Sha256::digest(challenge).into())?,
    };
    certificate
        .verify_signature(challenge, &signature)
        .map_err(|_| Error::NotProved {
            what: "its signature does not verify against its certificate",
        })?;
    let proof = Proof {
        challenge: *challenge,
        signature,
    };
    Ok((certificate, proof))
}
