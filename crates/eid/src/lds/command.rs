//! The travel document's commands: bytes → typed → bytes (ICAO Doc 9303-10 §3.6; ISO/IEC 7816-4 and 7816-9 for what
//! personalisation needs).

use core::fmt;

use negin_apdu::{Command, StatusWord};

use super::FileId;
use crate::{field, piv::Pin};

/// A command of the travel document application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LdsCommand {
    /// SELECT `00 A4 02 0C <file identifier>`.
    SelectFile(FileId),
    /// READ BINARY `00 B0`.
    ReadBinary(ReadBinary),
    /// UPDATE BINARY `00 D6 <offset>`: into the current file.
    UpdateBinary(UpdateBinary),
    /// CREATE FILE `00 E0 00 00 62 {83 02 <file identifier>, 80 02 <size>}`.
    CreateFile(CreateFile),
    /// VERIFY `00 20 00 80`: the card's one PIN.
    Verify(PinVerify),
}

/// READ BINARY: bytes of the current file, or of one named by its short identifier, which becomes the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadBinary {
    /// The file, where it is named.
    pub file: Option<FileId>,
    /// Where to begin: up to 32767 in the current file, up to 255 in a named one.
    pub offset: u16,
    /// How many bytes at most, 1 to 65536.
    pub length: u32,
}

/// UPDATE BINARY: bytes into the current file.
#[derive(Clone, PartialEq, Eq)]
pub struct UpdateBinary {
    /// Where to begin, up to 32767.
    pub offset: u16,
    /// The bytes.
    pub data: Vec<u8>,
}

impl fmt::Debug for UpdateBinary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "UpdateBinary {{ offset: {}, data: {} bytes }}",
            self.offset,
            self.data.len()
        )
    }
}

/// CREATE FILE: an empty file, its bytes zero; it becomes the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreateFile {
    /// The file.
    pub file: FileId,
    /// Its size in bytes.
    pub size: u16,
}

/// VERIFY against the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinVerify {
    /// No data: whether it is verified (9000), or the tries left (63CX).
    Status,
    /// P1 = FF: forget that it was verified.
    Reset,
    /// Compare.
    Pin(Pin),
}

const SELECT: u8 = 0xA4;
const READ_BINARY: u8 = 0xB0;
const UPDATE_BINARY: u8 = 0xD6;
const CREATE_FILE: u8 = 0xE0;
const VERIFY: u8 = 0x20;
const PIN: u8 = 0x80;
const OBJECT: &str = "travel document command";

impl LdsCommand {
    /// The largest offset a READ or UPDATE BINARY of this form can name.
    pub const MAX_OFFSET: u16 = 0x7FFF;

    /// Reads a command.
    ///
    /// # Errors
    /// 6E00 and 6D00 for another class or instruction, 6A86 for parameters, 6700 for a length, 6A80 for data, 6A82 for a
    /// file our card does not know, 6A88 for another reference than the PIN's.
    pub fn parse(command: &Command) -> Result<Self, StatusWord> {
        if command.cla != 0x00 {
            return Err(StatusWord::CLA_NOT_SUPPORTED);
        }
        match command.ins {
            SELECT => select(command).map(Self::SelectFile),
            READ_BINARY => read_binary(command).map(Self::ReadBinary),
            UPDATE_BINARY => update_binary(command).map(Self::UpdateBinary),
            CREATE_FILE => create_file(command).map(Self::CreateFile),
            VERIFY => verify(command).map(Self::Verify),
            _ => Err(StatusWord::INS_NOT_SUPPORTED),
        }
    }

    /// The command, without secure messaging or chaining.
    #[must_use]
    pub fn to_apdu(&self) -> Command {
        match self {
            Self::SelectFile(file) => {
                Command::new(0x00, SELECT, 0x02, 0x0C).with_data(file.id().to_be_bytes())
            }
            Self::ReadBinary(read) => {
                let [high, low] = read.offset.to_be_bytes();
                let p1 = read.file.map_or(high & 0x7F, |file| 0x80 | file.short_id());
                Command::new(0x00, READ_BINARY, p1, low).with_le(read.length)
            }
            Self::UpdateBinary(update) => {
                let [high, low] = update.offset.to_be_bytes();
                Command::new(0x00, UPDATE_BINARY, high & 0x7F, low).with_data(update.data.clone())
            }
            Self::CreateFile(create) => {
                let mut parameters = field::field(0x83, &create.file.id().to_be_bytes());
                field::put(&mut parameters, 0x80, &create.size.to_be_bytes());
                Command::new(0x00, CREATE_FILE, 0x00, 0x00)
                    .with_data(field::field(0x62, &parameters))
            }
            Self::Verify(PinVerify::Status) => Command::new(0x00, VERIFY, 0x00, PIN),
            Self::Verify(PinVerify::Reset) => Command::new(0x00, VERIFY, 0xFF, PIN),
            Self::Verify(PinVerify::Pin(pin)) => {
                Command::new(0x00, VERIFY, 0x00, PIN).with_data(*pin.padded())
            }
        }
    }
}

