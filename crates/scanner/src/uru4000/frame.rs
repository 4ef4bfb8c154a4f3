//! An image as the scanner sends it: a header of 64 bytes, then rows of 384.

use negin_fingerprint::{CANONICAL_DPI, CaptureError, Image};
use zeroize::Zeroizing;

use super::cipher::Stream;

/// Pixels in a row.
pub(super) const WIDTH: usize = 384;
/// Rows of an image.
pub(super) const HEIGHT: usize = 290;
/// Bytes before the rows.
const HEADER: usize = 64;
/// Most a transfer brings: what is asked for.
pub(super) const TRANSFER: usize = HEADER + WIDTH * HEIGHT;
/// Rows that a scanner sends as a rule; one of an image's is always missing.
const USUAL: usize = HEIGHT - 1;
/// Where the header's table of blocks begins, and how many there are at most.
const BLOCKS: (usize, usize) = (16, 15);
/// Over the first two rows: columns of a hidden image vary by more than this, those of any plain one by less.
const HIDDEN: i32 = 5000;

/// By how much neighbouring pixels of a picture differ at most, on average: 57 where ridges are as narrow and as black on
/// white as can be. Of noise it is 85.
const NOISE: u64 = 72;

/// Of a block's flags: its rows are not in the transfer.
const MISSING: u8 = 0x01;
/// Of a block's flags: its rows are hidden.
const COVERED: u8 = 0x02;
/// Of a block's flags: the stream stands still.
const STILL: u8 = 0x04;
/// Of a block's flags: another key from here on.
const NEW_KEY: u8 = 0x80;

/// Rows that have their flags in common.
#[derive(Debug, Clone, Copy)]
struct Block {
    flags: u8,
    rows: usize,
}

/// A frame as it came. Its bytes are wiped when it is dropped.
pub(super) struct Frame {
    bytes: Zeroizing<Vec<u8>>,
    /// Rows in the transfer.
    rows: usize,
    key_number: u8,
    blocks: Vec<Block>,
}

impl Frame {
    /// Reads the header.
    ///
    /// # Errors
    /// [`CaptureError::ShortImage`] where the transfer broke off, [`CaptureError::BadImage`] where the header
    /// describes no image.
    pub(super) fn read(bytes: Zeroizing<Vec<u8>>) -> Result<Self, CaptureError> {
        let short = |expected: usize| CaptureError::ShortImage {
            // An image has some hundred thousand bytes.
            expected: u32::try_from(expected).unwrap_or(u32::MAX),
            received: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        };
        if bytes.len() < HEADER {
            return Err(short(HEADER + WIDTH * USUAL));
        }
        let rows = usize::from(u16::from_le_bytes([bytes[4], bytes[5]]));
        if rows == 0 || rows >= HEIGHT {
            return Err(CaptureError::BadImage);
        }
        if bytes.len() < HEADER + WIDTH * rows {
            return Err(short(HEADER + WIDTH * rows));
        }
        let (start, most) = BLOCKS;
        let (mut sent, mut all) = (0, 0);
        let mut blocks = Vec::new();
        for pair in bytes[start..start + 2 * most].chunks_exact(2) {
            let block = Block {
                flags: pair[0],
                rows: usize::from(pair[1]),
            };
            // What the table says beyond the rows that came speaks of no image.
            if block.rows == 0 || sent >= rows {
                break;
            }
            all += block.rows;
            if !block.missing() {
                sent += block.rows;
            }
            blocks.push(block);
        }
        if sent == 0 || sent > rows || all > HEIGHT {
            return Err(CaptureError::BadImage);
        }
        Ok(Self {
            key_number: bytes[6],
            rows,
            blocks,
            bytes,
        })
    }

    /// Whether the image is hidden, judged as the public driver does: in integers, by the first two rows.
    pub(super) fn is_covered(&self) -> bool {
        let (one, two) = self.bytes[HEADER..].split_at(WIDTH);
        if self.rows < 2 {
            return false;
        }
        let sums = || {
            one.iter()
                .zip(two)
                .map(|(a, b)| i32::from(*a) + i32::from(*b))
        };
        let width = WIDTH as i32;
        let mean = sums().sum::<i32>() / width;
        let squares: i32 = sums().map(|sum| (sum - mean) * (sum - mean)).sum();
        squares / width >= HIDDEN
    }

