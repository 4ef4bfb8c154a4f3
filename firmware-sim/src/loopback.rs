//! A USB device that gives back what it is told, for trying buses and programs that use them.
//!
//! It is 1209:0001 (a number that pid.codes keeps free for tests), with one interface of its own class:
//!
//! | Endpoint | What it does |
//! |---|---|
//! | 0x01, bulk OUT | takes data, 64 KiB at most until they are fetched |
//! | 0x82, bulk IN | gives them back, one transfer for one; nothing until there are some |
//! | 0x83, interrupt IN | gives the note of each alarm when its time has come |
//!
//! | Vendor's request | bRequest | wValue | wIndex | Data |
//! |---|---|---|---|---|
//! | read, 0xC0 | 1 | register, 0 to 15 | | up to 64 bytes, what was written there last |
//! | write, 0x40 | 1 | register | | up to 64 bytes |
//! | alarm, 0x40 | 2 | in so many milliseconds | a note, two bytes, little-endian | |
//! | refuse, 0x40 | 3 | the endpoint whose next transfer is refused | | |
//! | leave, 0x40 | 4 | the endpoint at whose next transfer the device is pulled out | milliseconds until it is put back, 0 for never | |

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::bus::usb::{
    Answer, Description, Descriptors, Endpoint, Interface, Kind, Setup, Speed, UsbDevice,
};
use crate::fault::{Afflicted, Fault};

/// idVendor and idProduct.
pub const ID: (u16, u16) = (0x1209, 0x0001);
/// The bulk endpoint that takes data.
pub const BULK_OUT: u8 = 0x01;
/// The bulk endpoint that gives them back.
pub const BULK_IN: u8 = 0x82;
/// The interrupt endpoint of alarms.
pub const ALARM_IN: u8 = 0x83;

const REGISTERS: u16 = 16;
const LONGEST: usize = 64;
const KEPT: usize = 64 * 1024;

/// The device.
#[derive(Debug)]
pub struct Loopback {
    descriptors: Descriptors,
    registers: BTreeMap<u16, Vec<u8>>,
    held: VecDeque<Vec<u8>>,
    alarms: Vec<(Duration, u16)>,
    refusing: BTreeSet<u8>,
    leaving: BTreeMap<u8, u16>,
    /// It is out of its socket; back at this time, where there is one.
    away: Option<Option<Duration>>,
}

impl Loopback {
    /// A device with this serial number.
    #[must_use]
    pub fn new(serial: &str) -> Self {
        let endpoint = |address, kind, interval| Endpoint {
            address,
            kind,
            packet: 64,
            interval,
        };
        Self {
            descriptors: Descriptors::new(Description {
                speed: Speed::Full,
                usb: 0x0200,
                class: [0; 3],
                packet: 64,
                vendor: ID.0,
                product: ID.1,
                release: 0x0100,
                manufacturer: Some("Negin".to_owned()),
                name: Some("Loopback".to_owned()),
                serial: Some(serial.to_owned()),
                milliamperes: 100,
                wakes: false,
                interfaces: vec![Interface {
                    class: [0xFF; 3],
                    extra: Vec::new(),
                    endpoints: vec![
                        endpoint(BULK_OUT, Kind::Bulk, 0),
                        endpoint(BULK_IN, Kind::Bulk, 0),
                        endpoint(ALARM_IN, Kind::Interrupt, 10),
                    ],
                }],
            }),
            registers: BTreeMap::new(),
            held: VecDeque::new(),
            alarms: Vec::new(),
            refusing: BTreeSet::new(),
            leaving: BTreeMap::new(),
            away: None,
        }
    }

    /// Whether this transfer goes wrong, as was asked for.
    fn spoilt<T>(&mut self, endpoint: u8, now: Duration) -> Option<Answer<T>> {
        if let Some(back) = self.leaving.remove(&endpoint) {
            let back = (back > 0).then(|| now + Duration::from_millis(back.into()));
            self.away = Some(back);
            return Some(Answer::NotYet);
        }
        self.refusing.remove(&endpoint).then_some(Answer::Stall)
    }
}

impl UsbDevice for Loopback {
    fn descriptors(&self) -> &Descriptors {
        &self.descriptors
    }

    fn control(&mut self, setup: Setup, data: &[u8], now: Duration) -> Answer<Vec<u8>> {
        if let Some(answer) = self.spoilt(0, now) {
            return answer;
        }
        // No device has an endpoint above 0x8F.
        let endpoint = setup.value.to_le_bytes()[0];
        match (setup.request_type, setup.request) {
            (0xC0, 1) if setup.value < REGISTERS => {
                return Answer::Done(
                    self.registers
                        .get(&setup.value)
                        .cloned()
                        .unwrap_or_default(),
                );
            }
            (0x40, 1) if setup.value < REGISTERS && data.len() <= LONGEST => {
                self.registers.insert(setup.value, data.to_vec());
            }
            (0x40, 2) => {
                let due = now + Duration::from_millis(setup.value.into());
                self.alarms.push((due, setup.index));
                self.alarms.sort_by_key(|&(due, _)| due);
            }
            (0x40, 3) => {
                self.refusing.insert(endpoint);
            }
            (0x40, 4) => {
                self.leaving.insert(endpoint, setup.index);
            }
            _ => return Answer::Stall,
        }
        Answer::Done(Vec::new())
    }

    fn transfer_out(&mut self, endpoint: u8, data: &[u8], now: Duration) -> Answer<usize> {
        if let Some(answer) = self.spoilt(endpoint, now) {
            return answer;
        }
        let held: usize = self.held.iter().map(Vec::len).sum();
        if held + data.len() > KEPT {
            return Answer::NotYet;
        }
        self.held.push_back(data.to_vec());
        Answer::Done(data.len())
    }

    fn transfer_in(&mut self, endpoint: u8, _length: usize, now: Duration) -> Answer<Vec<u8>> {
        if let Some(answer) = self.spoilt(endpoint, now) {
            return answer;
        }
        let given = if endpoint == BULK_IN {
            self.held.pop_front()
        } else {
            let due = self.alarms.first().is_some_and(|&(due, _)| due <= now);
            due.then(|| self.alarms.remove(0).1.to_le_bytes().to_vec())
        };
        given.map_or(Answer::NotYet, Answer::Done)
    }

    fn reset(&mut self, _now: Duration) {
        self.registers.clear();
        self.held.clear();
        self.alarms.clear();
        self.refusing.clear();
        self.leaving.clear();
    }

    fn attached(&mut self, now: Duration) -> bool {
        if let Some(Some(back)) = self.away
            && back <= now
        {
            self.away = None;
        }
        self.away.is_none()
    }

    fn next_change(&self) -> Option<Duration> {
        match self.away {
            Some(back) => back,
            None => self.alarms.first().map(|&(due, _)| due),
        }
    }
}

impl Afflicted for Loopback {
    fn afflict(&mut self, fault: &Fault, _now: Duration) -> bool {
        let back = *fault == Fault::Plug;
        if back {
            self.away = None;
        }
        back
    }
}