fn select(command: &Command) -> Result<FileId, StatusWord> {
    match (command.p1, command.p2, command.data()) {
        (0x02, 0x00 | 0x04 | 0x0C, [high, low]) => {
            FileId::from_id(u16::from_be_bytes([*high, *low])).ok_or(StatusWord::FILE_NOT_FOUND)
        }
        (0x02, 0x00 | 0x04 | 0x0C, _) => Err(StatusWord::WRONG_LENGTH),
        // The master file and what lies beneath it: EF.CardAccess is looked for there, and not found.
        (0x00, ..) => Err(StatusWord::FILE_NOT_FOUND),
        _ => Err(StatusWord::INCORRECT_P1P2),
    }
}

fn read_binary(command: &Command) -> Result<ReadBinary, StatusWord> {
    if !command.data().is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let length = command.le().ok_or(StatusWord::WRONG_LENGTH)?;
    let file = match command.p1 {
        0x00..=0x7F => None,
        // Bits 7 and 6 are zero, bits 5 to 1 a short identifier.
        0x80..=0x9F => {
            Some(FileId::from_short_id(command.p1 & 0x1F).ok_or(StatusWord::FILE_NOT_FOUND)?)
        }
        _ => return Err(StatusWord::INCORRECT_P1P2),
    };
    let high = if file.is_some() { 0 } else { command.p1 };
    Ok(ReadBinary {
        file,
        offset: u16::from_be_bytes([high, command.p2]),
        length,
    })
}

fn update_binary(command: &Command) -> Result<UpdateBinary, StatusWord> {
    if command.p1 & 0x80 != 0 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    if command.data().is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    Ok(UpdateBinary {
        offset: u16::from_be_bytes([command.p1, command.p2]),
        data: command.data().to_vec(),
    })
}