    /// Uncovers the rows. `key_of` asks the scanner for the key of a number.
    ///
    /// # Errors
    /// What `key_of` says.
    pub(super) fn uncover<E>(
        &mut self,
        mut key_of: impl FnMut(u8) -> Result<u32, E>,
    ) -> Result<(), E> {
        let mut stream = Zeroizing::new(Stream::new(key_of(self.key_number)?));
        let mut row = 0;
        for block in &self.blocks {
            if block.flags & NEW_KEY != 0 {
                self.key_number = self.key_number.wrapping_add(1);
                *stream = Stream::new(key_of(self.key_number)?);
            }
            let length = WIDTH * block.rows;
            match block.flags & (STILL | COVERED) {
                COVERED => {
                    let start = HEADER + WIDTH * row;
                    // A missing block's rows are not there to be uncovered; the stream moves all the same.
                    match self.bytes.get_mut(start..start + length) {
                        Some(rows) if !block.missing() => stream.uncover(rows),
                        _ => stream.skip(length),
                    }
                }
                0 => stream.skip(length),
                _ => {}
            }
            if !block.missing() {
                row += block.rows;
            }
        }
        Ok(())
    }

    /// Whether what was uncovered is no picture in some block, as under a wrong key: bytes like dice differ from their
    /// neighbours by a third of what there is.
    pub(super) fn is_noise(&self) -> bool {
        let mut row = 0;
        self.blocks
            .iter()
            .filter(|block| !block.missing())
            .any(|block| {
                let start = HEADER + WIDTH * row;
                row += block.rows;
                let rows = &self.bytes[start..(HEADER + WIDTH * row).min(self.bytes.len())];
                let steps = rows
                    .windows(2)
                    .map(|pair| u64::from(pair[0].abs_diff(pair[1])));
                block.flags & COVERED != 0 && steps.sum::<u64>() > NOISE * rows.len() as u64
            })
    }

    /// How many of the image's rows are not in the transfer.
    pub(super) fn missing(&self) -> usize {
        let sent = self.blocks.iter().filter(|block| !block.missing());
        HEIGHT.saturating_sub(sent.map(|block| block.rows).sum())
    }

    /// The image: missing rows are those that follow them, the scanner's white on black is turned round, and so is the
    /// image where the model has it on its head.
    ///
    /// # Errors
    /// [`CaptureError::BadImage`].
    pub(super) fn image(&self, turned: bool) -> Result<Image, CaptureError> {
        let mut pixels = Zeroizing::new(Vec::with_capacity(WIDTH * HEIGHT));
        let mut row = 0;
        for block in &self.blocks {
            if row >= self.rows {
                break;
            }
            let end = (row + block.rows).min(self.rows);
            let rows = &self.bytes[HEADER + WIDTH * row..HEADER + WIDTH * end];
            pixels.extend(rows.iter().map(|pixel| !pixel));
            // What is missing at the very end has nothing that follows it.
            let whole = pixels.len() + WIDTH * (block.rows - (end - row));
            pixels.resize(whole, u8::MAX);
            if !block.missing() {
                row = end;
            }
        }
        pixels.resize(WIDTH * HEIGHT, u8::MAX);
        if turned {
            pixels.reverse();
        }
        let pixels = std::mem::take(&mut *pixels);
        Image::new(WIDTH as u32, HEIGHT as u32, CANONICAL_DPI, pixels)
            .map_err(|_| CaptureError::BadImage)
    }
}

