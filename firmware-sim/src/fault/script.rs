//! What goes wrong with a device, and when: a script of faults.
//!
//! A line a fault; what follows `#` is a comment:
//!
//! ```text
//! seed 7                          # what chance decides comes from here; 0 where it is not said
//! finger place 12                 # without 'at': at once
//! at transfer 3 delay 200ms       # transfers are counted from 1
//! at transfer 12 stall
//! at 1.5s unplug                  # since the device was plugged in first
//! at 3s plug
//! ```
//!
//! | Fault | What happens |
//! |---|---|
//! | `unplug`, `plug` | the device goes, comes again |
//! | `stall` | the transfer is refused (USB: STALL; a serial line: a receive error) |
//! | `delay TIME` | the transfer takes so much longer |
//! | `corrupt` | some bits of the transfer are turned over |
//! | `short` | the transfer's end is missing |
//! | `drop-block` | the transfer's data is lost; all that comes after it is whole |
//! | `silence [TIME]` | nothing is answered from here on, for so long or until the device is plugged in again |
//! | `garbage` | bytes that mean nothing come in place of the transfer |
//! | `finger place SEED[:PRESSING]` | a synthetic finger is laid on the glass |
//! | `finger image FILE` | an image is laid on it |
//! | `finger lift`, `wet`, `dry` | the finger goes; the one that lies there, or comes next, is wet, is dry |
//!
//! What a transfer is, is the bus's to say: on USB one that the host submits, on a serial line one packet, in whichever
//! direction. A fault of a transfer that is set for a time meets the first transfer from that time on. The same script
//! on the same transfers makes the same faults, to the bit: [`Player::corrupt`] and [`Player::garbage`] draw from the
//! script's seed and the transfer's number.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The device goes.
    Unplug,
    /// The device comes again.
    Plug,
    /// The transfer is refused.
    Stall,
    /// The transfer takes so much longer.
    Delay(Duration),
    /// Some bits of the transfer are turned over.
    Corrupt,
    /// The transfer's end is missing.
    Short,
    /// The transfer's data is lost.
    DropBlock,
    /// Nothing is answered from here on: for so long, or until the device is plugged in again.
    Silence(Option<Duration>),
    /// Bytes that mean nothing come in place of the transfer.
    Garbage,
    /// Something happens on the glass.
    Finger(Touch),
}

/// What happens on a scanner's glass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// The synthetic finger of a seed is laid on it, pressed as another seed says; as at a counter where that is not said.
    Place {
        /// The finger's seed.
        finger: u64,
        /// The pressing's.
        pressing: Option<u64>,
    },
    /// The image in a file is laid on it.
    Image(PathBuf),
    /// What lies on it goes.
    Lift,
    /// The finger that lies there, or comes next, is too wet.
    Wet,
    /// The finger that lies there, or comes next, is too dry.
    Dry,
}

/// When it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// At the n-th transfer, counted from 1.
    Transfer(u64),
    /// So long after the device was plugged in first.
    Time(Duration),
}

/// One line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub when: When,
    /// What.
    pub fault: Fault,
}

/// A script of faults, in the order of its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// What chance decides comes from here.
    pub seed: u64,
    /// The faults.
    pub entries: Vec<Entry>,
}

/// A line that is none of a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ScriptError {
    /// Which line, counted from 1.
    pub line: usize,
    /// What is wrong with it, and what is expected.
    pub what: String,
}

const FAULTS: &str = "unplug, plug, stall, delay TIME, corrupt, short, drop-block, silence [TIME], garbage, or finger …";
const TOUCHES: &str = "place SEED[:PRESSING], image FILE, lift, wet, or dry";

impl Fault {
    /// Whether it happens to a transfer, and not to the device or on its glass.
    #[must_use]
    pub fn is_of_transfer(&self) -> bool {
        match self {
            Self::Stall
            | Self::Delay(_)
            | Self::Corrupt
            | Self::Short
            | Self::DropBlock
            | Self::Garbage => true,
            Self::Unplug | Self::Plug | Self::Silence(_) | Self::Finger(_) => false,
        }
    }

