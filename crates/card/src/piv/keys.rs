//! PIV's key pairs: made, brought, used (NIST SP 800-73-4 Part 2 §3.2.4, §3.3.2).
//!
//! Digests are made and blocks padded by who calls: a card does neither.

use negin_apdu::Transmit;
use negin_eid::piv::{
    Algorithm, CertificateObject, CurvePoint, GeneralAuthenticate, GenerateKeyPair, ImportKey,
    KeyReference, PivCommand, PublicKey, PublicPoint, YubicoCommand,
};
use negin_eid::{Error as DataError, Secret};

use super::Piv;
use crate::Error;
use crate::ask::ask;

impl<T: Transmit> Piv<T> {
    /// Has the card make a key pair; gives the public key. What was in that place is gone.
    ///
    /// # Errors
    /// [`Error::Data`] where the answer is no key or one of another algorithm; [`Error::Refused`] with 6A80 where the
    /// card takes no such key there, with 6982 or 6985 where it takes none from this channel; [`Error::Transmit`].
    pub fn generate(
        &mut self,
        key: KeyReference,
        algorithm: Algorithm,
    ) -> Result<PublicKey, Error> {
        let command = GenerateKeyPair { key, algorithm };
        let answer = self.ask(&PivCommand::GenerateKeyPair(command))?;
        let public = PublicKey::decode(&answer)?;
        if public.algorithm() == Some(algorithm) {
            Ok(public)
        } else {
            Err(Error::Data(DataError::Malformed {
                object: "public key (7F49)",
                reason: "a key of another algorithm than asked for",
            }))
        }
    }

    /// Has the card make a key pair of P-256; gives the public point. What was in that place is gone.
    ///
    /// # Errors
    /// As [`Piv::generate`].
    pub fn generate_key_pair(&mut self, key: KeyReference) -> Result<PublicPoint, Error> {
        let command = GenerateKeyPair {
            key,
            algorithm: Algorithm::EccP256,
        };
        let answer = self.ask(&PivCommand::GenerateKeyPair(command))?;
        Ok(PublicPoint::decode(&answer)?)
    }

    /// Yubico's extensions: brings a key pair made elsewhere to the card. What was in that place is gone.
    ///
    /// # Errors
    /// [`Error::Refused`] with 6A80 where it is no key, 6982 before the administrator was authenticated, 6D00 on a card
    /// without the extensions; [`Error::Transmit`].
    pub fn import(&mut self, import: ImportKey) -> Result<(), Error> {
        ask(&mut self.carrier, &YubicoCommand::Import(import).to_apdu())?;
        Ok(())
    }

    /// Yubico's extensions: a certificate by the card, DER, that this key was made in it.
    ///
    /// # Errors
    /// [`Error::Refused`] for a key that is not there or was made elsewhere, with 6D00 on a card without the extensions;
    /// [`Error::Transmit`].
    pub fn attest(&mut self, key: KeyReference) -> Result<Vec<u8>, Error> {
        ask(&mut self.carrier, &YubicoCommand::Attest(key).to_apdu())
    }

    /// Yubico's extensions: the certificate of the key with which the card attests, DER.
    ///
    /// # Errors
    /// [`Error::Data`]; [`Error::Refused`] with 6A82 on a card without the extensions; [`Error::Transmit`].
    pub fn attestation_certificate(&mut self) -> Result<Vec<u8>, Error> {
        let command = YubicoCommand::AttestationCertificate.to_apdu();
        let object = ask(&mut self.carrier, &command)?;
        Ok(CertificateObject::decode(&object)?.certificate)
    }

    /// Has a private key of P-256 (9A, 9C or 9E) sign a SHA-256 digest; gives the ECDSA signature in DER.
    ///
    /// # Errors
    /// As [`Piv::sign_with`].
    pub fn sign(&mut self, key: KeyReference, digest: &[u8; 32]) -> Result<Vec<u8>, Error> {
        self.sign_with(key, Algorithm::EccP256, digest)
    }

    /// Has a private key of a curve sign a digest, of at most 32 bytes for P-256 and 48 for P-384; gives the ECDSA
    /// signature in DER.
    ///
    /// # Errors
    /// [`Error::Refused`] with 6982 where PIN or finger is to be verified first, 6A86 where the key is of another
    /// algorithm, 6A80 for a digest that is too long and for a key that does not sign; [`Error::Data`],
    /// [`Error::Transmit`].
    pub fn sign_with(
        &mut self,
        key: KeyReference,
        algorithm: Algorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let answer = self.use_key(GeneralAuthenticate::Sign {
            key,
            algorithm,
            digest: digest.to_vec(),
        })?;
        Ok(answer.expose().to_vec())
    }

