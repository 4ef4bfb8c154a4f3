//! Cards in the memory of this process.

use std::sync::Arc;

use negin_apdu::{Interface, Limits, Transmit, TransmitError};
use negin_eid::roles::Role;
use negin_firmware_sim::bus::{InProcess, share};

use super::bytes::Values;
use super::table::{CardState, Laid, Reader, Table};
use crate::cabinet::{Cabinet, KDD};
use crate::desk::PIN;
use crate::journey::World;
use negin_proof::specimen::Specimen;

/// A table on which copies of a cabinet's cards are laid.
#[derive(Clone)]
pub struct MemoryTable {
    cabinet: Arc<Cabinet>,
    values: Values,
    limits: Limits,
}

impl MemoryTable {
    /// The cards of this world's citizen.
    ///
    /// # Panics
    /// Where the offices fail at their work.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let cabinet = Cabinet::of(world);
        let mut pin = [0xFF; 8];
        pin[..PIN.len()].copy_from_slice(PIN.as_bytes());
        let values = [
            ("pin", pin.to_vec()),
            ("puk", cabinet.puk.to_vec()),
            ("kdd", KDD.to_vec()),
            ("probe96", cabinet.probe.clone()),
            ("probe97", cabinet.probes[1].clone()),
            ("stranger", cabinet.stranger.clone()),
        ];
        Self {
            cabinet: Arc::new(cabinet),
            values: values.map(|(name, value)| (name.to_owned(), value)).into(),
            limits: Limits::EXTENDED,
        }
    }

    /// The same with readers of these limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What scenarios may name.
    #[must_use]
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// The card of a state.
    #[must_use]
    pub fn specimen(&self, state: CardState) -> &Specimen {
        match state {
            CardState::Blank => &self.cabinet.blank,
            CardState::Waiting => &self.cabinet.waiting,
            CardState::Live => &self.cabinet.live,
            CardState::Locked => &self.cabinet.locked,
            CardState::Terminated => &self.cabinet.terminated,
        }
    }

    /// The key sets of a state's card.
    #[must_use]
    pub fn keys(&self, state: CardState) -> Vec<(Role, negin_secure_channel::key::KeySet)> {
        let memory = self.specimen(state).memory();
        Role::ALL
            .into_iter()
            .filter_map(|role| Some((role, memory.key_set(role.key_version())?)))
            .collect()
    }
}

impl Table for MemoryTable {
    fn lay(&mut self, state: CardState, interface: Interface) -> Result<Laid, String> {
        let memory = self.specimen(state).memory();
        let card = share(memory.card(1));
        let link = InProcess::connect(card, interface, self.limits);
        let link = link.map_err(|error| error.to_string())?;
        Ok(Laid {
            atr: link.atr().to_vec(),
            reader: Box::new(InMemory(link)),
            values: self.values.clone(),
            keys: self.keys(state),
        })
    }
}

struct InMemory(InProcess);

impl Transmit for InMemory {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        self.0.transmit(command)
    }
    fn limits(&self) -> Limits {
        self.0.limits()
    }
    fn interface(&self) -> Interface {
        self.0.interface()
    }
}

impl Reader for InMemory {
    fn reset(&mut self) -> Result<Vec<u8>, String> {
        self.0.reconnect().map_err(|error| error.to_string())?;
        Ok(self.0.atr().to_vec())
    }
}
