//! Key pairs of P-256: made in the card, used in the card (NIST SP 800-73-4 Part 2 §3.2.4, §3.3.2).

use negin_apdu::{Response, StatusWord};
use negin_eid::piv::{Algorithm, GeneralAuthenticate, GenerateKeyPair, KeyReference, PublicPoint};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::{PublicKey, SecretKey};
use rand_core::Rng;
use zeroize::Zeroizing;

use crate::card::fault::Fault;
use crate::card::memory::id;
use crate::card::store::Transaction;
use crate::card::system::Card;

impl Card {
    /// GENERATE ASYMMETRIC KEY PAIR: the pair is committed before its public key is told.
    pub(super) fn generate_key_pair(
        &mut self,
        command: GenerateKeyPair,
    ) -> Result<Response, Fault> {
        if command.algorithm != Algorithm::EccP256 {
            return Err(StatusWord::FUNCTION_NOT_SUPPORTED.into());
        }
        let mut scalar = Zeroizing::new([0; 32]);
        let secret = loop {
            self.rng.fill_bytes(&mut *scalar);
            // Zero and what is not below the group's order is drawn again; that happens about never.
            if let Ok(secret) = SecretKey::from_slice(&*scalar) {
                break secret;
            }
        };
        let mut transaction = Transaction::new();
        transaction.put(id::key_pair(command.key), *scalar);
        self.memory.commit(transaction)?;
        let point = PublicPoint::new(&secret.public_key().to_sec1_bytes())
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        Ok(Response::new(point.encode(), StatusWord::SUCCESS))
    }

    fn secret_key(&mut self, key: KeyReference) -> Result<SecretKey, Fault> {
        let scalar = self
            .memory
            .get(id::key_pair(key))?
            .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
        Ok(SecretKey::from_slice(&scalar).map_err(|_| StatusWord::MEMORY_FAILURE)?)
    }

    /// GENERAL AUTHENTICATE: a signature over a digest (RFC 6979, so that nothing hangs on chance), or a key agreement.
    pub(super) fn general_authenticate(
        &mut self,
        command: &GeneralAuthenticate,
    ) -> Result<Response, Fault> {
        let secret = self.secret_key(command.key())?;
        let answer = match command {
            GeneralAuthenticate::Sign {
                algorithm: Algorithm::EccP256,
                digest,
                ..
            } => {
                let signature: DerSignature = SigningKey::from(secret)
                    .sign_prehash(digest)
                    .map_err(|_| StatusWord::WRONG_DATA)?;
                GeneralAuthenticate::encode_answer(signature.as_bytes())
            }
            // The key is of P-256: another algorithm's identifier does not name it.
            GeneralAuthenticate::Sign { .. } => return Err(StatusWord::INCORRECT_P1P2.into()),
            GeneralAuthenticate::Agree { point, .. } => {
                let other = PublicKey::from_sec1_bytes(point.as_bytes())
                    .map_err(|_| StatusWord::WRONG_DATA)?;
                let shared = secret.diffie_hellman(&other);
                GeneralAuthenticate::encode_answer(shared.raw_secret_bytes())
            }
        };
        Ok(Response::new(answer, StatusWord::SUCCESS))
    }
}
