//! What passed, without what is secret in it.
//!
//! [`Traced`] is a [`Transmit`] over a [`Transmit`] that tells a [`Sink`] each command and answer. A secret field is
//! gone before the sink sees it: a [`Trace`] holds its length only. Two things outlast one exchange and are remembered
//! here: a chain whose first piece said that it holds a secret, and a secret answer that goes on after 61XX.

use alloc::vec::Vec;
use core::fmt;

use crate::masking::{Mask, Masking, shown};
use crate::{Command, Interface, Limits, Response, StatusWord, Transmit, TransmitError, ins};

/// A field as a trace may show it.
#[derive(Clone, PartialEq, Eq)]
pub enum Shown {
    /// The bytes.
    Bytes(Vec<u8>),
    /// A secret of so many bytes.
    Masked(usize),
}

impl Shown {
    fn of(bytes: &[u8], mask: Mask) -> Self {
        match shown(bytes, mask) {
            Ok(bytes) => Self::Bytes(bytes),
            Err(length) => Self::Masked(length),
        }
    }

    /// How many bytes the field has.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Masked(length) => *length,
        }
    }

    /// Whether the field has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}")),
            Self::Masked(0) => Ok(()),
            Self::Masked(length) => write!(f, "[{length} secret bytes]"),
        }
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One exchange, secrets left out. `Display` gives one line:
/// `00200080 VERIFY [8 secret bytes] -> 63C2 (the verification failed; tries are left)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// CLA, INS, P1, P2; zeros where the bytes were no command.
    pub header: [u8; 4],
    /// The command's data field; masked where the bytes were no command.
    pub data: Shown,
    /// Ne, where an answer was expected.
    pub ne: Option<u32>,
    /// The answer's data field and status word, or why none came.
    pub answer: Result<(Shown, StatusWord), TransmitError>,
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [cla, ins, p1, p2] = self.header;
        write!(
            f,
            "{cla:02X}{ins:02X}{p1:02X}{p2:02X} {}",
            ins::name(cla, ins)
        )?;
        if !self.data.is_empty() {
            write!(f, " {}", self.data)?;
        }
        if let Some(ne) = self.ne {
            write!(f, " Ne={ne}")?;
        }
        match &self.answer {
            Ok((data, sw)) if data.is_empty() => write!(f, " -> {sw}"),
            Ok((data, sw)) => write!(f, " -> {data} {sw}"),
            Err(error) => write!(f, " -> no answer: {error}"),
        }
    }
}

/// Where traces go. A closure taking `&Trace` is one.
pub trait Sink {
    /// Takes the trace of one exchange.
    fn record(&mut self, trace: &Trace);
}

impl<F: FnMut(&Trace)> Sink for F {
    fn record(&mut self, trace: &Trace) {
        self(trace);
    }
}

/// Tells a sink what passes.
pub struct Traced<T, S> {
    inner: T,
    sink: S,
    /// What the earlier pieces of the chain under way said is secret.
    chain: Option<Masking>,
    /// Whether the answer that GET RESPONSE goes on with is secret.
    continued: Mask,
}

impl<T, S> fmt::Debug for Traced<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced").finish_non_exhaustive()
    }
}

impl<T: Transmit, S: Sink> Traced<T, S> {
    /// Over this channel, to this sink.
    pub const fn new(inner: T, sink: S) -> Self {
        Self {
            inner,
            sink,
            chain: None,
            continued: Mask::Open,
        }
    }

    /// The channel beneath and the sink.
    pub fn into_parts(self) -> (T, S) {
        (self.inner, self.sink)
    }

    /// The channel beneath.
    pub const fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The channel beneath, to work with.
    pub const fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    fn masking(&mut self, command: &Command) -> Masking {
        if command.ins == ins::GET_RESPONSE {
            return Masking {
                command: Mask::Open,
                response: self.continued,
            };
        }
        let masking = command
            .secret()
            .and(self.chain.take().unwrap_or(Masking::OPEN));
        if command.is_chained() {
            self.chain = Some(masking);
        }
        masking
    }
}

impl<T: Transmit, S: Sink> Transmit for Traced<T, S> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let answer = self.inner.transmit(command);
        let (header, data, ne, masking) = match Command::parse(command) {
            Ok(command) => {
                let masking = self.masking(&command);
                (
                    command.header(),
                    Shown::of(command.data(), masking.command),
                    command.le(),
                    masking,
                )
            }
            Err(_) => ([0; 4], Shown::Masked(command.len()), None, Masking::BOTH),
        };
        let told = match &answer {
            Ok(bytes) => Response::parse(bytes)
                .map(|response| (Shown::of(&response.data, masking.response), response.sw)),
            Err(error) => Err(*error),
        };
        self.continued = match told {
            Ok((_, sw)) if sw.bytes_available().is_some() => masking.response,
            _ => Mask::Open,
        };
        self.sink.record(&Trace {
            header,
            data,
            ne,
            answer: told,
        });
        answer
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn interface(&self) -> Interface {
        self.inner.interface()
    }
}
