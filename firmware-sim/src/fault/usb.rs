//! A script of faults on a USB device's transfers.
//!
//! **What counts as a transfer**: each control, interrupt and bulk transfer that the device answers, in the order of its
//! answers, from 1, from its first plugging-in on. Standard requests are the bus's and do not count, so that the numbers
//! are the same whatever library enumerates the device. Nor do transfers that the host withdraws while they wait, or
//! that end because the device is gone.
//!
//! | Fault | To the host | From the host |
//! |---|---|---|
//! | `stall` | the answer is lost, the endpoint refuses | the device never sees it, the endpoint refuses |
//! | `delay` | the answer comes so much later | the device acts at once, the host hears of it later |
//! | `corrupt`, `garbage` | the host gets other bytes, as many at most | the device gets other bytes, as many |
//! | `short` | the answer's end is missing | the device gets only the beginning |
//! | `drop-block` | a block is missing from what the device sends in blocks; anything else is lost and the host waits on | the device never sees it, the host is told it did |
//! | `silence` | nothing is answered from here on | nothing is answered from here on |
//! | `unplug` | the device is gone before the answer | the device is gone before it acts |

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::player::Player;
use super::script::{Fault, Script};
use crate::bus::usb::{Answer, Descriptors, Setup, UsbDevice};

/// A device of which a script may ask what no bus can do to it.
pub trait Afflicted: UsbDevice {
    /// Carries out what happens on a scanner's glass ([`Fault::Finger`]), or comes back where it had left its socket by
    /// itself ([`Fault::Plug`]). False where the device knows nothing of it.
    fn afflict(&mut self, fault: &Fault, now: Duration) -> bool {
        let _ = (fault, now);
        false
    }

    /// Takes a block out of what it has just sent at an endpoint ([`Fault::DropBlock`]), as if it had never sent that
    /// one; `chance` says which. False where there are no blocks in it.
    fn leave_out(&mut self, endpoint: u8, sent: &mut Vec<u8>, chance: u64) -> bool {
        let _ = (endpoint, sent, chance);
        false
    }
}

impl<D: Afflicted + ?Sized> Afflicted for Box<D> {
    fn afflict(&mut self, fault: &Fault, now: Duration) -> bool {
        (**self).afflict(fault, now)
    }

    fn leave_out(&mut self, endpoint: u8, sent: &mut Vec<u8>, chance: u64) -> bool {
        (**self).leave_out(endpoint, sent, chance)
    }
}

/// The script of a device, from outside: lines can be added, and the transfers so far are known.
#[derive(Clone)]
pub struct Faults(Arc<Mutex<Playing>>);

struct Playing {
    player: Player,
    transfers: u64,
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, Playing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line of a script. The bus must be woken for it to be heeded at once.
    ///
    /// # Errors
    /// As [`Player::push`].
    pub fn push(&self, line: &str) -> Result<(), String> {
        self.lock().player.push(line)
    }

    /// How many transfers were answered so far.
    #[must_use]
    pub fn transfers(&self) -> u64 {
        self.lock().transfers
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("transfers", &self.transfers())
            .finish_non_exhaustive()
    }
}

/// A device on which a script is played.
#[derive(Debug)]
pub struct Faulty<D> {
    device: D,
    faults: Faults,
    /// It was pulled out by the script.
    out: bool,
    /// It answers nothing: until this time, or until it is plugged in again.
    silent: Option<Option<Duration>>,
    /// Answers that come later, one an endpoint.
    held: BTreeMap<u8, Held>,
    /// The number of a transfer from the host that the device has not taken yet, and what it meets.
    begun: BTreeMap<u8, (u64, Vec<Fault>)>,
    /// The latest time it was asked at.
    now: Duration,
}

#[derive(Debug)]
struct Held {
    answer: Answer<Vec<u8>>,
    /// None: as long as it is silent.
    until: Option<Duration>,
}

/// What is left of a transfer's faults once those are done that stand outside it.
enum Meets {
    /// It goes on, with these.
    Faults(Vec<Fault>),
    /// It is not answered now.
    Nothing,
}

