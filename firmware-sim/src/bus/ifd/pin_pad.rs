//! A reader's own keys: what a person presses there becomes a command to the card, as a structure of PC/SC part 10
//! (sections 2.5.2 and 2.5.3) says.
//!
//! The pad knows what most do: digits in ASCII, justified to the left in a field whose padding stands in the command
//! already. All else it answers with 6B80, as the standard has it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use negin_apdu::StatusWord;
use negin_link::PinEntry;
use zeroize::Zeroizing;

/// How long the pad waits for the first key where it is not told.
const FIRST_KEY: Duration = Duration::from_secs(30);

/// Nobody pressed a key in time.
const TIMED_OUT: StatusWord = StatusWord(0x6400);
/// The cancel key was pressed.
const CANCELLED: StatusWord = StatusWord(0x6401);
/// The new PIN and its repetition differ.
const NOT_CONFIRMED: StatusWord = StatusWord(0x6402);
/// The PIN is too short or too long.
const LENGTH: StatusWord = StatusWord(0x6403);
/// The structure is not one that the pad understands.
const PARAMETER: StatusWord = StatusWord(0x6B80);

/// What a person does at the keys when asked for a PIN.
#[derive(Clone, PartialEq, Eq)]
pub enum Keys {
    /// Enters these digits and confirms them.
    Digits(Zeroizing<String>),
    /// Presses the cancel key.
    Cancel,
    /// Presses nothing until the time is over.
    Nothing,
}

/// PINs are not shown.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digits(_) => "Digits(…)",
            Self::Cancel => "Cancel",
            Self::Nothing => "Nothing",
        })
    }
}

impl Keys {
    /// What a word of the control socket means: digits, `cancel`, `nothing`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "cancel" => Some(Self::Cancel),
            "nothing" => Some(Self::Nothing),
            digits if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Self::Digits(Zeroizing::new(digits.to_owned())))
            }
            _ => None,
        }
    }
}

/// The keys of a reader, and what will be pressed.
#[derive(Debug, Default)]
pub struct PinPad {
    pressed: Mutex<VecDeque<Keys>>,
    more: Condvar,
}

impl PinPad {
    fn pressed(&self) -> MutexGuard<'_, VecDeque<Keys>> {
        self.pressed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next times it asks, this is done, one after the other. It replaces what was to be done before.
    pub fn press(&self, keys: impl IntoIterator<Item = Keys>) {
        *self.pressed() = keys.into_iter().collect();
        self.more.notify_all();
    }

