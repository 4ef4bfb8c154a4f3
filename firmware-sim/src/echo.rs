//! A card that says what it is told: for measuring what lies between a host and its cards.
//!
//! It has no memory and no applications. ECHO (`80 EC 00 00`) answers with the command's data; SCP03 opens under the
//! test keys that every GlobalPlatform tool knows, as any number of sessions one after the other; SELECT is accepted,
//! whatever it names; all else is 6D00.

use negin_apdu::{Atr, AtrError, Command, Response, StatusWord, ins};
use negin_secure_channel::key::{Key, KeySet};
use negin_secure_channel::scp03::Options;
use negin_secure_channel::scp03::card::{CardChallenge, Handshake, Parameters, Session};

/// The class of ECHO without secure messaging.
pub const CLASS: u8 = 0x80;
/// ECHO's instruction.
pub const ECHO: u8 = 0xEC;
/// The keys that every GlobalPlatform tool knows as a test card's.
pub const KEY: [u8; 16] = *b"@ABCDEFGHIJKLMNO";
/// The version of its only key set.
pub const KEY_VERSION: u8 = 0x30;

/// Chaining, extended lengths; the name.
const HISTORICAL: [u8; 10] = [0x80, 0x73, 0xC0, 0x01, 0xC0, 0x54, b'E', b'C', b'H', b'O'];
const INITIALIZE_UPDATE: u8 = 0x50;

/// The echoing card.
#[derive(Default)]
pub struct EchoCard {
    on: bool,
    handshake: Option<Handshake>,
    session: Option<Session>,
    opened: u64,
}

impl EchoCard {
    /// The card, without power.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives it power, or resets it; its answer to reset.
    ///
    /// # Errors
    /// None: its answer to reset is short enough.
    pub fn power_on(&mut self) -> Result<Atr, AtrError> {
        self.power_off();
        self.on = true;
        Atr::t1(&HISTORICAL)
    }

    /// Takes its power, and with it every session.
    pub fn power_off(&mut self) {
        self.on = false;
        self.handshake = None;
        self.session = None;
    }

    /// Answers a command APDU with a response APDU; nothing without power.
    pub fn process(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        if !self.on {
            return None;
        }
        let response = match Command::parse(command) {
            Ok(command) => self.answer(&command),
            Err(_) => Response::status(StatusWord::WRONG_LENGTH),
        };
        Some(response.to_bytes())
    }

    fn answer(&mut self, command: &Command) -> Response {
        match (command.cla, command.ins) {
            (0x80, INITIALIZE_UPDATE) => self.begin(command),
            (0x84, ins::EXTERNAL_AUTHENTICATE) if self.handshake.is_some() => self.open(command),
            (0x84, _) => self.secured(command),
            _ => plain(command),
        }
    }

    fn begin(&mut self, command: &Command) -> Response {
        self.session = None;
        self.opened += 1;
        let Ok(keys) = Key::new(&KEY).map(|key| KeySet::of_one(&key)) else {
            return Response::status(StatusWord::REFERENCE_DATA_NOT_FOUND);
        };
        let parameters = Parameters {
            kdd: *b"NEGIN-ECHO",
            kvn: KEY_VERSION,
            options: Options::I_70,
        };
        // What is measured is no secret: a challenge that never repeats is enough.
        let counter = self.opened.to_be_bytes();
        let challenge = CardChallenge::PseudoRandom {
            sequence_counter: [counter[5], counter[6], counter[7]],
            invoker: &negin_eid::aid::Application::SecurityDomain.aid(),
        };
        match Handshake::open(&keys, parameters, command.data(), challenge) {
            Ok(handshake) => {
                let response = Response::new(handshake.response(), StatusWord::SUCCESS);
                self.handshake = Some(handshake);
                response
            }
            Err(error) => Response::status(error.status()),
        }
    }

