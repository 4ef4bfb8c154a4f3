//! The holder's PIN, and the PUK that unblocks it: kept as salted hashes, compared in constant time, each comparison
//! paid for with a try that is committed first (NIST SP 800-73-4 Part 2 §3.2).

use negin_apdu::{Interface, Response, StatusWord};
use negin_eid::aid::Application;
use negin_eid::lds::{FileId, PinVerify};
use negin_eid::piv::{ChangeReferenceData, Container, FingerReference, KeyReference, Pin, Puk};
use rand_core::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::memory::{Guarded, id};
use super::session::Session;
use super::store::Transaction;
use super::system::Card;

/// Over the antenna the last tries are kept for the contacts, so that nobody in passing can block a card
/// (SP 800-73-4 Part 1 §3.1.3, the intermediate retry value).
pub(super) const KEPT_FOR_CONTACTS: u8 = 2;

const SALT: usize = 8;

fn hashed(salt: &[u8], secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(salt.to_vec());
    bytes.extend_from_slice(
        &Sha256::new()
            .chain_update(salt)
            .chain_update(secret)
            .finalize(),
    );
    bytes
}

impl Card {
    /// VERIFY with the PIN: for PIV and the travel document alike.
    pub(super) fn verify_pin(
        &mut self,
        session: &mut Session,
        action: PinVerify,
    ) -> Result<Response, Fault> {
        match action {
            PinVerify::Reset => session.verified.forget_pin(),
            PinVerify::Status => {
                let verified = match session.selected {
                    Application::Piv => session.verified.pin,
                    _ => session.verified.pin_since_power_on,
                };
                if !verified {
                    return Err(tries_status(self.memory.tries_of(Guarded::Pin)?).into());
                }
            }
            PinVerify::Pin(pin) => {
                session.verified.forget_pin();
                self.compare(session, Guarded::Pin, id::PIN, pin.padded())?;
                let mut transaction = Transaction::new();
                self.memory
                    .restore_tries(&mut transaction, &[Guarded::Pin])?;
                self.memory.commit(transaction)?;
                pin_verified(session);
            }
        }
        Ok(Response::status(StatusWord::SUCCESS))
    }

    /// Compares a secret with what the card holds. The try is gone before the comparison begins; who succeeds gives it
    /// back in the transaction that follows from it.
    fn compare(
        &mut self,
        session: &Session,
        guarded: Guarded,
        id: u32,
        secret: &[u8],
    ) -> Result<(), Fault> {
        let held = self
            .memory
            .get(id)?
            .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
        let left = self.take_try(session, guarded)?;
        let (salt, _) = held
            .split_at_checked(SALT)
            .ok_or(StatusWord::MEMORY_FAILURE)?;
        if bool::from(hashed(salt, secret).ct_eq(&held)) {
            Ok(())
        } else {
            Err(StatusWord::verification_failed(left).into())
        }
    }

    /// Whether any try is left, for this interface.
    ///
    /// # Errors
    /// 6983 where there is none.
    pub(super) fn has_try(&mut self, session: &Session, guarded: Guarded) -> Result<(), Fault> {
        let kept = match session.interface {
            Interface::Contact => 0,
            Interface::Contactless => KEPT_FOR_CONTACTS,
        };
        if self.memory.tries_of(guarded)? > kept {
            Ok(())
        } else {
            Err(StatusWord::AUTHENTICATION_METHOD_BLOCKED.into())
        }
    }

    /// Takes a try, committed; refuses where none is left, or none for this interface.
    pub(super) fn take_try(&mut self, session: &Session, guarded: Guarded) -> Result<u8, Fault> {
        self.has_try(session, guarded)?;
        Ok(self
            .memory
            .take_try(guarded)?
            .ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?)
    }

    fn put_secret(&mut self, transaction: &mut Transaction, id: u32, secret: &[u8; 8]) {
        let mut salt = [0; SALT];
        self.rng.fill_bytes(&mut salt);
        transaction.put(id, hashed(&salt, secret).to_vec());
    }

