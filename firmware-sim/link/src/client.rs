//! The driver's end of the link.

use std::fmt;
use std::io::{Read, Write};
use std::time::Duration;

use crate::frame::{FrameReader, send};
use crate::message::Malformed;
use crate::{Answer, Error, Features, PinEntry, Purpose, Request, VERSION};

/// How often, at least, a simulator says that a card is still at work.
pub const WORKING_EVERY: Duration = Duration::from_secs(1);

/// One connection to a reader of the simulator, over any stream. The stream's own read and write time-outs decide how
/// long a silent simulator is waited for; each [`Answer::Working`] starts that anew.
pub struct Link<S> {
    stream: S,
    frames: FrameReader,
    out: Vec<u8>,
    patience: Option<Duration>,
    features: Features,
}

/// The buffers hold commands and responses: they are not shown.
impl<S: fmt::Debug> fmt::Debug for Link<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Link").field(&self.stream).finish()
    }
}

impl<S: Read + Write> Link<S> {
    /// Greets the simulator at the other end of `stream`. `patience` bounds how long one message may take to arrive,
    /// where the stream's time-out bounds each read of it.
    ///
    /// # Errors
    /// [`Error::Refused`] where the simulator has no such reader or another version; otherwise as the stream's.
    pub fn greet(
        stream: S,
        reader: u8,
        purpose: Purpose,
        patience: Option<Duration>,
    ) -> Result<Self, Error> {
        let mut link = Self {
            stream,
            frames: FrameReader::new(),
            out: Vec::new(),
            patience,
            features: Features::default(),
        };
        let hello = Request::Hello {
            version: VERSION,
            reader,
            purpose,
        };
        match link.ask(&hello)? {
            Answer::Welcome(features) => {
                link.features = features;
                Ok(link)
            }
            Answer::Refused(refusal) => Err(Error::Refused(refusal)),
            _ => Err(Malformed::OutOfPlace.into()),
        }
    }

    /// The stream beneath.
    #[must_use]
    pub const fn stream(&self) -> &S {
        &self.stream
    }

    /// What the reader can.
    #[must_use]
    pub const fn features(&self) -> Features {
        self.features
    }

    /// Messages may take any time from here on: for a connection that watches.
    pub fn wait_without_end(&mut self) {
        self.patience = None;
    }

    /// Powers the card on, or resets it where it has power; its answer to reset.
    ///
    /// # Errors
    /// [`Error::Failed`] where there is no card or it stays mute; otherwise as the stream's.
    pub fn power_up(&mut self) -> Result<&[u8], Error> {
        self.atr(&Request::PowerUp)
    }

    /// Resets the card; its answer to reset.
    ///
    /// # Errors
    /// As [`Link::power_up`].
    pub fn reset(&mut self) -> Result<&[u8], Error> {
        self.atr(&Request::Reset)
    }

    /// Takes the card's power. Where no card is in, that is done.
    ///
    /// # Errors
    /// As the stream's.
    pub fn power_down(&mut self) -> Result<(), Error> {
        match self.ask(&Request::PowerDown)? {
            Answer::PoweredDown => Ok(()),
            _ => Err(Malformed::OutOfPlace.into()),
        }
    }

    /// Sends a command APDU; the response APDU.
    ///
    /// # Errors
    /// [`Error::Failed`] where there is no card, or one without power; otherwise as the stream's.
    pub fn transmit(&mut self, command: &[u8]) -> Result<&[u8], Error> {
        self.response(&Request::Transmit(command))
    }

    /// Has the holder enter a PIN at the reader's own keys, as a structure of PC/SC part 10 says; the response of the
    /// card, or the pad's own.
    ///
    /// # Errors
    /// As [`Link::transmit`].
    pub fn pin_pad(&mut self, entry: PinEntry, structure: &[u8]) -> Result<&[u8], Error> {
        self.response(&Request::PinPad(entry, structure))
    }

    fn response(&mut self, request: &Request<'_>) -> Result<&[u8], Error> {
        match self.ask(request)? {
            Answer::Response(response) => Ok(response),
            Answer::Failed(failure) => Err(Error::Failed(failure)),
            _ => Err(Malformed::OutOfPlace.into()),
        }
    }

    /// On a connection for watching: waits for the next thing said, whether a card is in.
    ///
    /// # Errors
    /// As the stream's.
    pub fn next_presence(&mut self) -> Result<bool, Error> {
        match self.hear()? {
            Answer::Presence(present) => Ok(present),
            _ => Err(Malformed::OutOfPlace.into()),
        }
    }

