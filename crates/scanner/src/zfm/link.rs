//! Commands and their answers over a line on which anything may happen.
//!
//! The rules:
//! - Before a command what came unasked is thrown away: the end of an answer that nobody waited for, the byte with
//!   which some modules greet.
//! - Packets that are no answer (our own, echoed; data of an earlier answer) are passed over.
//! - Where no whole answer comes, the line is left until it is quiet, and a command that may be repeated is sent again,
//!   [`TRIES`] times in all. So it is where the module says that the command did not reach it whole.
//! - Data has no numbers: a packet that is missing is found out by whoever knows the length. After any damage within
//!   data all of it is asked for again.
//! - Every wait has an end, and looks at the cancel token at least every [`SLICE`].

use std::time::Duration;

use negin_fingerprint::capture::CancelToken;
use zeroize::{Zeroize, Zeroizing};

use super::command::Command;
use super::confirmation::Confirmation;
use super::error::Error;
use super::line::Line;
use super::packet::{Decoder, Found, Kind, LONGEST_PAYLOAD, Packet};

/// How often a command is sent before it is given up.
pub const TRIES: usize = 3;

/// How long a module may take for its answer, beside the time the line takes.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// How long a module may pause between two packets of data.
const PAUSE: Duration = Duration::from_millis(700);

/// A line on which nothing has come for so long is quiet.
const QUIET: Duration = Duration::from_millis(60);

/// The longest time between two looks at the cancel token.
const SLICE: Duration = Duration::from_millis(100);

/// More than any image has, as it comes over the line.
const LONGEST_DATA: usize = 160 * 1024;

/// What a module said to a command.
pub struct Answer {
    /// The confirmation code.
    pub confirmation: Confirmation,
    /// What came with it.
    pub rest: Zeroizing<Vec<u8>>,
}

/// Why nothing whole came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// Nothing came at all.
    Silence,
    /// Something came, and it was damaged.
    Damage,
    /// Something whole came where it does not belong.
    OutOfOrder,
    /// The module broke off.
    Refused(Confirmation),
    /// Nothing can be repeated here.
    For(Error),
}

impl Lost {
    fn error(self, command: &'static str) -> Error {
        match self {
            Self::Silence => Error::NoAnswer,
            Self::Damage => Error::Damaged,
            Self::OutOfOrder => Error::Protocol,
            Self::Refused(confirmation) => Error::Refused {
                command,
                confirmation,
            },
            Self::For(error) => error,
        }
    }
}

/// A line and what has come over it.
pub struct Link<L> {
    line: L,
    baud: u32,
    address: u32,
    decoder: Decoder,
    cancel: CancelToken,
}

impl<L: Line> Link<L> {
    /// A link to the module of an address.
    pub fn new(line: L, baud: u32, address: u32) -> Self {
        Self {
            line,
            baud,
            address,
            decoder: Decoder::new(Some(address)),
            cancel: CancelToken::new(),
        }
    }

    /// Whoever cancels this token ends what goes on.
    pub fn heed(&mut self, cancel: &CancelToken) {
        self.cancel = cancel.clone();
    }

    /// The line's time.
    pub fn now(&self) -> Duration {
        self.line.now()
    }

    /// The line's speed.
    pub fn baud(&self) -> u32 {
        self.baud
    }

    /// Speaks at another speed from here on.
    pub fn set_baud(&mut self, baud: u32) -> Result<(), Error> {
        self.line.set_baud(baud)?;
        self.baud = baud;
        self.decoder.clear();
        Ok(())
    }

    /// The module's address.
    pub fn address(&self) -> u32 {
        self.address
    }

    /// Speaks to the module of another address from here on.
    pub fn set_address(&mut self, address: u32) {
        self.address = address;
        self.decoder = Decoder::new(Some(address));
    }

    /// Sends a command as often as it takes, and gives the module's answer.
    pub fn ask(&mut self, command: &Command) -> Result<Answer, Error> {
        let tries = if command.repeats() { TRIES } else { 1 };
        self.ask_times(command, tries, PATIENCE)
    }

