//! The security domain: opening channels, keys, open data, states (GlobalPlatform Card Specification 2.3 §11,
//! Amendment D §7). It serves whatever application is selected; who may do what was decided before.

use negin_apdu::{Command, Response, StatusWord};
use negin_eid::Error as Malformed;
use negin_eid::aid::{self, Application};
use negin_eid::field;
use negin_eid::gp::{
    ApplicationState, CIN_TAG, CardRecognition, CardState, Cplc, DataObject, GpCommand, IIN_TAG,
    InitializeUpdate, KeyInformation, PutKey, SetStatus, StatusEntry, StatusSubset, StoreData,
};
use negin_eid::roles::Role;
use negin_secure_channel::put_key;
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::card::{CardChallenge, Handshake, Parameters};
use rand_core::Rng;

use super::fault::Fault;
use super::memory::{Guarded, id, put_key_set};
use super::session::{Channel, Opening, Session};
use super::store::Transaction;
use super::system::Card;

/// Privileges of the issuer security domain: security domain, card lock, card terminate, card reset
/// (GlobalPlatform §6.6.1 table 6-1).
const DOMAIN_PRIVILEGES: [u8; 3] = [0x9E, 0x00, 0x00];

impl Card {
    /// A command of the security domain; EXTERNAL AUTHENTICATE, which needs its own bytes, is [`Card::authenticate`].
    pub(super) fn domain(
        &mut self,
        session: &mut Session,
        command: GpCommand,
    ) -> Result<Response, Fault> {
        match command {
            GpCommand::InitializeUpdate(command) => self.initialize_update(session, &command),
            GpCommand::ExternalAuthenticate(_) => Err(StatusWord::CONDITIONS_NOT_SATISFIED.into()),
            GpCommand::GetData(object) => self.domain_data(object),
            GpCommand::GetStatus(subset) => self.status(subset),
            GpCommand::SetStatus(change) => self.set_status(change),
            GpCommand::PutKey(command) => self.put_key(session, &command),
            GpCommand::StoreData(command) => self.store_data(&command),
        }
    }

    fn initialize_update(
        &mut self,
        session: &mut Session,
        command: &InitializeUpdate,
    ) -> Result<Response, Fault> {
        session.end_channel();
        // One way of keeping a conversation to oneself at a time.
        session.messaging = None;
        self.has_try(session, Guarded::Keys)?;
        let mut found = None;
        for role in Role::ALL {
            if command.key_version == 0 || command.key_version == role.key_version() {
                found = self
                    .memory
                    .key_set(role.key_version())?
                    .map(|keys| (role, keys));
            }
            if found.is_some() {
                break;
            }
        }
        let (role, keys) = found.ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
        let chip = self.memory.chip()?;
        let parameters = Parameters {
            kdd: chip.kdd,
            kvn: role.key_version(),
            options: chip.options,
        };
        if command.host_challenge.len() != chip.options.mode().length() {
            return Err(StatusWord::WRONG_LENGTH.into());
        }
        let invoker = session.selected.aid();
        let challenge = if chip.options.pseudo_random() {
            CardChallenge::PseudoRandom {
                sequence_counter: self.memory.next_challenge()?,
                invoker: &invoker,
            }
        } else {
            let mut bytes = [0; 16];
            self.rng.fill_bytes(&mut bytes);
            CardChallenge::Random(bytes)
        };
        let handshake = Handshake::open(&keys, parameters, &command.host_challenge, challenge)
            .map_err(|error| error.status())?;
        let response = Response::new(handshake.response(), StatusWord::SUCCESS);
        session.opening = Some(Opening {
            handshake,
            role,
            dek: keys.dek.clone(),
        });
        Ok(response)
    }

    /// EXTERNAL AUTHENTICATE, as it came. A try is taken before anything is compared and given back on success.
    pub(super) fn authenticate(
        &mut self,
        session: &mut Session,
        command: &Command,
    ) -> Result<Response, Fault> {
        let opening = session
            .opening
            .take()
            .ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        // A channel that protects nothing opens nothing here.
        if matches!(
            SecurityLevel::from_byte(command.p1),
            None | Some(SecurityLevel::None)
        ) {
            return Err(StatusWord::INCORRECT_P1P2.into());
        }
        self.take_try(session, Guarded::Keys)?;
        let messaging = opening
            .handshake
            .authenticate(command)
            .map_err(|error| error.status())?;
        let mut transaction = Transaction::new();
        self.memory
            .restore_tries(&mut transaction, &[Guarded::Keys])?;
        self.memory.commit(transaction)?;
        session.channel = Some(Channel {
            messaging,
            role: opening.role,
            dek: opening.dek,
        });
        Ok(Response::status(StatusWord::SUCCESS))
    }

