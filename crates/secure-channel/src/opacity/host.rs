//! The host's end of PIV's secure messaging.
//!
//! [`KeyEstablishment::begin`] → its [`command`](KeyEstablishment::command) → the card's answer →
//! [`KeyEstablishment::finish`] → [`Established`]: the card's certificate, verified, and the [`Session`].

use negin_apdu::{Command, Response, Transmit, ins};
use p256::{PublicKey, SecretKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::kdf::{Parties, SessionKeys, card_id};
use super::messaging::{Messaging, longest_command};
use super::{Answer, CIPHER_SUITE_2, ContentSigner, Cvc, ID, KEY_REFERENCE, POINT, Request};
use crate::{Error, channel};

/// A key establishment under way: the host's ephemeral key and its name.
pub struct KeyEstablishment {
    secret: SecretKey,
    point: [u8; POINT],
    id: [u8; ID],
}

impl core::fmt::Debug for KeyEstablishment {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyEstablishment")
    }
}

impl KeyEstablishment {
    /// Draws an ephemeral key and then a name for this session; `random` fills bytes from a source of keys.
    ///
    /// # Errors
    /// [`Error::KeyEstablishment`] where the source gives no key in many tries: it is none.
    pub fn begin(mut random: impl FnMut(&mut [u8])) -> Result<Self, Error> {
        let mut scalar = Zeroizing::new([0; 32]);
        let mut draw = || {
            random(&mut *scalar);
            SecretKey::from_slice(&*scalar).ok()
        };
        let secret = (0..64)
            .find_map(|_| draw())
            .ok_or(Error::KeyEstablishment)?;
        let mut id = [0; ID];
        random(&mut id);
        let point = secret
            .public_key()
            .to_sec1_bytes()
            .as_ref()
            .try_into()
            .map_err(|_| Error::KeyEstablishment)?;
        Ok(Self { secret, point, id })
    }

    /// GENERAL AUTHENTICATE `00 87 27 04`, to be sent plain.
    #[must_use]
    pub fn command(&self) -> Command {
        let request = Request {
            id: self.id,
            point: self.point,
        };
        Command::new(
            0x00,
            ins::GENERAL_AUTHENTICATE,
            CIPHER_SUITE_2,
            KEY_REFERENCE,
        )
        .with_data(request.encode())
        .with_le(256)
    }

    /// Verifies the card by its answer: first the certificate, through `intermediate` where the card has one, up to
    /// `signer`; then the cryptogram.
    ///
    /// # Errors
    /// [`Error::KeyEstablishment`] for an answer of another form, [`Error::Certificate`], [`Error::UntrustedCertificate`],
    /// [`Error::KeysNotAgreed`] for a card that does not hold the certificate's key.
    pub fn finish(
        self,
        answer: &[u8],
        signer: &ContentSigner,
        intermediate: Option<&Cvc>,
    ) -> Result<Established, Error> {
        let answer = Answer::decode(answer).ok_or(Error::KeyEstablishment)?;
        let certificate = Cvc::parse(answer.certificate)?;
        certificate.verify(signer, intermediate)?;
        let card =
            PublicKey::from_sec1_bytes(certificate.point()).map_err(|_| Error::Certificate)?;
        let shared = self.secret.diffie_hellman(&card);
        let parties = Parties {
            host: self.id,
            point: &self.point,
            card: card_id(answer.certificate),
            nonce: answer.nonce,
        };
        let keys = SessionKeys::derive(shared.raw_secret_bytes(), &parties);
        if !bool::from(keys.cryptogram(&parties).ct_eq(&answer.cryptogram)) {
            return Err(Error::KeysNotAgreed);
        }
        Ok(Established {
            certificate,
            session: Session {
                messaging: Some(Messaging::new(keys)),
            },
        })
    }
}

/// A card that proved to hold the key of its certificate, and the session with it.
#[derive(Debug)]
pub struct Established {
    /// The card's certificate; its subject is the card's UUID.
    pub certificate: Cvc,
    /// The session.
    pub session: Session,
}

impl Established {
    /// The channel, over what carried the key establishment.
    pub fn channel<T: Transmit>(self, inner: T) -> Channel<T> {
        channel::Channel::new(inner, self.session)
    }
}

/// An open session: wraps commands, unwraps answers, one after the other.
#[derive(Debug)]
pub struct Session {
    /// Gone once the session is over.
    messaging: Option<Messaging>,
}

impl Session {
    /// Whether the session is still open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.messaging.is_some()
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

    /// Checks and unwraps the answer. An answer that fails ends the session, and so does a status word that is not under
    /// its protection.
    ///
    /// # Errors
    /// [`Error::Response`]; [`Error::Ended`].
    pub fn unwrap(&mut self, response: &Response) -> Result<Response, Error> {
        let answer = self
            .messaging
            .as_mut()
            .ok_or(Error::Ended)?
            .unwrap_answer(response);
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

impl channel::HostSession for Session {
    fn wrap(&mut self, command: &Command) -> Result<Command, Error> {
        self.wrap(command)
    }

    fn unwrap(&mut self, response: Response) -> Result<Response, Error> {
        self.unwrap(&response)
    }

    fn end(&mut self) {
        self.end();
    }

    fn longest_command(&self, most: usize) -> usize {
        longest_command(most)
    }
}

/// A PIV session as a [`Transmit`] over a [`Transmit`].
pub type Channel<T> = channel::Channel<T, Session>;
