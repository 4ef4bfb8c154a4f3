//! The card's end of SCP03.
//!
//! INITIALIZE UPDATE → [`Handshake::open`], its [`response`](Handshake::response) → EXTERNAL AUTHENTICATE →
//! [`Handshake::authenticate`] → [`Session`]: [`unwrap`](Session::unwrap) each command, [`wrap`](Session::wrap) its
//! answer. What a key version may do, how often a wrong host may try and when a session ends for other reasons is the
//! card operating system's.

use alloc::vec::Vec;

use negin_apdu::{Aid, Command, Response, ins};
use subtle::ConstantTimeEq;

use crate::SmError;
use crate::key::KeySet;
use crate::scp03::kdf::{Block, SessionKeys, pseudo_random_challenge};
use crate::scp03::messaging::Messaging;
use crate::scp03::{Mode, Options, SCP03, SecurityLevel};

/// What the answer to INITIALIZE UPDATE says of the card and its key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Key diversification data.
    pub kdd: [u8; 10],
    /// Version of the key set.
    pub kvn: u8,
    /// The parameter "i".
    pub options: Options,
}

/// Where the card's challenge comes from: by the parameter "i".
#[derive(Clone, Copy, Debug)]
pub enum CardChallenge<'a> {
    /// Sixteen random bytes; mode S8 takes the first eight.
    Random([u8; 16]),
    /// Derived from a counter that never repeats and the AID of the application that opens the channel.
    PseudoRandom {
        /// The sequence counter, already incremented and committed for this session.
        sequence_counter: [u8; 3],
        /// The selected application, or the security domain itself.
        invoker: &'a Aid,
    },
}

/// After INITIALIZE UPDATE: waiting for EXTERNAL AUTHENTICATE.
#[derive(Debug)]
pub struct Handshake {
    parameters: Parameters,
    host_challenge: Block,
    card_challenge: Block,
    sequence_counter: Option<[u8; 3]>,
    keys: SessionKeys,
}

impl Handshake {
    /// Begins a session with this key set.
    ///
    /// # Errors
    /// [`SmError::Length`] for a host challenge that is not of the mode's length; [`SmError::Parameters`] where the
    /// kind of card challenge is not the one that the parameter "i" tells.
    pub fn open(
        keys: &KeySet,
        parameters: Parameters,
        host_challenge: &[u8],
        challenge: CardChallenge<'_>,
    ) -> Result<Self, SmError> {
        let mode = parameters.options.mode();
        let host_challenge = Block::new(host_challenge, mode).ok_or(SmError::Length)?;
        let (card_challenge, sequence_counter) =
            match (parameters.options.pseudo_random(), challenge) {
                (false, CardChallenge::Random(bytes)) => {
                    let challenge = bytes
                        .get(..mode.length())
                        .and_then(|bytes| Block::new(bytes, mode));
                    (challenge.ok_or(SmError::Length)?, None)
                }
                (
                    true,
                    CardChallenge::PseudoRandom {
                        sequence_counter,
                        invoker,
                    },
                ) => (
                    pseudo_random_challenge(&keys.enc, mode, sequence_counter, invoker),
                    Some(sequence_counter),
                ),
                _ => return Err(SmError::Parameters),
            };
        let keys = SessionKeys::derive(keys, host_challenge.as_bytes(), card_challenge.as_bytes());
        Ok(Self {
            parameters,
            host_challenge,
            card_challenge,
            sequence_counter,
            keys,
        })
    }

    fn mode(&self) -> Mode {
        self.parameters.options.mode()
    }

    /// The data field of the answer to INITIALIZE UPDATE (Amendment D §7.1.1.6).
    #[must_use]
    pub fn response(&self) -> Vec<u8> {
        let cryptogram = self.keys.card_cryptogram(
            self.mode(),
            self.host_challenge.as_bytes(),
            self.card_challenge.as_bytes(),
        );
        let mut out = Vec::with_capacity(48);
        out.extend_from_slice(&self.parameters.kdd);
        out.extend_from_slice(&[self.parameters.kvn, SCP03, self.parameters.options.get()]);
        out.extend_from_slice(self.card_challenge.as_bytes());
        out.extend_from_slice(cryptogram.as_bytes());
        out.extend_from_slice(
            self.sequence_counter
                .as_ref()
                .map_or(&[], |counter| &counter[..]),
        );
        out
    }

    /// Checks EXTERNAL AUTHENTICATE. Whatever comes of it, the handshake is over: another try needs another INITIALIZE
    /// UPDATE.
    ///
    /// # Errors
    /// [`SmError::Parameters`] for a level that is not offered; [`SmError::Length`]; [`SmError::HostCryptogram`] where
    /// cryptogram or MAC are wrong.
    pub fn authenticate(self, command: &Command) -> Result<Session, SmError> {
        if command.ins != ins::EXTERNAL_AUTHENTICATE || command.p2 != 0x00 {
            return Err(SmError::Parameters);
        }
        let level = SecurityLevel::from_byte(command.p1).ok_or(SmError::Parameters)?;
        if !self.parameters.options.offers(level) {
            return Err(SmError::Parameters);
        }
        let mode = self.mode();
        if command.data().len() != 2 * mode.length() {
            return Err(SmError::Length);
        }
        let mut messaging = Messaging::new(self.keys, mode);
        let plain = messaging
            .unwrap_command(command)
            .map_err(|error| match error {
                SmError::NotSecured => SmError::NotSecured,
                _ => SmError::HostCryptogram,
            })?;
        let keys = messaging.keys();
        let expected = keys.host_cryptogram(
            mode,
            self.host_challenge.as_bytes(),
            self.card_challenge.as_bytes(),
        );
        if !bool::from(expected.as_bytes().ct_eq(plain.data())) {
            return Err(SmError::HostCryptogram);
        }
        messaging.set_level(level);
        Ok(Session {
            level,
            messaging: Some(messaging),
        })
    }
}

/// An open session in the card.
#[derive(Debug)]
pub struct Session {
    level: SecurityLevel,
    /// Gone once the session is over.
    messaging: Option<Messaging>,
}

impl Session {
    /// The level that EXTERNAL AUTHENTICATE set.
    #[must_use]
    pub const fn level(&self) -> SecurityLevel {
        self.level
    }

    /// Whether the session is still open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.messaging.is_some()
    }

    /// Checks and unwraps a command (put together again, where it came in a chain): its class byte without the 'secure
    /// messaging' bit, its data plain. The first error ends the session; an answer with its
    /// [status word](SmError::status) then goes unprotected.
    ///
    /// # Errors
    /// [`SmError`].
    pub fn unwrap(&mut self, command: &Command) -> Result<Command, SmError> {
        let plain = self
            .messaging
            .as_mut()
            .ok_or(SmError::Ended)?
            .unwrap_command(command);
        if plain.is_err() {
            self.end();
        }
        plain
    }

    /// Wraps the answer to the command that was unwrapped last. In a session that is over the answer goes as a bare
    /// status word.
    #[must_use]
    pub fn wrap(&self, response: Response) -> Response {
        match &self.messaging {
            Some(messaging) => messaging.wrap_response(response),
            None => Response::status(response.sw),
        }
    }

    /// Longest plain answer data whose wrapped form has at most `most` bytes.
    #[must_use]
    pub fn longest_response(&self, most: usize) -> usize {
        self.messaging
            .as_ref()
            .map_or(most, |messaging| messaging.longest_response(most))
    }

    /// Ends the session and wipes its keys.
    pub fn end(&mut self) {
        self.messaging = None;
    }
}
