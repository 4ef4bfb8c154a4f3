//! Frames over a stream: a length, then so many bytes.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crate::message::{Body, Malformed};
use crate::{Answer, Error, Request};

/// The longest frame, without its length: a kind and the longest command.
pub const MAX_FRAME: usize = 1 + 65_544;

/// What can be put into a frame.
pub trait Message {
    #[doc(hidden)]
    fn put(&self, frame: &mut Vec<u8>);
}

fn put((kind, body): (u8, Body<'_>), frame: &mut Vec<u8>) {
    let body = body.as_bytes();
    frame.clear();
    frame.extend_from_slice(&(body.len() as u32 + 1).to_be_bytes());
    frame.push(kind);
    frame.extend_from_slice(body);
}

impl Message for Request<'_> {
    fn put(&self, frame: &mut Vec<u8>) {
        put(self.parts(), frame);
    }
}

impl Message for Answer<'_> {
    fn put(&self, frame: &mut Vec<u8>) {
        put(self.parts(), frame);
    }
}

/// Sends one message, in one write. `frame` is a buffer to use again.
///
/// # Errors
/// [`Error::Malformed`] for a message longer than [`MAX_FRAME`]; otherwise as the stream's.
pub fn send(
    stream: &mut impl Write,
    message: &impl Message,
    frame: &mut Vec<u8>,
) -> Result<(), Error> {
    message.put(frame);
    if frame.len() - 4 > MAX_FRAME {
        return Err(Malformed::Length.into());
    }
    stream.write_all(frame)?;
    Ok(())
}

/// Takes frames out of a stream, and keeps what was read too far for the next one.
#[derive(Default)]
pub struct FrameReader {
    buffer: Vec<u8>,
    /// What of the buffer holds bytes.
    filled: usize,
    /// What of it was given out last, length included.
    given: usize,
}

/// What is in the buffer is not shown: it may be a PIN.
impl fmt::Debug for FrameReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameReader({} bytes)", self.filled - self.given)
    }
}

impl FrameReader {
    /// A reader at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next frame: kind and body, without the length.
    ///
    /// # Errors
    /// [`Error::Closed`] at the stream's end, [`Error::Malformed`] for a length of nothing or beyond [`MAX_FRAME`],
    /// otherwise as the stream's.
    pub fn next(&mut self, stream: &mut impl Read) -> Result<&[u8], Error> {
        self.next_within(stream, None)
    }

    /// As [`FrameReader::next`], giving up where the whole frame takes longer than `limit`. The stream's own time-out
    /// bounds each read.
    ///
    /// # Errors
    /// As [`FrameReader::next`], and [`Error::TimedOut`].
    pub fn next_within(
        &mut self,
        stream: &mut impl Read,
        limit: Option<Duration>,
    ) -> Result<&[u8], Error> {
        self.buffer.copy_within(self.given..self.filled, 0);
        self.filled -= self.given;
        self.given = 0;
        let begin = limit.map(|limit| (Instant::now(), limit));
        let end = loop {
            if let Some(length) = self.buffer[..self.filled].first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                if length == 0 || length > MAX_FRAME {
                    return Err(Malformed::Length.into());
                }
                if self.filled >= 4 + length {
                    break 4 + length;
                }
                self.make_room(4 + length);
            } else {
                self.make_room(4);
            }
            match stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Err(Error::Closed),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
            if begin.is_some_and(|(begin, limit)| begin.elapsed() > limit) {
                return Err(Error::TimedOut);
            }
        };
        self.given = end;
        Ok(&self.buffer[4..end])
    }

    /// The frame that was given out last; nothing before the first one.
    pub(crate) fn current(&self) -> &[u8] {
        self.buffer.get(4..self.given).unwrap_or_default()
    }

    /// Room for a frame of this length, and for most frames at once.
    fn make_room(&mut self, length: usize) {
        const USUAL: usize = 1024;
        let wanted = length.max(USUAL);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::{REQUESTS, answers};

    /// Gives so many bytes at a read.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(buffer.len()).min(self.0.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn all() -> Vec<u8> {
        let (mut stream, mut frame) = (Vec::new(), Vec::new());
        for request in REQUESTS {
            send(&mut stream, &request, &mut frame).unwrap();
        }
        for answer in answers() {
            send(&mut stream, &answer, &mut frame).unwrap();
        }
        let long = vec![0x5A; 65_544];
        send(&mut stream, &Request::Transmit(&long), &mut frame).unwrap();
        stream
    }

    #[test]
    fn frames_come_out_however_they_are_cut() {
        let bytes = all();
        for step in [1, 3, 7, 1000, usize::MAX] {
            let mut stream = Drip(&bytes, step);
            let mut reader = FrameReader::new();
            for request in REQUESTS {
                assert_eq!(
                    Request::parse(reader.next(&mut stream).unwrap()),
                    Ok(request)
                );
            }
            for answer in answers() {
                assert_eq!(Answer::parse(reader.next(&mut stream).unwrap()), Ok(answer));
            }
            assert_eq!(reader.next(&mut stream).unwrap().len(), MAX_FRAME);
            assert_eq!(reader.next(&mut stream), Err(Error::Closed));
        }
    }

    #[test]
    fn a_stream_that_ends_within_a_frame_is_closed() {
        let bytes = [0, 0, 0, 3, 0x05, 1];
        for length in 0..bytes.len() {
            let mut reader = FrameReader::new();
            assert_eq!(reader.next(&mut &bytes[..length]), Err(Error::Closed));
        }
    }

    #[test]
    fn lengths_that_no_message_has_are_refused_before_room_is_made() {
        for length in [0, MAX_FRAME as u32 + 1, u32::MAX] {
            let bytes = [&length.to_be_bytes()[..], &[5; 64]].concat();
            let mut reader = FrameReader::new();
            assert_eq!(reader.next(&mut &bytes[..]), Err(Malformed::Length.into()));
            assert!(reader.buffer.len() <= 1024);
        }
        let long = vec![0; MAX_FRAME];
        let sent = send(&mut Vec::new(), &Request::Transmit(&long), &mut Vec::new());
        assert_eq!(sent, Err(Malformed::Length.into()));
    }

    #[test]
    fn noise_never_panics() {
        let mut state = 1u32;
        for _ in 0..2000 {
            let noise: Vec<u8> = (0..40)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    // Mostly small bytes, so that lengths are often plausible.
                    if state >> 30 == 0 {
                        (state >> 16) as u8
                    } else {
                        (state >> 16) as u8 & 0x07
                    }
                })
                .collect();
            let mut stream = &noise[..];
            let mut reader = FrameReader::new();
            while let Ok(frame) = reader.next(&mut stream) {
                let _ = Request::parse(frame);
                let _ = Answer::parse(frame);
            }
        }
    }

    #[test]
    fn a_frame_that_drips_is_not_waited_for_without_end() {
        struct Slow(u8);
        impl Read for Slow {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                std::thread::sleep(Duration::from_millis(2));
                buffer[0] = self.0;
                self.0 = 0;
                Ok(1)
            }
        }
        let mut reader = FrameReader::new();
        let limit = Some(Duration::from_millis(20));
        // A frame of 65,536 bytes, one at a time.
        let mut slow = Slow(0);
        reader.buffer = vec![0, 1, 0, 0];
        reader.filled = 4;
        assert_eq!(reader.next_within(&mut slow, limit), Err(Error::TimedOut));
    }
}