    /// The fault that a text says, as in a line of a script.
    ///
    /// # Errors
    /// What is wrong with the text, and what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (word, rest) = split(text);
        let fault = match word {
            "unplug" => Self::Unplug,
            "plug" => Self::Plug,
            "stall" => Self::Stall,
            "delay" => return time(rest, "after 'delay'").map(Self::Delay),
            "corrupt" => Self::Corrupt,
            "short" => Self::Short,
            "drop-block" => Self::DropBlock,
            "silence" if rest.is_empty() => Self::Silence(None),
            "silence" => {
                return time(rest, "after 'silence'").map(|time| Self::Silence(Some(time)));
            }
            "garbage" => Self::Garbage,
            "finger" => return Touch::parse(rest).map(Self::Finger),
            "" => return Err(format!("a fault is missing: {FAULTS}")),
            other => return Err(format!("'{other}' is no fault; expected: {FAULTS}")),
        };
        nothing_more(word, rest)?;
        Ok(fault)
    }
}

impl Touch {
    /// What a text says happens on the glass: `place SEED[:PRESSING]`, `image FILE`, `lift`, `wet`, `dry`.
    ///
    /// # Errors
    /// What is wrong with the text, and what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (word, rest) = split(text);
        let touch = match word {
            "place" => {
                let (finger, pressing) = match rest.split_once(':') {
                    Some((finger, pressing)) => (finger, Some(pressing)),
                    None => (rest, None),
                };
                return Ok(Self::Place {
                    finger: number(finger, "the finger's seed")?,
                    pressing: pressing
                        .map(|text| number(text, "the pressing's seed"))
                        .transpose()?,
                });
            }
            "image" if rest.is_empty() => return Err("the image's file is missing".to_owned()),
            "image" => return Ok(Self::Image(rest.into())),
            "lift" => Self::Lift,
            "wet" => Self::Wet,
            "dry" => Self::Dry,
            "" => return Err(format!("what the finger does is missing: {TOUCHES}")),
            other => return Err(format!("a finger does not '{other}'; expected: {TOUCHES}")),
        };
        nothing_more(word, rest)?;
        Ok(touch)
    }
}

impl Entry {
    /// The entry that a line says, without `at` meaning at once.
    ///
    /// # Errors
    /// What is wrong with the line, and what is expected.
    pub fn parse(line: &str) -> Result<Self, String> {
        let (when, rest) = match split(line) {
            ("at", rest) => match split(rest) {
                ("transfer", rest) => {
                    let (count, rest) = split(rest);
                    match number(count, "the transfer's number")? {
                        0 => return Err("transfers are counted from 1".to_owned()),
                        count => (When::Transfer(count), rest),
                    }
                }
                (text, rest) => (When::Time(time(text, "or 'transfer N' after 'at'")?), rest),
            },
            _ => (When::Now, line.trim()),
        };
        let fault = Fault::parse(rest)?;
        Ok(Self { when, fault })
    }
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// [`ScriptError`] at the first line that is none.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut script = Self::default();
        let mut seeded = false;
        for (at, line) in text.lines().enumerate() {
            let wrong = |what| ScriptError { line: at + 1, what };
            let line = without_comment(line);
            match split(line) {
                ("", _) => {}
                ("seed", _) if seeded => {
                    return Err(wrong("the seed was said before".to_owned()));
                }
                ("seed", rest) => {
                    script.seed = number(rest, "the seed").map_err(wrong)?;
                    seeded = true;
                }
                _ => script.entries.push(Entry::parse(line).map_err(wrong)?),
            }
        }
        Ok(script)
    }
}

/// What stands before a `#` that begins a word.
fn without_comment(line: &str) -> &str {
    let begins = |&(at, _): &(usize, &str)| {
        line[..at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    };
    let end = line.match_indices('#').find(begins);
    line[..end.map_or(line.len(), |(at, _)| at)].trim()
}

/// The first word, and what is after it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

fn nothing_more(word: &str, rest: &str) -> Result<(), String> {
    if rest.is_empty() {
        return Ok(());
    }
    Err(format!("'{rest}' after '{word}' is one too many"))
}

fn number(text: &str, what: &str) -> Result<u64, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => Ok(number),
        _ => Err(format!("{what} is a whole number, not '{text}'")),
    }
}

