//! One reader: the link to its simulator, and what became of it.

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use negin_link::{Error, Failure, Features, Link, PinEntry, Purpose};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use crate::code::Code;
use crate::device::Device;
use crate::watch::Watch;

/// How long a simulator may be silent, though it says at least every second that a card is still at work.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A reader that pcscd opened.
pub struct Reader {
    device: Device,
    watch: Watch,
    card: Mutex<Card>,
}

#[derive(Default)]
struct Card {
    link: Option<Link<UnixStream>>,
    atr: Vec<u8>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({:?})", self.device)
    }
}

impl Reader {
    /// Opens the reader. It need not be there yet: without its simulator it has no card.
    ///
    /// # Errors
    /// As the system's, where it gives no thread.
    pub fn open(device: Device) -> std::io::Result<Self> {
        let watch = Watch::begin(device.clone())?;
        Ok(Self {
            device,
            watch,
            card: Mutex::default(),
        })
    }

    fn card(&self) -> MutexGuard<'_, Card> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which reader of which simulator.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// The last answer to reset; empty where the card has no power.
    #[must_use]
    pub fn atr(&self) -> Vec<u8> {
        self.card().atr.clone()
    }

    /// Whether the daemon shall see a card.
    #[must_use]
    pub fn presence(&self) -> bool {
        self.watch.presence()
    }

    /// From here on the daemon hears of cards through [`Reader::wait`].
    pub fn will_be_awaited(&self) {
        self.watch.will_be_awaited();
    }

    /// Waits until a card comes or goes, at most so long.
    pub fn wait(&self, time: Duration) {
        self.watch.wait(time);
    }

    /// Ends a [`Reader::wait`].
    pub fn wake(&self) {
        self.watch.wake();
    }

    /// Powers the card on, or resets it; its answer to reset.
    ///
    /// # Errors
    /// What the daemon is to be told.
    pub fn power_up(&self) -> Result<Vec<u8>, Code> {
        self.activate(|link| link.power_up().map(<[u8]>::to_vec))
    }

    /// Resets the card; its answer to reset.
    ///
    /// # Errors
    /// As [`Reader::power_up`].
    pub fn reset(&self) -> Result<Vec<u8>, Code> {
        self.activate(|link| link.reset().map(<[u8]>::to_vec))
    }

    fn activate(
        &self,
        ask: impl Fn(&mut Link<UnixStream>) -> Result<Vec<u8>, Error>,
    ) -> Result<Vec<u8>, Code> {
        let mut card = self.card();
        card.atr.clear();
        // A link that was open before may be to a simulator that is gone since.
        let again = card.link.is_some();
        let mut answered = self.ask(&mut card, &ask);
        if again && answered == Err(Error::Closed) {
            answered = self.ask(&mut card, &ask);
        }
        match answered {
            Ok(atr) => {
                card.atr.clone_from(&atr);
                Ok(atr)
            }
            Err(Error::TimedOut) => Err(Code::Timeout),
            Err(_) => Err(Code::PowerFailed),
        }
    }

    /// Takes the card's power. A card that is not there has none.
    pub fn power_down(&self) {
        let mut card = self.card();
        card.atr.clear();
        if card.link.is_some() {
            let _ = self.ask(&mut card, Link::power_down);
        }
    }

    /// What the reader can beside carrying APDUs.
    #[must_use]
    pub fn features(&self) -> Features {
        self.watch.features()
    }

    /// Has the holder enter a PIN at the reader's own keys; hands the response to `take`.
    ///
    /// # Errors
    /// What the daemon is to be told.
    pub fn pin_pad(
        &self,
        entry: PinEntry,
        structure: &[u8],
        take: impl FnOnce(&[u8]) -> Result<(), Code>,
    ) -> Result<(), Code> {
        self.exchange(|link| link.pin_pad(entry, structure), take)
    }

    /// Sends a command; hands the response to `take`, which says whether it had room for it.
    ///
    /// # Errors
    /// What the daemon is to be told.
    pub fn transmit(
        &self,
        command: &[u8],
        take: impl FnOnce(&[u8]) -> Result<(), Code>,
    ) -> Result<(), Code> {
        self.exchange(|link| link.transmit(command), take)
    }

    fn exchange(
        &self,
        ask: impl FnOnce(&mut Link<UnixStream>) -> Result<&[u8], Error>,
        take: impl FnOnce(&[u8]) -> Result<(), Code>,
    ) -> Result<(), Code> {
        let mut card = self.card();
        if card.link.is_none() {
            // Power came over a link that is gone, and the card lost it with that.
            return Err(if self.watch.presence() {
                Code::CommunicationError
            } else {
                Code::NoCard
            });
        }
        let mut taken = Ok(());
        let answered = self.ask(&mut card, |link| {
            taken = take(ask(link)?);
            Ok(())
        });
        match answered {
            Ok(()) => taken,
            Err(Error::Failed(Failure::NoCard) | Error::Closed) => Err(Code::NoCard),
            Err(Error::TimedOut) => Err(Code::Timeout),
            Err(_) => Err(Code::CommunicationError),
        }
    }

    /// Asks over the link, which is opened where there is none, and given up where it is of no use any more.
    fn ask<R>(
        &self,
        card: &mut Card,
        ask: impl FnOnce(&mut Link<UnixStream>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut link = match card.link.take() {
            Some(link) => link,
            None => greet(dial(&self.device)?, &self.device, Purpose::Exchange)?,
        };
        let answered = ask(&mut link);
        match &answered {
            Err(error) if !error.leaves_link_usable() => {
                card.atr.clear();
                if *error == Error::TimedOut {
                    self.watch.lost();
                }
            }
            _ => card.link = Some(link),
        }
        answered
    }
}

/// A connection to the simulator. Never waits for one that does not take connections.
pub(crate) fn dial(device: &Device) -> Result<UnixStream, Error> {
    let io = |error: rustix::io::Errno| Error::from(std::io::Error::from(error));
    let address = SocketAddrUnix::new(&device.socket).map_err(io)?;
    // Where too many connections wait to be taken, connecting waits too, and for that there is no time-out: hence not
    // blocking, at first.
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(io)?;
    connect(&socket, &address).map_err(io)?;
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Says what the connection is for.
pub(crate) fn greet(
    stream: UnixStream,
    device: &Device,
    purpose: Purpose,
) -> Result<Link<UnixStream>, Error> {
    Link::greet(stream, device.reader, purpose, Some(PATIENCE))
}
