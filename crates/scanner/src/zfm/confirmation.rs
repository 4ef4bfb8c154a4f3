//! What a module says to a command: the first byte of its answer.

use std::fmt;

/// A confirmation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confirmation {
    /// 00: done.
    Done,
    /// 01: the command did not reach the module whole.
    ReceiveError,
    /// 02: no finger lies on it.
    NoFinger,
    /// 03: no image could be taken.
    NoImageTaken,
    /// 04: the finger is too dry.
    TooDry,
    /// 05: the finger is too wet.
    TooWet,
    /// 06: the image is too disorderly for features.
    Disorderly,
    /// 07: the image has too few features, or shows too little of a finger.
    TooFewFeatures,
    /// 08: the two fingers do not match.
    NoMatch,
    /// 09: no finger of the library matches.
    NotFound,
    /// 0A: the two character files are not of one finger.
    NotOneFinger,
    /// 0B: the library has no such page.
    NoSuchPage,
    /// 0C: the page cannot be read, or holds no template.
    NoTemplate,
    /// 0D: the template cannot be sent.
    TemplateNotSent,
    /// 0E: the data that follows cannot be received.
    DataNotReceived,
    /// 0F: the image cannot be sent.
    ImageNotSent,
    /// 10: the template cannot be deleted.
    NotDeleted,
    /// 11: the library cannot be emptied.
    NotEmptied,
    /// 12: the module cannot save power.
    NoLowPower,
    /// 13: the password is wrong. Some modules say so to a command that they do not know.
    WrongPassword,
    /// 14: the module cannot be reset.
    NotReset,
    /// 15: there is no valid image for this.
    NoValidImage,
    /// 16: the module's program cannot be renewed.
    NotUpgraded,
    /// 17: the finger did not move between two images.
    SameFinger,
    /// 18: the module's flash memory cannot be written.
    FlashError,
    /// 19: an error that the module does not name.
    Unnamed,
    /// 1A: there is no such register.
    NoSuchRegister,
    /// 1B: the register cannot be set to this.
    BadSetting,
    /// 1C: there is no such page of the notepad.
    NoSuchNotepadPage,
    /// 1D: the port cannot be used.
    PortError,
    /// 1E: the enrolment failed.
    NotEnrolled,
    /// 1F: the library is full.
    LibraryFull,
    /// 20: the address is wrong.
    WrongAddress,
    /// 21: the password must be verified first.
    PasswordNeeded,
    /// A code of no known meaning.
    Other(u8),
}

use Confirmation as C;

/// Every code with a name, and what it means.
const NAMED: [(u8, Confirmation, &str); 34] = [
    (0x00, C::Done, "done"),
    (0x01, C::ReceiveError, "the command did not arrive whole"),
    (0x02, C::NoFinger, "no finger lies on it"),
    (0x03, C::NoImageTaken, "no image could be taken"),
    (0x04, C::TooDry, "the finger is too dry"),
    (0x05, C::TooWet, "the finger is too wet"),
    (0x06, C::Disorderly, "the image is too disorderly"),
    (0x07, C::TooFewFeatures, "the image has too few features"),
    (0x08, C::NoMatch, "the fingers do not match"),
    (0x09, C::NotFound, "no finger in the library matches"),
    (0x0A, C::NotOneFinger, "the two are not one finger"),
    (0x0B, C::NoSuchPage, "the library has no such page"),
    (0x0C, C::NoTemplate, "the page holds no valid template"),
    (0x0D, C::TemplateNotSent, "the template cannot be sent"),
    (0x0E, C::DataNotReceived, "the data cannot be received"),
    (0x0F, C::ImageNotSent, "the image cannot be sent"),
    (0x10, C::NotDeleted, "the template cannot be deleted"),
    (0x11, C::NotEmptied, "the library cannot be emptied"),
    (0x12, C::NoLowPower, "power cannot be saved"),
    (0x13, C::WrongPassword, "the password is wrong"),
    (0x14, C::NotReset, "it cannot be reset"),
    (0x15, C::NoValidImage, "there is no valid image"),
    (0x16, C::NotUpgraded, "its program cannot be renewed"),
    (0x17, C::SameFinger, "the finger did not move"),
    (0x18, C::FlashError, "its flash memory cannot be written"),
    (0x19, C::Unnamed, "an error without a name"),
    (0x1A, C::NoSuchRegister, "there is no such register"),
    (0x1B, C::BadSetting, "the register cannot be set so"),
    (0x1C, C::NoSuchNotepadPage, "the notepad has no such page"),
    (0x1D, C::PortError, "the port cannot be used"),
    (0x1E, C::NotEnrolled, "the enrolment failed"),
    (0x1F, C::LibraryFull, "the library is full"),
    (0x20, C::WrongAddress, "the address is wrong"),
    (
        0x21,
        C::PasswordNeeded,
        "the password must be verified first",
    ),
];

impl Confirmation {
    /// What a code says.
    #[must_use]
    pub fn of_code(code: u8) -> Self {
        match NAMED.get(usize::from(code)) {
            Some(&(_, named, _)) => named,
            None => Self::Other(code),
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Other(code) => code,
            named => NAMED
                .iter()
                .find(|(_, each, _)| *each == named)
                .map_or(0x19, |&(code, ..)| code),
        }
    }

    /// What it means, in a few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match NAMED.get(usize::from(self.code())) {
            Some(&(_, _, meaning)) => meaning,
            None => "a code of no known meaning",
        }
    }
}

/// Its meaning, and the code.
impl fmt::Display for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {:02X})", self.meaning(), self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        for code in 0..=255 {
            let confirmation = Confirmation::of_code(code);
            assert_eq!(confirmation.code(), code);
            assert_eq!(
                matches!(confirmation, Confirmation::Other(_)),
                code > 0x21,
                "{code:02X}"
            );
        }
        for (at, (code, named, _)) in NAMED.into_iter().enumerate() {
            assert_eq!(
                (usize::from(code), Confirmation::of_code(code)),
                (at, named)
            );
        }
    }
}
