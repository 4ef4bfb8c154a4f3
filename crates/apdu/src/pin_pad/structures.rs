//! PIN_VERIFY and PIN_MODIFY, the structures of PC/SC part 10 (sections 2.5.2 and 2.5.3), as bytes.
//!
//! Pure functions from what is asked to what the driver is given. Numbers of more than one byte go in the machine's
//! little-endian order, which is USB's as well.

use alloc::vec;
use alloc::vec::Vec;

use crate::{Command, EncodeError};

/// How the PIN stands in the command's data field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinFormat {
    /// Fewest digits.
    pub min: u8,
    /// Most digits.
    pub max: u8,
    /// Bytes of the field that the PIN and its padding fill, at most 15.
    pub block: u8,
    /// What fills the field behind the PIN.
    pub padding: u8,
}

impl PinFormat {
    /// The field before the pad has filled it.
    fn template(self) -> Vec<u8> {
        vec![self.padding; usize::from(self.block)]
    }
}

/// What the pad shows, and for how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompts {
    /// Language of the messages, a Windows language identifier.
    pub language: u16,
    /// Seconds until the first key; 0 leaves it to the reader.
    pub first_key: u8,
    /// Seconds from key to key; 0 leaves it to the reader.
    pub next_key: u8,
}

impl Prompts {
    /// Messages in English (0409).
    pub const ENGLISH: Self = Self::in_language(0x0409);
    /// Messages in Persian (0429); a reader that has none shows its own.
    pub const PERSIAN: Self = Self::in_language(0x0429);

    const fn in_language(language: u16) -> Self {
        Self {
            language,
            first_key: 30,
            next_key: 15,
        }
    }
}

/// A PIN to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinVerify {
    /// P2 of VERIFY: the key reference.
    pub reference: u8,
    /// How the PIN stands in it.
    pub format: PinFormat,
    /// What the pad shows.
    pub prompts: Prompts,
}

/// A new PIN to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinModify {
    /// P2 of CHANGE REFERENCE DATA: the key reference.
    pub reference: u8,
    /// Whether the present PIN is asked for, too (P1 = 00), or none is there yet (P1 = 01).
    pub replaces: bool,
    /// How both stand in it.
    pub format: PinFormat,
    /// What the pad shows.
    pub prompts: Prompts,
}

/// System units are bytes (bit 8); the PIN begins with the data field (bits 7 to 4); it is justified to the left (bit 3)
/// and in ASCII (bits 2 and 1 = 10).
const FORMAT: u8 = 0x82;
/// Entry is over when the validation key is pressed.
const VALIDATION_KEY: u8 = 0x02;
const VERIFY: u8 = 0x20;
const CHANGE_REFERENCE_DATA: u8 = 0x24;
/// Messages: enter the PIN, enter the new PIN, confirm the new PIN.
const ENTER: u8 = 0;
const ENTER_NEW: u8 = 1;
const CONFIRM: u8 = 2;

impl PinVerify {
    /// The structure PIN_VERIFY.
    ///
    /// # Errors
    /// None for a format with a block of at most 15 bytes; [`EncodeError`] where the command cannot be put together.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let command = Command::new(0x00, VERIFY, 0x00, self.reference)
            .with_data(self.format.template())
            .to_bytes()?;
        let mut out = opening(self.format, self.prompts);
        out.extend(digits(self.format));
        out.push(VALIDATION_KEY);
        out.push(1);
        out.extend(self.prompts.language.to_le_bytes());
        out.push(ENTER);
        Ok(closing(out, &command))
    }
}

impl PinModify {
    /// The structure PIN_MODIFY. The new PIN is asked for twice.
    ///
    /// # Errors
    /// None for a format with a block of at most 15 bytes; [`EncodeError`] where the command cannot be put together.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let (p1, blocks, confirm, messages) = match self.replaces {
            true => (0x00, 2, 0x03, [ENTER, ENTER_NEW, CONFIRM]),
            false => (0x01, 1, 0x01, [ENTER_NEW, CONFIRM, ENTER]),
        };
        let command = Command::new(0x00, CHANGE_REFERENCE_DATA, p1, self.reference)
            .with_data(self.format.template().repeat(blocks))
            .to_bytes()?;
        let mut out = opening(self.format, self.prompts);
        out.push(0);
        out.push(if self.replaces { self.format.block } else { 0 });
        out.extend(digits(self.format));
        out.push(confirm);
        out.push(VALIDATION_KEY);
        out.push(if self.replaces { 3 } else { 2 });
        out.extend(self.prompts.language.to_le_bytes());
        out.extend(messages);
        Ok(closing(out, &command))
    }
}