    /// PUT KEY: the transport keys give way to the issuer's; delivery and override keys are added; each version can be
    /// replaced by itself.
    fn put_key(&mut self, session: &Session, command: &PutKey) -> Result<Response, Fault> {
        let channel = session
            .channel
            .as_ref()
            .ok_or(StatusWord::SECURITY_STATUS_NOT_SATISFIED)?;
        if !(command.key_id == 0x01 && command.multiple) {
            return Err(StatusWord::INCORRECT_P1P2.into());
        }
        let (version, keys) =
            put_key::decode(command.data.expose(), &channel.dek).map_err(|error| error.status())?;
        let role = Role::from_key_version(version).ok_or(StatusWord::WRONG_DATA)?;
        let transport = Role::Transport.key_version();
        let mut transaction = Transaction::new();
        match channel.role {
            // Some hosts add the first keys (P1 = 00) and expect the maker's to be gone.
            Role::Transport if role == Role::Issuer && matches!(command.replaces, 0x00 | 0xFF) => {
                transaction.remove(id::key_set(transport));
            }
            Role::Issuer if role != Role::Transport => {
                let exists = self.memory.contains(id::key_set(version))?;
                match command.replaces {
                    0x00 if exists => return Err(StatusWord::WRONG_DATA.into()),
                    0x00 => {}
                    replaced if replaced != version => return Err(StatusWord::WRONG_DATA.into()),
                    _ if !exists => return Err(StatusWord::REFERENCE_DATA_NOT_FOUND.into()),
                    _ => {}
                }
            }
            _ => return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into()),
        }
        put_key_set(&mut transaction, version, &keys);
        self.memory.commit(transaction)?;
        Ok(Response::new(
            put_key::confirmation(version, &keys),
            StatusWord::SUCCESS,
        ))
    }

    fn domain_data(&mut self, object: DataObject) -> Result<Response, Fault> {
        let chip = self.memory.chip()?;
        let mut stored = |tag, id| -> Result<Vec<u8>, Fault> {
            let value = self
                .memory
                .get(id)?
                .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
            Ok(field::field(tag, &value))
        };
        let data = match object {
            DataObject::IssuerIdentification => stored(IIN_TAG, id::ISSUER_IDENTIFICATION)?,
            DataObject::CardImage => stored(CIN_TAG, id::CARD_IMAGE)?,
            DataObject::CardData => CardRecognition {
                protocol: 0x03,
                options: chip.options.get(),
            }
            .encode(),
            DataObject::KeyDiversification => field::field(0xCF, &chip.kdd),
            DataObject::SequenceCounter => field::field(0xC1, &self.memory.last_challenge()?),
            DataObject::KeyInformation => {
                let mut keys = Vec::new();
                for role in Role::ALL {
                    let version = role.key_version();
                    if let Some(set) = self.memory.key_set(version)? {
                        keys.extend(KeyInformation::key_set(version, set.enc.len() as u8));
                    }
                }
                KeyInformation::encode_template(&keys)
            }
            DataObject::Cplc => cplc(&chip.kdd).encode(),
        };
        Ok(Response::new(data, StatusWord::SUCCESS))
    }

    fn status(&mut self, subset: StatusSubset) -> Result<Response, Fault> {
        let life = self.memory.life()?;
        let entry = |aid, state, privileges| StatusEntry {
            aid,
            state,
            privileges,
        };
        let entries = match subset {
            StatusSubset::SecurityDomain => {
                vec![entry(
                    aid::ISSUER_SECURITY_DOMAIN,
                    life.card.code(),
                    DOMAIN_PRIVILEGES,
                )]
            }
            StatusSubset::Applications => vec![
                entry(aid::PIV, life.piv.code(), [0; 3]),
                entry(aid::TRAVEL_DOCUMENT, life.travel_document.code(), [0; 3]),
            ],
            StatusSubset::LoadFiles | StatusSubset::LoadFilesAndModules => {
                return Err(StatusWord::REFERENCE_DATA_NOT_FOUND.into());
            }
        };
        Ok(Response::new(
            StatusEntry::encode_all(&entries),
            StatusWord::SUCCESS,
        ))
    }

    fn set_status(&mut self, change: SetStatus) -> Result<Response, Fault> {
        let before = self.memory.life()?;
        let mut life = before;
        match change {
            SetStatus::Card(state) => life.card = state,
            SetStatus::Application(aid, state) => {
                *application_state(&mut life.piv, &mut life.travel_document, aid)? = state;
            }
        }
        if life != before {
            let mut transaction = Transaction::new();
            transaction.put(id::LIFE, life.encode());
            if life.card == CardState::Terminated {
                self.forget_holder(&mut transaction)?;
                self.memory.commit_and_erase(transaction)?;
            } else {
                self.memory.commit(transaction)?;
            }
        }
        Ok(Response::status(StatusWord::SUCCESS))
    }

    fn store_data(&mut self, command: &StoreData) -> Result<Response, Fault> {
        let mut transaction = Transaction::new();
        let wrong = |_: Malformed| StatusWord::WRONG_DATA;
        for entry in field::fields("STORE DATA", &command.data) {
            let (tag, value) = entry.map_err(wrong)?;
            let id = match tag {
                IIN_TAG => id::ISSUER_IDENTIFICATION,
                CIN_TAG => id::CARD_IMAGE,
                _ => return Err(StatusWord::REFERENCE_DATA_NOT_FOUND.into()),
            };
            if value.len() > 255 {
                return Err(StatusWord::WRONG_DATA.into());
            }
            transaction.put(id, value);
        }
        self.memory.commit(transaction)?;
        Ok(Response::status(StatusWord::SUCCESS))
    }
}

fn application_state<'a>(
    piv: &'a mut ApplicationState,
    travel_document: &'a mut ApplicationState,
    aid: negin_apdu::Aid,
) -> Result<&'a mut ApplicationState, StatusWord> {
    match Application::by_name(aid.as_bytes()) {
        Some(Application::Piv) => Ok(piv),
        Some(Application::TravelDocument) => Ok(travel_document),
        _ => Err(StatusWord::REFERENCE_DATA_NOT_FOUND),
    }
}

/// Production data made of the chip's number: batch, serial number, and nothing of a real maker.
fn cplc(kdd: &[u8; 10]) -> Cplc {
    let &[a, b, c, d, e, f, ..] = kdd;
    Cplc {
        batch: [a, b],
        serial_number: [c, d, e, f],
        ..Cplc::default()
    }
}