    /// CHANGE REFERENCE DATA, first PIN and PUK included.
    pub(super) fn change_reference_data(
        &mut self,
        session: &mut Session,
        command: &ChangeReferenceData,
    ) -> Result<Response, Fault> {
        let mut transaction = Transaction::new();
        match command {
            ChangeReferenceData::Pin { old, new } => {
                self.accept(new)?;
                session.verified.forget_pin();
                self.compare(session, Guarded::Pin, id::PIN, old.expose())?;
                self.put_pin(&mut transaction, new)?;
                self.memory.commit(transaction)?;
                pin_verified(session);
            }
            ChangeReferenceData::Puk { old, new } => {
                self.compare(session, Guarded::Puk, id::PUK, old.bytes())?;
                self.put_puk(&mut transaction, new)?;
                self.memory.commit(transaction)?;
            }
            ChangeReferenceData::FirstPin(pin) => {
                self.accept(pin)?;
                // Whichever way it came: what somebody slips in on the wire afterwards is not the holder's.
                session.delivery.pin_came = true;
                self.put_pin(&mut transaction, pin)?;
                self.memory.commit(transaction)?;
            }
            ChangeReferenceData::FirstPuk(puk) => {
                self.put_puk(&mut transaction, puk)?;
                self.memory.commit(transaction)?;
            }
        }
        Ok(Response::status(StatusWord::SUCCESS))
    }

    /// Whether this may be a PIN of this card. It is refused before anything is compared: no try is spent.
    fn accept(&mut self, pin: &Pin) -> Result<(), Fault> {
        if self.pin_policy()?.allows(pin) {
            Ok(())
        } else {
            Err(StatusWord::WRONG_DATA.into())
        }
    }

    fn put_pin(&mut self, transaction: &mut Transaction, pin: &Pin) -> Result<(), Fault> {
        self.put_secret(transaction, id::PIN, pin.padded());
        self.memory.restore_tries(transaction, &[Guarded::Pin])
    }

    fn put_puk(&mut self, transaction: &mut Transaction, puk: &Puk) -> Result<(), Fault> {
        self.put_secret(transaction, id::PUK, puk.bytes());
        self.memory.restore_tries(transaction, &[Guarded::Puk])
    }

    /// RESET RETRY COUNTER: the PUK sets a new PIN, and both counters are full again, in one transaction.
    pub(super) fn reset_retry_counter(
        &mut self,
        session: &mut Session,
        puk: &Puk,
        pin: &Pin,
    ) -> Result<Response, Fault> {
        self.accept(pin)?;
        self.compare(session, Guarded::Puk, id::PUK, puk.bytes())?;
        let mut transaction = Transaction::new();
        self.put_secret(&mut transaction, id::PIN, pin.padded());
        self.memory
            .restore_tries(&mut transaction, &[Guarded::Pin, Guarded::Puk])?;
        self.memory.commit(transaction)?;
        Ok(Response::status(StatusWord::SUCCESS))
    }

    /// A terminated card holds nothing of anybody: private keys, references, PIN and PUK, containers and files are
    /// removed.
    pub(super) fn forget_holder(&mut self, transaction: &mut Transaction) -> Result<(), Fault> {
        for id in [
            id::PIN,
            id::PUK,
            id::MESSAGING_KEY,
            id::RETRIES,
            id::ADMINISTRATION,
            id::ATTESTATION_KEY,
            id::ATTESTATION_CERTIFICATE,
        ]
        .into_iter()
        .chain(FingerReference::ALL.map(id::finger))
        .chain(KeyReference::ALL.map(id::key_pair))
        .chain(Container::ALL.map(id::container))
        .chain(FileId::ALL.map(id::file))
        {
            if self.memory.contains(id)? {
                transaction.remove(id);
            }
        }
        Ok(())
    }
}

fn pin_verified(session: &mut Session) {
    session.verified.pin_since_power_on = true;
    if session.selected == Application::Piv {
        session.verified.pin = true;
        session.verified.at = session.command;
    }
}

/// What a question for the tries left is answered with.
pub(super) fn tries_status(left: u8) -> StatusWord {
    match left {
        0 => StatusWord::AUTHENTICATION_METHOD_BLOCKED,
        left => StatusWord::verification_failed(left),
    }
}
