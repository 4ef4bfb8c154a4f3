//! The requests that every device knows ('9.4'), answered from its descriptors.

use std::collections::BTreeSet;

use super::descriptors::{CONFIGURATION, Descriptors};
use super::{Answer, Setup};

const GET_STATUS: u8 = 0;
const CLEAR_FEATURE: u8 = 1;
const SET_FEATURE: u8 = 3;
const SET_ADDRESS: u8 = 5;
const GET_DESCRIPTOR: u8 = 6;
const GET_CONFIGURATION: u8 = 8;
const SET_CONFIGURATION: u8 = 9;
const GET_INTERFACE: u8 = 10;
const SET_INTERFACE: u8 = 11;

const ENDPOINT_HALT: u16 = 0;
const DEVICE_REMOTE_WAKEUP: u16 = 1;

const DEVICE: u8 = 0;
const INTERFACE: u8 = 1;
const ENDPOINT: u8 = 2;

/// What a device keeps for these requests.
#[derive(Debug, Default)]
pub struct Standard {
    configuration: u8,
    wakes: bool,
    halted: BTreeSet<u8>,
}

impl Standard {
    /// As after a reset by a host that has then configured the device, which Linux does before any program sees it.
    pub fn configured() -> Self {
        Self {
            configuration: CONFIGURATION,
            ..Self::default()
        }
    }

    /// Whether this endpoint is halted, or there is none while the device is not configured.
    pub fn refuses(&self, endpoint: u8) -> bool {
        self.configuration != CONFIGURATION || self.halted.contains(&endpoint)
    }

    /// From here on it refuses.
    pub fn halt(&mut self, endpoint: u8) {
        self.halted.insert(endpoint);
    }

    /// It no longer refuses.
    pub fn clear_halt(&mut self, endpoint: u8) {
        self.halted.remove(&endpoint);
    }

    /// Answers a standard request; None for one that is the device's own to answer.
    pub fn answer(&mut self, descriptors: &Descriptors, setup: Setup) -> Option<Answer<Vec<u8>>> {
        let recipient = setup.request_type & 0x1F;
        let [_, kind] = setup.value.to_le_bytes();
        if recipient == INTERFACE && setup.request == GET_DESCRIPTOR && kind >= 0x21 {
            return None;
        }
        let direction_fits = matches!(
            (setup.request, setup.is_in()),
            (
                GET_STATUS | GET_DESCRIPTOR | GET_CONFIGURATION | GET_INTERFACE,
                true
            ) | (
                CLEAR_FEATURE | SET_FEATURE | SET_ADDRESS | SET_CONFIGURATION | SET_INTERFACE,
                false
            )
        );
        if !direction_fits {
            return Some(Answer::Stall);
        }
        let answer = match setup.request {
            GET_STATUS => self.status(descriptors, recipient, setup.index),
            CLEAR_FEATURE => self.feature(descriptors, recipient, setup, false),
            SET_FEATURE => self.feature(descriptors, recipient, setup, true),
            // The host's controller gives addresses; no program does.
            SET_ADDRESS => Some(Vec::new()),
            GET_DESCRIPTOR => descriptor(descriptors, setup.value),
            GET_CONFIGURATION => Some(vec![self.configuration]),
            SET_CONFIGURATION => self.configure(setup.value),
            GET_INTERFACE => self
                .has_interface(descriptors, setup.index)
                .then(|| vec![0]),
            SET_INTERFACE => {
                (self.has_interface(descriptors, setup.index) && setup.value == 0).then(Vec::new)
            }
            _ => None,
        };
        Some(answer.map_or(Answer::Stall, Answer::Done))
    }

    fn has_interface(&self, descriptors: &Descriptors, index: u16) -> bool {
        self.configuration == CONFIGURATION
            && usize::from(index) < descriptors.description().interfaces.len()
    }

    fn status(&self, descriptors: &Descriptors, recipient: u8, index: u16) -> Option<Vec<u8>> {
        let low = match recipient {
            DEVICE => u8::from(self.wakes) << 1,
            INTERFACE => self.has_interface(descriptors, index).then_some(0)?,
            ENDPOINT => u8::from(self.halted.contains(&endpoint(descriptors, index)?)),
            _ => return None,
        };
        Some(vec![low, 0])
    }

    fn feature(
        &mut self,
        descriptors: &Descriptors,
        recipient: u8,
        setup: Setup,
        on: bool,
    ) -> Option<Vec<u8>> {
        match (recipient, setup.value) {
            (DEVICE, DEVICE_REMOTE_WAKEUP) if descriptors.description().wakes => self.wakes = on,
            (ENDPOINT, ENDPOINT_HALT) => match (endpoint(descriptors, setup.index)?, on) {
                (0, _) => {}
                (address, true) => self.halt(address),
                (address, false) => self.clear_halt(address),
            },
            _ => return None,
        }
        Some(Vec::new())
    }

    fn configure(&mut self, value: u16) -> Option<Vec<u8>> {
        let value = u8::try_from(value)
            .ok()
            .filter(|&value| value == 0 || value == CONFIGURATION)?;
        *self = Self {
            configuration: value,
            wakes: self.wakes,
            halted: BTreeSet::new(),
        };
        Some(Vec::new())
    }
}

/// The endpoint's address in wIndex, where the device has it.
fn endpoint(descriptors: &Descriptors, index: u16) -> Option<u8> {
    let address = u8::try_from(index).ok()?;
    (address & 0x0F == 0 || descriptors.endpoint(address).is_some())
        .then_some(if address & 0x0F == 0 { 0 } else { address })
}

fn descriptor(descriptors: &Descriptors, value: u16) -> Option<Vec<u8>> {
    let [index, kind] = value.to_le_bytes();
    match (kind, index) {
        (1, 0) => Some(descriptors.device().to_vec()),
        (2, 0) => Some(descriptors.configuration().to_vec()),
        (3, index) => descriptors.string(index),
        // There is no other speed, and nothing of revisions after 2.0.
        _ => None,
    }
}
