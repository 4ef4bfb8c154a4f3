//! The peer in a simulated reader behind pcscd: at the place where the driver looks for the simulator.

use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use negin_apdu::Transmit;
use negin_link::{
    Answer, Error, Failure, Features, FrameReader, Malformed, Purpose, Refusal, Request, VERSION,
    send,
};

use crate::with_peer;

/// An answer to reset that says T=1 and nothing else (ISO/IEC 7816-3 §8).
const ATR: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];

/// A command on its way to the card, and where its answer goes.
type Asked = (Vec<u8>, Sender<Result<Vec<u8>, Failure>>);

/// Has a new card of the peer's lie in reader 0 of the driver that connects here, until the sender of `done` is gone.
pub fn lie_in_reader(listener: UnixListener, done: &Receiver<()>) {
    let (ask, asked) = channel::<Asked>();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let ask = ask.clone();
            // A driver that goes away ends its connection, nothing else.
            std::thread::spawn(move || connection(stream, &ask).is_ok());
        }
    });
    with_peer(|card| {
        while done.try_recv() != Err(std::sync::mpsc::TryRecvError::Disconnected) {
            match asked.recv_timeout(Duration::from_millis(50)) {
                Ok((command, answer)) => {
                    let answered = card.transmit(&command).map_err(|_| Failure::NoCard);
                    // Nobody waits for the answer where the driver is gone.
                    drop(answer.send(answered));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
}

fn connection(mut stream: UnixStream, ask: &Sender<Asked>) -> Result<(), Error> {
    let mut frames = FrameReader::new();
    let Request::Hello {
        version: VERSION,
        reader,
        purpose,
    } = Request::parse(frames.next(&mut stream)?)?
    else {
        return Err(Malformed::OutOfPlace.into());
    };
    if reader != 0 {
        return say(&mut stream, &Answer::Refused(Refusal::NoSuchReader));
    }
    say(&mut stream, &Answer::Welcome(Features::default()))?;
    if purpose == Purpose::Watch {
        say(&mut stream, &Answer::Presence(true))?;
        return frames.next(&mut stream).map(drop);
    }
    loop {
        match Request::parse(frames.next(&mut stream)?)? {
            Request::PowerUp | Request::Reset => say(&mut stream, &Answer::Atr(&ATR))?,
            Request::PowerDown => say(&mut stream, &Answer::PoweredDown)?,
            Request::Transmit(command) => {
                let (answer, answered) = channel();
                drop(ask.send((command.to_vec(), answer)));
                match answered.recv().unwrap_or(Err(Failure::NoCard)) {
                    Ok(response) => say(&mut stream, &Answer::Response(&response))?,
                    Err(failure) => say(&mut stream, &Answer::Failed(failure))?,
                }
            }
            Request::PinPad(..) | Request::Hello { .. } => {
                return Err(Malformed::OutOfPlace.into());
            }
        }
    }
}

fn say(stream: &mut UnixStream, answer: &Answer<'_>) -> Result<(), Error> {
    send(stream, answer, &mut Vec::new())
}
