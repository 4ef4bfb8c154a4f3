//! The socket a device is plugged into: transfers wait here, one queue an endpoint.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use super::standard::Standard;
use super::{Answer, Descriptors, Setup, UsbDevice};

/// What a host hands over.
#[derive(Clone, PartialEq, Eq)]
pub enum Transfer {
    /// A control transfer on endpoint 0, with the data that go to the device.
    Control(Setup, Vec<u8>),
    /// Data to this endpoint.
    Out(u8, Vec<u8>),
    /// Up to so many bytes from this endpoint.
    In(u8, usize),
}

impl Transfer {
    fn endpoint(&self) -> u8 {
        match self {
            Self::Control(..) => 0,
            Self::Out(endpoint, _) | Self::In(endpoint, _) => *endpoint,
        }
    }
}

/// Shows sizes only: the data may be a finger's.
impl fmt::Debug for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(setup, data) => write!(f, "Control({setup:?}, {} bytes)", data.len()),
            Self::Out(endpoint, data) => write!(f, "Out({endpoint:#04x}, {} bytes)", data.len()),
            Self::In(endpoint, length) => write!(f, "In({endpoint:#04x}, {length} bytes)"),
        }
    }
}

/// How a transfer ended.
#[derive(Clone, PartialEq, Eq)]
pub enum End {
    /// It came through; these bytes go to the host.
    Received(Vec<u8>),
    /// It came through; so many bytes went to the device.
    Sent(usize),
    /// The device sent more than was asked for; what was asked for.
    Overflow(Vec<u8>),
    /// The endpoint refused. One other than 0 refuses until it is cleared.
    Stalled,
    /// The host withdrew it, or reset the device.
    Cancelled,
    /// The device is gone.
    Gone,
}

/// Shows sizes only: the data may be a finger's.
impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received(data) => write!(f, "Received({} bytes)", data.len()),
            Self::Sent(count) => write!(f, "Sent({count} bytes)"),
            Self::Overflow(data) => write!(f, "Overflow({} bytes)", data.len()),
            Self::Stalled => write!(f, "Stalled"),
            Self::Cancelled => write!(f, "Cancelled"),
            Self::Gone => write!(f, "Gone"),
        }
    }
}

/// Which transfer of a port, in the order in which they were handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(u64);

/// A transfer that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub id: TransferId,
    /// How.
    pub end: End,
}

/// A socket with a device in it.
pub struct Port<D> {
    device: D,
    standard: Standard,
    waiting: BTreeMap<u8, VecDeque<(TransferId, Transfer)>>,
    next: u64,
    attached: bool,
}

impl<D: UsbDevice> Port<D> {
    /// Plugs a device in. The host has configured it, as Linux does before any program sees it.
    pub fn new(mut device: D, now: Duration) -> Self {
        device.power_on(now);
        let attached = device.attached(now);
        Self {
            device,
            standard: Standard::configured(),
            waiting: BTreeMap::new(),
            next: 0,
            attached,
        }
    }

    /// What is plugged in.
    pub fn device(&self) -> &D {
        &self.device
    }

    /// The same, to change it.
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// What it says it is.
    pub fn descriptors(&self) -> &Descriptors {
        self.device.descriptors()
    }

    /// Whether the device is in the socket, as of the last [`Self::advance`].
    pub fn attached(&self) -> bool {
        self.attached
    }

    /// How many transfers wait here.
    pub fn waiting(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }

    /// Hands a transfer over. It ends in an [`Self::advance`], the next one at the earliest.
    pub fn submit(&mut self, transfer: Transfer) -> TransferId {
        let id = TransferId(self.next);
        self.next += 1;
        self.waiting
            .entry(transfer.endpoint())
            .or_default()
            .push_back((id, transfer));
        id
    }

    /// Withdraws a transfer. False where it has ended already.
    pub fn cancel(&mut self, id: TransferId, now: Duration) -> bool {
        for (&endpoint, queue) in &mut self.waiting {
            if let Some(at) = queue.iter().position(|(each, _)| *each == id) {
                queue.remove(at);
                if at == 0 {
                    self.device.cancelled(endpoint, now);
                }
                return true;
            }
        }
        false
    }

