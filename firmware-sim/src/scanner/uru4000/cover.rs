//! How an image is packed and hidden before it is sent.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

/// Pixels in a row.
pub const WIDTH: usize = 384;
/// Rows the sensor sees.
pub const HEIGHT: usize = 290;
const HEADER: usize = 64;
/// Where the table of blocks begins; 15 of them have room.
const TABLE: usize = 16;

/// A block's rows are not sent.
const MISSING: u8 = 0x01;
/// A block's rows are hidden.
const COVERED: u8 = 0x02;
/// The stream stands still over a block.
const STILL: u8 = 0x04;
/// The next key from this block on.
const NEW_KEY: u8 = 0x80;

/// Flags and rows of a block.
pub(super) type Block = (u8, u8);

/// How a 4500 was seen to cut an image up: one row is missing, and a few between hidden blocks lie open.
pub(super) const SEEN: [Block; 8] = [
    (COVERED, 72),
    (0, 1),
    (COVERED, 49),
    (MISSING, 1),
    (0, 1),
    (COVERED, 49),
    (0, 1),
    (COVERED, 116),
];

/// The same with every kind of block: other keys, and blocks over which the stream stands still.
pub(super) const VARIED: [Block; 9] = [
    (NEW_KEY | COVERED, 40),
    (COVERED, 32),
    (STILL, 3),
    (MISSING, 2),
    (NEW_KEY | COVERED, 70),
    (0, 5),
    (NEW_KEY, 4),
    (COVERED, 133),
    (MISSING, 1),
];

/// The same plan, nothing hidden.
pub(super) fn open(plan: &[Block]) -> Vec<Block> {
    let bare = |&(flags, rows): &Block| (flags & MISSING, rows);
    plan.iter().map(bare).collect()
}

/// Takes one of the blocks that are there out of an image's transfer, rows and all; false where it is none, or not the
/// whole of one.
pub(super) fn leave_out(transfer: &mut Vec<u8>, chance: u64) -> bool {
    let Some(&[low, high]) = transfer.get(4..6).and_then(|rows| rows.first_chunk()) else {
        return false;
    };
    let rows = usize::from(u16::from_le_bytes([low, high]));
    if transfer.len() != HEADER + WIDTH * rows {
        return false;
    }
    let blocks: Vec<(usize, Block)> = (TABLE..TABLE + 30)
        .step_by(2)
        .map(|at| (at, (transfer[at], transfer[at + 1])))
        .take_while(|(_, (_, rows))| *rows > 0)
        .filter(|(_, (flags, _))| flags & MISSING == 0)
        .collect();
    // The last block's loss would be an image that ends too early, which is another fault.
    let most = blocks.len().saturating_sub(1).max(1) as u64;
    let lost = usize::try_from(chance % most).unwrap_or(0);
    let before = blocks.iter().take(lost);
    let start = HEADER
        + WIDTH
            * before
                .map(|(_, (_, rows))| usize::from(*rows))
                .sum::<usize>();
    let Some(&(at, (_, count))) = blocks.get(lost) else {
        return false;
    };
    let end = start + WIDTH * usize::from(count);
    if end > transfer.len() {
        return false;
    }
    transfer[at] |= MISSING;
    transfer.drain(start..end);
    let left = (rows - usize::from(count)) as u16;
    transfer[4..6].copy_from_slice(&left.to_le_bytes());
    true
}

/// The keys of a scanner by number.
#[derive(Debug, Clone)]
pub(super) struct Keys(u64);

impl Keys {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn of(&self, number: u8) -> u32 {
        let mut chance = ChaCha20Rng::seed_from_u64(self.0);
        chance.set_stream(u64::from(number) + 1);
        chance.next_u32()
    }
}

/// The shift register whose bits hide the image.
struct Register(u32);

impl Register {
    /// The mask of one byte; then one step on.
    fn next(&mut self) -> u8 {
        let bit = |at: u32| self.0 >> at & 1;
        let taps = [4, 8, 11, 14, 18, 21, 24, 29];
        let mask = (0_u32..8)
            .zip(taps)
            .fold(0, |mask, (place, tap)| mask | bit(tap) << place);
        let fed = [0, 2, 3, 6, 10, 12, 19, 22, 25, 28, 31];
        let parity = fed.iter().fold(0, |sum, &at| sum ^ bit(at));
        self.0 = self.0 >> 1 | parity << 31;
        // Eight bits.
        mask as u8
    }
}

/// The transfer of an image of [`HEIGHT`] rows, as the sensor has them: white ridges on black.
///
/// Each hidden block loses its last byte, and begins with one of `chance` that means nothing.
pub(super) fn pack(
    raw: &[u8],
    plan: &[Block],
    number: u8,
    keys: &Keys,
    chance: &mut ChaCha20Rng,
) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; HEADER]);
    let mut key_number = number;
    let mut register = Register(keys.of(number));
    let mut rows = raw.chunks_exact(WIDTH);
    let mut sent: u16 = 0;
    for &(flags, count) in plan {
        if flags & NEW_KEY != 0 {
            key_number = key_number.wrapping_add(1);
            register = Register(keys.of(key_number));
        }
        let block: Zeroizing<Vec<u8>> = Zeroizing::new(
            rows.by_ref()
                .take(usize::from(count))
                .flatten()
                .copied()
                .collect(),
        );
        let covered = match flags & (COVERED | STILL) {
            COVERED => {
                let mut hidden = Zeroizing::new(vec![(chance.next_u32() >> 24) as u8]);
                hidden.extend(block.iter().map(|pixel| pixel ^ register.next()));
                hidden.truncate(block.len());
                hidden
            }
            0 => {
                for _ in 0..block.len() {
                    register.next();
                }
                block
            }
            _ => block,
        };
        if flags & MISSING == 0 {
            bytes.extend_from_slice(&covered);
            sent += u16::from(count);
        }
    }
    bytes[..4].copy_from_slice(&[0x10, 0x40, 0x80, 0x01]);
    bytes[4..6].copy_from_slice(&sent.to_le_bytes());
    bytes[6] = number;
    for (at, (flags, count)) in plan.iter().enumerate() {
        bytes[TABLE + 2 * at..][..2].copy_from_slice(&[*flags, *count]);
    }
    bytes
}