fn create_file(command: &Command) -> Result<CreateFile, StatusWord> {
    if (command.p1, command.p2) != (0x00, 0x00) {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    let wrong = |_| StatusWord::WRONG_DATA;
    let parameters = field::only(OBJECT, command.data(), 0x62).map_err(wrong)?;
    let word = |tag| match field::find(OBJECT, parameters, tag) {
        Ok(Some([high, low])) => Ok(u16::from_be_bytes([*high, *low])),
        _ => Err(StatusWord::WRONG_DATA),
    };
    // Where a descriptor (82) is given, it is that of a transparent elementary file.
    if !matches!(
        field::find(OBJECT, parameters, 0x82).map_err(wrong)?,
        None | Some([0x01, ..])
    ) {
        return Err(StatusWord::WRONG_DATA);
    }
    let file = FileId::from_id(word(0x83)?).ok_or(StatusWord::WRONG_DATA)?;
    match word(0x80)? {
        0 => Err(StatusWord::WRONG_DATA),
        size => Ok(CreateFile { file, size }),
    }
}

fn verify(command: &Command) -> Result<PinVerify, StatusWord> {
    if command.p2 != PIN {
        return Err(StatusWord::REFERENCE_DATA_NOT_FOUND);
    }
    match (command.p1, command.data()) {
        (0x00, []) => Ok(PinVerify::Status),
        (0x00, data) => Pin::from_padded(data)
            .map(PinVerify::Pin)
            .map_err(|_| StatusWord::WRONG_DATA),
        (0xFF, []) => Ok(PinVerify::Reset),
        (0xFF, _) => Err(StatusWord::WRONG_DATA),
        _ => Err(StatusWord::INCORRECT_P1P2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_command() -> impl Strategy<Value = LdsCommand> {
        let file = || proptest::sample::select(&FileId::ALL[..]);
        prop_oneof![
            file().prop_map(LdsCommand::SelectFile),
            (0u16..=LdsCommand::MAX_OFFSET, 1u32..=65_536).prop_map(|(offset, length)| {
                LdsCommand::ReadBinary(ReadBinary {
                    file: None,
                    offset,
                    length,
                })
            }),
            (file(), 0u16..=255, 1u32..=256).prop_map(|(file, offset, length)| {
                LdsCommand::ReadBinary(ReadBinary {
                    file: Some(file),
                    offset,
                    length,
                })
            }),
            (
                0u16..=LdsCommand::MAX_OFFSET,
                proptest::collection::vec(any::<u8>(), 1..600)
            )
                .prop_map(|(offset, data)| LdsCommand::UpdateBinary(UpdateBinary { offset, data })),
            (file(), 1u16..)
                .prop_map(|(file, size)| LdsCommand::CreateFile(CreateFile { file, size })),
            Just(LdsCommand::Verify(PinVerify::Status)),
            Just(LdsCommand::Verify(PinVerify::Reset)),
            "[0-9]{6,8}"
                .prop_map(|digits| LdsCommand::Verify(PinVerify::Pin(Pin::new(&digits).unwrap()))),
        ]
    }

    proptest! {
        #[test]
        fn every_command_reads_back(command in any_command()) {
            let travelled = Command::parse(&command.to_apdu().to_bytes().unwrap()).unwrap();
            prop_assert_eq!(LdsCommand::parse(&travelled), Ok(command));
        }

        #[test]
        fn no_command_panics(header in any::<[u8; 3]>(), data in proptest::collection::vec(any::<u8>(), 0..20)) {
            let [ins, p1, p2] = header;
            for ins in [ins, SELECT, READ_BINARY, UPDATE_BINARY, CREATE_FILE, VERIFY] {
                let _ = LdsCommand::parse(&Command::new(0, ins, p1, p2).with_data(data.clone()));
            }
        }
    }

    #[test]
    fn violations_have_their_status_words() {
        let refused = |header: [u8; 4], data: &[u8], le: u32| {
            let [cla, ins, p1, p2] = header;
            LdsCommand::parse(&Command::new(cla, ins, p1, p2).with_data(data).with_le(le))
                .unwrap_err()
        };
        assert_eq!(
            refused([0x80, 0xB0, 0, 0], &[], 1),
            StatusWord::CLA_NOT_SUPPORTED
        );
        assert_eq!(
            refused([0, 0xB1, 0, 0], &[], 1),
            StatusWord::INS_NOT_SUPPORTED
        );
        assert_eq!(
            refused([0, 0xA4, 2, 0x0C], &[0x01, 0x1C], 0),
            StatusWord::FILE_NOT_FOUND
        );
        assert_eq!(
            refused([0, 0xA4, 0, 0x0C], &[0x3F, 0x00], 0),
            StatusWord::FILE_NOT_FOUND
        );
        assert_eq!(
            refused([0, 0xA4, 2, 0x0C], &[0x01], 0),
            StatusWord::WRONG_LENGTH
        );
        assert_eq!(
            refused([0, 0xA4, 1, 0x0C], &[0x01, 0x01], 0),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(refused([0, 0xB0, 0, 0], &[], 0), StatusWord::WRONG_LENGTH);
        assert_eq!(
            refused([0, 0xB0, 0x83, 0], &[], 1),
            StatusWord::FILE_NOT_FOUND
        );
        assert_eq!(
            refused([0, 0xB0, 0xA1, 0], &[], 1),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0, 0xD6, 0x81, 0], &[1], 0),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(refused([0, 0xD6, 0, 0], &[], 0), StatusWord::WRONG_LENGTH);
        assert_eq!(refused([0, 0xE0, 0, 1], &[], 0), StatusWord::INCORRECT_P1P2);
        assert_eq!(
            refused([0, 0xE0, 0, 0], &[0x62, 0], 0),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused([0, 0xE0, 0, 0], &[0x62, 8, 0x83, 2, 1, 1, 0x80, 2, 0, 0], 0),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused(
                [0, 0xE0, 0, 0],
                &[0x62, 11, 0x82, 1, 0x38, 0x83, 2, 1, 1, 0x80, 2, 0, 9],
                0
            ),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused([0, 0x20, 0, 0x81], &[], 0),
            StatusWord::REFERENCE_DATA_NOT_FOUND
        );
        assert_eq!(
            refused([0, 0x20, 0, 0x80], b"12345\xFF\xFF\xFF", 0),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused([0, 0x20, 1, 0x80], &[], 0),
            StatusWord::INCORRECT_P1P2
        );
    }

    #[test]
    fn as_readers_write_them() {
        let bytes = |command: LdsCommand| command.to_apdu().to_bytes().unwrap();
        assert_eq!(
            bytes(LdsCommand::SelectFile(FileId::Sod)),
            [0, 0xA4, 2, 0x0C, 2, 0x01, 0x1D]
        );
        let read = ReadBinary {
            file: Some(FileId::Com),
            offset: 0,
            length: 4,
        };
        assert_eq!(bytes(LdsCommand::ReadBinary(read)), [0, 0xB0, 0x9E, 0, 4]);
    }
}