    /// The same with another patience.
    pub fn ask_times(
        &mut self,
        command: &Command,
        tries: usize,
        patience: Duration,
    ) -> Result<Answer, Error> {
        let mut lost = Lost::Silence;
        for attempt in 0..tries {
            if attempt > 0 {
                log::debug!("{} is sent again: {lost:?}", command.name());
                self.settle()?;
            }
            lost = match self.ask_once(command, patience) {
                Ok(answer) if answer.confirmation != Confirmation::ReceiveError => {
                    return Ok(answer);
                }
                Ok(_) => Lost::Refused(Confirmation::ReceiveError),
                Err(Lost::For(error)) => return Err(error),
                Err(lost) => lost,
            };
        }
        Err(lost.error(command.name()))
    }

    /// A command that the module answers with [`Confirmation::Done`]; what came with it.
    pub fn done(&mut self, command: &Command) -> Result<Zeroizing<Vec<u8>>, Error> {
        let answer = self.ask(command)?;
        confirmed(command, answer)
    }

    /// A command that data follows. `fits` says whether so much data is all.
    pub fn fetch(
        &mut self,
        command: &Command,
        fits: &dyn Fn(usize) -> Result<(), Error>,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut lost = Lost::Silence;
        for attempt in 0..TRIES {
            if attempt > 0 {
                log::debug!(
                    "the data of {} is asked for again: {lost:?}",
                    command.name()
                );
                self.settle()?;
            }
            self.done(command)?;
            lost = match self.data() {
                Ok(data) => match fits(data.len()) {
                    Ok(()) => return Ok(data),
                    Err(error) => {
                        // The last word, where it stays so.
                        if attempt + 1 == TRIES {
                            return Err(error);
                        }
                        Lost::Damage
                    }
                },
                Err(Lost::For(error)) => return Err(error),
                Err(lost) => lost,
            };
        }
        self.settle()?;
        Err(lost.error(command.name()))
    }

    /// A command after which the host sends data, in packets of this size.
    pub fn give(&mut self, command: &Command, data: &[u8], size: usize) -> Result<(), Error> {
        self.done(command)?;
        let pieces = data.chunks(size.clamp(1, LONGEST_PAYLOAD));
        let last = pieces.len().saturating_sub(1);
        for (at, piece) in pieces.enumerate() {
            self.check()?;
            let kind = if at == last {
                Kind::EndOfData
            } else {
                Kind::Data
            };
            self.send(kind, piece)?;
        }
        // Some modules confirm the data, others do not.
        self.settle()
    }

    /// Throws away what comes until nothing comes any more.
    pub fn settle(&mut self) -> Result<(), Error> {
        let quiet = QUIET + self.time_of(4);
        let limit = self.now() + Duration::from_secs(1) + self.time_of(LONGEST_DATA);
        let mut bytes = Zeroizing::new([0; 512]);
        let mut last = self.now();
        while self.now() < last + quiet {
            self.check()?;
            let wait = (last + quiet).saturating_sub(self.now()).min(SLICE);
            if self.line.receive(&mut bytes[..], wait)? > 0 {
                last = self.now();
                if last > limit {
                    return Err(Error::Protocol);
                }
            }
        }
        self.decoder.clear();
        Ok(())
    }

    /// Waits without listening.
    pub fn pause(&mut self, time: Duration) -> Result<(), Error> {
        let end = self.now() + time;
        let mut bytes = [0; 64];
        while self.now() < end {
            self.check()?;
            let wait = end.saturating_sub(self.now()).min(SLICE);
            self.line.receive(&mut bytes, wait)?;
        }
        bytes.zeroize();
        Ok(())
    }

    fn check(&self) -> Result<(), Error> {
        self.cancel.check().map_err(|_| Error::Cancelled)
    }

    /// How long so many bytes take on the line.
    fn time_of(&self, bytes: usize) -> Duration {
        Duration::from_micros(bytes as u64 * 10_000_000 / u64::from(self.baud.max(1)))
    }

    fn send(&mut self, kind: Kind, payload: &[u8]) -> Result<(), Error> {
        let packet = Packet::new(self.address, kind, payload);
        self.line.send(&packet.to_bytes())
    }

