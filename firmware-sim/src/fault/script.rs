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
//! on the same transfers makes the same faults, to the bit: what chance decides is drawn from the script's seed and the
//! transfer's number ([`Player`](super::Player)).

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

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
pub(super) fn without_comment(line: &str) -> &str {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
