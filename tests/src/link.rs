//! A wire that remembers what went over it, and that can be cut.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use negin_apdu::{Command, Interface, Limits, Transmit, TransmitError};

/// When the host dies: at an exchange, counted from 0, with or without the card having had its command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Just before the command of this exchange.
    Before(u64),
    /// After the card has carried the command out, before its answer is taken.
    After(u64),
}

#[derive(Debug, Default)]
struct Heard {
    commands: Vec<Vec<u8>>,
    death: Option<Death>,
    dead: bool,
}

/// What went over a [`Wire`], and the knife for it.
#[derive(Debug, Clone, Default)]
pub struct Ear(Arc<Mutex<Heard>>);

impl Ear {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host will die, counted from the first exchange heard.
    pub fn condemn(&self, death: Death) {
        self.heard().death = Some(death);
    }

    /// Whether it died.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.heard().dead
    }

    /// How many commands were given to the wire.
    #[must_use]
    pub fn exchanges(&self) -> u64 {
        self.heard().commands.len() as u64
    }

    /// The commands, as bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        self.heard().commands.clone()
    }

    /// The commands, without those that could not be read.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        let heard = self.heard();
        heard
            .commands
            .iter()
            .filter_map(|bytes| Command::parse(bytes).ok())
            .collect()
    }

    /// How often this instruction was sent.
    #[must_use]
    pub fn count(&self, ins: u8) -> usize {
        self.commands()
            .iter()
            .filter(|command| command.ins == ins)
            .count()
    }
}

/// A carrier that tells an [`Ear`] what it carries.
#[derive(Debug)]
pub struct Wire<T> {
    inner: T,
    ear: Ear,
}

impl<T> Wire<T> {
    /// `inner`, overheard.
    pub const fn new(inner: T, ear: Ear) -> Self {
        Self { inner, ear }
    }
}

impl<T: Transmit> Transmit for Wire<T> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let mut heard = self.ear.heard();
        if heard.dead {
            return Err(TransmitError::CardRemoved);
        }
        let number = heard.commands.len() as u64;
        if heard.death == Some(Death::Before(number)) {
            heard.dead = true;
            return Err(TransmitError::CardRemoved);
        }
        heard.commands.push(command.to_vec());
        let answer = self.inner.transmit(command);
        if heard.death == Some(Death::After(number)) {
            heard.dead = true;
            return Err(TransmitError::CardRemoved);
        }
        answer
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn interface(&self) -> Interface {
        self.inner.interface()
    }
}