    /// Has a key of a curve (9D or a retired one) agree on a secret with another's point: the x coordinate, 32 or 48
    /// bytes.
    ///
    /// # Errors
    /// [`Error::Refused`] with 6982 where PIN or finger is to be verified first, 6A80 for a point that is not on the
    /// curve and for a key that agrees on nothing; [`Error::Data`], [`Error::Transmit`].
    pub fn agree(
        &mut self,
        key: KeyReference,
        point: impl Into<CurvePoint>,
    ) -> Result<Secret, Error> {
        let point = point.into();
        self.use_key(GeneralAuthenticate::Agree { key, point })
    }

    /// Has a key of RSA 2048 do its one operation on a block of 256 bytes: on a padded digest it gives the signature, on
    /// a cryptogram the padded plain text.
    ///
    /// # Errors
    /// [`Error::Refused`] with 6982 where PIN or finger is to be verified first, 6A80 for a block that is not below the
    /// modulus, 6A86 where the key is of another algorithm; [`Error::Data`], [`Error::Transmit`].
    pub fn rsa(&mut self, key: KeyReference, block: &[u8; 256]) -> Result<Secret, Error> {
        let block = block.to_vec();
        self.use_key(GeneralAuthenticate::Rsa { key, block })
    }

    fn use_key(&mut self, command: GeneralAuthenticate) -> Result<Secret, Error> {
        let answer = Secret::new(self.ask(&PivCommand::GeneralAuthenticate(command))?);
        Ok(GeneralAuthenticate::decode_answer(answer.expose())?)
    }
}

#[cfg(test)]
mod tests {
    use negin_eid::piv::{KeyMaterial, PublicPoint384};

    use super::*;
    use crate::script::Script;

    #[test]
    fn keys_made_and_used() {
        let point = [&[0x04][..], &[7; 64]].concat();
        let public = format!("7F49438641{}9000", hex::encode(&point));
        let sign = format!("0087119A267C2482008120{}00", "AB".repeat(32));
        let mut piv = Piv::selected(Script::new([
            ("0047009A05AC0380011100", &public),
            ("0047009C05AC0380011100", "7F4900 9000"),
            (&sign, "7C0A 8208 3006020101020102 9000"),
            (&sign, "6982"),
        ]));
        let made = piv.generate_key_pair(KeyReference::Authentication).unwrap();
        assert_eq!(made.as_bytes()[..], point);
        assert!(matches!(
            piv.generate_key_pair(KeyReference::Signature),
            Err(Error::Data(_))
        ));
        let signature = piv.sign(KeyReference::Authentication, &[0xAB; 32]).unwrap();
        assert_eq!(signature, [0x30, 6, 2, 1, 1, 2, 1, 2]);
        assert!(piv.sign(KeyReference::Authentication, &[0xAB; 32]).is_err());
    }

    #[test]
    fn keys_of_other_algorithms() {
        let modulus = "C1".repeat(256);
        let rsa = format!("7F49820109 81820100{modulus} 8203010001 9000");
        let block = "5A".repeat(256);
        let operate = format!("0087079D00010A7C820106820081820100{block}0100");
        let operated = format!("7C820104 82820100{modulus} 9000");
        let point = format!("04{}", "07".repeat(96));
        let agree = format!("0087149D677C6582008561{point}00");
        let agreed = format!("7C32 8230{} 9000", "0A".repeat(48));
        let mut piv = Piv::selected(Script::new([
            ("0047009D05AC0380010700", rsa.as_str()),
            ("0047009C05AC0380011400", rsa.as_str()),
            (&operate, &operated),
            (&agree, &agreed),
            (&operate, "6A86"),
        ]));
        let key = KeyReference::KeyManagement;
        let made = piv.generate(key, Algorithm::Rsa2048).unwrap();
        assert_eq!(made.algorithm(), Some(Algorithm::Rsa2048));
        let other = piv.generate(KeyReference::Signature, Algorithm::EccP384);
        assert_eq!(other.unwrap_err().key(), "card.data");
        assert_eq!(piv.rsa(key, &[0x5A; 256]).unwrap().expose(), [0xC1; 256]);
        let point = PublicPoint384::new(&hex::decode(point).unwrap()).unwrap();
        assert_eq!(piv.agree(key, point).unwrap().expose(), [0x0A; 48]);
        assert!(piv.rsa(key, &[0x5A; 256]).is_err());
    }

    #[test]
    fn keys_brought_and_attested() {
        let scalar = "11".repeat(32);
        let import = format!("00FE119A22 0620{scalar}");
        let mut piv = Piv::selected(Script::new([
            (import.as_str(), "9000"),
            (&import, "6982"),
            ("00F99A0000", "30 03 020101 9000"),
        ]));
        let key = KeyReference::Authentication;
        let import = ImportKey {
            key,
            algorithm: Algorithm::EccP256,
            material: KeyMaterial::Scalar(vec![0x11; 32].into()),
        };
        piv.import(import.clone()).unwrap();
        assert!(piv.import(import).is_err());
        assert_eq!(piv.attest(key).unwrap(), [0x30, 3, 2, 1, 1]);
    }
}
