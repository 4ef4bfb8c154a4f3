//! One socket of the bed with its device, and the programs that have opened its node.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::addresses::Addresses;
use super::bell::Bell;
use super::message::Outcome;
use super::sysfs::{self, Seat};
use super::usbfs::{Urb, errno};
use crate::bus::usb::{Descriptors, End, Ended, Port, Setup, Transfer, TransferId, UsbDevice};

/// How long a program is kept that asks for results again and again, where another one is called that has some.
const CALM: Duration = Duration::from_micros(500);
/// How often the device is looked at where it does not say when it changes.
const LOOK: Duration = Duration::from_millis(2);
/// How long one request may wait. While it does the program heeds no signals, so it is let go and asks again.
const PATIENCE: Duration = Duration::from_millis(50);

/// Which opening of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProgramId(u64);

/// A transfer that a program can fetch.
#[derive(Debug)]
pub struct Landed {
    pub urb: Urb,
    /// 0 or a negative errno.
    pub status: i32,
    /// How many bytes went over the line.
    pub length: usize,
    /// What is to be put into the program's buffer.
    pub data: Vec<u8>,
}

#[derive(Debug)]
struct Flying {
    program: ProgramId,
    urb: Urb,
}

#[derive(Debug)]
struct Program {
    /// Which plugging-in of the device it has opened; it sees no later one.
    plugging: u64,
    landed: VecDeque<Landed>,
}

struct Inner {
    port: Port<Box<dyn UsbDevice>>,
    seat: Option<Seat>,
    /// How often the device was plugged in.
    plugging: u64,
    /// The node of each plugging-in that a program may still poll.
    bells: BTreeMap<u64, Bell>,
    programs: BTreeMap<ProgramId, Program>,
    /// Who has claimed which interface.
    holders: BTreeMap<u8, ProgramId>,
    flying: BTreeMap<TransferId, Flying>,
    opened: u64,
    ended: bool,
}

/// A socket.
pub struct Outlet {
    number: u8,
    root: PathBuf,
    begin: Instant,
    addresses: Arc<Addresses>,
    inner: Mutex<Inner>,
    /// The device may have something to do.
    work: Condvar,
    /// A transfer has landed, or the device is gone.
    landed: Condvar,
}

impl Outlet {
    /// A socket of this number, from 1, with a device in it; it works until [`Self::end`].
    pub fn start(
        number: u8,
        root: PathBuf,
        addresses: Arc<Addresses>,
        device: Box<dyn UsbDevice>,
    ) -> io::Result<Arc<Self>> {
        let begin = Instant::now();
        let outlet = Arc::new(Self {
            number,
            root,
            begin,
            addresses,
            inner: Mutex::new(Inner {
                port: Port::new(device, begin.elapsed()),
                seat: None,
                plugging: 0,
                bells: BTreeMap::new(),
                programs: BTreeMap::new(),
                holders: BTreeMap::new(),
                flying: BTreeMap::new(),
                opened: 0,
                ended: false,
            }),
            work: Condvar::new(),
            landed: Condvar::new(),
        });
        outlet.settle(&mut outlet.lock())?;
        let working = Arc::clone(&outlet);
        std::thread::Builder::new()
            .name(format!("usb {number}"))
            .spawn(move || working.work())?;
        Ok(outlet)
    }

    /// Lets the device see what has changed. It has when this returns.
    pub fn wake(&self) {
        let mut inner = self.lock();
        if let Err(error) = self.settle(&mut inner) {
            self.complain(&error);
        }
        self.work.notify_all();
    }

    fn complain(&self, error: &io::Error) {
        log::error!(
            "the bed cannot show what happens at socket {}: {error}",
            self.number
        );
    }

    /// Whether the device is shown.
    pub fn attached(&self) -> bool {
        self.lock().seat.is_some()
    }

