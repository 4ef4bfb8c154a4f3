//! Status words by name and meaning (ISO/IEC 7816-4 §5.6, GlobalPlatform Card Specification 2.3 §11.1.3).

use core::fmt;

/// SW1-SW2 of a response.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatusWord(
    /// SW1 in the high byte, SW2 in the low one.
    pub u16,
);

macro_rules! status_words {
    ($($name:ident = $value:literal, $meaning:literal;)*) => {
        impl StatusWord {
            $(
                #[doc = $meaning]
                pub const $name: Self = Self($value);
            )*
        }

        /// Value, name and meaning of every status word named here.
        const NAMED: &[(u16, &str, &str)] = &[$(($value, stringify!($name), $meaning)),*];
    };
}

status_words! {
    SUCCESS = 0x9000, "done";
    SELECTED_FILE_INVALIDATED = 0x6283, "the selected file or application is blocked or deactivated";
    END_OF_FILE = 0x6282, "the end of the file came before the bytes asked for";
    STATE_UNCHANGED = 0x6200, "warning: nothing was changed";
    AUTHENTICATION_FAILED = 0x6300, "authentication failed";
    MORE_DATA = 0x6310, "there is more of this data";
    EXECUTION_ERROR = 0x6400, "the card could not carry out the command; nothing was changed";
    MEMORY_FAILURE = 0x6581, "the card's memory failed";
    WRONG_LENGTH = 0x6700, "wrong length";
    LOGICAL_CHANNEL_NOT_SUPPORTED = 0x6881, "the card does not support this logical channel";
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882, "the card does not support secure messaging here";
    CHAINING_LAST_COMMAND_EXPECTED = 0x6883, "the last command of the chain was expected";
    CHAINING_NOT_SUPPORTED = 0x6884, "the card does not support command chaining";
    COMMAND_NOT_ALLOWED = 0x6900, "the command is not allowed";
    SECURITY_STATUS_NOT_SATISFIED = 0x6982, "the security status is not satisfied: something has to be verified first";
    AUTHENTICATION_METHOD_BLOCKED = 0x6983, "the authentication method is blocked: no tries are left";
    REFERENCE_DATA_NOT_USABLE = 0x6984, "the reference data cannot be used";
    CONDITIONS_NOT_SATISFIED = 0x6985, "the conditions of use are not satisfied in the card's present state";
    NO_CURRENT_FILE = 0x6986, "no file is selected";
    SECURE_MESSAGING_DATA_MISSING = 0x6987, "data objects of secure messaging are missing";
    SECURE_MESSAGING_INCORRECT = 0x6988, "data objects of secure messaging are incorrect";
    APPLET_SELECT_FAILED = 0x6999, "the application refused to be selected";
    WRONG_DATA = 0x6A80, "wrong parameters in the command data";
    FUNCTION_NOT_SUPPORTED = 0x6A81, "the function is not supported, or the card is locked";
    FILE_NOT_FOUND = 0x6A82, "the file, application or data object was not found";
    RECORD_NOT_FOUND = 0x6A83, "the record was not found";
    NOT_ENOUGH_MEMORY = 0x6A84, "there is not enough memory in the card";
    NC_INCONSISTENT_WITH_TLV = 0x6A85, "the length disagrees with the TLV structure";
    INCORRECT_P1P2 = 0x6A86, "incorrect parameters P1-P2";
    NC_INCONSISTENT_WITH_P1P2 = 0x6A87, "the length disagrees with P1-P2";
    REFERENCE_DATA_NOT_FOUND = 0x6A88, "the referenced data or key was not found";
    FILE_ALREADY_EXISTS = 0x6A89, "the file already exists";
    WRONG_P1P2 = 0x6B00, "wrong parameters P1-P2, or an offset outside the file";
    INS_NOT_SUPPORTED = 0x6D00, "the instruction is not supported";
    CLA_NOT_SUPPORTED = 0x6E00, "the class is not supported";
    UNKNOWN_ERROR = 0x6F00, "the card gives no diagnosis";
    ALGORITHM_NOT_SUPPORTED = 0x9484, "the algorithm is not supported";
    INVALID_KEY_CHECK_VALUE = 0x9485, "the key check value is wrong";
}

impl StatusWord {
    /// 63CX: a verification failed and `retries` tries are left; more than 15 are told as 15.
    #[must_use]
    pub const fn verification_failed(retries: u8) -> Self {
        Self(0x63C0 | if retries > 15 { 15 } else { retries as u16 })
    }

    /// 61XX: `bytes` more response bytes wait; 256 and more are told as 00.
    #[must_use]
    pub const fn more_available(bytes: usize) -> Self {
        Self(0x6100 | if bytes > 255 { 0 } else { bytes as u16 })
    }

    /// 6CXX: wrong Le, `bytes` are exactly what there is; 256 is told as 00.
    #[must_use]
    pub const fn wrong_le(bytes: u8) -> Self {
        Self(0x6C00 | bytes as u16)
    }