impl<D: Afflicted> Faulty<D> {
    /// A device with its script.
    pub fn new(device: D, script: Script) -> Self {
        Self {
            device,
            faults: Faults(Arc::new(Mutex::new(Playing {
                player: Player::new(script),
                transfers: 0,
            }))),
            out: false,
            silent: None,
            held: BTreeMap::new(),
            begun: BTreeMap::new(),
            now: Duration::ZERO,
        }
    }

    /// The script, from outside.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// The device itself.
    pub fn device(&self) -> &D {
        &self.device
    }

    /// The same, to change it.
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// Carries out what needs no transfer.
    fn carry_out(&mut self, fault: &Fault, now: Duration) {
        match fault {
            Fault::Unplug => self.out = true,
            Fault::Plug => {
                self.out = false;
                self.device.afflict(fault, now);
            }
            Fault::Silence(time) => self.silent = Some(time.map(|time| now + time)),
            Fault::Finger(_) => drop(self.device.afflict(fault, now)),
            _ => {}
        }
    }

    fn is_silent(&mut self, now: Duration) -> bool {
        if let Some(Some(end)) = self.silent
            && end <= now
        {
            self.silent = None;
        }
        self.silent.is_some()
    }

    /// Counts a transfer, and finds what it meets.
    fn count(&mut self, now: Duration) -> (u64, Vec<Fault>) {
        let mut playing = self.faults.lock();
        playing.transfers += 1;
        let n = playing.transfers;
        (n, playing.player.at_transfer(n, now))
    }

    /// Carries out those faults that stand outside the transfer.
    fn meet(&mut self, faults: Vec<Fault>, now: Duration) -> Meets {
        let mut met = Vec::new();
        for fault in faults {
            if fault.is_of_transfer() {
                met.push(fault);
            } else {
                self.carry_out(&fault, now);
            }
        }
        if self.out {
            Meets::Nothing
        } else {
            Meets::Faults(met)
        }
    }

    /// An answer that was held back, when its time has come.
    fn released(&mut self, endpoint: u8, now: Duration) -> Option<Answer<Vec<u8>>> {
        let silent = self.is_silent(now);
        let held = self.held.get(&endpoint)?;
        if silent || held.until.is_some_and(|until| until > now) {
            return Some(Answer::NotYet);
        }
        self.held.remove(&endpoint).map(|held| held.answer)
    }

    /// A transfer that the device acts on at once: a control transfer, or data from the host. `act` is the device.
    fn at_once(
        &mut self,
        endpoint: u8,
        data: &[u8],
        now: Duration,
        act: impl FnOnce(&mut D, &[u8]) -> Answer<Vec<u8>>,
    ) -> Answer<Vec<u8>> {
        self.now = now;
        if let Some(answer) = self.released(endpoint, now) {
            return answer;
        }
        if self.is_silent(now) {
            return Answer::NotYet;
        }
        let (n, faults) = match self.begun.remove(&endpoint) {
            Some(begun) => begun,
            None => self.count(now),
        };
        let Meets::Faults(faults) = self.meet(faults, now) else {
            return Answer::NotYet;
        };
        if self.is_silent(now) {
            // It is heeded once the silence ends.
            self.begun.insert(endpoint, (n, faults));
            return Answer::NotYet;
        }
        let mut sent = data.to_vec();
        let mut after = faults.clone();
        for fault in &faults {
            match fault {
                Fault::Stall => return Answer::Stall,
                Fault::DropBlock => {
                    return Answer::Done(vec![0; if endpoint == 0 { 0 } else { data.len() }]);
                }
                Fault::Corrupt | Fault::Garbage | Fault::Short if !sent.is_empty() => {
                    self.spoil(fault, n, &mut sent);
                    after.retain(|each| each != fault);
                }
                _ => {}
            }
        }
        match act(&mut self.device, &sent) {
            Answer::NotYet => {
                self.begun.insert(endpoint, (n, faults));
                Answer::NotYet
            }
            answer => self.answer(endpoint, n, answer, &after, now),
        }
    }

    /// What an answer becomes.
    fn answer(
        &mut self,
        endpoint: u8,
        n: u64,
        mut answer: Answer<Vec<u8>>,
        faults: &[Fault],
        now: Duration,
    ) -> Answer<Vec<u8>> {
        let mut until = None;
        for fault in faults {
            match (fault, &mut answer) {
                (Fault::Stall, answer) => *answer = Answer::Stall,
                (Fault::Corrupt | Fault::Garbage | Fault::Short, Answer::Done(bytes)) => {
                    self.spoil(fault, n, bytes);
                }
                (Fault::Delay(time), _) => until = Some(now + *time),
                _ => {}
            }
        }
        if until.is_none() && !self.is_silent(now) {
            return answer;
        }
        self.held.insert(endpoint, Held { answer, until });
        Answer::NotYet
    }