/// A time as people write it: `200ms`, `1.5s`; to the microsecond, a day at most.
fn time(text: &str, place: &str) -> Result<Duration, String> {
    let wrong = || format!("expected a time as in 200ms or 1.5s {place}, not '{text}'");
    let (digits, micros) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1_000),
        None => (text.strip_suffix('s').ok_or_else(wrong)?, 1_000_000),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| {
        (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !are_digits(whole) || !are_digits(part) {
        return Err(wrong());
    }
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let scale = 10u64.pow(u32::try_from(part.len()).map_err(|_| wrong())?);
    let part: u64 = part.parse().map_err(|_| wrong())?;
    let total = whole * micros + part * micros / scale;
    if total > 86_400_000_000 {
        return Err(format!("'{text}' is longer than a day"));
    }
    Ok(Duration::from_micros(total))
}

fn write_time(f: &mut fmt::Formatter<'_>, time: Duration) -> fmt::Result {
    let micros = time.as_micros();
    let (whole, part) = (micros / 1000, micros % 1000);
    match part {
        0 => write!(f, "{whole}ms"),
        _ => write!(f, "{whole}.{part:03}ms"),
    }
}

/// As in a script.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unplug => f.write_str("unplug"),
            Self::Plug => f.write_str("plug"),
            Self::Stall => f.write_str("stall"),
            Self::Delay(time) => {
                f.write_str("delay ")?;
                write_time(f, *time)
            }
            Self::Corrupt => f.write_str("corrupt"),
            Self::Short => f.write_str("short"),
            Self::DropBlock => f.write_str("drop-block"),
            Self::Silence(None) => f.write_str("silence"),
            Self::Silence(Some(time)) => {
                f.write_str("silence ")?;
                write_time(f, *time)
            }
            Self::Garbage => f.write_str("garbage"),
            Self::Finger(touch) => write!(f, "finger {touch}"),
        }
    }
}

/// As in a script, after `finger`.
impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place {
                finger,
                pressing: None,
            } => write!(f, "place {finger}"),
            Self::Place {
                finger,
                pressing: Some(pressing),
            } => write!(f, "place {finger}:{pressing}"),
            Self::Image(file) => write!(f, "image {}", file.display()),
            Self::Lift => f.write_str("lift"),
            Self::Wet => f.write_str("wet"),
            Self::Dry => f.write_str("dry"),
        }
    }
}

/// As in a script.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::Now => {}
            When::Transfer(count) => write!(f, "at transfer {count} ")?,
            When::Time(time) => {
                f.write_str("at ")?;
                write_time(f, time)?;
                f.write_str(" ")?;
            }
        }
        self.fault.fmt(f)
    }
}

/// As it is read.
impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        self.entries
            .iter()
            .try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

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
    use proptest::prelude::*;

    use super::*;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn a_script_says_what_and_when() {
        let script = Script::parse(
            "seed 7\n\n# nothing\nfinger place 12:3 # at once\nat transfer 3 delay 200ms\n at 1.5s  unplug\nat 2s finger image a b#1.png\nat 0.25ms silence 3s",
        )
        .unwrap();
        assert_eq!(script.seed, 7);
        let said: Vec<String> = script.entries.iter().map(Entry::to_string).collect();
        assert_eq!(
            said,
            [
                "finger place 12:3",
                "at transfer 3 delay 200ms",
                "at 1500ms unplug",
                "at 2000ms finger image a b#1.png",
                "at 0.250ms silence 3000ms",
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, word) in [
            ("seed x", 1, "whole number"),
            ("seed 1\nseed 2", 2, "before"),
            ("\n\nat transfer 0 stall", 3, "from 1"),
            ("at transfer stall", 1, "number"),
            ("at noon stall", 1, "200ms"),
            ("at 3 stall", 1, "200ms"),
            ("at 1.s stall", 1, "200ms"),
            ("at 99999999s stall", 1, "day"),
            ("at 1s", 1, "missing"),
            ("at 1s stal", 1, "'stal' is no fault; expected: unplug"),
            ("stall twice", 1, "too many"),
            ("delay", 1, "time"),
            ("delay -1s", 1, "time"),
            ("finger", 1, "place SEED"),
            ("finger dance", 1, "place SEED"),
            ("finger place", 1, "seed"),
            ("finger place 1:", 1, "pressing"),
            ("finger place +1", 1, "whole number"),
            ("finger image", 1, "file"),
        ] {
            let error = Script::parse(text).expect_err(text);
            assert_eq!(error.line, line, "{text}");
            assert!(error.what.contains(word), "{text}: {error}");
        }
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

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*", words in "(at|transfer|seed|finger|place|[0-9.:]{1,5}(ms|s)?|stall|silence|#| |\n){0,12}") {
            for text in [text, words] {
                if let Ok(script) = Script::parse(&text) {
                    prop_assert_eq!(Script::parse(&script.to_string()), Ok(script));
                }
            }
        }
    }
}