    /// SW1.
    #[must_use]
    pub const fn sw1(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    /// SW2.
    #[must_use]
    pub const fn sw2(self) -> u8 {
        self.0.to_be_bytes()[1]
    }

    /// Whether this is 9000.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == 0x9000
    }

    /// Whether this is a warning: 62XX or 63XX.
    #[must_use]
    pub const fn is_warning(self) -> bool {
        matches!(self.sw1(), 0x62 | 0x63)
    }

    /// Tries left after a failed verification: X of 63CX, 0 of 6983.
    #[must_use]
    pub const fn retries(self) -> Option<u8> {
        match self.0 {
            0x63C0..=0x63CF => Some(self.sw2() & 0x0F),
            0x6983 => Some(0),
            _ => None,
        }
    }

    /// Response bytes that wait for GET RESPONSE (61XX): 1 to 256, 256 meaning 'at least'.
    #[must_use]
    pub const fn bytes_available(self) -> Option<u16> {
        match (self.sw1(), self.sw2()) {
            (0x61, 0) => Some(256),
            (0x61, n) => Some(n as u16),
            _ => None,
        }
    }

    /// The Ne that would have been right (6CXX): 1 to 256.
    #[must_use]
    pub const fn correct_le(self) -> Option<u16> {
        match (self.sw1(), self.sw2()) {
            (0x6C, 0) => Some(256),
            (0x6C, n) => Some(n as u16),
            _ => None,
        }
    }

    /// The name of the constant here, of the family (63CX, 61XX, 6CXX), or `"UNKNOWN"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.named() {
            Some((name, _)) => name,
            None => match self.0 {
                0x63C0..=0x63CF => "VERIFICATION_FAILED",
                0x6100..=0x61FF => "MORE_AVAILABLE",
                0x6C00..=0x6CFF => "WRONG_LE",
                _ => "UNKNOWN",
            },
        }
    }

    /// What it means, in a few English words; for a value not named here, what its family (SW1) means.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self.named() {
            Some((_, meaning)) => meaning,
            None => match self.0 {
                0x63C0 => "the verification failed; no tries are left",
                0x63C1..=0x63CF => "the verification failed; tries are left",
                _ => match self.sw1() {
                    0x61 => "done; more response bytes wait",
                    0x62 => "warning; nothing was changed",
                    0x63 => "warning; the card's memory was changed",
                    0x64 => "the card could not carry out the command; nothing was changed",
                    0x65 => "the card could not carry out the command; its memory was changed",
                    0x66 => "a security failure in the card",
                    0x67 => "wrong length",
                    0x68 => "a function of the class byte is not supported",
                    0x69 => "the command is not allowed",
                    0x6A => "wrong parameters",
                    0x6B => "wrong parameters P1-P2",
                    0x6C => "wrong Le",
                    0x6D => "the instruction is not supported",
                    0x6E => "the class is not supported",
                    0x6F => "the card gives no diagnosis",
                    0x90..=0x9F => "an answer of the application's own",
                    _ => "not a status word of ISO/IEC 7816-4",
                },
            },
        }
    }

    fn named(self) -> Option<(&'static str, &'static str)> {
        NAMED
            .iter()
            .find(|(value, _, _)| *value == self.0)
            .map(|&(_, name, meaning)| (name, meaning))
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} ({})", self.0, self.meaning())
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusWord({:04X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn families() {
        assert_eq!(StatusWord(0x63C2).retries(), Some(2));
        assert_eq!(StatusWord::AUTHENTICATION_METHOD_BLOCKED.retries(), Some(0));
        assert_eq!(StatusWord(0x6300).retries(), None);
        assert_eq!(StatusWord::verification_failed(40), StatusWord(0x63CF));
        assert_eq!(StatusWord(0x6100).bytes_available(), Some(256));
        assert_eq!(StatusWord::more_available(256), StatusWord(0x6100));
        assert_eq!(StatusWord::more_available(12), StatusWord(0x610C));
        assert_eq!(StatusWord(0x6C0A).correct_le(), Some(10));
        assert_eq!(StatusWord(0x6A82).name(), "FILE_NOT_FOUND");
        assert_eq!(StatusWord(0x63C3).name(), "VERIFICATION_FAILED");
        assert_eq!(StatusWord(0x6FAB).name(), "UNKNOWN");
        assert_eq!(
            format!("{}", StatusWord(0x6D00)),
            "6D00 (the instruction is not supported)"
        );
    }

    #[test]
    fn named_once_each() {
        for (index, (value, name, _)) in NAMED.iter().enumerate() {
            assert!(
                NAMED
                    .iter()
                    .skip(index + 1)
                    .all(|(other, twin, _)| other != value && twin != name),
                "{name}"
            );
        }
    }
}
