//! The line's end at the device: packets are counted, and the script of faults is carried out.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::fault::serial::{Fate, fates};
use crate::fault::{Fault, Player, Script, Touch};

use super::{Cut, SerialDevice, as_heard};

/// A device on its line, with its script of faults.
pub struct Plug {
    device: Box<dyn SerialDevice>,
    player: Player,
    plugged: bool,
    insertions: u64,
    /// Nothing is answered before; or, without a time, before it is plugged in again.
    silent: Option<Option<Duration>>,
    transfers: u64,
    incoming: Vec<u8>,
    /// Packets on their way to the device, and when they are there.
    delayed: VecDeque<(Duration, Vec<u8>)>,
    /// Packets on their way to the host: when they are there, and at which speed they were sent.
    outgoing: VecDeque<(Duration, u32, Vec<u8>)>,
}

/// A device's line that a bus serves while others say what goes wrong.
#[derive(Clone)]
pub struct SharedPlug(Arc<Mutex<Plug>>);

impl SharedPlug {
    /// Shares it.
    #[must_use]
    pub fn new(plug: Plug) -> Self {
        Self(Arc::new(Mutex::new(plug)))
    }

    /// It, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, Plug> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plug {
    /// A device with a script, plugged in.
    #[must_use]
    pub fn new(mut device: Box<dyn SerialDevice>, script: Script) -> Self {
        device.power_on(Duration::ZERO);
        Self {
            device,
            player: Player::new(script),
            plugged: true,
            insertions: 1,
            silent: None,
            transfers: 0,
            incoming: Vec::new(),
            delayed: VecDeque::new(),
            outgoing: VecDeque::new(),
        }
    }

    /// Packets so far, in both directions.
    #[must_use]
    pub fn transfers(&self) -> u64 {
        self.transfers
    }

    /// Whether the device was there when last looked at.
    #[must_use]
    pub fn is_plugged(&self) -> bool {
        self.plugged
    }

    /// Adds a line to the script.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn fault(&mut self, line: &str) -> Result<(), String> {
        self.player.push(line)
    }

    /// Something happens on the glass.
    ///
    /// # Errors
    /// What the device says against it.
    pub fn touch(&mut self, touch: &Touch) -> Result<(), String> {
        self.device.touch(touch)
    }

    /// Pulls the device out.
    pub fn unplug(&mut self) {
        self.plugged = false;
        self.incoming.clear();
        self.delayed.clear();
        self.outgoing.clear();
    }

    /// Plugs the device in again.
    pub fn plug(&mut self, now: Duration) {
        if !self.plugged {
            self.plugged = true;
            self.insertions += 1;
            self.silent = None;
            self.device.power_on(now);
        }
    }

    fn happen(&mut self, fault: &Fault, now: Duration) {
        match fault {
            Fault::Unplug => self.unplug(),
            Fault::Plug => self.plug(now),
            Fault::Silence(time) => self.silent = Some(time.map(|time| now + time)),
            Fault::Finger(touch) => {
                if let Err(what) = self.device.touch(touch) {
                    log::warn!("the script's 'finger {touch}': {what}");
                }
            }
            // Those of a transfer.
            _ => {}
        }
    }

    fn tick(&mut self, now: Duration) {
        for fault in self.player.due(now) {
            self.happen(&fault, now);
        }
        if let Some(Some(end)) = self.silent
            && end <= now
        {
            self.silent = None;
        }
        while self.delayed.front().is_some_and(|&(at, _)| at <= now) {
            if let Some((_, packet)) = self.delayed.pop_front() {
                self.device.receive(&packet, now);
            }
        }
    }

    /// The faults that the next packet meets, those of the device carried out.
    fn meet(&mut self, packet: Vec<u8>, now: Duration) -> Fate {
        self.transfers += 1;
        let faults = self.player.at_transfer(self.transfers, now);
        for fault in &faults {
            log::debug!("at packet {}: {fault}", self.transfers);
            self.happen(fault, now);
        }
        fates(&faults, &self.player, self.transfers, packet)
    }

    fn is_silent(&self) -> bool {
        self.silent.is_some()
    }

    /// A packet of the host's reaches the device, or does not.
    fn bring(&mut self, packet: Vec<u8>, now: Duration) {
        let fate = self.meet(packet, now);
        if !self.plugged {
            return;
        }
        if fate.refused {
            let (baud, refusal) = (self.device.baud(), self.device.refusal());
            self.outgoing.push_back((now + fate.delay, baud, refusal));
        }
        let Some(packet) = fate.packet else { return };
        if fate.delay.is_zero() && self.delayed.is_empty() {
            self.device.receive(&packet, now);
        } else {
            self.delayed.push_back((now + fate.delay, packet));
        }
    }

    /// Takes from the device what it has to say.
    fn collect(&mut self, now: Duration) {
        while self.plugged {
            // A packet may be the last at this speed.
            let baud = self.device.baud();
            let Some(packet) = self.device.transmit(now) else {
                return;
            };
            if self.is_silent() {
                continue;
            }
            let fate = self.meet(packet, now);
            if !self.plugged || self.is_silent() {
                continue;
            }
            // No packet overtakes another.
            let after = self.outgoing.back().map_or(Duration::ZERO, |&(at, ..)| at);
            let at = (now + fate.delay).max(after);
            if fate.refused {
                self.outgoing.push_back((at, baud, self.device.refusal()));
            }
            self.outgoing
                .extend(fate.packet.map(|packet| (at, baud, packet)));
        }
    }

    /// Bytes that the host has sent at this speed.
    pub fn from_host(&mut self, bytes: &[u8], baud: u32, now: Duration) {
        self.tick(now);
        if !self.plugged {
            return;
        }
        let heard = as_heard(bytes, baud, self.device.baud());
        self.incoming.extend_from_slice(&heard);
        loop {
            match self.device.cut(&self.incoming) {
                Cut::NotYet => break,
                Cut::Noise(count) => {
                    let noise: Vec<u8> = self.incoming.drain(..count).collect();
                    self.device.receive(&noise, now);
                }
                Cut::Packet(count) => {
                    let packet: Vec<u8> = self.incoming.drain(..count).collect();
                    self.bring(packet, now);
                }
            }
            if self.incoming.is_empty() {
                break;
            }
        }
    }

    /// What the host hears now, listening at this speed.
    pub fn to_host(&mut self, baud: u32, now: Duration) -> Vec<u8> {
        self.tick(now);
        self.collect(now);
        let mut heard = Vec::new();
        while self.outgoing.front().is_some_and(|&(at, ..)| at <= now) {
            if let Some((_, sent_at, packet)) = self.outgoing.pop_front()
                && !self.is_silent()
            {
                heard.extend(as_heard(&packet, sent_at, baud));
            }
        }
        heard
    }

    /// Whether the device is there, and which time it was plugged in, from 1.
    pub fn plugged(&mut self, now: Duration) -> Option<u64> {
        self.tick(now);
        self.plugged.then_some(self.insertions)
    }

    /// When anything may happen without the host.
    #[must_use]
    pub fn next_change(&self) -> Option<Duration> {
        let delayed = self.delayed.front().map(|&(at, _)| at);
        let outgoing = self.outgoing.front().map(|&(at, ..)| at);
        let script = self.player.next_due();
        let device = self.plugged.then(|| self.device.next_change()).flatten();
        [delayed, outgoing, script, device, self.silent.flatten()]
            .into_iter()
            .flatten()
            .min()
    }
}
