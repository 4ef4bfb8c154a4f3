//! Messages ↔ the bytes of a frame.

use std::fmt;

use crate::{MAX_ATR, Refusal};

/// The longest command APDU: header, extended lengths, 65,535 bytes of data (ISO/IEC 7816-4 §5.1).
const MAX_COMMAND: usize = 4 + 3 + 65_535 + 2;
/// The longest response APDU.
const MAX_RESPONSE: usize = 65_536 + 2;

/// The longest structure of PC/SC part 10: its fields, and a short command.
const MAX_STRUCTURE: usize = 24 + 5 + 255 + 1;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// A frame of no bytes, or of more than any message has.
    Length,
    /// No message of this kind is known.
    Kind(u8),
    /// The body does not belong to its kind.
    Body(u8),
    /// A message at a moment that has no place for it.
    OutOfPlace,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("its length is none that a message has"),
            Self::Kind(kind) => write!(f, "kind {kind:02X} is unknown"),
            Self::Body(kind) => write!(
                f,
                "the body of a message of kind {kind:02X} is not in order"
            ),
            Self::OutOfPlace => f.write_str("it has no place here"),
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Power and APDUs.
    Exchange,
    /// Hearing of cards that come and go.
    Watch,
}

/// Why the simulator did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No card is in the reader, or not the one that was powered.
    NoCard,
    /// The card has no power: it was cut, or never given.
    NoPower,
    /// The card gives no answer to reset.
    Mute,
    /// Command or response is longer than the reader carries.
    TooLong,
    /// The card's memory could not be kept; its power was cut so that nobody relies on it.
    NotKept,
}

impl Failure {
    const ALL: [Self; 5] = [
        Self::NoCard,
        Self::NoPower,
        Self::Mute,
        Self::TooLong,
        Self::NotKept,
    ];

    fn code(self) -> u8 {
        Self::ALL
            .iter()
            .position(|&each| each == self)
            .map_or(0, |at| at as u8 + 1)
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCard => "no card is in the reader",
            Self::NoPower => "the card has no power",
            Self::Mute => "the card gives no answer to reset",
            Self::TooLong => "this is longer than the reader carries",
            Self::NotKept => "the card's memory could not be kept",
        })
    }
}

/// What a reader can beside carrying APDUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Features {
    /// It has keys of its own for PINs.
    pub pin_pad: bool,
}

/// What is to be done at a reader's own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinEntry {
    /// A PIN is to be verified.
    Verify,
    /// A PIN is to be set or changed.
    Modify,
}

/// What the driver says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Request<'a> {
    /// The first message of a connection.
    Hello {
        /// The protocol's version.
        version: u16,
        /// Which reader, from 0.
        reader: u8,
        /// What for.
        purpose: Purpose,
    },
    /// Power the card on, or reset it where it has power. Answer: [`Answer::Atr`].
    PowerUp,
    /// Reset the card, without taking its power. Answer: [`Answer::Atr`].
    Reset,
    /// Take the card's power. Answer: [`Answer::PoweredDown`].
    PowerDown,
    /// A command APDU. Answer: [`Answer::Response`].
    Transmit(&'a [u8]),
    /// The holder shall enter a PIN at the reader's own keys, as a structure of PC/SC part 10 says. Answer:
    /// [`Answer::Response`], the card's or the pad's own.
    PinPad(PinEntry, &'a [u8]),
}

/// What the simulator says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// To a hello: go ahead, with a reader that can this.
    Welcome(Features),
    /// To a hello: no; the connection ends.
    Refused(Refusal),
    /// The answer to reset, 2 to 33 bytes.
    Atr(&'a [u8]),
    /// The power is off.
    PoweredDown,
    /// A response APDU.
    Response(&'a [u8]),
    /// What was asked was not done.
    Failed(Failure),
    /// The card is still at work; the answer will come.
    Working,
    /// Whether a card is in.
    Presence(bool),
}

/// Commands hold PINs and keys: only their length is shown.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello {
                version,
                reader,
                purpose,
            } => {
                write!(f, "Hello(version {version}, reader {reader}, {purpose:?})")
            }
            Self::PowerUp => f.write_str("PowerUp"),
            Self::Reset => f.write_str("Reset"),
            Self::PowerDown => f.write_str("PowerDown"),
            Self::Transmit(command) => write!(f, "Transmit({} bytes)", command.len()),
            Self::PinPad(entry, structure) => {
                write!(f, "PinPad({entry:?}, {} bytes)", structure.len())
            }
        }
    }
}

/// Responses hold what cards keep: only their length is shown.
impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Welcome(features) => write!(f, "Welcome({features:?})"),
            Self::Refused(refusal) => write!(f, "Refused({refusal:?})"),
            Self::Atr(atr) => write!(f, "Atr({} bytes)", atr.len()),
            Self::PoweredDown => f.write_str("PoweredDown"),
            Self::Response(response) => write!(f, "Response({} bytes)", response.len()),
            Self::Failed(failure) => write!(f, "Failed({failure:?})"),
            Self::Working => f.write_str("Working"),
            Self::Presence(present) => write!(f, "Presence({present})"),
        }
    }
}

