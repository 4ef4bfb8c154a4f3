//! Long commands over short channels, and answers in pieces (ISO/IEC 7816-4 §5.4.1, §5.4.4, §11.8.1).
//!
//! [`Chaining`] is a [`Transmit`] over a [`Transmit`]: a command too long for one exchange goes in pieces with bit 5 of
//! the class byte set on all but the last; 61XX is followed with GET RESPONSE until the answer is whole; after 6CXX the
//! command is sent once more with the Ne the card named. Secure messaging sits above: it wraps the whole command, this
//! layer splits it.

use alloc::vec::Vec;

use zeroize::Zeroize;

use crate::command::{Parts, longest_data};
use crate::{Command, Interface, Limits, Response, Transmit, TransmitError, Wiped};

/// Longest answer put together from pieces: what an extended Ne can ask for.
const LONGEST_ANSWER: usize = 65_536;

/// Splits long commands, gathers long answers.
#[derive(Debug)]
pub struct Chaining<T> {
    inner: T,
    limits: Limits,
}

impl<T: Transmit> Chaining<T> {
    /// Over this channel, by the channel's own limits.
    pub fn new(inner: T) -> Self {
        let limits = inner.limits();
        Self { inner, limits }
    }

    /// Over this channel with no more than `limits` in one exchange: for a card that takes less than its reader.
    pub fn within(inner: T, limits: Limits) -> Self {
        let own = inner.limits();
        let limits = Limits {
            command_data: limits.command_data.min(own.command_data),
            response_data: limits.response_data.min(own.response_data),
        };
        Self { inner, limits }
    }

    /// The channel beneath.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The channel beneath, to look at.
    pub const fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The channel beneath, to work with.
    pub const fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    fn send(&mut self, command: &Command) -> Result<Response, TransmitError> {
        let bytes = Wiped::new(command.to_bytes().map_err(|_| TransmitError::TooLong)?);
        Response::from_bytes(self.inner.transmit(&bytes)?)
    }

    /// Sends all pieces but the last; gives the last one, or the answer with which the card broke the chain off.
    fn send_all_but_last(
        &mut self,
        mut command: Command,
    ) -> Result<Result<Command, Response>, TransmitError> {
        let extended = self.limits.command_data > longest_data(false);
        let piece = self.limits.command_data.clamp(1, longest_data(extended));
        let ne = command
            .le()
            .unwrap_or(0)
            .min(u32::try_from(self.limits.response_data).unwrap_or(u32::MAX));
        let data = command.take_data();
        let [cla, ins, p1, p2] = command.header();
        let mut pieces = data.chunks(piece).peekable();
        while let Some(part) = pieces.next() {
            if pieces.peek().is_none() {
                return Ok(Ok(Command::new(cla, ins, p1, p2)
                    .with_data(part)
                    .with_le(ne)));
            }
            let answer = self.send(&Command::new(cla | 0x10, ins, p1, p2).with_data(part))?;
            if !answer.sw.is_success() {
                return Ok(Err(answer));
            }
        }
        Ok(Ok(Command::new(cla, ins, p1, p2).with_le(ne)))
    }

    /// Follows 61XX until the answer is whole.
    fn gather(&mut self, class: u8, first: Response) -> Result<Response, TransmitError> {
        let most = u32::try_from(self.limits.response_data).unwrap_or(u32::MAX);
        let mut whole = first;
        while let Some(waiting) = whole.sw.bytes_available() {
            let ne = u32::from(waiting).min(most);
            let next = Command::new(class, 0xC0, 0x00, 0x00).with_le(ne);
            let mut part = self.send(&next)?;
            if let Some(ne) = part.sw.correct_le() {
                part = self.send(&next.with_le(u32::from(ne)))?;
            }
            let told = part.sw;
            if (told.bytes_available().is_some() && part.data.is_empty())
                || whole.data.len() + part.data.len() > LONGEST_ANSWER
            {
                whole.data.zeroize();
                part.data.zeroize();
                return Err(if told.bytes_available().is_some() {
                    TransmitError::Malformed
                } else {
                    TransmitError::TooLong
                });
            }
            // A fresh buffer, the old one wiped: growing in place would leave copies of a secret behind.
            let mut longer = Vec::with_capacity(whole.data.len() + part.data.len());
            longer.extend_from_slice(&whole.data);
            longer.extend_from_slice(&part.data);
            whole.data.zeroize();
            part.data.zeroize();
            // A card that fails in the middle has given no answer: its status word alone is passed on.
            if !(told.is_success() || told.is_warning() || told.bytes_available().is_some()) {
                longer.zeroize();
                longer.clear();
            }
            whole = Response {
                data: longer,
                sw: told,
            };
        }
        Ok(whole)
    }
}

/// GET RESPONSE goes in the plain interindustry class on the same logical channel (ISO/IEC 7816-4 §5.4.1 tables 2, 3).
const fn get_response_class(cla: u8) -> u8 {
    if cla & 0x40 != 0 {
        0x40 | (cla & 0x0F)
    } else {
        cla & 0x03
    }
}

impl<T: Transmit> Chaining<T> {
    /// Whether the channel carries the command and its answer at once, as they are.
    fn fits(&self, bytes: &[u8], parts: &Parts<'_>) -> bool {
        let extended = bytes.len() > 5 && bytes[4] == 0;
        parts.data.len() <= self.limits.command_data
            && parts.ne.unwrap_or(0) as usize <= self.limits.response_data
            && (!extended || self.limits.command_data > longest_data(false))
    }
}

fn parse(command: &[u8]) -> Result<Command, TransmitError> {
    Command::parse(command).map_err(|_| TransmitError::Malformed)
}

impl<T: Transmit> Transmit for Chaining<T> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let parts = Parts::of(command).map_err(|_| TransmitError::Malformed)?;
        let class = get_response_class(parts.header[0]);
        let (last, mut answer) = if self.fits(command, &parts) {
            let answer = self.inner.transmit(command)?;
            let sw = Response::status_of(&answer)?;
            // What is whole passes as it came, without a copy.
            if sw.bytes_available().is_none() && sw.correct_le().is_none() {
                return Ok(answer);
            }
            (None, Response::from_bytes(answer)?)
        } else {
            let last = match self.send_all_but_last(parse(command)?)? {
                Ok(last) => last,
                Err(broken_off) => return Ok(broken_off.to_bytes()),
            };
            let answer = self.send(&last)?;
            (Some(last), answer)
        };
        if let Some(ne) = answer.sw.correct_le() {
            let last = last.map_or_else(|| parse(command), Ok)?;
            answer = self.send(&last.with_le(u32::from(ne)))?;
        }
        let mut whole = self.gather(class, answer)?;
        let bytes = whole.to_bytes();
        whole.data.zeroize();
        Ok(bytes)
    }

    /// Extended: whatever the channel beneath carries at once, this layer carries all.
    fn limits(&self) -> Limits {
        Limits::EXTENDED
    }

    fn interface(&self) -> Interface {
        self.inner.interface()
    }
}
