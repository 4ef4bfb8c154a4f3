//! Secure messaging with the key 04, and the virtual contact interface (NIST SP 800-73-4 Part 1 §5, Part 2 §4).
//!
//! The rules:
//! - The card has secure messaging when it has the key 04 and the certificate for it; a new key takes the old one's
//!   certificate with it, and a certificate of another key is not taken.
//! - Anybody sets a session up; it lasts until another is set up, another application is selected, a channel of the
//!   security domain is begun, power goes, or the first error of messaging. Plain commands beside it are plain commands.
//! - What the standard carries under secure messaging is served there, and nothing else: no SELECT, no administration.
//! - A session becomes the virtual contact interface with the pairing code, or at once where Discovery says so. Both end
//!   with the session.

use negin_apdu::{Command, Response, StatusWord, ins};
use negin_eid::aid::Application;
use negin_eid::piv::{
    Container, EstablishMessaging, MESSAGING_KEY, MessagingCertificate, PairingCode, PublicPoint,
    VerifyAction,
};
use negin_secure_channel::opacity::{Cvc, card};
use p256::SecretKey;
use rand_core::Rng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::done;
use crate::card::fault::Fault;
use crate::card::memory::id;
use crate::card::session::Session;
use crate::card::store::{Bytes, Transaction};
use crate::card::system::Card;

/// The class byte of a command under PIV's secure messaging.
pub(in crate::card) const SECURED: u8 = 0x0C;

/// A session of secure messaging.
pub(in crate::card) struct PivMessaging {
    session: card::Session,
    /// Whether the pairing code was verified in it.
    paired: bool,
}

/// What a command came under, as far as PIV's own secure messaging goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::card) enum Protection {
    /// Nothing, or another channel.
    None,
    /// Secure messaging.
    Secured,
    /// Secure messaging that is the virtual contact interface.
    VirtualContact,
}

/// Whether the standard carries this command under secure messaging (Part 2 table 2).
fn is_carried(plain: &Command) -> bool {
    let carried = matches!(
        plain.ins,
        ins::GET_DATA_TLV
            | ins::VERIFY
            | ins::CHANGE_REFERENCE_DATA
            | ins::RESET_RETRY_COUNTER
            | ins::GENERAL_AUTHENTICATE
    );
    let again = plain.ins == ins::GENERAL_AUTHENTICATE && plain.p2 == MESSAGING_KEY;
    carried && !again
}