/// Every hello begins with these bytes.
const MAGIC: [u8; 4] = *b"NGIN";

impl<'a> Request<'a> {
    /// Kind and body.
    pub(crate) fn parts(&self) -> (u8, Body<'a>) {
        match *self {
            Self::Hello {
                version,
                reader,
                purpose,
            } => {
                let [high, low] = version.to_be_bytes();
                let [a, b, c, d] = MAGIC;
                let purpose = match purpose {
                    Purpose::Exchange => 0,
                    Purpose::Watch => 1,
                };
                (
                    0x01,
                    Body::Short([a, b, c, d, high, low, reader, purpose], 8),
                )
            }
            Self::PowerUp => (0x02, Body::EMPTY),
            Self::Reset => (0x03, Body::EMPTY),
            Self::PowerDown => (0x04, Body::EMPTY),
            Self::Transmit(command) => (0x05, Body::Bytes(command)),
            Self::PinPad(PinEntry::Verify, structure) => (0x06, Body::Bytes(structure)),
            Self::PinPad(PinEntry::Modify, structure) => (0x07, Body::Bytes(structure)),
        }
    }

    /// The request that a frame holds.
    ///
    /// # Errors
    /// [`Malformed`] where it holds none. A hello of another version is none of these errors: it is read, and refused.
    pub fn parse(frame: &'a [u8]) -> Result<Self, Malformed> {
        let (&kind, body) = frame.split_first().ok_or(Malformed::Length)?;
        let wrong = Malformed::Body(kind);
        let request = match kind {
            0x01 => {
                let [a, b, c, d, high, low, reader, purpose] =
                    *<&[u8; 8]>::try_from(body).map_err(|_| wrong)?;
                if [a, b, c, d] != MAGIC {
                    return Err(wrong);
                }
                let purpose = match purpose {
                    0 => Purpose::Exchange,
                    1 => Purpose::Watch,
                    _ => return Err(wrong),
                };
                return Ok(Self::Hello {
                    version: u16::from_be_bytes([high, low]),
                    reader,
                    purpose,
                });
            }
            0x05 if body.len() <= MAX_COMMAND => return Ok(Self::Transmit(body)),
            0x06 if body.len() <= MAX_STRUCTURE => {
                return Ok(Self::PinPad(PinEntry::Verify, body));
            }
            0x07 if body.len() <= MAX_STRUCTURE => {
                return Ok(Self::PinPad(PinEntry::Modify, body));
            }
            0x05..=0x07 => return Err(wrong),
            0x02 => Self::PowerUp,
            0x03 => Self::Reset,
            0x04 => Self::PowerDown,
            other => return Err(Malformed::Kind(other)),
        };
        if body.is_empty() {
            Ok(request)
        } else {
            Err(wrong)
        }
    }
}

impl<'a> Answer<'a> {
    /// Kind and body.
    pub(crate) fn parts(&self) -> (u8, Body<'a>) {
        match *self {
            Self::Welcome(features) => (0x81, Body::byte(features.pin_pad.into())),
            Self::Refused(Refusal::Version(version)) => {
                let [high, low] = version.to_be_bytes();
                (0x82, Body::Short([0, high, low, 0, 0, 0, 0, 0], 3))
            }
            Self::Refused(Refusal::NoSuchReader) => (0x82, Body::byte(1)),
            Self::Atr(atr) => (0x83, Body::Bytes(atr)),
            Self::PoweredDown => (0x84, Body::EMPTY),
            Self::Response(response) => (0x85, Body::Bytes(response)),
            Self::Failed(failure) => (0x86, Body::byte(failure.code())),
            Self::Working => (0x87, Body::EMPTY),
            Self::Presence(present) => (0x88, Body::byte(present.into())),
        }
    }

    /// The answer that a frame holds.
    ///
    /// # Errors
    /// [`Malformed`] where it holds none.
    pub fn parse(frame: &'a [u8]) -> Result<Self, Malformed> {
        let (&kind, body) = frame.split_first().ok_or(Malformed::Length)?;
        match (kind, body) {
            (0x81, &[features @ 0..=1]) => Ok(Self::Welcome(Features {
                pin_pad: features == 1,
            })),
            (0x82, &[0, high, low]) => Ok(Self::Refused(Refusal::Version(u16::from_be_bytes([
                high, low,
            ])))),
            (0x82, [1]) => Ok(Self::Refused(Refusal::NoSuchReader)),
            (0x83, atr) if (2..=MAX_ATR).contains(&atr.len()) => Ok(Self::Atr(atr)),
            (0x84, []) => Ok(Self::PoweredDown),
            (0x85, response) if (2..=MAX_RESPONSE).contains(&response.len()) => {
                Ok(Self::Response(response))
            }
            (0x86, &[code]) => Failure::from_code(code)
                .map(Self::Failed)
                .ok_or(Malformed::Body(kind)),
            (0x87, []) => Ok(Self::Working),
            (0x88, &[present @ 0..=1]) => Ok(Self::Presence(present == 1)),
            (0x81..=0x88, _) => Err(Malformed::Body(kind)),
            _ => Err(Malformed::Kind(kind)),
        }
    }
}

