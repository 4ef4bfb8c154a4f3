//! A secure channel as a [`Transmit`] over a [`Transmit`], whatever its protocol.

use alloc::vec::Vec;

use negin_apdu::{Command, Exchange, Interface, Limits, Response, Transmit, TransmitError};

use crate::Error;

/// The host's end of an open session: what a [`Channel`] needs of a protocol.
pub trait HostSession {
    /// Wraps a command as it is to be sent.
    ///
    /// # Errors
    /// [`Error::CommandTooLong`]; [`Error::Ended`].
    fn wrap(&mut self, command: &Command) -> Result<Command, Error>;

    /// Checks and unwraps its answer.
    ///
    /// # Errors
    /// [`Error::Response`]; [`Error::Ended`].
    fn unwrap(&mut self, response: Response) -> Result<Response, Error>;

    /// Ends the session and wipes its keys.
    fn end(&mut self);

    /// Longest plain command data whose wrapped form has at most `most` bytes.
    fn longest_command(&self, most: usize) -> usize;
}

impl<S: HostSession + ?Sized> HostSession for &mut S {
    fn wrap(&mut self, command: &Command) -> Result<Command, Error> {
        (**self).wrap(command)
    }

    fn unwrap(&mut self, response: Response) -> Result<Response, Error> {
        (**self).unwrap(response)
    }

    fn end(&mut self) {
        (**self).end();
    }

    fn longest_command(&self, most: usize) -> usize {
        (**self).longest_command(most)
    }
}

/// A secure channel as a [`Transmit`] over a [`Transmit`].
///
/// Whole commands are wrapped; what splits them and gathers answers ([`Chaining`](negin_apdu::Chaining)) sits
/// beneath. A lost or tampered answer ends the session: then every command fails with [`TransmitError::SecureMessaging`], and the caller takes the
/// carrier back with [`Channel::into_inner`].
#[derive(Debug)]
pub struct Channel<T, S> {
    inner: T,
    session: S,
}

impl<T: Transmit, S: HostSession> Channel<T, S> {
    /// This session, over what carried its opening.
    pub const fn new(inner: T, session: S) -> Self {
        Self { inner, session }
    }

    /// What carries the channel; the session is over and its keys are wiped.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// What carries the channel, to work with. A command of this session's card that goes past the channel may end the
    /// session.
    pub const fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &S {
        &self.session
    }

    fn exchange_wrapped(&mut self, command: &Command) -> Result<Response, TransmitError> {
        let wrapped = self.session.wrap(command)?;
        let answer = self.inner.exchange(&wrapped)?;
        Ok(self.session.unwrap(answer)?)
    }
}

impl<T: Transmit, S: HostSession> Transmit for Channel<T, S> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let command = Command::parse(command).map_err(|_| TransmitError::Malformed)?;
        // Told before anything is sent: the session goes on.
        if command.data().len() > self.limits().command_data {
            return Err(TransmitError::TooLong);
        }
        match self.exchange_wrapped(&command) {
            Ok(response) => Ok(response.into_bytes()),
            Err(error) => {
                self.session.end();
                Err(error)
            }
        }
    }

    /// Command data that is left room for by what messaging adds. Of the answer nothing is taken off: Ne counts the plain
    /// answer, and what messaging makes longer comes in pieces.
    fn limits(&self) -> Limits {
        let inner = self.inner.limits();
        Limits {
            command_data: self.session.longest_command(inner.command_data),
            ..inner
        }
    }

    fn interface(&self) -> Interface {
        self.inner.interface()
    }
}
