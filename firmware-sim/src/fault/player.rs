//! Which faults of a script are due, and what chance makes of them.

use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::script::{Entry, Fault, Script, When, without_comment};

/// Carries a script out: says which faults are due. Each is said once.
#[derive(Debug, Clone, Default)]
pub struct Player {
    seed: u64,
    waiting: Vec<Entry>,
    transfers: u64,
}

impl Player {
    /// At the beginning of a script.
    #[must_use]
    pub fn new(script: Script) -> Self {
        Self {
            seed: script.seed,
            waiting: script.entries,
            transfers: 0,
        }
    }

    /// The faults that the `n`-th transfer meets, counted from 1, in the order of the script: its own, and whatever
    /// has become due by `now`, the time since the device was plugged in first.
    pub fn at_transfer(&mut self, n: u64, now: Duration) -> Vec<Fault> {
        self.transfers = self.transfers.max(n);
        self.take(|entry| match entry.when {
            When::Now => true,
            When::Transfer(count) => count == n,
            When::Time(time) => time <= now,
        })
    }

    /// The faults that need no transfer and have become due by `now`: unplugging, silence, the finger.
    pub fn due(&mut self, now: Duration) -> Vec<Fault> {
        self.take(|entry| {
            !entry.fault.is_of_transfer()
                && match entry.when {
                    When::Now => true,
                    When::Transfer(_) => false,
                    When::Time(time) => time <= now,
                }
        })
    }

    /// When [`due`](Self::due) has something to say next; zero for at once.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        let times = self
            .waiting
            .iter()
            .filter(|entry| !entry.fault.is_of_transfer());
        times
            .filter_map(|entry| match entry.when {
                When::Now => Some(Duration::ZERO),
                When::Time(time) => Some(time),
                When::Transfer(_) => None,
            })
            .min()
    }

    /// Adds a line, as from a control socket.
    ///
    /// # Errors
    /// What is wrong with the line, and what is expected; a transfer that has been will not be again.
    pub fn push(&mut self, line: &str) -> Result<(), String> {
        let entry = Entry::parse(without_comment(line))?;
        if let When::Transfer(count) = entry.when
            && count <= self.transfers
        {
            return Err(format!(
                "transfer {count} has been; the next one is {}",
                self.transfers + 1
            ));
        }
        self.waiting.push(entry);
        Ok(())
    }

    /// Turns over one to four bits of the `n`-th transfer's bytes.
    pub fn corrupt(&self, n: u64, bytes: &mut [u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut rng = self.rng(n, 0);
        let count = 1 + rng.next_u32() % 4;
        // The first always differs; the others anywhere but there.
        let mut turned = Vec::new();
        for _ in 0..count {
            let bit = rng.next_u64() % (bytes.len() as u64 * 8);
            if !turned.contains(&bit) {
                bytes[(bit / 8) as usize] ^= 1 << (bit % 8);
                turned.push(bit);
            }
        }
    }

    /// Bytes that mean nothing, one to `most` of them, for the `n`-th transfer.
    #[must_use]
    pub fn garbage(&self, n: u64, most: usize) -> Vec<u8> {
        let mut rng = self.rng(n, 1);
        let length = 1 + (rng.next_u64() % most.max(1) as u64) as usize;
        let mut bytes = vec![0; length];
        rng.fill_bytes(&mut bytes);
        bytes
    }

    /// How much of `length` bytes of the `n`-th transfer is left when its end is missing: less than all.
    #[must_use]
    pub fn shortened(&self, n: u64, length: usize) -> usize {
        (self.rng(n, 2).next_u64() % length.max(1) as u64) as usize
    }

    /// A number for whatever else chance decides about the `n`-th transfer.
    #[must_use]
    pub fn chance(&self, n: u64) -> u64 {
        self.rng(n, 3).next_u64()
    }

    fn rng(&self, n: u64, purpose: u8) -> ChaCha20Rng {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        seed[8..16].copy_from_slice(&n.to_le_bytes());
        seed[16] = purpose;
        ChaCha20Rng::from_seed(seed)
    }

    fn take(&mut self, is_due: impl Fn(&Entry) -> bool) -> Vec<Fault> {
        self.waiting
            .extract_if(.., |entry| is_due(entry))
            .map(|entry| entry.fault)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::Touch;
    use super::*;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn each_fault_comes_once_and_when_it_is_due() {
        let script =
            "at transfer 2 stall\nat 1s corrupt\nat 1s finger lift\nunplug\nat transfer 2 unplug";
        let mut player = Player::new(Script::parse(script).unwrap());
        assert_eq!(player.next_due(), Some(Duration::ZERO));
        assert_eq!(player.due(ms(0)), [Fault::Unplug]);
        assert_eq!(player.next_due(), Some(ms(1000)));
        assert_eq!(player.at_transfer(1, ms(10)), []);
        assert_eq!(player.at_transfer(2, ms(20)), [Fault::Stall, Fault::Unplug]);
        assert_eq!(player.due(ms(999)), []);
        assert_eq!(player.due(ms(1000)), [Fault::Finger(Touch::Lift)]);
        assert_eq!(player.at_transfer(3, ms(1001)), [Fault::Corrupt]);
        assert_eq!(player.at_transfer(2, ms(2000)), []);
        assert_eq!(player.next_due(), None);
    }

    #[test]
    fn lines_may_come_later_but_not_for_what_has_been() {
        let mut player = Player::new(Script::default());
        player.at_transfer(5, ms(1));
        let refused = player.push("at transfer 5 stall").expect_err("it has been");
        assert!(refused.contains("next one is 6"), "{refused}");
        player.push("at transfer 6 stall").unwrap();
        player.push("at 0s corrupt # late").unwrap();
        player.push("seed 3").expect_err("a seed is the script's");
        assert_eq!(player.at_transfer(6, ms(2)), [Fault::Stall, Fault::Corrupt]);
    }

    #[test]
    fn chance_is_the_seeds_and_the_transfers() {
        let player = |seed| {
            Player::new(Script {
                seed,
                ..Script::default()
            })
        };
        let corrupted = |seed, n| {
            let mut bytes = [0; 64];
            player(seed).corrupt(n, &mut bytes);
            bytes
        };
        for n in 1..50 {
            assert_ne!(corrupted(1, n), [0; 64]);
            assert_eq!(corrupted(1, n), corrupted(1, n));
            assert_ne!(corrupted(1, n), corrupted(2, n));
            assert!(player(1).shortened(n, 9) < 9);
            assert!((1..=30).contains(&player(1).garbage(n, 30).len()));
        }
        assert_ne!(player(1).garbage(1, 300), player(1).garbage(2, 300));
        player(1).corrupt(1, &mut []);
        assert_eq!(player(1).shortened(1, 0), 0);
    }
}
