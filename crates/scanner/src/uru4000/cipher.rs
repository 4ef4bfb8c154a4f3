//! The stream that hides an image: a feedback shift register of 32 bits, eight of whose bits are the mask of a byte.

/// Which bits are fed back: their parity comes in at the top.
const FEEDBACK: u32 = 0x9248_144D;

/// Which bits of the register are bits 0 to 7 of a mask.
const TAPS: [u32; 8] = [4, 8, 11, 14, 18, 21, 24, 29];

/// The register.
#[derive(Clone, Copy, zeroize::Zeroize)]
pub(super) struct Stream(u32);

impl Stream {
    pub(super) fn new(key: u32) -> Self {
        Self(key)
    }

    fn step(&mut self) {
        let parity = (self.0 & FEEDBACK).count_ones() & 1;
        self.0 = parity << 31 | self.0 >> 1;
    }

    fn mask(&mut self) -> u8 {
        let mask = TAPS
            .iter()
            .rev()
            .fold(0, |mask, tap| mask << 1 | (self.0 >> tap & 1) as u8);
        self.step();
        mask
    }

    /// Passes over bytes that are not hidden.
    pub(super) fn skip(&mut self, bytes: usize) {
        for _ in 0..bytes {
            self.step();
        }
    }

    /// Uncovers a block in place. Its bytes lie one place further on than they belong, so that the last one is lost
    /// and becomes 0.
    pub(super) fn uncover(&mut self, block: &mut [u8]) {
        for at in 1..block.len() {
            block[at - 1] = block[at] ^ self.mask();
        }
        if let Some(last) = block.last_mut() {
            *last = 0;
            self.step();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a scanner does: the inverse, written down on its own.
    fn cover(plain: &[u8], key: u32) -> Vec<u8> {
        let mut register = key;
        let mut hidden = vec![0xA5];
        for byte in plain {
            let bit = |at: u32| (register >> at) & 1;
            let mask = bit(4)
                | bit(8) << 1
                | bit(11) << 2
                | bit(14) << 3
                | bit(18) << 4
                | bit(21) << 5
                | bit(24) << 6
                | bit(29) << 7;
            hidden.push(byte ^ mask as u8);
            let fed = [0, 2, 3, 6, 10, 12, 19, 22, 25, 28, 31].map(bit);
            register = register >> 1 | fed.iter().fold(0, |sum, bit| sum ^ bit) << 31;
        }
        hidden.truncate(plain.len());
        hidden
    }

    proptest! {
        #[test]
        fn what_was_covered_is_uncovered(
            plain in proptest::collection::vec(any::<u8>(), 1..900),
            key in any::<u32>(),
        ) {
            let mut block = cover(&plain, key);
            Stream::new(key).uncover(&mut block);
            prop_assert_eq!(&block[..plain.len() - 1], &plain[..plain.len() - 1]);
            prop_assert_eq!(block[plain.len() - 1], 0);
        }

        #[test]
        fn a_block_passed_over_is_as_long_as_one_uncovered(length in 1..500usize, key in any::<u32>()) {
            let (mut one, mut other) = (Stream::new(key), Stream::new(key));
            one.skip(length);
            other.uncover(&mut vec![0; length]);
            prop_assert_eq!(one.0, other.0);
        }
    }
}
