//! The PIV Card Application (NIST SP 800-73-4), with our card's personalisation and delivery. Who may do what was
//! decided before ([`access`](super::access)).

mod activation;
mod administrator;
mod comparison;
mod data;
mod extension;
mod keys;
mod messaging;

pub(super) use administrator::AdministratorSession;
pub(super) use keys::KEY_PAIR_ALGORITHMS;
pub(super) use messaging::{PivMessaging, Protection, SECURED};

use negin_apdu::{Response, StatusWord};
use negin_eid::lds::PinVerify;
use negin_eid::piv::{PivCommand, Verify, VerifyAction, VerifyReference};

use super::fault::Fault;
use super::session::Session;
use super::system::Card;

impl Card {
    /// A command of PIV.
    pub(super) fn piv(
        &mut self,
        session: &mut Session,
        command: PivCommand,
    ) -> Result<Response, Fault> {
        match command {
            PivCommand::GetData(container) => self.get_data(container),
            PivCommand::PutData(put) => self.put_data(put),
            PivCommand::Verify(Verify {
                reference: VerifyReference::PairingCode,
                action,
            }) => self.verify_pairing_code(session, &action),
            PivCommand::Verify(Verify { reference, action }) => {
                match (reference.finger(), action) {
                    (Some(finger), action) => self.verify_finger(session, finger, &action),
                    (None, VerifyAction::Status) => self.verify_pin(session, PinVerify::Status),
                    (None, VerifyAction::Reset) => self.verify_pin(session, PinVerify::Reset),
                    (None, VerifyAction::Pin(pin)) => self.verify_pin(session, PinVerify::Pin(pin)),
                    (None, VerifyAction::Minutiae(_) | VerifyAction::PairingCode(_)) => {
                        Err(StatusWord::WRONG_DATA.into())
                    }
                }
            }
            PivCommand::ChangeReferenceData(command) => {
                self.change_reference_data(session, &command)
            }
            PivCommand::ResetRetryCounter { puk, pin } => {
                self.reset_retry_counter(session, &puk, &pin)
            }
            PivCommand::GeneralAuthenticate(command) => self.general_authenticate(&command),
            PivCommand::AuthenticateAdministrator(command) => {
                self.authenticate_administrator(session, command)
            }
            PivCommand::EstablishMessaging(command) => self.establish_messaging(session, &command),
            PivCommand::GenerateMessagingKey(_) => self.generate_messaging_key(),
            PivCommand::GenerateKeyPair(command) => self.generate_key_pair(command),
            PivCommand::Activate(note) => self.activate(session, note),
        }
    }
}

/// 9000 and nothing else.
fn done() -> Response {
    Response::status(StatusWord::SUCCESS)
}
