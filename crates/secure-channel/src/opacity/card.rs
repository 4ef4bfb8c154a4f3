//! The card's end of PIV's secure messaging.
//!
//! GENERAL AUTHENTICATE `00 87 27 04` → [`establish`] → the answer and a [`Session`]: [`unwrap`](Session::unwrap) each
//! command of class 0C, [`wrap`](Session::wrap) its answer. Who may what under a session is the card operating system's.

use alloc::vec::Vec;

use negin_apdu::{Command, Response};
use p256::{PublicKey, SecretKey};

use super::kdf::{Parties, SessionKeys, card_id};
use super::messaging::Messaging;
use super::{Answer, NONCE, Request};
use crate::SmError;

/// Carries out the card's part of the key establishment (steps C1 to C11): `template` is the command's data, `secret`
/// the scalar of key 04, `certificate` its CVC as bytes, `nonce` random.
///
/// # Errors
/// [`SmError::Request`] for data of another form, another control byte, or a point that is not on the curve;
/// [`SmError::Key`] for a scalar that is none.
pub fn establish(
    template: &[u8],
    secret: &[u8],
    certificate: &[u8],
    nonce: [u8; NONCE],
) -> Result<(Vec<u8>, Session), SmError> {
    let request = Request::decode(template).ok_or(SmError::Request)?;
    let host = PublicKey::from_sec1_bytes(&request.point).map_err(|_| SmError::Request)?;
    let secret = SecretKey::from_slice(secret).map_err(|_| SmError::Key)?;
    let shared = secret.diffie_hellman(&host);
    let parties = Parties {
        host: request.id,
        point: &request.point,
        card: card_id(certificate),
        nonce,
    };
    let keys = SessionKeys::derive(shared.raw_secret_bytes(), &parties);
    let answer = Answer {
        nonce,
        cryptogram: keys.cryptogram(&parties),
        certificate,
    };
    let session = Session {
        messaging: Some(Messaging::new(keys)),
    };
    Ok((answer.encode(), session))
}

/// An open session in the card.
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

    /// Checks and unwraps a command (put together again, where it came in a chain): class 00, its data plain. The first
    /// error ends the session; its [status word](SmError::status) goes unprotected.
    ///
    /// # Errors
    /// [`SmError`].
    pub fn unwrap(&mut self, command: &Command) -> Result<Command, SmError> {
        let messaging = self.messaging.as_mut().ok_or(SmError::Ended)?;
        let plain = messaging.unwrap_command(command);
        if plain.is_err() {
            self.end();
        }
        plain
    }

    /// Wraps the answer to the command that was unwrapped last. In a session that is over it goes as a bare status word.
    #[must_use]
    pub fn wrap(&mut self, response: Response) -> Response {
        match &mut self.messaging {
            Some(messaging) => messaging.wrap_answer(response),
            None => Response::status(response.sw),
        }
    }

    /// Ends the session and wipes its keys.
    pub fn end(&mut self) {
        self.messaging = None;
    }
}