    fn spoil(&self, fault: &Fault, n: u64, bytes: &mut Vec<u8>) {
        let player = &self.faults.lock().player;
        match fault {
            Fault::Corrupt => player.corrupt(n, bytes),
            Fault::Short => bytes.truncate(player.shortened(n, bytes.len())),
            // No more than would have come: the host asked for no more.
            Fault::Garbage if !bytes.is_empty() => *bytes = player.garbage(n, bytes.len()),
            _ => {}
        }
    }
}

impl<D: Afflicted> UsbDevice for Faulty<D> {
    fn descriptors(&self) -> &Descriptors {
        self.device.descriptors()
    }

    fn control(&mut self, setup: Setup, data: &[u8], now: Duration) -> Answer<Vec<u8>> {
        self.at_once(0, data, now, |device, data| {
            device.control(setup, data, now)
        })
    }

    fn transfer_out(&mut self, endpoint: u8, data: &[u8], now: Duration) -> Answer<usize> {
        // What the host hears is a number, which an answer's length carries here.
        let whole = data.len();
        let answer = self.at_once(endpoint, data, now, |device, data| {
            match device.transfer_out(endpoint, data, now) {
                // The host does not hear that the end was missing.
                Answer::Done(count) if count == data.len() => Answer::Done(vec![0; whole]),
                Answer::Done(count) => Answer::Done(vec![0; count]),
                Answer::NotYet => Answer::NotYet,
                Answer::Stall => Answer::Stall,
            }
        });
        match answer {
            Answer::Done(bytes) => Answer::Done(bytes.len()),
            Answer::NotYet => Answer::NotYet,
            Answer::Stall => Answer::Stall,
        }
    }

    fn transfer_in(&mut self, endpoint: u8, length: usize, now: Duration) -> Answer<Vec<u8>> {
        self.now = now;
        if let Some(answer) = self.released(endpoint, now) {
            return answer;
        }
        if self.is_silent(now) {
            return Answer::NotYet;
        }
        loop {
            let mut answer = match self.device.transfer_in(endpoint, length, now) {
                Answer::NotYet => return Answer::NotYet,
                answer => answer,
            };
            let (n, faults) = self.count(now);
            let Meets::Faults(faults) = self.meet(faults, now) else {
                return Answer::NotYet;
            };
            let lost = faults.contains(&Fault::DropBlock)
                && match &mut answer {
                    Answer::Done(sent) => {
                        let chance = self.faults.lock().player.chance(n);
                        !self.device.leave_out(endpoint, sent, chance)
                    }
                    Answer::NotYet | Answer::Stall => false,
                };
            if !lost {
                return self.answer(endpoint, n, answer, &faults, now);
            }
        }
    }

    fn cancelled(&mut self, endpoint: u8, now: Duration) {
        self.begun.remove(&endpoint);
        if self.held.remove(&endpoint).is_none() {
            self.device.cancelled(endpoint, now);
        }
    }

    fn reset(&mut self, now: Duration) {
        self.held.clear();
        self.begun.clear();
        self.device.reset(now);
    }

    fn power_on(&mut self, now: Duration) {
        self.silent = None;
        self.held.clear();
        self.begun.clear();
        self.device.power_on(now);
    }

    fn attached(&mut self, now: Duration) -> bool {
        self.now = now;
        let due = self.faults.lock().player.due(now);
        for fault in due {
            self.carry_out(&fault, now);
        }
        self.device.attached(now) && !self.out
    }

    fn next_change(&self) -> Option<Duration> {
        let held = self.held.values().filter_map(|held| held.until);
        let scripted = self.faults.lock().player.next_due();
        [self.device.next_change(), self.silent.flatten(), scripted]
            .into_iter()
            .flatten()
            .chain(held)
            .filter(|&time| time > self.now)
            .min()
    }
}

#[cfg(test)]
mod tests;
