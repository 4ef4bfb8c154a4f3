//! A small card around the card's end: SELECT, the opening of a session, PUT KEY; everything else is echoed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use negin_apdu::tlv::{self, Tag};
use negin_apdu::{
    Aid, Command, Interface, Limits, Response, StatusWord, Transmit, TransmitError, ins,
};
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::put_key;
use negin_secure_channel::scp03::{Options, card};

/// The security domain.
pub const INVOKER: Aid = Aid::known([0xA0, 0, 0, 1, 0x51, 0, 0, 0]);

pub fn key_set(length: usize) -> KeySet {
    let key = |seed: u8| {
        Key::new(
            &(0..32)
                .map(|n: u8| n.wrapping_mul(31) ^ seed)
                .collect::<Vec<_>>()[..length],
        )
        .unwrap()
    };
    KeySet::new(key(1), key(2), key(3)).unwrap()
}

pub fn options(i: u8) -> Options {
    Options::new(i).unwrap()
}

/// A card of extended or short APDUs that echoes commands and tells what it saw.
pub struct Card {
    pub keys: BTreeMap<u8, KeySet>,
    options: Options,
    handshake: Option<(u8, card::Handshake)>,
    session: Option<(u8, card::Session)>,
    sequence_counter: u8,
    chain: Vec<u8>,
    waiting: Vec<u8>,
    then: StatusWord,
    limits: Limits,
    /// What the next command is answered with.
    pub next: Option<Response>,
    /// Every command that was unwrapped.
    pub seen: Rc<RefCell<Vec<Command>>>,
}

impl Card {
    /// With this key set as version 30.
    pub fn new(keys: KeySet, i: u8, limits: Limits) -> Self {
        Self {
            keys: BTreeMap::from([(0x30, keys)]),
            options: options(i),
            handshake: None,
            session: None,
            sequence_counter: 0,
            chain: vec![],
            waiting: vec![],
            then: StatusWord::SUCCESS,
            limits,
            next: None,
            seen: Rc::default(),
        }
    }

    fn execute(&mut self, command: &Command) -> Response {
        match command.ins {
            ins::SELECT if command.cla == 0x00 => {
                (self.handshake, self.session) = (None, None);
                let fci = tlv::encode_all(Tag::new(0x6F), [(Tag::new(0x84), INVOKER.as_bytes())]);
                Response::new(fci, StatusWord::SUCCESS)
            }
            ins::INITIALIZE_UPDATE => self.initialize_update(command),
            ins::EXTERNAL_AUTHENTICATE => {
                let Some((kvn, handshake)) = self.handshake.take() else {
                    return StatusWord::CONDITIONS_NOT_SATISFIED.into();
                };
                match handshake.authenticate(command) {
                    Ok(session) => {
                        self.session = Some((kvn, session));
                        StatusWord::SUCCESS.into()
                    }
                    Err(error) => error.status().into(),
                }
            }
            _ => {
                let Some((kvn, mut session)) = self.session.take() else {
                    return StatusWord::SECURITY_STATUS_NOT_SATISFIED.into();
                };
                let answer = match session.unwrap(command) {
                    Ok(plain) => {
                        let answer = self.execute_plain(kvn, &plain);
                        self.seen.borrow_mut().push(plain);
                        session.wrap(answer)
                    }
                    Err(error) => error.status().into(),
                };
                self.session = Some((kvn, session));
                answer
            }
        }
    }

    fn initialize_update(&mut self, command: &Command) -> Response {
        let kvn = if command.p1 == 0 { 0x30 } else { command.p1 };
        let Some(keys) = self.keys.get(&kvn) else {
            return StatusWord::REFERENCE_DATA_NOT_FOUND.into();
        };
        let challenge = if self.options.pseudo_random() {
            self.sequence_counter += 1;
            card::CardChallenge::PseudoRandom {
                sequence_counter: [0, 0, self.sequence_counter],
                invoker: &INVOKER,
            }
        } else {
            card::CardChallenge::Random(*b"sixteen bytes...")
        };
        let parameters = card::Parameters {
            kdd: [7; 10],
            kvn,
            options: self.options,
        };
        match card::Handshake::open(keys, parameters, command.data(), challenge) {
            Ok(handshake) => {
                let answer = handshake.response();
                self.handshake = Some((kvn, handshake));
                Response::new(answer, StatusWord::SUCCESS)
            }
            Err(error) => error.status().into(),
        }
    }

    fn execute_plain(&mut self, kvn: u8, command: &Command) -> Response {
        if let Some(answer) = self.next.take() {
            return answer;
        }
        if command.ins != ins::PUT_KEY {
            return Response::new(command.data(), StatusWord::SUCCESS);
        }
        match put_key::decode(command.data(), &self.keys[&kvn].dek) {
            Ok((version, keys)) => {
                let answer = put_key::confirmation(version, &keys);
                self.keys.insert(version, keys);
                Response::new(answer, StatusWord::SUCCESS)
            }
            Err(error) => error.status().into(),
        }
    }

    fn give(&mut self, ne: usize) -> Response {
        let rest = self.waiting.split_off(ne.min(self.waiting.len()));
        let data = std::mem::replace(&mut self.waiting, rest);
        let sw = if self.waiting.is_empty() {
            self.then
        } else {
            StatusWord::more_available(self.waiting.len())
        };
        Response { data, sw }
    }
}

impl Transmit for Card {
    fn transmit(&mut self, bytes: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let command = Command::parse(bytes).unwrap();
        assert!(command.data().len() <= self.limits.command_data);
        let ne = command.le().unwrap_or(0) as usize;
        if command.ins == ins::GET_RESPONSE {
            return Ok(self.give(ne).to_bytes());
        }
        self.chain.extend_from_slice(command.data());
        if command.is_chained() {
            return Ok(Response::status(StatusWord::SUCCESS).to_bytes());
        }
        let [cla, ins, p1, p2] = command.header();
        let data = std::mem::take(&mut self.chain);
        let whole = Command::new(cla, ins, p1, p2)
            .with_data(data)
            .with_le(command.le().unwrap_or(0));
        Response {
            data: self.waiting,
            sw: self.then,
        } = self.execute(&whole);
        Ok(self.give(ne).to_bytes())
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn interface(&self) -> Interface {
        Interface::Contact
    }
}