    /// The device is in no socket any more, and nobody is told.
    pub fn end(&self) {
        self.lock().ended = true;
        self.work.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// The device goes on by itself: alarms, delays, being pulled out.
    fn work(self: Arc<Self>) {
        let mut inner = self.lock();
        while !inner.ended {
            if let Err(error) = self.settle(&mut inner) {
                self.complain(&error);
            }
            let now = self.now();
            let wait = match inner.port.next_change() {
                Some(due) if due > now => Some(due - now),
                // What has come already may hide what is to come.
                Some(_) if !inner.flying.is_empty() => Some(LOOK),
                _ => None,
            };
            inner = match wait {
                Some(wait) => {
                    let waited = self.work.wait_timeout(inner, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .work
                    .wait(inner)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Lets the device go on, hands out what has ended, shows it where it came, hides it where it went.
    fn settle(&self, inner: &mut Inner) -> io::Result<()> {
        let ended = inner.port.advance(self.now());
        inner.land(ended);
        let shown = match (inner.port.attached(), inner.seat) {
            (true, None) => self.appear(inner),
            (false, Some(seat)) => self.vanish(inner, seat),
            _ => Ok(()),
        };
        self.landed.notify_all();
        shown.and(inner.ring())
    }

    fn appear(&self, inner: &mut Inner) -> io::Result<()> {
        let address = self.addresses.take(self.number);
        let seat = Seat {
            port: self.number,
            address,
        };
        inner.plugging += 1;
        inner.seat = Some(seat);
        self.addresses.listen(&self.root, seat)?;
        let node = self.root.join(seat.node());
        let _ = fs::remove_file(&node);
        inner.bells.insert(inner.plugging, Bell::hang(&node)?);
        sysfs::show(&self.root, seat, inner.port.descriptors())
    }

    fn vanish(&self, inner: &mut Inner, seat: Seat) -> io::Result<()> {
        inner.seat = None;
        inner.holders.clear();
        self.addresses.give_back(seat.address);
        sysfs::hide(&self.root, seat, inner.port.descriptors())
    }

    /// A program has opened the node of this address.
    pub fn open(&self, address: u8) -> ProgramId {
        let mut inner = self.lock();
        inner.opened += 1;
        let id = ProgramId(inner.opened);
        let current = inner.seat.is_some_and(|seat| seat.address == address);
        // Of no plugging-in where it came too late.
        let plugging = if current { inner.plugging } else { 0 };
        let landed = VecDeque::new();
        inner.programs.insert(id, Program { plugging, landed });
        id
    }

    /// A program has closed the node: what it had under way is withdrawn, what it had claimed is free.
    pub fn close(&self, id: ProgramId) {
        let mut inner = self.lock();
        let under_way: Vec<TransferId> = inner
            .flying
            .iter()
            .filter_map(|(&transfer, flying)| (flying.program == id).then_some(transfer))
            .collect();
        let now = self.now();
        for transfer in under_way {
            inner.flying.remove(&transfer);
            inner.port.cancel(transfer, now);
        }
        inner.holders.retain(|_, holder| *holder != id);
        inner.programs.remove(&id);
        let _ = self.settle(&mut inner);
        self.work.notify_all();
    }

    /// What a program does with the device, where it is the one that it has opened.
    fn with<T>(
        &self,
        id: ProgramId,
        act: impl FnOnce(&mut Inner, Duration) -> Result<T, u64>,
    ) -> Result<T, u64> {
        let mut inner = self.lock();
        if !inner.connected(id) {
            return Err(errno::ENODEV);
        }
        let done = act(&mut inner, self.now());
        if let Err(error) = self.settle(&mut inner) {
            self.complain(&error);
        }
        self.work.notify_all();
        done
    }

    /// What the device says it is.
    pub fn descriptors(&self) -> Descriptors {
        self.lock().port.descriptors().clone()
    }

    /// Where the device is, for a program.
    pub fn seat(&self, id: ProgramId) -> Result<Seat, u64> {
        let inner = self.lock();
        inner
            .seat
            .filter(|_| inner.connected(id))
            .ok_or(errno::ENODEV)
    }

    /// Takes a transfer.
    pub fn submit(&self, id: ProgramId, urb: Urb, transfer: Transfer) -> Outcome {
        self.with(id, |inner, _| {
            match &transfer {
                Transfer::Control(setup, _) => inner.may_control(id, *setup)?,
                Transfer::In(endpoint, _) | Transfer::Out(endpoint, _) => {
                    let interface = inner.interface_of(*endpoint).ok_or(errno::ENOENT)?;
                    inner.claim(id, interface)?;
                }
            }
            let transfer = inner.port.submit(transfer);
            inner.flying.insert(transfer, Flying { program: id, urb });
            Ok(0)
        })
    }

    /// Withdraws the transfer whose URB lies at this address. It can be fetched as withdrawn.
    pub fn discard(&self, id: ProgramId, address: u64) -> Outcome {
        self.with(id, |inner, now| {
            let found = inner
                .flying
                .iter()
                .find(|(_, flying)| flying.program == id && flying.urb.address == address);
            let (&transfer, _) = found.ok_or(errno::EINVAL)?;
            inner.port.cancel(transfer, now);
            let end = End::Cancelled;
            inner.land(vec![Ended { id: transfer, end }]);
            Ok(0)
        })
    }

    /// A transfer that has landed, once for each.
    pub fn reap(&self, id: ProgramId, wait: bool) -> Result<Landed, u64> {
        let mut inner = self.lock();
        let begin = Instant::now();
        loop {
            let connected = inner.connected(id);
            let landed = inner
                .programs
                .get_mut(&id)
                .and_then(|program| program.landed.pop_front());
            if let Some(landed) = landed {
                let _ = inner.ring();
                return Ok(landed);
            }
            let called = inner.called(id);
            let (patience, otherwise) = match (connected, wait) {
                (false, _) => return Err(errno::ENODEV),
                (true, true) => (PATIENCE, errno::EINTR),
                (true, false) if called => (CALM, errno::EAGAIN),
                (true, false) => return Err(errno::EAGAIN),
            };
            let left = patience.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(otherwise);
            }
            let waited = self.landed.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Claims an interface.
    pub fn claim(&self, id: ProgramId, interface: u8) -> Outcome {
        self.with(id, |inner, _| inner.claim(id, interface).map(|()| 0))
    }

    /// Gives an interface back; what is under way there is withdrawn.
    pub fn release(&self, id: ProgramId, interface: u8) -> Outcome {
        self.with(id, |inner, now| {
            if inner.holders.get(&interface) != Some(&id) {
                return Err(errno::EINVAL);
            }
            inner.holders.remove(&interface);
            inner.withdraw(now, |inner, flying| {
                flying.program == id && inner.interface_of(flying.urb.endpoint()) == Some(interface)
            });
            Ok(0)
        })
    }

    /// Who drives an interface: the system's files, where a program has claimed it.
    pub fn driver(&self, id: ProgramId, interface: u8) -> Result<&'static str, u64> {
        self.with(id, |inner, _| {
            let held = inner.holders.contains_key(&interface);
            held.then_some("usbfs").ok_or(errno::ENODATA)
        })
    }

    /// Lets a halted endpoint answer again; both ends begin anew.
    pub fn clear_halt(&self, id: ProgramId, endpoint: u8) -> Outcome {
        self.with(id, |inner, _| {
            let interface = inner.interface_of(endpoint).ok_or(errno::ENOENT)?;
            inner.claim(id, interface)?;
            inner.port.clear_halt(endpoint);
            Ok(0)
        })
    }

    /// Whether an endpoint is there, and not another program's.
    pub fn has_endpoint(&self, id: ProgramId, endpoint: u8) -> Outcome {
        self.with(id, |inner, _| {
            let interface = inner.interface_of(endpoint).ok_or(errno::ENOENT)?;
            inner.claim(id, interface).map(|()| 0)
        })
    }

    /// Resets the device, where no other program has claimed anything of it.
    pub fn reset(&self, id: ProgramId) -> Outcome {
        self.with(id, |inner, now| {
            if inner.holders.values().any(|&holder| holder != id) {
                return Err(errno::EACCES);
            }
            let ended = inner.port.reset(now);
            inner.land(ended);
            Ok(0)
        })
    }

    /// Whether this alternate setting of an interface, or this configuration, is the one that there is.
    pub fn set(&self, id: ProgramId, interface: Option<u8>, value: u32) -> Outcome {
        self.with(id, |inner, _| match interface {
            Some(interface) => {
                inner.claim(id, interface)?;
                (value == 0).then_some(0).ok_or(errno::EINVAL)
            }
            None if inner.holders.values().any(|&holder| holder != id) => Err(errno::EBUSY),
            None => (value == 1).then_some(0).ok_or(errno::EINVAL),
        })
    }
}

impl Inner {
    /// Whether the device is there that a program has opened.
    fn connected(&self, id: ProgramId) -> bool {
        let opened = self.programs.get(&id).map(|program| program.plugging);
        self.seat.is_some() && opened == Some(self.plugging)
    }

    /// The interface that an endpoint belongs to.
    fn interface_of(&self, endpoint: u8) -> Option<u8> {
        let interfaces = &self.port.descriptors().description().interfaces;
        let has = |endpoints: &[crate::bus::usb::Endpoint]| {
            endpoints.iter().any(|each| each.address == endpoint)
        };
        let at = interfaces.iter().position(|each| has(&each.endpoints))?;
        u8::try_from(at).ok()
    }

    /// Claims an interface, where no other program has; Linux does it for programs that forget.
    fn claim(&mut self, id: ProgramId, interface: u8) -> Result<(), u64> {
        if usize::from(interface) >= self.port.descriptors().description().interfaces.len() {
            return Err(errno::ENOENT);
        }
        let holder = self.holders.entry(interface).or_insert(id);
        if *holder == id {
            Ok(())
        } else {
            Err(errno::EBUSY)
        }
    }

    /// A request for an interface or an endpoint is for whoever has claimed it. A vendor's may go to anything.
    fn may_control(&mut self, id: ProgramId, setup: Setup) -> Result<(), u64> {
        let [index, _] = setup.index.to_le_bytes();
        match (setup.request_type & 0x60, setup.request_type & 0x1F) {
            (0x40, _) => Ok(()),
            (_, 1) => self.claim(id, index),
            (_, 2) if index & 0x0F != 0 => {
                let interface = self.interface_of(index).ok_or(errno::ENOENT)?;
                self.claim(id, interface)
            }
            _ => Ok(()),
        }
    }

    /// Withdraws transfers.
    fn withdraw(&mut self, now: Duration, which: impl Fn(&Self, &Flying) -> bool) {
        let ids: Vec<TransferId> = self
            .flying
            .iter()
            .filter_map(|(&id, flying)| which(self, flying).then_some(id))
            .collect();
        for id in ids {
            self.port.cancel(id, now);
            let end = End::Cancelled;
            self.land(vec![Ended { id, end }]);
        }
    }

    /// What has ended can be fetched by those who submitted it.
    fn land(&mut self, ended: Vec<Ended>) {
        for Ended { id, end } in ended {
            let Some(Flying { program, urb }) = self.flying.remove(&id) else {
                continue;
            };
            let failed = |errno: u64| -(errno as i32);
            let (status, length, data) = match end {
                End::Received(data) => {
                    let wanted = urb.wanted();
                    let short = urb.short_not_ok() && data.len() < wanted;
                    let status = if short { failed(errno::EREMOTEIO) } else { 0 };
                    (status, data.len(), data)
                }
                End::Sent(count) => (0, count, Vec::new()),
                End::Overflow(data) => (failed(errno::EOVERFLOW), data.len(), data),
                End::Stalled => (failed(errno::EPIPE), 0, Vec::new()),
                End::Cancelled => (failed(errno::ENOENT), 0, Vec::new()),
                End::Gone => (failed(errno::ENODEV), 0, Vec::new()),
            };
            if let Some(program) = self.programs.get_mut(&program) {
                program.landed.push_back(Landed {
                    urb,
                    status,
                    length,
                    data,
                });
            }
        }
    }

    /// Whether a program is called to fetch something, be it for itself or for another one.
    fn called(&self, id: ProgramId) -> bool {
        let plugging = self.programs.get(&id).map(|program| program.plugging);
        self.programs
            .values()
            .any(|program| Some(program.plugging) == plugging && !program.landed.is_empty())
    }

    /// Calls those who have something to fetch.
    fn ring(&mut self) -> io::Result<()> {
        let (current, seated) = (self.plugging, self.seat.is_some());
        let programs = &self.programs;
        self.bells.retain(|&plugging, _| {
            (seated && plugging == current)
                || programs
                    .values()
                    .any(|program| program.plugging == plugging)
        });
        for (&plugging, bell) in &mut self.bells {
            let rings = programs
                .values()
                .any(|program| program.plugging == plugging && !program.landed.is_empty());
            bell.ring(rings)?;
        }
        Ok(())
    }
}
