//! Another maker's PIV card: piv-authenticator, the application of the Nitrokey 3, on its platform in memory.
//!
//! The card is the peer's own code down to its file system; here only the services that its platform asks its
//! integrator for are wired together, and bytes carried to it: in the process ([`with_peer`]), or to readers behind a
//! pcscd ([`lie_in_reader`]).
#![forbid(unsafe_code)]

mod reader;
mod services;

pub use reader::lie_in_reader;

use negin_apdu::{Interface, Limits, Transmit, TransmitError};
use piv_authenticator::{Authenticator, Options};
use trussed::virt::{self, Client, StoreConfig};

use crate::services::{SERVICES, Services};

/// The card in a reader, and what power does to it.
pub struct Peer<'a> {
    card: Authenticator<Client<'a, Services>>,
    /// Exchanges left before it is pulled out; for ever where there is none.
    pub exchanges_left: Option<u64>,
    /// Whether it still carries out the command at which it is pulled out; its answer is lost.
    pub answer_lost: bool,
    /// Every instruction it was given, with its second parameter.
    pub heard: Vec<(u8, u8)>,
    /// Whether it says that it knows no elliptic curves, as cards do that are older than they.
    pub without_curves: bool,
    /// Whether it knows no commands but the standard's.
    pub standard_only: bool,
    /// Data objects longer than this find no room, as on cards with less memory.
    pub room: usize,
}

/// Gives a new card of the peer's to `work`.
pub fn with_peer<R>(work: impl FnOnce(&mut Peer<'_>) -> R) -> R {
    virt::with_platform(StoreConfig::ram(), |platform| {
        platform.run_client_with_backends("piv", Services::default(), SERVICES, |client| {
            work(&mut Peer {
                card: Authenticator::new(client, Options::new()),
                exchanges_left: None,
                answer_lost: false,
                heard: Vec::new(),
                without_curves: false,
                standard_only: false,
                room: usize::MAX,
            })
        })
    })
}

impl Peer<'_> {
    /// What a lesser card would answer.
    fn denied(&self, command: &iso7816::command::CommandView<'_>) -> Option<u16> {
        const PUT_DATA: u8 = 0xDB;
        const GENERATE: u8 = 0x47;
        match u8::from(command.instruction()) {
            PUT_DATA if command.data().len() > self.room => Some(0x6A84),
            GENERATE if self.without_curves && command.data().ends_with(&[0x80, 0x01, 0x11]) => {
                Some(0x6A80)
            }
            0xF0.. if self.standard_only => Some(0x6D00),
            _ => None,
        }
    }
}

impl Transmit for Peer<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let last = match &mut self.exchanges_left {
            Some(0) => return Err(TransmitError::CardRemoved),
            Some(left) => {
                *left -= 1;
                *left == 0
            }
            None => false,
        };
        if last && !self.answer_lost {
            return Err(TransmitError::CardRemoved);
        }
        let command = iso7816::command::CommandView::try_from(command)
            .map_err(|_| TransmitError::Malformed)?;
        self.heard
            .push((u8::from(command.instruction()), command.p2));
        let mut answer: heapless::Vec<u8, 65_536> = heapless::Vec::new();
        let status = match self.denied(&command) {
            Some(status) => status,
            None => match self.card.respond(command, &mut answer) {
                Ok(()) => 0x9000,
                Err(status) => u16::from(status),
            },
        };
        if last {
            return Err(TransmitError::CardRemoved);
        }
        let mut bytes = answer.to_vec();
        bytes.extend_from_slice(&status.to_be_bytes());
        Ok(bytes)
    }

    fn limits(&self) -> Limits {
        Limits::EXTENDED
    }

    fn interface(&self) -> Interface {
        Interface::Contact
    }
}