impl Block {
    fn missing(self) -> bool {
        self.flags & MISSING != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A transfer of `rows` rows in these blocks, each row full of its number.
    fn transfer(rows: usize, blocks: &[(u8, u8)]) -> Zeroizing<Vec<u8>> {
        let mut bytes = vec![0; HEADER];
        bytes[4..6].copy_from_slice(&(rows as u16).to_le_bytes());
        for (at, (flags, count)) in blocks.iter().enumerate() {
            bytes[16 + 2 * at..][..2].copy_from_slice(&[*flags, *count]);
        }
        bytes.extend((0..rows).flat_map(|row| [row as u8; WIDTH]));
        Zeroizing::new(bytes)
    }

    fn rows(frame: &Frame, turned: bool) -> Vec<u8> {
        let image = frame.image(turned).unwrap();
        image.pixels().chunks(WIDTH).map(|row| row[0]).collect()
    }

    #[test]
    fn missing_rows_are_those_that_follow_them() {
        // The last of them speaks of rows after the end, and so of none.
        let blocks = [(0, 2), (MISSING, 3), (0, 4), (MISSING | NEW_KEY, 2)];
        let frame = Frame::read(transfer(6, &blocks)).unwrap_or_else(|error| panic!("{error}"));
        let seen = rows(&frame, false);
        let sent = [0, 1, 2, 3, 4, 2, 3, 4, 5].map(|row: u8| !row);
        assert_eq!(&seen[..9], sent);
        assert!(seen[9..].iter().all(|&row| row == 255));
        let mut turned = rows(&frame, true);
        turned.reverse();
        assert_eq!(turned, seen);
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let error = |bytes| Frame::read(bytes).err();
        for blocks in [
            &[][..],
            &[(0, 0), (0, 5)],
            &[(0, 6)],
            &[(MISSING, 5)],
            &[(MISSING, 250), (MISSING, 36), (0, 5)],
        ] {
            let bytes = transfer(5, blocks);
            assert_eq!(error(bytes), Some(CaptureError::BadImage), "{blocks:?}");
        }
        for rows in [0, 290, 400] {
            let bytes = transfer(rows, &[(0, 1)]);
            assert_eq!(error(bytes), Some(CaptureError::BadImage), "{rows} rows");
        }
        let mut bytes = transfer(289, &[(0, 200), (0, 89), (MISSING, 1)]);
        bytes.pop();
        let short = CaptureError::ShortImage {
            expected: 111_040,
            received: 111_039,
        };
        assert_eq!(error(bytes.clone()), Some(short));
        bytes.truncate(0);
        let nothing = CaptureError::ShortImage {
            expected: 111_040,
            received: 0,
        };
        assert_eq!(error(bytes), Some(nothing));
    }

    #[test]
    fn keys_are_asked_for_by_their_numbers() {
        let blocks = [(COVERED, 2), (NEW_KEY, 1), (NEW_KEY | COVERED | STILL, 2)];
        let mut bytes = transfer(5, &blocks);
        bytes[6] = 0xFE;
        let mut frame = Frame::read(bytes).unwrap_or_else(|error| panic!("{error}"));
        let mut asked = Vec::new();
        let uncovered: Result<(), ()> = frame.uncover(|number| {
            asked.push(number);
            Ok(7)
        });
        assert_eq!((uncovered, asked), (Ok(()), vec![0xFE, 0xFF, 0x00]));
        assert_eq!(frame.uncover(|_| Err("gone")), Err("gone"));
    }

    #[test]
    fn what_a_wrong_key_gives_is_no_picture() {
        let blocks = [(COVERED, 40), (0, 1), (NEW_KEY | COVERED, 40)];
        let covered = |keys: [u32; 2]| {
            let mut frame =
                Frame::read(transfer(81, &blocks)).unwrap_or_else(|error| panic!("{error}"));
            // Ridges nine pixels wide, black and white.
            for (at, pixel) in frame.bytes[HEADER..].iter_mut().enumerate() {
                *pixel = if at % WIDTH % 9 < 4 { 0 } else { 255 };
            }
            let mut keys = keys.into_iter();
            let uncovered: Result<(), ()> = frame.uncover(|_| keys.next().ok_or(()));
            assert_eq!(uncovered, Ok(()));
            frame
        };
        // Nothing is masked where the register is empty and stays so.
        assert!(!covered([0, 0]).is_noise());
        assert!(covered([0xDEAD_BEEF, 0]).is_noise());
        assert!(covered([0, 0xDEAD_BEEF]).is_noise());
    }

    proptest! {
        /// Whatever comes is an image or refused.
        #[test]
        fn any_transfer_is_read_or_refused(
            rows in 0..300_usize,
            blocks in proptest::collection::vec((any::<u8>(), 0..120_u8), 0..15),
            cut in 0..2000_usize,
            key in any::<u32>(),
        ) {
            let mut bytes = transfer(rows, &blocks);
            let length = bytes.len().saturating_sub(cut / 2 * (cut % 2));
            bytes.truncate(length);
            if let Ok(mut frame) = Frame::read(bytes) {
                frame.is_covered();
                let uncovered: Result<(), ()> = frame.uncover(|_| Ok(key));
                prop_assert_eq!(uncovered, Ok(()));
                prop_assert!(frame.image(true).is_ok());
            }
        }
    }
}