impl Card {
    /// A command of class 0C: unwrapped, carried out, its answer wrapped. An error of messaging ends the session and
    /// goes plain.
    pub(in crate::card) fn execute_secured(
        &mut self,
        session: &mut Session,
        command: &Command,
    ) -> Result<Response, Fault> {
        if session.selected != Application::Piv || !self.has_messaging()? {
            return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED.into());
        }
        // There are no keys to check the objects with.
        let mut messaging = session
            .messaging
            .take()
            .ok_or(StatusWord::SECURE_MESSAGING_INCORRECT)?;
        let plain = messaging
            .session
            .unwrap(command)
            .map_err(|error| error.status())?;
        if !is_carried(&plain) {
            return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED.into());
        }
        session.messaging = Some(messaging);
        session.secured = true;
        let answered = self.execute(session, &plain, None);
        session.secured = false;
        let response = match answered {
            Ok(response) => response,
            Err(Fault::Status(sw)) => Response::status(sw),
            Err(Fault::PowerLost) => return Err(Fault::PowerLost),
        };
        Ok(match &mut session.messaging {
            Some(messaging) => messaging.session.wrap(response),
            None => Response::status(response.sw),
        })
    }

    /// What the command being carried out came under.
    pub(in crate::card) fn protection(&mut self, session: &Session) -> Result<Protection, Fault> {
        let Some(messaging) = session.messaging.as_ref().filter(|_| session.secured) else {
            return Ok(Protection::None);
        };
        let discovery = self.discovery()?;
        let opened = messaging.paired || discovery.without_pairing_code;
        Ok(if discovery.virtual_contact && opened {
            Protection::VirtualContact
        } else {
            Protection::Secured
        })
    }

    /// The key 04 and its certificate, where the card has both.
    fn messaging_key(&mut self) -> Result<Option<(Bytes, Vec<u8>)>, Fault> {
        let Some(certificate) = self.memory.container(Container::MessagingCertificate)? else {
            return Ok(None);
        };
        let certificate =
            MessagingCertificate::decode(&certificate).map_err(|_| StatusWord::MEMORY_FAILURE)?;
        let secret = self.memory.get(id::MESSAGING_KEY)?;
        Ok(secret.map(|secret| (secret, certificate.0)))
    }

    /// Whether the card sets up sessions.
    pub(in crate::card) fn has_messaging(&self) -> Result<bool, Fault> {
        Ok(self.memory.contains(id::MESSAGING_KEY)?
            && self
                .memory
                .contains(id::container(Container::MessagingCertificate))?)
    }

    /// GENERAL AUTHENTICATE `00 87 27 04`. A session that was there is over, whatever comes of it.
    pub(super) fn establish_messaging(
        &mut self,
        session: &mut Session,
        command: &EstablishMessaging,
    ) -> Result<Response, Fault> {
        session.messaging = None;
        let (secret, certificate) = self.messaging_key()?.ok_or(StatusWord::INCORRECT_P1P2)?;
        let mut nonce = [0; 16];
        self.rng.fill_bytes(&mut nonce);
        let (answer, opened) = card::establish(&command.template, &secret, &certificate, nonce)
            .map_err(|error| error.status())?;
        session.messaging = Some(PivMessaging {
            session: opened,
            paired: false,
        });
        Ok(Response::new(answer, StatusWord::SUCCESS))
    }

    /// GENERATE ASYMMETRIC KEY PAIR of the key 04. The old key's certificate goes in the same transaction.
    pub(super) fn generate_messaging_key(&mut self) -> Result<Response, Fault> {
        let mut scalar = Zeroizing::new([0; 32]);
        let secret = loop {
            self.rng.fill_bytes(&mut *scalar);
            if let Ok(secret) = SecretKey::from_slice(&*scalar) {
                break secret;
            }
        };
        let mut transaction = Transaction::new();
        let certificate = id::container(Container::MessagingCertificate);
        if self.memory.contains(certificate)? {
            transaction.remove(certificate);
        }
        transaction.put(id::MESSAGING_KEY, *scalar);
        self.memory.commit(transaction)?;
        let point = PublicPoint::new(&secret.public_key().to_sec1_bytes())
            .map_err(|_| StatusWord::UNKNOWN_ERROR)?;
        Ok(Response::new(point.encode(), StatusWord::SUCCESS))
    }

    /// Whether this is a certificate of the key 04 that the card has.
    pub(super) fn certifies_messaging_key(&mut self, object: &[u8]) -> Result<bool, Fault> {
        let certificate = MessagingCertificate::decode(object)
            .ok()
            .and_then(|certificate| Cvc::parse(&certificate.0).ok());
        let secret = self
            .memory
            .get(id::MESSAGING_KEY)?
            .and_then(|secret| SecretKey::from_slice(&secret).ok());
        let (Some(certificate), Some(secret)) = (certificate, secret) else {
            return Ok(false);
        };
        Ok(certificate.point()[..] == secret.public_key().to_sec1_bytes()[..])
    }

    /// VERIFY of the pairing code. It has no counter: whoever tries is under secure messaging, within reach of the card,
    /// and gains no more than a contact reader has (Part 2 §3.2.1).
    pub(super) fn verify_pairing_code(
        &mut self,
        session: &mut Session,
        action: &VerifyAction,
    ) -> Result<Response, Fault> {
        let held = self
            .memory
            .container(Container::PairingCode)?
            .and_then(|held| PairingCode::decode(&held).ok())
            .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
        let messaging = session
            .messaging
            .as_mut()
            .ok_or(StatusWord::SECURITY_STATUS_NOT_SATISFIED)?;
        match action {
            VerifyAction::Status => {}
            VerifyAction::Reset => {
                messaging.paired = false;
                return Ok(done());
            }
            VerifyAction::PairingCode(code) => {
                messaging.paired = code.digits().ct_eq(held.digits()).into();
            }
            VerifyAction::Pin(_) | VerifyAction::Minutiae(_) => {
                return Err(StatusWord::WRONG_DATA.into());
            }
        }
        if messaging.paired {
            Ok(done())
        } else {
            Err(StatusWord::AUTHENTICATION_FAILED.into())
        }
    }
}
