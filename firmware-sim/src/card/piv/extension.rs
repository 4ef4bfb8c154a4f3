//! Yubico's administration extensions, on a card whose administration switch says so
//! ([`YubicoCommand`]; who may do what was decided before).
//!
//! Where they differ from a YubiKey, and why:
//! - SET RETRIES leaves PIN and PUK what they are. A card that fell back to numbers everybody knows would be open to
//!   whoever holds it next.
//! - No PIN or PUK is ever said to be the default one: there is none, and to say so would be a guess for free.
//! - RESET does not make a fresh token. A card is live only after a match or an override, so what is left of it is a
//!   card that nobody has delivered: nothing of its holder, and PIV back where personalisation begins. Only the issuer's
//!   channel can make something of it again.

use negin_apdu::{Response, StatusWord};
use negin_eid::field;
use negin_eid::gp::ApplicationState;
use negin_eid::piv::{ManagementKey, MetadataReference, SetRetries, YubicoCommand};
use subtle::ConstantTimeEq;

use super::{AdministratorSession, done};
use crate::card::fault::Fault;
use crate::card::memory::{Guarded, id};
use crate::card::session::{Session, Verified};
use crate::card::store::Transaction;
use crate::card::system::Card;

/// What the card says it is compatible with: the first version with AES management keys and with metadata, without the
/// algorithms and commands that came later.
pub(super) const VERSION: [u8; 3] = [5, 4, 3];

/// Metadata: algorithm.
const ALGORITHM: u32 = 0x01;
/// Metadata: policies of PIN and touch.
const POLICY: u32 = 0x02;
/// Metadata: whether a key was made in the card or elsewhere.
const ORIGIN: u32 = 0x03;
/// Metadata: the public key, as in 7F49.
const PUBLIC_KEY: u32 = 0x04;
/// Metadata: whether this is a value that everybody knows.
const IS_DEFAULT: u32 = 0x05;
/// Metadata: tries in all, and left.
const TRIES: u32 = 0x06;
/// The 'algorithm' of PIN and PUK.
const NO_ALGORITHM: u8 = 0xFF;
/// Nothing is touched.
const NEVER: u8 = 0x01;

impl Card {
    /// A command of the extensions.
    pub(in crate::card) fn extension(
        &mut self,
        session: &mut Session,
        command: YubicoCommand,
    ) -> Result<Response, Fault> {
        match command {
            YubicoCommand::Version => Ok(Response::new(VERSION, StatusWord::SUCCESS)),
            YubicoCommand::Serial => Ok(Response::new(self.serial_number()?, StatusWord::SUCCESS)),
            YubicoCommand::Metadata(reference) => self.metadata(reference),
            YubicoCommand::SetManagementKey(key) => self.set_management_key(key),
            YubicoCommand::SetRetries(SetRetries { pin, puk }) => {
                let mut transaction = Transaction::new();
                self.memory.set_most_tries(&mut transaction, pin, puk)?;
                self.memory.commit(transaction)?;
                Ok(done())
            }
            YubicoCommand::Reset => self.reset(session),
            YubicoCommand::Import(command) => self.import_key_pair(&command),
            YubicoCommand::AttestationCertificate => self.attestation_certificate(),
            YubicoCommand::Attest(key) => self.attest(key),
        }
    }

    /// The last four bytes of the chip's number, the first bit clear: yubico-piv-tool takes the number for a signed one.
    pub(in crate::card::piv) fn serial_number(&mut self) -> Result<[u8; 4], Fault> {
        let [.., a, b, c, d] = self.memory.chip()?.kdd;
        Ok([a & 0x7F, b, c, d])
    }

    fn metadata(&mut self, reference: MetadataReference) -> Result<Response, Fault> {
        let mut data = Vec::new();
        match reference {
            MetadataReference::Pin | MetadataReference::Puk => {
                let guarded = match reference {
                    MetadataReference::Pin => Guarded::Pin,
                    _ => Guarded::Puk,
                };
                let most = self.memory.most_tries()?.of(guarded);
                field::put(&mut data, ALGORITHM, &[NO_ALGORITHM]);
                field::put(&mut data, IS_DEFAULT, &[0]);
                field::put(&mut data, TRIES, &[most, self.memory.tries_of(guarded)?]);
            }
            MetadataReference::ManagementKey => {
                let administration = self
                    .memory
                    .administration()?
                    .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
                let key = administration.key;
                let factory = ManagementKey::factory();
                let known = key.algorithm() == factory.algorithm()
                    && bool::from(key.expose().ct_eq(factory.expose()));
                field::put(&mut data, ALGORITHM, &[key.algorithm().code()]);
                field::put(&mut data, POLICY, &[0, NEVER]);
                field::put(&mut data, IS_DEFAULT, &[u8::from(known)]);
            }
            MetadataReference::Key(reference) => {
                let key = self
                    .key_pair(reference)?
                    .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
                field::put(&mut data, ALGORITHM, &[key.private.algorithm().code()]);
                let policy = YubicoCommand::pin_policy(reference);
                field::put(&mut data, POLICY, &[policy, NEVER]);
                field::put(&mut data, ORIGIN, &[key.origin.code()]);
                field::put(&mut data, PUBLIC_KEY, &key.private.public()?.encode_value());
            }
        }
        Ok(Response::new(data, StatusWord::SUCCESS))
    }

    /// Another card management key; what else the administration switch says stays.
    fn set_management_key(&mut self, key: ManagementKey) -> Result<Response, Fault> {
        let mut administration = self
            .memory
            .administration()?
            .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
        administration.key = key;
        let mut transaction = Transaction::new();
        transaction.put(id::ADMINISTRATION, administration.encode().expose());
        self.memory.commit(transaction)?;
        Ok(done())
    }

    /// The end of the holder's card, in one transaction.
    fn reset(&mut self, session: &mut Session) -> Result<Response, Fault> {
        let mut life = self.memory.life()?;
        life.piv = ApplicationState::SELECTABLE;
        let mut transaction = Transaction::new();
        self.forget_holder(&mut transaction)?;
        transaction.put(id::LIFE, life.encode());
        self.memory.commit_and_erase(transaction)?;
        session.end_channel();
        session.verified = Verified::default();
        session.administrator = AdministratorSession::default();
        session.file = None;
        Ok(done())
    }
}
