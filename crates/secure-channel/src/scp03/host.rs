//! The host's end of SCP03.
//!
//! [`initialize_update`] → the card's answer → [`InitializeUpdateResponse::parse`] → [`Handshake::new`] → whoever holds
//! the keys derives the [`SessionKeys`] → [`Handshake::verify_card`] → [`Authenticated::external_authenticate`] → 9000
//! → [`Opening::channel`]. The types follow one another: without a checked card there is no EXTERNAL AUTHENTICATE.

use negin_apdu::{Command, Response, Transmit, ins};
use subtle::ConstantTimeEq;

use crate::Error;
use crate::channel::{self, HostSession};
use crate::scp03::kdf::{Block, SessionKeys};
use crate::scp03::messaging::Messaging;
use crate::scp03::{Mode, Options, SCP03, SecurityLevel};

/// INITIALIZE UPDATE: `80 50 <version> 00 <challenge>` (Amendment D §7.1.1). `kvn` 00 lets the card choose; the
/// challenge has 8 bytes in mode S8, 16 in S16, and is random.
#[must_use]
pub fn initialize_update(kvn: u8, host_challenge: &[u8]) -> Command {
    Command::new(0x80, ins::INITIALIZE_UPDATE, kvn, 0x00)
        .with_data(host_challenge)
        .with_le(256)
}

/// The answer to INITIALIZE UPDATE (Amendment D §7.1.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitializeUpdateResponse {
    /// Key diversification data: what the card's keys are diversified by.
    pub kdd: [u8; 10],
    /// Version of the key set that the card uses.
    pub kvn: u8,
    /// The parameter "i".
    pub options: Options,
    /// The card's challenge, 8 or 16 bytes.
    pub card_challenge: Block,
    /// The card's cryptogram, 8 or 16 bytes.
    pub card_cryptogram: Block,
    /// The sequence counter, where the card's challenge is pseudo-random.
    pub sequence_counter: Option<[u8; 3]>,
}

impl InitializeUpdateResponse {
    /// Reads the data field of the answer: 29 or 32 bytes in mode S8, 45 or 48 in S16.
    ///
    /// # Errors
    /// [`Error::Protocol`] for a card of another protocol, [`Error::Options`], [`Error::InitializeUpdate`] for a length
    /// that the parameter does not give.
    pub fn parse(data: &[u8]) -> Result<Self, Error> {
        let wrong = Error::InitializeUpdate;
        let (&kdd, rest) = data.split_first_chunk::<10>().ok_or(wrong)?;
        let (&[kvn, scp, i], rest) = rest.split_first_chunk::<3>().ok_or(wrong)?;
        if scp != SCP03 {
            return Err(Error::Protocol(scp));
        }
        let options = Options::new(i)?;
        let mode = options.mode();
        let (challenge, rest) = rest.split_at_checked(mode.length()).ok_or(wrong)?;
        let (cryptogram, rest) = rest.split_at_checked(mode.length()).ok_or(wrong)?;
        let sequence_counter = match (options.pseudo_random(), rest) {
            (true, &[a, b, c]) => Some([a, b, c]),
            (false, []) => None,
            _ => return Err(wrong),
        };
        let card_challenge = Block::new(challenge, mode).ok_or(wrong)?;
        let card_cryptogram = Block::new(cryptogram, mode).ok_or(wrong)?;
        Ok(Self {
            kdd,
            kvn,
            options,
            card_challenge,
            card_cryptogram,
            sequence_counter,
        })
    }
}

/// Both challenges are known; the card is not yet checked.
#[derive(Clone, Debug)]
pub struct Handshake {
    host_challenge: Block,
    response: InitializeUpdateResponse,
}

impl Handshake {
    /// Takes the challenge that was sent and the answer.
    ///
    /// # Errors
    /// [`Error::ChallengeLength`] where the challenge is not of the length of the card's mode.
    pub fn new(host_challenge: &[u8], response: InitializeUpdateResponse) -> Result<Self, Error> {
        let host_challenge = Block::new(host_challenge, response.options.mode())
            .ok_or(Error::ChallengeLength(host_challenge.len()))?;
        Ok(Self {
            host_challenge,
            response,
        })
    }

    /// The host's challenge: with the card's, what session keys are derived from.
    #[must_use]
    pub fn host_challenge(&self) -> &[u8] {
        self.host_challenge.as_bytes()
    }

    /// The card's answer: diversification data, key version and challenge, for whoever derives the session keys.
    #[must_use]
    pub const fn response(&self) -> &InitializeUpdateResponse {
        &self.response
    }