/// What both structures begin with: time-outs, where the PIN goes, how long its field is. No length of the PIN is put
/// into the command.
fn opening(format: PinFormat, prompts: Prompts) -> Vec<u8> {
    vec![
        prompts.first_key,
        prompts.next_key,
        FORMAT,
        format.block & 0x0F,
        0x00,
    ]
}

/// wPINMaxExtraDigit: XXYY, fewest and most digits.
fn digits(format: PinFormat) -> [u8; 2] {
    u16::from_be_bytes([format.min, format.max]).to_le_bytes()
}

/// What both structures end with: no T=1 prologue of ours, the command and its length.
fn closing(mut out: Vec<u8>, command: &[u8]) -> Vec<u8> {
    out.extend([0; 3]);
    // A command of at most 15 + 15 bytes of data.
    let length = u32::try_from(command.len()).unwrap_or(u32::MAX);
    out.extend(length.to_le_bytes());
    out.extend(command);
    out
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;

    /// Six to eight digits in eight bytes, filled up with FF.
    const EIGHT: PinFormat = PinFormat {
        min: 6,
        max: 8,
        block: 8,
        padding: 0xFF,
    };

    /// Spells the structure field by field, as the standard's tables have it.
    fn bytes(fields: &[&str]) -> Vec<u8> {
        let digits: String = fields.concat().split_whitespace().collect();
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn verifying_a_pin() {
        let ask = PinVerify {
            reference: 0x80,
            format: EIGHT,
            prompts: Prompts::ENGLISH,
        };
        let expected = bytes(&[
            "1E",       // bTimeOut
            "0F",       // bTimeOut2
            "82",       // bmFormatString: bytes, position 0, left, ASCII
            "08",       // bmPINBlockString: no length, a block of 8
            "00",       // bmPINLengthFormat
            "0806",     // wPINMaxExtraDigit 0608
            "02",       // bEntryValidationCondition: validation key
            "01",       // bNumberMessage
            "0904",     // wLangId 0409
            "00",       // bMsgIndex
            "000000",   // bTeoPrologue
            "0D000000", // ulDataLength
            "00 20 00 80 08 FFFFFFFFFFFFFFFF",
        ]);
        assert_eq!(ask.encode().unwrap(), expected);
    }

    #[test]
    fn setting_a_first_pin() {
        let ask = PinModify {
            reference: 0x80,
            replaces: false,
            format: EIGHT,
            prompts: Prompts::PERSIAN,
        };
        let expected = bytes(&[
            "1E",
            "0F",
            "82",
            "08",
            "00",
            "00",       // bInsertionOffsetOld
            "00",       // bInsertionOffsetNew
            "0806",     // wPINMaxExtraDigit
            "01",       // bConfirmPIN: repetition, no present PIN
            "02",       // bEntryValidationCondition
            "02",       // bNumberMessage
            "2904",     // wLangId 0429
            "01 02 00", // bMsgIndex1 to 3: new PIN, again
            "000000",
            "0D000000",
            "00 24 01 80 08 FFFFFFFFFFFFFFFF",
        ]);
        assert_eq!(ask.encode().unwrap(), expected);
    }

    #[test]
    fn changing_a_pin() {
        let ask = PinModify {
            reference: 0x80,
            replaces: true,
            format: EIGHT,
            prompts: Prompts {
                language: 0x0409,
                first_key: 0,
                next_key: 0,
            },
        };
        let expected = bytes(&[
            "00",
            "00",
            "82",
            "08",
            "00",
            "00", // the present PIN first
            "08", // the new one behind its block
            "0806",
            "03", // bConfirmPIN: present PIN and repetition
            "02",
            "03", // three messages
            "0904",
            "00 01 02",
            "000000",
            "15000000",
            "00 24 00 80 10 FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF",
        ]);
        assert_eq!(ask.encode().unwrap(), expected);
    }
}