    fn ask_once(&mut self, command: &Command, patience: Duration) -> Result<Answer, Lost> {
        self.discard().map_err(Lost::For)?;
        let payload = command.payload();
        self.send(Kind::Command, &payload).map_err(Lost::For)?;
        let line = self.time_of(payload.len() + 2 * 64);
        let deadline = self.now() + line + patience;
        loop {
            let packet = self.receive(deadline, false)?;
            match (packet.kind, packet.payload.split_first()) {
                (Kind::Acknowledge, Some((&code, rest))) => {
                    return Ok(Answer {
                        confirmation: Confirmation::of_code(code),
                        rest: Zeroizing::new(rest.to_vec()),
                    });
                }
                (Kind::Acknowledge, None) => return Err(Lost::OutOfOrder),
                // Our own, echoed; or data of an answer that nobody waited for.
                (Kind::Command | Kind::Data | Kind::EndOfData, _) => {}
            }
        }
    }

    /// Throws away what has come.
    fn discard(&mut self) -> Result<(), Error> {
        let mut bytes = Zeroizing::new([0; 512]);
        let limit = self.now() + Duration::from_secs(1);
        while self.now() < limit && self.line.receive(&mut bytes[..], Duration::ZERO)? > 0 {}
        self.decoder.clear();
        Ok(())
    }

    /// The data after an answer, to its end.
    fn data(&mut self) -> Result<Zeroizing<Vec<u8>>, Lost> {
        // Never grown, because growing leaves copies behind.
        let mut data = Zeroizing::new(Vec::with_capacity(LONGEST_DATA));
        loop {
            let deadline = self.now() + self.time_of(2 * LONGEST_PAYLOAD) + PAUSE;
            let packet = self.receive(deadline, true)?;
            match packet.kind {
                Kind::Data | Kind::EndOfData => {
                    if data.len() + packet.payload.len() > LONGEST_DATA {
                        return Err(Lost::OutOfOrder);
                    }
                    data.extend_from_slice(&packet.payload);
                    if packet.kind == Kind::EndOfData {
                        return Ok(data);
                    }
                }
                Kind::Acknowledge => {
                    // An answer that comes twice, or late, ends no data but spoils it.
                    let code = packet.payload.first();
                    let said = code.map(|&code| Confirmation::of_code(code));
                    return Err(said
                        .filter(|said| *said != Confirmation::Done)
                        .map_or(Lost::OutOfOrder, Lost::Refused));
                }
                Kind::Command => return Err(Lost::OutOfOrder),
            }
        }
    }

    /// The next packet. Where it must be the very next (`strict`), anything before it is damage; elsewhere it is passed
    /// over, and a damaged packet only shortens the wait.
    fn receive(&mut self, mut deadline: Duration, strict: bool) -> Result<Packet, Lost> {
        let mut bytes = Zeroizing::new([0; 512]);
        let mut damaged = false;
        loop {
            let skipped = self.decoder.skipped();
            let found = self.decoder.find();
            damaged |= found == Found::Damaged || self.decoder.skipped() > skipped;
            if strict && damaged {
                return Err(Lost::Damage);
            }
            match found {
                Found::Packet(packet) => return Ok(packet),
                Found::Damaged => {
                    deadline = deadline.min(self.now() + QUIET + self.time_of(64));
                    continue;
                }
                Found::Nothing => {}
            }
            self.check().map_err(Lost::For)?;
            let now = self.now();
            if now >= deadline {
                // What looked like a packet's beginning may hide one.
                if self.decoder.waiting() > 0 {
                    damaged = true;
                    self.decoder.give_up();
                    continue;
                }
                return Err(if damaged { Lost::Damage } else { Lost::Silence });
            }
            let wait = (deadline - now).min(SLICE);
            let count = self.line.receive(&mut bytes[..], wait).map_err(Lost::For)?;
            self.decoder.push(&bytes[..count]);
        }
    }
}

/// What came with an answer, where it is [`Confirmation::Done`].
pub fn confirmed(command: &Command, answer: Answer) -> Result<Zeroizing<Vec<u8>>, Error> {
    match answer.confirmation {
        Confirmation::Done => Ok(answer.rest),
        Confirmation::PasswordNeeded => Err(Error::Password),
        confirmation => Err(Error::Refused {
            command: command.name(),
            confirmation,
        }),
    }
}