/// A message's body: a few bytes of its own, or borrowed ones.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// The first so many of these.
    Short([u8; 8], usize),
    Bytes(&'a [u8]),
}

impl Body<'_> {
    const EMPTY: Self = Self::Short([0; 8], 0);

    const fn byte(byte: u8) -> Self {
        Self::Short([byte, 0, 0, 0, 0, 0, 0, 0], 1)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short(bytes, length) => &bytes[..*length],
            Self::Bytes(bytes) => bytes,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const REQUESTS: [Request<'static>; 9] = [
        Request::Hello {
            version: 1,
            reader: 15,
            purpose: Purpose::Exchange,
        },
        Request::Hello {
            version: 0xABCD,
            reader: 0,
            purpose: Purpose::Watch,
        },
        Request::PowerUp,
        Request::Reset,
        Request::PowerDown,
        Request::Transmit(&[]),
        Request::PinPad(PinEntry::Verify, &[1, 2, 3]),
        Request::PinPad(PinEntry::Modify, &[]),
        Request::Transmit(&[0x00, 0xA4, 0x04, 0x00]),
    ];

    pub(crate) fn answers() -> Vec<Answer<'static>> {
        let mut all = vec![
            Answer::Welcome(Features { pin_pad: false }),
            Answer::Welcome(Features { pin_pad: true }),
            Answer::Refused(Refusal::Version(0x1234)),
            Answer::Refused(Refusal::NoSuchReader),
            Answer::Atr(&[0x3B, 0x00]),
            Answer::PoweredDown,
            Answer::Response(&[0x90, 0x00]),
            Answer::Working,
            Answer::Presence(true),
            Answer::Presence(false),
        ];
        all.extend(Failure::ALL.map(Answer::Failed));
        all
    }

    fn frame((kind, body): (u8, Body<'_>)) -> Vec<u8> {
        [&[kind], body.as_bytes()].concat()
    }

    #[test]
    fn what_is_said_is_what_is_heard() {
        for request in REQUESTS {
            assert_eq!(Request::parse(&frame(request.parts())), Ok(request));
        }
        for answer in answers() {
            assert_eq!(Answer::parse(&frame(answer.parts())), Ok(answer));
        }
    }

    #[test]
    fn every_body_that_does_not_belong_is_refused() {
        let sound: Vec<Vec<u8>> = REQUESTS
            .iter()
            .map(|request| frame(request.parts()))
            .chain(answers().iter().map(|answer| frame(answer.parts())))
            .collect();
        for frame in sound {
            // Cut, lengthened, and each bit flipped: understood as something else, or refused; never a panic, and what
            // is understood is said again in the same bytes.
            for length in 0..frame.len() {
                again(&frame[..length]);
            }
            again(&[&frame[..], &[0]].concat());
            for bit in 0..frame.len() * 8 {
                let mut flipped = frame.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                again(&flipped);
            }
        }
    }

    fn again(bytes: &[u8]) {
        if let Ok(request) = Request::parse(bytes) {
            assert_eq!(frame(request.parts()), bytes);
        }
        if let Ok(answer) = Answer::parse(bytes) {
            assert_eq!(frame(answer.parts()), bytes);
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let longest = [&[0x05][..], &vec![0; MAX_COMMAND]].concat();
        assert!(Request::parse(&longest).is_ok());
        assert_eq!(
            Request::parse(&[&longest[..], &[0]].concat()),
            Err(Malformed::Body(0x05))
        );
        let longest = [&[0x85][..], &vec![0; MAX_RESPONSE]].concat();
        assert!(Answer::parse(&longest).is_ok());
        assert_eq!(
            Answer::parse(&[&longest[..], &[0]].concat()),
            Err(Malformed::Body(0x85))
        );
        assert_eq!(
            Answer::parse(&[0x83; 2 + MAX_ATR]),
            Err(Malformed::Body(0x83))
        );
        assert_eq!(Answer::parse(&[0x85, 0x90]), Err(Malformed::Body(0x85)));
    }

    #[test]
    fn no_apdu_is_shown() {
        let shown = format!(
            "{:?} {:?}",
            Request::Transmit(&[0x31; 8]),
            Answer::Response(&[0x41; 20])
        );
        assert_eq!(shown, "Transmit(8 bytes) Response(20 bytes)");
    }
}