    /// Checks the card's cryptogram under these session keys. Nothing is sent: a wrong key costs the card no try.
    ///
    /// # Errors
    /// [`Error::CardCryptogram`].
    pub fn verify_card(self, keys: SessionKeys) -> Result<Authenticated, Error> {
        let mode = self.response.options.mode();
        let (host, card) = (
            self.host_challenge.as_bytes(),
            self.response.card_challenge.as_bytes(),
        );
        let expected = keys.card_cryptogram(mode, host, card);
        if !bool::from(
            expected
                .as_bytes()
                .ct_eq(self.response.card_cryptogram.as_bytes()),
        ) {
            return Err(Error::CardCryptogram);
        }
        Ok(Authenticated {
            keys,
            mode,
            handshake: self,
        })
    }
}

/// The card has proved that it holds the keys.
#[derive(Debug)]
pub struct Authenticated {
    keys: SessionKeys,
    mode: Mode,
    handshake: Handshake,
}

impl Authenticated {
    /// EXTERNAL AUTHENTICATE for this level, `84 82 <level> 00`, and what becomes the channel once the card answers
    /// 9000.
    ///
    /// # Errors
    /// [`Error::LevelNotOffered`] by the card's parameter "i".
    pub fn external_authenticate(self, level: SecurityLevel) -> Result<(Command, Opening), Error> {
        if !self.handshake.response.options.offers(level) {
            return Err(Error::LevelNotOffered(level));
        }
        let card = self.handshake.response.card_challenge;
        let cryptogram = self.keys.host_cryptogram(
            self.mode,
            self.handshake.host_challenge.as_bytes(),
            card.as_bytes(),
        );
        let plain = Command::new(0x80, ins::EXTERNAL_AUTHENTICATE, level as u8, 0x00)
            .with_data(cryptogram.as_bytes());
        let mut messaging = Messaging::new(self.keys, self.mode);
        let command = messaging.wrap_command(&plain)?;
        messaging.set_level(level);
        Ok((command, Opening { messaging }))
    }
}

/// EXTERNAL AUTHENTICATE is made; after the card's 9000 this is the session.
#[derive(Debug)]
pub struct Opening {
    messaging: Messaging,
}

impl Opening {
    /// The channel, over what carried EXTERNAL AUTHENTICATE. To be called after 9000 only: otherwise the card will
    /// refuse the first command.
    pub fn channel<T: Transmit>(self, inner: T) -> Channel<T> {
        Channel::new(inner, self.session())
    }

    /// The session without a carrier, for a caller that moves the bytes itself.
    #[must_use]
    pub fn session(self) -> Session {
        Session {
            messaging: Some(self.messaging),
        }
    }
}

/// An open session: wraps commands, unwraps answers, one after the other.
#[derive(Debug)]
pub struct Session {
    /// Gone once the session is over.
    messaging: Option<Messaging>,
}

impl Session {
    /// The session's level; `None` once it is over.
    #[must_use]
    pub fn level(&self) -> Option<SecurityLevel> {
        self.messaging.as_ref().map(Messaging::level)
    }

    /// Wraps a command. It is to be sent, and its answer given to [`Session::unwrap`], before the next.
    ///
    /// # Errors
    /// [`Error::CommandTooLong`]; [`Error::Ended`].
    pub fn wrap(&mut self, command: &Command) -> Result<Command, Error> {
        self.messaging
            .as_mut()
            .ok_or(Error::Ended)?
            .wrap_command(command)
    }

    /// Checks and unwraps the answer. An answer that fails ends the session.
    ///
    /// # Errors
    /// [`Error::Response`]; [`Error::Ended`].
    pub fn unwrap(&mut self, response: Response) -> Result<Response, Error> {
        let answer = self
            .messaging
            .as_ref()
            .ok_or(Error::Ended)?
            .unwrap_response(response);
        if answer.is_err() {
            self.end();
        }
        answer
    }

    /// Ends the session and wipes its keys.
    pub fn end(&mut self) {
        self.messaging = None;
    }
}

impl HostSession for Session {
    fn wrap(&mut self, command: &Command) -> Result<Command, Error> {
        let wrapped = self.wrap(command)?;
        // The R-MAC is response data even where the command itself expects none. Where it does, Ne stays the plain
        // answer's: the card serves so many bytes, and what messaging adds to them comes by GET RESPONSE.
        let answered = self.level().is_some_and(SecurityLevel::r_mac);
        Ok(if answered && wrapped.le().is_none() {
            wrapped.with_le(256)
        } else {
            wrapped
        })
    }

    fn unwrap(&mut self, response: Response) -> Result<Response, Error> {
        self.unwrap(response)
    }

    fn end(&mut self) {
        self.end();
    }

    fn longest_command(&self, most: usize) -> usize {
        match &self.messaging {
            Some(messaging) => messaging.longest_command(most),
            None => most,
        }
    }
}

/// An SCP03 session as a [`Transmit`] over a [`Transmit`].
pub type Channel<T> = channel::Channel<T, Session>;

impl<T: Transmit> Channel<T> {
    /// The session's level; `None` once it is over.
    #[must_use]
    pub fn level(&self) -> Option<SecurityLevel> {
        self.session().level()
    }
}
