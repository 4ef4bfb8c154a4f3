//! Key pairs: made in the card or brought to it, used in the card, never read (NIST SP 800-73-4 Part 2 §3.2.4, §3.3.2).
//!
//! A card of Yubico's extensions takes any algorithm and any use under any reference, as their tools expect; any other
//! keeps to SP 800-78-4 table 3-1.

mod attestation;
mod private_key;
mod stored;

use negin_apdu::{Response, StatusWord};
use negin_eid::piv::{
    Algorithm, Extensions, GeneralAuthenticate, GenerateKeyPair, ImportKey, KeyReference,
};

use self::private_key::PrivateKey;
pub(in crate::card) use self::stored::{Origin, StoredKey};
use super::done;
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
        self.takes(command.key, command.algorithm)?;
        let key = StoredKey {
            origin: Origin::Generated,
            private: PrivateKey::generate(command.algorithm, &mut self.rng)?,
        };
        let public = key.private.public()?;
        self.keep_key(command.key, &key)?;
        Ok(Response::new(public.encode(), StatusWord::SUCCESS))
    }

    /// IMPORT of Yubico's extensions: a key pair from elsewhere takes the place, if it is one.
    pub(super) fn import_key_pair(&mut self, command: &ImportKey) -> Result<Response, Fault> {
        self.takes(command.key, command.algorithm)?;
        let key = StoredKey {
            origin: Origin::Imported,
            private: PrivateKey::import(command.algorithm, &command.material, &mut self.rng)?,
        };
        self.keep_key(command.key, &key)?;
        Ok(done())
    }

    /// The key pair under a reference, to tell of it; `None` where there is none.
    pub(super) fn key_pair(&mut self, key: KeyReference) -> Result<Option<StoredKey>, Fault> {
        let Some(bytes) = self.memory.get(id::key_pair(key))? else {
            return Ok(None);
        };
        let key = StoredKey::decode(&bytes).ok_or(StatusWord::MEMORY_FAILURE)?;
        Ok(Some(key))
    }

    fn keep_key(&mut self, reference: KeyReference, key: &StoredKey) -> Result<(), Fault> {
        let mut transaction = Transaction::new();
        transaction.put(id::key_pair(reference), &key.encode()[..]);
        self.memory.commit(transaction)
    }

    /// Whether the card takes a key of this algorithm under this reference.
    fn takes(&mut self, key: KeyReference, algorithm: Algorithm) -> Result<(), Fault> {
        let takes =
            key.takes(algorithm) || (algorithm.is_asymmetric() && self.is_lenient_with_keys()?);
        if takes {
            Ok(())
        } else {
            Err(StatusWord::WRONG_DATA.into())
        }
    }

    fn is_lenient_with_keys(&mut self) -> Result<bool, Fault> {
        let switch = self.memory.administration()?;
        Ok(switch.is_some_and(|switch| switch.extensions == Extensions::Yubico))
    }

    /// GENERAL AUTHENTICATE with a private key: a signature, a key agreement, RSA's operation.
    pub(super) fn general_authenticate(
        &mut self,
        command: &GeneralAuthenticate,
    ) -> Result<Response, Fault> {
        let key = self
            .key_pair(command.key())?
            .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?
            .private;
        if key.algorithm() != command.algorithm() {
            return Err(StatusWord::INCORRECT_P1P2.into());
        }
        if !command.is_proper() && !self.is_lenient_with_keys()? {
            return Err(StatusWord::WRONG_DATA.into());
        }
        let answer = match command {
            GeneralAuthenticate::Sign { digest, .. } => key.sign(digest)?.into(),
            GeneralAuthenticate::Agree { point, .. } => key.agree(point)?,
            GeneralAuthenticate::Rsa { block, .. } => key.operate(block, &mut self.rng)?,
        };
        let answer = GeneralAuthenticate::encode_answer(answer.expose());
        Ok(Response::new(answer, StatusWord::SUCCESS))
    }
}

/// What SELECT tells of the card's algorithms for key pairs.
pub(in crate::card) const KEY_PAIR_ALGORITHMS: [Algorithm; 3] =
    [Algorithm::Rsa2048, Algorithm::EccP256, Algorithm::EccP384];