    /// Lets the device go on; what has ended by now, in the order in which it ended.
    ///
    /// A device that came back into its socket since then has got power anew.
    pub fn advance(&mut self, now: Duration) -> Vec<Ended> {
        let mut ended = Vec::new();
        loop {
            self.look(now, &mut ended);
            if !self.attached {
                return ended;
            }
            let before = ended.len();
            let endpoints: Vec<u8> = self.waiting.keys().copied().collect();
            for endpoint in endpoints {
                if !self.attached {
                    break;
                }
                self.ask(endpoint, now, &mut ended);
            }
            // One endpoint's transfer may be what another waited for.
            if ended.len() == before {
                return ended;
            }
        }
    }

    /// Sees whether the device is still there, or there again.
    fn look(&mut self, now: Duration, ended: &mut Vec<Ended>) {
        let attached = self.device.attached(now);
        if attached && !self.attached {
            self.standard = Standard::configured();
            self.device.power_on(now);
        }
        self.attached = attached;
        if !attached {
            ended.extend(self.end_all(&End::Gone));
        }
    }

    /// Asks one endpoint for the transfer at the head of its queue.
    fn ask(&mut self, endpoint: u8, now: Duration, ended: &mut Vec<Ended>) {
        let Some((id, transfer)) = self.waiting.get(&endpoint).and_then(VecDeque::front) else {
            return;
        };
        let id = *id;
        let end = match transfer {
            Transfer::Control(setup, data) => {
                let standard = setup
                    .is_standard()
                    .then(|| self.standard.answer(self.device.descriptors(), *setup))
                    .flatten();
                let answer = standard.unwrap_or_else(|| self.device.control(*setup, data, now));
                match answer {
                    Answer::Done(mut bytes) if setup.is_in() => {
                        bytes.truncate(setup.length.into());
                        Some(End::Received(bytes))
                    }
                    Answer::Done(_) => Some(End::Sent(data.len())),
                    Answer::Stall => Some(End::Stalled),
                    Answer::NotYet => None,
                }
            }
            _ if self.standard.refuses(endpoint)
                || self.device.descriptors().endpoint(endpoint).is_none() =>
            {
                Some(End::Stalled)
            }
            Transfer::Out(_, data) => match self.device.transfer_out(endpoint, data, now) {
                Answer::Done(count) => Some(End::Sent(count.min(data.len()))),
                Answer::Stall => Some(End::Stalled),
                Answer::NotYet => None,
            },
            &Transfer::In(_, length) => match self.device.transfer_in(endpoint, length, now) {
                Answer::Done(mut bytes) if bytes.len() > length => {
                    bytes.truncate(length);
                    Some(End::Overflow(bytes))
                }
                Answer::Done(bytes) => Some(End::Received(bytes)),
                Answer::Stall => Some(End::Stalled),
                Answer::NotYet => None,
            },
        };
        // A device that was pulled out in this transfer has not done it.
        self.look(now, ended);
        if let (Some(end), true) = (end, self.attached) {
            if end == End::Stalled && endpoint != 0 {
                self.standard.halt(endpoint);
            }
            if let Some(queue) = self.waiting.get_mut(&endpoint) {
                queue.pop_front();
            }
            ended.push(Ended { id, end });
        }
    }

    /// The endpoint answers again.
    pub fn clear_halt(&mut self, endpoint: u8) {
        self.standard.clear_halt(endpoint);
    }

    /// Resets the device: what waits ends with [`End::Cancelled`], and the host configures it again.
    pub fn reset(&mut self, now: Duration) -> Vec<Ended> {
        let ended = self.end_all(&End::Cancelled);
        self.standard = Standard::configured();
        self.device.reset(now);
        ended
    }

    fn end_all(&mut self, end: &End) -> Vec<Ended> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut ended: Vec<Ended> = waiting
            .into_values()
            .flatten()
            .map(|(id, _)| Ended {
                id,
                end: end.clone(),
            })
            .collect();
        ended.sort_unstable_by_key(|ended| ended.id);
        ended
    }

    /// When the device may have more to say without being asked.
    pub fn next_change(&self) -> Option<Duration> {
        self.device.next_change()
    }
}

/// Shows how many transfers wait.
impl<D> fmt::Debug for Port<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port")
            .field("attached", &self.attached)
            .field(
                "waiting",
                &self.waiting.values().map(VecDeque::len).sum::<usize>(),
            )
            .finish_non_exhaustive()
    }
}
