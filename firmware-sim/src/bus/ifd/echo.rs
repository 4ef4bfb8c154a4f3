//! A reader in which the echoing card lies, for measuring what is between a host and its cards.

use std::os::unix::net::UnixStream;

use negin_link::{Answer, Error, Failure, FrameReader, Malformed, Purpose, Request};

use super::line::Line;
use crate::echo::EchoCard;

/// Answers one connection of the driver, for whatever it is.
pub(super) fn connection(
    purpose: Purpose,
    stream: &mut UnixStream,
    frames: &mut FrameReader,
    line: &Line,
) -> Result<(), Error> {
    match purpose {
        Purpose::Watch => {
            line.presence(true)?;
            // Nothing more is said: the card stays in.
            frames.next(stream).map(drop)
        }
        Purpose::Exchange => exchange(stream, frames, line),
    }
}

fn exchange(stream: &mut UnixStream, frames: &mut FrameReader, line: &Line) -> Result<(), Error> {
    let mut card = EchoCard::new();
    loop {
        let request = Request::parse(frames.next(stream)?)?;
        line.begin();
        match request {
            Request::PowerUp | Request::Reset => match card.power_on() {
                Ok(atr) => line.answer(&Answer::Atr(atr.as_bytes()))?,
                Err(_) => line.answer(&Answer::Failed(Failure::Mute))?,
            },
            Request::PowerDown => {
                card.power_off();
                line.answer(&Answer::PoweredDown)?;
            }
            Request::Transmit(command) => match card.process(command) {
                Some(response) => line.answer(&Answer::Response(&response))?,
                None => line.answer(&Answer::Failed(Failure::NoPower))?,
            },
            Request::PinPad(..) | Request::Hello { .. } => return Err(Malformed::OutOfPlace.into()),
        }
    }
}