    fn open(&mut self, command: &Command) -> Response {
        match self
            .handshake
            .take()
            .map(|handshake| handshake.authenticate(command))
        {
            Some(Ok(session)) => {
                self.session = Some(session);
                Response::status(StatusWord::SUCCESS)
            }
            Some(Err(error)) => Response::status(error.status()),
            None => Response::status(StatusWord::CONDITIONS_NOT_SATISFIED),
        }
    }

    fn secured(&mut self, command: &Command) -> Response {
        let Some(session) = &mut self.session else {
            return Response::status(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        match session.unwrap(command) {
            Ok(command) => {
                let answer = plain(&command);
                session.wrap(answer)
            }
            Err(error) => Response::status(error.status()),
        }
    }
}

fn plain(command: &Command) -> Response {
    match (command.cla, command.ins) {
        (CLASS, ECHO) => Response::new(command.data(), StatusWord::SUCCESS),
        (0x00, ins::SELECT) => Response::status(StatusWord::SUCCESS),
        _ => Response::status(StatusWord::INS_NOT_SUPPORTED),
    }
}

#[cfg(test)]
mod tests {
    use negin_apdu::{Exchange, Interface, Limits, Transmit, TransmitError};
    use negin_secure_channel::scp03::SecurityLevel;
    use negin_secure_channel::scp03::host::{
        Handshake, InitializeUpdateResponse, initialize_update,
    };
    use negin_secure_channel::scp03::kdf::SessionKeys;

    use super::*;

    struct Wire(EchoCard);

    impl Transmit for Wire {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
            self.0.process(command).ok_or(TransmitError::CardRemoved)
        }

        fn limits(&self) -> Limits {
            Limits::EXTENDED
        }

        fn interface(&self) -> Interface {
            Interface::Contact
        }
    }

    fn echo(length: usize) -> Command {
        Command::new(CLASS, ECHO, 0x00, 0x00)
            .with_data(vec![0x5A; length])
            .with_le(65_536)
    }

    #[test]
    fn it_says_what_it_is_told() {
        let mut wire = Wire(EchoCard::new());
        assert_eq!(wire.exchange(&echo(5)), Err(TransmitError::CardRemoved));
        assert!(wire.0.power_on().is_ok());
        for length in [1, 5, 255, 256, 4_096, 65_535] {
            let answer = wire.exchange(&echo(length)).expect("power");
            assert_eq!(answer.sw, StatusWord::SUCCESS);
            assert_eq!(answer.data, vec![0x5A; length]);
        }
        let unknown = wire.exchange(&Command::new(0x00, 0xCB, 0x3F, 0xFF));
        assert_eq!(unknown.expect("power").sw, StatusWord::INS_NOT_SUPPORTED);
        assert_eq!(wire.transmit(&[0x00]), Ok(vec![0x67, 0x00]));
    }

    #[test]
    fn under_its_keys_too_again_and_again() {
        let mut wire = Wire(EchoCard::new());
        assert!(wire.0.power_on().is_ok());
        for challenge in 0..3 {
            let challenge = [challenge; 8];
            let answer = wire
                .exchange(&initialize_update(0, &challenge))
                .expect("power");
            let answer = InitializeUpdateResponse::parse(&answer.data).expect("an answer");
            let keys = KeySet::of_one(&Key::new(&KEY).expect("a key"));
            let session = SessionKeys::derive(&keys, &challenge, answer.card_challenge.as_bytes());
            let (command, opening) = Handshake::new(&challenge, answer)
                .and_then(|handshake| handshake.verify_card(session))
                .and_then(|card| card.external_authenticate(SecurityLevel::Full))
                .expect("the card's keys");
            let opened = wire.exchange(&command).expect("power");
            assert_eq!(opened.sw, StatusWord::SUCCESS);
            let mut channel = opening.channel(&mut wire);
            for length in [5, 255, 4_096] {
                let answer = channel.exchange(&echo(length)).expect("a session");
                assert_eq!(answer.data, vec![0x5A; length]);
            }
        }
        let stale = echo(5).to_bytes().expect("short");
        let mut stale = stale;
        stale[0] = 0x84;
        assert_ne!(wire.transmit(&stale).expect("power")[..2], [0x90, 0x00]);
    }
}
