//! On-card comparison (NIST SP 800-73-4 Part 2 §3.2.1, SP 800-76-2 §5.5): the finger presented against the one
//! enrolled, inside the card.
//!
//! The rules: the try is committed before the comparison begins; a match gives all tries back; what is not a probe of
//! the card's format costs nothing. Before activation a match is worth the delivery it is made in and opens no key.

use negin_apdu::{Response, StatusWord};
use negin_eid::gp::ApplicationStage;
use negin_eid::piv::{EnrolReference, FingerReference, VerifyAction};
use negin_recognition::{on_card, threshold};

use super::done;
use crate::card::fault::Fault;
use crate::card::holder::tries_status;
use crate::card::memory::Guarded;
use crate::card::session::Session;
use crate::card::store::Transaction;
use crate::card::system::Card;

impl Card {
    /// VERIFY 96 or 97.
    pub(super) fn verify_finger(
        &mut self,
        session: &mut Session,
        finger: FingerReference,
        action: &VerifyAction,
    ) -> Result<Response, Fault> {
        if !self.discovery()?.on_card_comparison {
            return Err(StatusWord::REFERENCE_DATA_NOT_FOUND.into());
        }
        let enrolled = self
            .enrolled(finger)?
            .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
        let live = self.memory.life()?.piv.stage == ApplicationStage::Activated;
        match action {
            VerifyAction::Reset => {
                *session.verified.finger(finger) = false;
                if session.delivery.matched == Some(finger) {
                    session.delivery.matched = None;
                }
                Ok(done())
            }
            VerifyAction::Status => {
                let matched = if live {
                    *session.verified.finger(finger)
                } else {
                    session.delivery.matched == Some(finger)
                };
                if matched {
                    return Ok(done());
                }
                Err(tries_status(self.memory.tries_of(Guarded::Finger(finger))?).into())
            }
            VerifyAction::Minutiae(probe) => {
                check(&enrolled, probe.expose())?;
                *session.verified.finger(finger) = false;
                session.delivery.matched = session
                    .delivery
                    .matched
                    .filter(|matched| *matched != finger);
                let left = self.take_try(session, Guarded::Finger(finger))?;
                if on_card::compare(enrolled.minutiae.expose(), probe.expose()) < threshold::ON_CARD
                {
                    return Err(StatusWord::verification_failed(left).into());
                }
                let mut transaction = Transaction::new();
                self.memory
                    .restore_tries(&mut transaction, &[Guarded::Finger(finger)])?;
                self.memory.commit(transaction)?;
                if live {
                    *session.verified.finger(finger) = true;
                    session.verified.at = session.command;
                } else {
                    session.delivery.matched = Some(finger);
                }
                Ok(done())
            }
            VerifyAction::Pin(_) | VerifyAction::PairingCode(_) => {
                Err(StatusWord::WRONG_DATA.into())
            }
        }
    }
}

/// Whether these bytes are a probe as this finger's BIT asks for one.
fn check(enrolled: &EnrolReference, probe: &[u8]) -> Result<(), StatusWord> {
    let minutiae = on_card::check(probe).map_err(|_| StatusWord::WRONG_DATA)?;
    let limits = usize::from(enrolled.template.min)..=usize::from(enrolled.template.max);
    if limits.contains(&minutiae) {
        Ok(())
    } else {
        Err(StatusWord::WRONG_DATA)
    }
}
