//! SELECT by name (ISO/IEC 7816-4 §11.2.2, GlobalPlatform Card Specification 2.3 §11.9): for every application.

use core::fmt;

use negin_apdu::{Aid, Command, StatusWord};

/// SELECT `00 A4 04 00`: an application by its name, first or only occurrence; with P2 = 0C no answer is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct SelectApplication {
    name: Vec<u8>,
    silent: bool,
}

impl SelectApplication {
    /// Instruction byte.
    pub const INS: u8 = 0xA4;

    /// Selects this application.
    #[must_use]
    pub fn new(aid: Aid) -> Self {
        Self {
            name: aid.as_bytes().to_vec(),
            silent: false,
        }
    }

    /// Selects the card's default application, its security domain.
    #[must_use]
    pub fn default_application() -> Self {
        Self {
            name: Vec::new(),
            silent: false,
        }
    }

    /// Whether a command is a SELECT by name, well-formed or not: `A4 04`.
    #[must_use]
    pub fn is(command: &Command) -> bool {
        command.ins == Self::INS && command.p1 == 0x04
    }

    /// The name asked for: an AID, its first bytes, or nothing.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The same, asking for no answer beside the status word (P2 = 0C).
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Whether no answer is asked for beside the status word.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        self.silent
    }

    /// Reads the command.
    ///
    /// # Errors
    /// 6E00 for another class, 6D00 for another instruction, 6A86 for other parameters (P2 = 02, the next
    /// occurrence, is 6A82: names on our card are unique), 6A80 for a name of more than 16 bytes.
    pub fn parse(command: &Command) -> Result<Self, StatusWord> {
        match (command.cla, command.ins, command.p1, command.p2) {
            (0x00, Self::INS, 0x04, 0x00 | 0x0C) if command.data().len() <= 16 => Ok(Self {
                name: command.data().to_vec(),
                silent: command.p2 == 0x0C,
            }),
            (0x00, Self::INS, 0x04, 0x00 | 0x0C) => Err(StatusWord::WRONG_DATA),
            (0x00, Self::INS, 0x04, 0x02 | 0x0E) => Err(StatusWord::FILE_NOT_FOUND),
            (0x00, Self::INS, ..) => Err(StatusWord::INCORRECT_P1P2),
            (0x00, ..) => Err(StatusWord::INS_NOT_SUPPORTED),
            _ => Err(StatusWord::CLA_NOT_SUPPORTED),
        }
    }

    /// The command.
    #[must_use]
    pub fn to_apdu(&self) -> Command {
        let (p2, ne) = if self.silent { (0x0C, 0) } else { (0x00, 256) };
        Command::new(0x00, Self::INS, 0x04, p2)
            .with_data(self.name.clone())
            .with_le(ne)
    }
}

impl fmt::Debug for SelectApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SelectApplication(")?;
        self.name
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02X}"))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aid;

    #[test]
    fn round_trip() {
        for select in [
            SelectApplication::new(aid::PIV),
            SelectApplication::default_application(),
            SelectApplication::new(aid::PIV).silent(),
        ] {
            assert_eq!(SelectApplication::parse(&select.to_apdu()), Ok(select));
        }
    }

    #[test]
    fn violations() {
        let parse = |cla, ins, p1, p2| {
            SelectApplication::parse(&Command::new(cla, ins, p1, p2)).unwrap_err()
        };
        assert_eq!(parse(0x80, 0xA4, 4, 0), StatusWord::CLA_NOT_SUPPORTED);
        assert_eq!(parse(0x00, 0xA5, 4, 0), StatusWord::INS_NOT_SUPPORTED);
        assert_eq!(parse(0x00, 0xA4, 2, 0x0C), StatusWord::INCORRECT_P1P2);
        assert_eq!(parse(0x00, 0xA4, 4, 2), StatusWord::FILE_NOT_FOUND);
        let long = SelectApplication::new(aid::PIV)
            .to_apdu()
            .with_data([0xA0; 17]);
        assert_eq!(SelectApplication::parse(&long), Err(StatusWord::WRONG_DATA));
    }
}