    fn atr(&mut self, request: &Request<'_>) -> Result<&[u8], Error> {
        match self.ask(request)? {
            Answer::Atr(atr) => Ok(atr),
            Answer::Failed(failure) => Err(Error::Failed(failure)),
            _ => Err(Malformed::OutOfPlace.into()),
        }
    }

    fn ask(&mut self, request: &Request<'_>) -> Result<Answer<'_>, Error> {
        send(&mut self.stream, request, &mut self.out)?;
        self.hear()
    }

    /// The next answer that is one.
    fn hear(&mut self) -> Result<Answer<'_>, Error> {
        // Looking twice at each frame is what it takes to go on after one without holding on to it.
        let working = |frame: &[u8]| Answer::parse(frame) == Ok(Answer::Working);
        while working(self.frames.next_within(&mut self.stream, self.patience)?) {}
        Ok(Answer::parse(self.frames.current())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Failure, Refusal};

    /// A simulator whose words are written down beforehand.
    #[derive(Debug)]
    struct Script {
        answers: std::io::Cursor<Vec<u8>>,
        said: Vec<u8>,
    }

    impl Read for Script {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.answers.read(buffer)
        }
    }

    impl Write for Script {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.said.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn script(answers: &[Answer<'_>]) -> Script {
        let (mut bytes, mut frame) = (Vec::new(), Vec::new());
        for answer in answers {
            send(&mut bytes, answer, &mut frame).unwrap();
        }
        Script {
            answers: std::io::Cursor::new(bytes),
            said: Vec::new(),
        }
    }

    fn greeted(answers: &[Answer<'_>]) -> Result<Link<Script>, Error> {
        Link::greet(script(answers), 3, Purpose::Exchange, None)
    }

    #[test]
    fn a_conversation() {
        let mut link = greeted(&[
            Answer::Welcome(Features { pin_pad: true }),
            Answer::Atr(&[0x3B, 0x80, 0x01]),
            Answer::Working,
            Answer::Working,
            Answer::Response(&[0x90, 0x00]),
            Answer::Failed(Failure::NoPower),
            Answer::PoweredDown,
        ])
        .unwrap();
        assert!(link.features().pin_pad);
        assert_eq!(link.power_up(), Ok(&[0x3B, 0x80, 0x01][..]));
        assert_eq!(link.transmit(&[0, 0xA4, 4, 0]), Ok(&[0x90, 0x00][..]));
        let failed = link.transmit(&[0, 0xA4, 4, 0]).unwrap_err();
        assert_eq!(failed, Error::Failed(Failure::NoPower));
        assert!(failed.leaves_link_usable());
        assert_eq!(link.power_down(), Ok(()));
        assert_eq!(link.reset(), Err(Error::Closed));
        let mut said = &link.stream.said[..];
        let mut frames = FrameReader::new();
        let hello = Request::Hello {
            version: VERSION,
            reader: 3,
            purpose: Purpose::Exchange,
        };
        assert_eq!(Request::parse(frames.next(&mut said).unwrap()), Ok(hello));
        assert_eq!(
            Request::parse(frames.next(&mut said).unwrap()),
            Ok(Request::PowerUp)
        );
    }

    #[test]
    fn a_refusal_says_why() {
        for refusal in [Refusal::Version(9), Refusal::NoSuchReader] {
            let refused = greeted(&[Answer::Refused(refusal)]).unwrap_err();
            assert_eq!(refused, Error::Refused(refusal));
        }
    }

    #[test]
    fn an_answer_to_something_else_ends_the_link() {
        let out_of_place = Error::Malformed(Malformed::OutOfPlace);
        assert_eq!(greeted(&[Answer::PoweredDown]).unwrap_err(), out_of_place);
        let mut link = greeted(&[
            Answer::Welcome(Features { pin_pad: true }),
            Answer::Presence(true),
        ])
        .unwrap();
        assert_eq!(link.transmit(&[]), Err(out_of_place));
        assert!(!out_of_place.leaves_link_usable());
    }

    #[test]
    fn watching_hears_every_change() {
        let mut link = greeted(&[
            Answer::Welcome(Features { pin_pad: true }),
            Answer::Presence(true),
            Answer::Presence(false),
        ])
        .unwrap();
        assert_eq!(link.next_presence(), Ok(true));
        assert_eq!(link.next_presence(), Ok(false));
        assert_eq!(link.next_presence(), Err(Error::Closed));
    }
}
