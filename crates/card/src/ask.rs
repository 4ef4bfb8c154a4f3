//! One command and its answer, the status word judged.

use negin_apdu::{Command, Exchange, Response, Transmit, ins};

use crate::Error;

/// Sends a command that can only succeed or be refused; gives the answer's data.
pub(crate) fn ask<T: Transmit>(carrier: &mut T, command: &Command) -> Result<Vec<u8>, Error> {
    let (name, response) = answer(carrier, command)?;
    response.ok().map_err(|sw| Error::Refused {
        instruction: name,
        sw,
    })
}

/// Sends a command whose status word the caller judges; gives its name for an error.
pub(crate) fn answer<T: Transmit>(
    carrier: &mut T,
    command: &Command,
) -> Result<(&'static str, Response), Error> {
    let name = ins::name(command.cla, command.ins);
    Ok((name, carrier.exchange(command)?))
}
