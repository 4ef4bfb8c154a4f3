//! The hub that every USB bus begins with. Programs look for a device's way to it.

use std::sync::Arc;
use std::time::Duration;

use super::SOCKETS;
use super::addresses::Addresses;
use crate::bus::usb::{
    Answer, Description, Descriptors, Endpoint, Interface, Kind, Setup, Speed, UsbDevice,
};

/// The class of hubs ('11.23.1').
const CLASS: u8 = 9;
const GET_STATUS: u8 = 0;
const GET_DESCRIPTOR: u8 = 6;

/// wPortStatus ('11.24.2.7.1'): a port without a device has power, one with a device has it connected and enabled.
const POWER: u16 = 0x0100;
const CONNECTED: u16 = POWER | 0x0003;

/// A hub whose ports are the bed's sockets.
pub struct Hub {
    descriptors: Descriptors,
    addresses: Arc<Addresses>,
}

impl Hub {
    pub fn new(addresses: Arc<Addresses>) -> Self {
        Self {
            descriptors: Descriptors::new(Description {
                speed: Speed::High,
                usb: 0x0200,
                class: [CLASS, 0, 1],
                packet: 64,
                // As Linux calls its own.
                vendor: 0x1D6B,
                product: 0x0002,
                release: 0x0100,
                manufacturer: Some("Negin".to_owned()),
                name: Some("Simulated Host Controller".to_owned()),
                serial: Some("sim".to_owned()),
                milliamperes: 0,
                wakes: false,
                interfaces: vec![Interface {
                    class: [CLASS, 0, 0],
                    extra: Vec::new(),
                    endpoints: vec![Endpoint {
                        address: 0x81,
                        kind: Kind::Interrupt,
                        packet: 4,
                        interval: 12,
                    }],
                }],
            }),
            addresses,
        }
    }
}

impl UsbDevice for Hub {
    fn descriptors(&self) -> &Descriptors {
        &self.descriptors
    }

    fn control(&mut self, setup: Setup, _data: &[u8], _now: Duration) -> Answer<Vec<u8>> {
        match (setup.request_type, setup.request, setup.value >> 8) {
            (0xA0, GET_DESCRIPTOR, 0x29) => {
                // A bit a port and one more, in both fields.
                let ports = SOCKETS as usize / 8 + 1;
                let mut bytes = vec![7 + 2 * ports as u8, 0x29, SOCKETS, 0, 0, 10, 0];
                bytes.extend(vec![0; ports]);
                bytes.extend(vec![0xFF; ports]);
                Answer::Done(bytes)
            }
            (0xA0, GET_STATUS, _) => Answer::Done(vec![0; 4]),
            (0xA3, GET_STATUS, _) => {
                let port = u8::try_from(setup.index)
                    .ok()
                    .filter(|port| (1..=SOCKETS).contains(port));
                let Some(port) = port else {
                    return Answer::Stall;
                };
                let taken = self.addresses.has(port);
                let [low, high] = if taken { CONNECTED } else { POWER }.to_le_bytes();
                Answer::Done(vec![low, high, 0, 0])
            }
            _ => Answer::Stall,
        }
    }

    fn transfer_out(&mut self, _: u8, _: &[u8], _: Duration) -> Answer<usize> {
        Answer::Stall
    }

    fn transfer_in(&mut self, _: u8, _: usize, _: Duration) -> Answer<Vec<u8>> {
        Answer::NotYet
    }

    fn reset(&mut self, _: Duration) {}

    fn next_change(&self) -> Option<Duration> {
        None
    }
}
