//! Every way a command is damaged here: cut short at every length, each bit flipped, 00 and FF in each byte.

use std::fmt;

/// What was done to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Only so many bytes are left.
    Cut(usize),
    /// This bit is the other way round; bit 0 is the first byte's highest.
    Flipped(usize),
    /// This byte is this.
    Set(usize, u8),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(length) => write!(f, "cut to {length} bytes"),
            Self::Flipped(bit) => write!(f, "bit {} of byte {} flipped", bit % 8, bit / 8),
            Self::Set(at, byte) => write!(f, "byte {at} made {byte:02X}"),
        }
    }
}

/// Every damage of a command and what is left of it; none leaves it as it was, none comes twice.
pub fn every(command: &[u8]) -> impl Iterator<Item = (Damage, Vec<u8>)> {
    let cuts = (0..command.len()).map(|length| (Damage::Cut(length), command[..length].to_vec()));
    let flips = (0..command.len() * 8).map(|bit| {
        let mut flipped = command.to_vec();
        flipped[bit / 8] ^= 0x80 >> (bit % 8);
        (Damage::Flipped(bit), flipped)
    });
    let sets = (0..command.len()).flat_map(move |at| {
        [0x00, 0xFF]
            .into_iter()
            // One bit away is a flip, and was had.
            .filter(move |byte| (command[at] ^ byte).count_ones() > 1)
            .map(move |byte| {
                let mut set = command.to_vec();
                set[at] = byte;
                (Damage::Set(at, byte), set)
            })
    });
    cuts.chain(flips).chain(sets)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_differ() {
        let command = [0x00, 0xA4, 0x04, 0xFF, 0x80];
        let all: Vec<_> = every(&command).map(|(_, bytes)| bytes).collect();
        assert!(!all.contains(&command.to_vec()));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        // Five cuts, forty flips; 00 and FF where more than a bit changes.
        assert_eq!(all.len(), 5 + 40 + (1 + 2 + 1 + 1 + 1));
    }
}