    /// Has a PIN entered. The command for the card, or the pad's own answer where there is none.
    pub(super) fn command(
        &self,
        entry: PinEntry,
        structure: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StatusWord> {
        let asked = Asked::parse(entry, structure).ok_or(PARAMETER)?;
        let mut command = Zeroizing::new(asked.command.to_vec());
        if let Some(offset) = asked.old {
            asked.put(&mut command, offset, &self.pin(&asked)?)?;
        }
        let new = self.pin(&asked)?;
        if asked.again {
            let again = self.entered(asked.wait)?;
            if *again != *new {
                return Err(NOT_CONFIRMED);
            }
        }
        asked.put(&mut command, asked.new, &new)?;
        Ok(command)
    }

    /// A PIN of a length that is asked for.
    fn pin(&self, asked: &Asked<'_>) -> Result<Zeroizing<String>, StatusWord> {
        let pin = self.entered(asked.wait)?;
        if (asked.fewest..=asked.most).contains(&pin.len()) {
            Ok(pin)
        } else {
            Err(LENGTH)
        }
    }

    fn entered(&self, wait: Duration) -> Result<Zeroizing<String>, StatusWord> {
        let begin = Instant::now();
        let mut pressed = self.pressed();
        loop {
            match pressed.pop_front() {
                Some(Keys::Digits(digits)) => return Ok(digits),
                Some(Keys::Cancel) => return Err(CANCELLED),
                Some(Keys::Nothing) => return Err(TIMED_OUT),
                None => {}
            }
            let left = wait.checked_sub(begin.elapsed()).ok_or(TIMED_OUT)?;
            pressed = match self.more.wait_timeout(pressed, left) {
                Ok((pressed, _)) => pressed,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

/// What a structure asks for.
struct Asked<'a> {
    /// Until the first key.
    wait: Duration,
    fewest: usize,
    most: usize,
    /// Bytes of the field that a PIN has for itself.
    block: usize,
    /// Where the present PIN goes in the command, where it is asked for.
    old: Option<usize>,
    /// Where the PIN, or the new one, goes in the command.
    new: usize,
    /// The new PIN is asked for twice.
    again: bool,
    command: &'a [u8],
}

/// Where the data field of a short command begins.
const DATA: usize = 5;

impl<'a> Asked<'a> {
    fn parse(entry: PinEntry, structure: &'a [u8]) -> Option<Self> {
        let (&[first_key, _, format, block, length_format], rest) =
            structure.split_first_chunk::<5>()?;
        let (offsets, rest) = match entry {
            PinEntry::Verify => ([0, 0], rest),
            PinEntry::Modify => {
                let (offsets, rest) = rest.split_first_chunk::<2>()?;
                (*offsets, rest)
            }
        };
        let (&[most, fewest], rest) = rest.split_first_chunk::<2>()?;
        let (confirm, rest) = match entry {
            PinEntry::Verify => (0, rest),
            PinEntry::Modify => {
                let (&confirm, rest) = rest.split_first()?;
                (confirm, rest)
            }
        };
        // bEntryValidationCondition, bNumberMessage, wLangId; bMsgIndex once or three times; bTeoPrologue.
        let shown = match entry {
            PinEntry::Verify => 4 + 1 + 3,
            PinEntry::Modify => 4 + 3 + 3,
        };
        let rest = rest.get(shown..)?;
        let (length, command) = rest.split_first_chunk::<4>()?;
        let whole = u32::from_le_bytes(*length) as usize == command.len();
        let field = command.get(4).copied().map(usize::from)?;
        // Units of bytes, ASCII, to the left; no length of the PIN in the command.
        let simple = format & 0x87 == 0x82 && block & 0xF0 == 0 && length_format == 0;
        if !whole || !simple || command.len() < DATA + field {
            return None;
        }
        let position = DATA + usize::from(format >> 3 & 0x0F);
        let at = |offset: u8| position + usize::from(offset);
        let block = usize::from(block);
        let asked = Self {
            wait: match first_key {
                0 => FIRST_KEY,
                seconds => Duration::from_secs(seconds.into()),
            },
            fewest: fewest.into(),
            most: most.into(),
            block,
            old: (confirm & 0x02 != 0).then(|| at(offsets[0])),
            new: at(offsets[1]),
            again: confirm & 0x01 != 0,
            command,
        };
        let fits = |offset: usize| offset + block <= DATA + field;
        (asked.most <= block && fits(asked.new) && asked.old.is_none_or(fits)).then_some(asked)
    }

    /// Puts a PIN into the command.
    fn put(&self, command: &mut [u8], offset: usize, pin: &str) -> Result<(), StatusWord> {
        let field = command
            .get_mut(offset..offset + self.block)
            .ok_or(PARAMETER)?;
        field
            .get_mut(..pin.len())
            .ok_or(LENGTH)?
            .copy_from_slice(pin.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use negin_apdu::pin_pad::{PinFormat, PinModify, PinVerify, Prompts};

    const FORMAT: PinFormat = PinFormat {
        min: 6,
        max: 8,
        block: 8,
        padding: 0xFF,
    };
    const PROMPTS: Prompts = Prompts {
        language: 0x0409,
        first_key: 1,
        next_key: 1,
    };

    fn verify() -> Vec<u8> {
        let ask = PinVerify {
            reference: 0x80,
            format: FORMAT,
            prompts: PROMPTS,
        };
        ask.encode().unwrap()
    }

    fn modify(replaces: bool) -> Vec<u8> {
        let ask = PinModify {
            reference: 0x80,
            replaces,
            format: FORMAT,
            prompts: PROMPTS,
        };
        ask.encode().unwrap()
    }

    fn pressed(entry: PinEntry, structure: &[u8], words: &[&str]) -> Result<Vec<u8>, StatusWord> {
        let pad = PinPad::default();
        pad.press(words.iter().map(|word| Keys::parse(word).unwrap()));
        pad.command(entry, structure)
            .map(|command| command.to_vec())
    }

    #[test]
    fn the_pin_goes_into_the_command() {
        assert_eq!(
            pressed(PinEntry::Verify, &verify(), &["123456"]).unwrap(),
            b"\x00\x20\x00\x80\x08123456\xFF\xFF"
        );
        assert_eq!(
            pressed(PinEntry::Modify, &modify(false), &["12345678", "12345678"]).unwrap(),
            b"\x00\x24\x01\x80\x0812345678"
        );
        assert_eq!(
            pressed(
                PinEntry::Modify,
                &modify(true),
                &["111111", "2222222", "2222222"]
            )
            .unwrap(),
            b"\x00\x24\x00\x80\x10111111\xFF\xFF2222222\xFF"
        );
    }

    #[test]
    fn what_a_person_does_wrong_never_reaches_the_card() {
        for (words, sw) in [
            (&["12345"][..], LENGTH),
            (&["123456789"], LENGTH),
            (&["cancel"], CANCELLED),
            (&["nothing"], TIMED_OUT),
            (&[], TIMED_OUT),
        ] {
            assert_eq!(
                pressed(PinEntry::Verify, &verify(), words),
                Err(sw),
                "{words:?}"
            );
        }
        let differ = pressed(PinEntry::Modify, &modify(false), &["123456", "123457"]);
        assert_eq!(differ, Err(NOT_CONFIRMED));
    }

    #[test]
    fn structures_that_are_none_are_refused() {
        for (entry, structure) in [
            (PinEntry::Verify, verify()),
            (PinEntry::Modify, modify(true)),
        ] {
            for length in 0..structure.len() {
                assert_eq!(
                    pressed(entry, &structure[..length], &["123456"]),
                    Err(PARAMETER)
                );
            }
            for (at, _) in structure.iter().enumerate() {
                for value in [0x00, 0x7F, 0xFF] {
                    let mut other = structure.clone();
                    other[at] = value;
                    // Whatever it asks for, it is answered, and soon.
                    let _ = pressed(entry, &other, &["123456", "1234567", "cancel"]);
                }
            }
        }
    }

    #[test]
    fn no_pin_is_shown() {
        assert_eq!(format!("{:?}", Keys::parse("123456")), "Some(Digits(…))");
        assert_eq!(Keys::parse("12a"), None);
        assert_eq!(Keys::parse(""), None);
    }
}
