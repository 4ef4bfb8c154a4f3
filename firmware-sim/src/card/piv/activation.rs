//! ACTIVATE: the last write of a delivery. State and record change in one transaction, so that a card is live exactly
//! when it says how it came alive.

use negin_apdu::{Response, StatusWord};
use negin_eid::gp::ApplicationStage;
use negin_eid::piv::{ActivationMethod, ActivationRecord, Container, OperatorNote};
use negin_eid::roles::Role;

use crate::card::fault::Fault;
use crate::card::memory::id;
use crate::card::session::Session;
use crate::card::store::Transaction;
use crate::card::system::Card;

impl Card {
    /// Activates, and answers the record; asked again, answers the record as it is.
    pub(super) fn activate(
        &mut self,
        session: &Session,
        note: OperatorNote,
    ) -> Result<Response, Fault> {
        let mut life = self.memory.life()?;
        if life.piv.stage == ApplicationStage::Activated {
            let record = self
                .memory
                .container(Container::ActivationRecord)?
                .ok_or(StatusWord::MEMORY_FAILURE)?;
            return Ok(Response::new(record.to_vec(), StatusWord::SUCCESS));
        }
        let method = match (
            session.channel.as_ref().map(|channel| channel.role),
            session.delivery.matched,
        ) {
            (Some(Role::Override), _) => ActivationMethod::Override,
            (Some(Role::Delivery), Some(finger)) => ActivationMethod::Match(finger),
            _ => return Err(StatusWord::CONDITIONS_NOT_SATISFIED.into()),
        };
        let receipt = self.memory.sequence()? as u32;
        let record = ActivationRecord {
            method,
            note,
            receipt,
        }
        .encode();
        life.piv.stage = ApplicationStage::Activated;
        let mut transaction = Transaction::new();
        transaction
            .put(id::container(Container::ActivationRecord), record.clone())
            .put(id::LIFE, life.encode());
        self.memory.commit(transaction)?;
        Ok(Response::new(record, StatusWord::SUCCESS))
    }
}
