//! What the card knows from power-on to power-off, and forgets with the power: what is selected, which channel is
//! open, what was verified.

use negin_apdu::Interface;
use negin_eid::aid::Application;
use negin_eid::lds::FileId;
use negin_eid::piv::FingerReference;
use negin_eid::roles::Role;
use negin_secure_channel::key::Key;
use negin_secure_channel::scp03::card::{Handshake, Session as Messaging};

use super::link::Link;
use super::piv::{AdministratorSession, PivMessaging};

/// A channel that is open, and for whom.
pub(super) struct Channel {
    pub messaging: Messaging,
    pub role: Role,
    /// The DEK of the key set that opened it.
    pub dek: Key,
}

/// A channel that is being opened.
pub(super) struct Opening {
    pub handshake: Handshake,
    pub role: Role,
    pub dek: Key,
}

/// What of the holder was verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Verified {
    /// The PIN, anywhere on the card since power-on: the travel document's condition.
    pub pin_since_power_on: bool,
    /// The PIN, in PIV since it was selected.
    pub pin: bool,
    /// The primary finger, in PIV since it was selected.
    pub primary: bool,
    /// The secondary finger.
    pub secondary: bool,
    /// The number of the command that verified any of them last.
    pub at: u64,
}

impl Verified {
    pub fn finger(&mut self, finger: FingerReference) -> &mut bool {
        match finger {
            FingerReference::Primary => &mut self.primary,
            FingerReference::Secondary => &mut self.secondary,
        }
    }

    pub fn any_finger(self) -> bool {
        self.primary || self.secondary
    }

    /// The PIN counts as not verified, everywhere.
    pub fn forget_pin(&mut self) {
        self.pin = false;
        self.pin_since_power_on = false;
    }

    /// PIV is no longer selected: what is its own is forgotten.
    pub fn leave_piv(&mut self) {
        *self = Self {
            pin_since_power_on: self.pin_since_power_on,
            ..Self::default()
        };
    }
}

/// How far a delivery has come, in one channel of one selection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Delivery {
    /// The finger that matched.
    pub matched: Option<FingerReference>,
    /// A first PIN came: no plain one is taken after it.
    pub pin_came: bool,
}

/// From power-on to power-off.
pub(super) struct Session {
    pub interface: Interface,
    pub link: Link,
    pub selected: Application,
    /// The travel document's current file.
    pub file: Option<FileId>,
    pub opening: Option<Opening>,
    pub channel: Option<Channel>,
    pub verified: Verified,
    pub delivery: Delivery,
    /// How far an administrator has come, in this selection.
    pub administrator: AdministratorSession,
    /// PIV's secure messaging, where it is set up.
    pub messaging: Option<PivMessaging>,
    /// Whether the command being carried out came under it.
    pub secured: bool,
    /// The number of the command being carried out, from 1.
    pub command: u64,
}

impl Session {
    /// As after power-on: the security domain is selected.
    pub fn new(interface: Interface) -> Self {
        Self {
            interface,
            link: Link::default(),
            selected: Application::SecurityDomain,
            file: None,
            opening: None,
            channel: None,
            verified: Verified::default(),
            delivery: Delivery::default(),
            administrator: AdministratorSession::default(),
            messaging: None,
            secured: false,
            command: 0,
        }
    }

    /// Whether PIN or finger were verified by the command before this one: the condition of the signature key.
    pub fn verified_just_now(&self) -> bool {
        self.verified.at != 0 && self.verified.at + 1 == self.command
    }

    /// The channel is over, and with it what was reached in it.
    pub fn end_channel(&mut self) {
        self.opening = None;
        self.channel = None;
        self.delivery = Delivery::default();
    }

    /// Selects an application. PIV selected again keeps what was verified of the holder (SP 800-73-4 Part 2 §3.1.1), and
    /// forgets the administrator.
    pub fn select(&mut self, application: Application) {
        self.end_channel();
        self.administrator = AdministratorSession::default();
        self.file = None;
        if application != Application::Piv {
            self.verified.leave_piv();
            self.messaging = None;
        }
        self.selected = application;
    }
}
