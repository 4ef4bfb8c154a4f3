//! The travel document: its files, written at personalisation, read by the holder's leave.

use negin_apdu::tlv::{self, TlvError};
use negin_apdu::{Response, StatusWord, Transmit};
use negin_eid::Error as Malformed;
use negin_eid::aid::Application;
use negin_eid::lds::{CreateFile, FileId, LdsCommand, PinVerify, ReadBinary, UpdateBinary};
use negin_eid::piv::Pin;

use crate::application::{carried, select};
use crate::ask::{answer, ask};
use crate::{Error, Verification};

/// The travel document, selected.
#[derive(Debug)]
pub struct TravelDocument<T> {
    carrier: T,
}

/// What SELECT of a file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is there, and now the current one.
    Selected,
    /// There is none.
    Absent,
}

impl<T: Transmit> TravelDocument<T> {
    /// Takes it to be selected already: over a carrier on which it was.
    pub const fn selected(carrier: T) -> Self {
        Self { carrier }
    }

    /// Selects it.
    ///
    /// # Errors
    /// [`Error::NoApplication`] on a card that is no travel document, [`Error::Blocked`], [`Error::Refused`],
    /// [`Error::Transmit`].
    pub fn select(mut carrier: T) -> Result<Self, Error> {
        select(&mut carrier, Application::TravelDocument)?;
        Ok(Self { carrier })
    }

    fn ask(&mut self, command: &LdsCommand) -> Result<Vec<u8>, Error> {
        ask(&mut self.carrier, &command.to_apdu())
    }

    /// Makes a file the current one.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn select_file(&mut self, file: FileId) -> Result<FileState, Error> {
        let command = LdsCommand::SelectFile(file).to_apdu();
        let (instruction, response) = answer(&mut self.carrier, &command)?;
        match response.sw {
            StatusWord::SUCCESS => Ok(FileState::Selected),
            StatusWord::FILE_NOT_FOUND => Ok(FileState::Absent),
            sw => Err(Error::Refused { instruction, sw }),
        }
    }

    /// CREATE FILE: an empty file of this size in bytes, which becomes the current one.
    ///
    /// # Errors
    /// [`Error::Refused`] with 6A89 where it is there already, [`Error::Transmit`].
    pub fn create_file(&mut self, file: FileId, size: u16) -> Result<(), Error> {
        self.ask(&LdsCommand::CreateFile(CreateFile { file, size }))?;
        Ok(())
    }

    /// UPDATE BINARY: writes the current file from its beginning, in pieces that the carrier takes.
    ///
    /// # Errors
    /// [`Error::FileTooLong`], [`Error::Refused`], [`Error::Transmit`].
    pub fn update(&mut self, data: &[u8]) -> Result<(), Error> {
        let piece = self.carrier.limits().command_data.max(1);
        for (index, part) in data.chunks(piece).enumerate() {
            let offset = offset(index * piece, data.len())?;
            let data = part.to_vec();
            self.ask(&LdsCommand::UpdateBinary(UpdateBinary { offset, data }))?;
        }
        Ok(())
    }

    /// Writes a file: creates it where it is not there, then writes it whole. Writing again what was torn ends with the
    /// same file. A file that is there keeps its size, so that data longer than it is refused by the card.
    ///
    /// # Errors
    /// [`Error::FileTooLong`] beyond 65535 bytes, [`Error::Refused`], [`Error::Transmit`].
    pub fn write(&mut self, file: FileId, data: &[u8]) -> Result<(), Error> {
        let length = data.len();
        let size = u16::try_from(length).map_err(|_| Error::FileTooLong { length })?;
        if self.select_file(file)? == FileState::Absent {
            self.create_file(file, size)?;
        }
        self.update(data)
    }

    /// Reads a file wholly: as long as the data object in it says. `None` where there is no such file.
    ///
    /// # Errors
    /// [`Error::Data`] where the file does not begin with a data object or ends before it, [`Error::FileTooLong`],
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn read(&mut self, file: FileId) -> Result<Option<Vec<u8>>, Error> {
        if self.select_file(file)? == FileState::Absent {
            return Ok(None);
        }
        let mut read = self.read_binary(0, usize::MAX, usize::MAX)?;
        let length = object_length(&read)?;
        while read.len() < length {
            let part = self.read_binary(read.len(), length, length - read.len())?;
            if part.is_empty() {
                return Err(malformed("the file ends before the data object in it"));
            }
            read.extend_from_slice(&part);
        }
        read.truncate(length);
        Ok(Some(read))
    }

    /// READ BINARY from this offset, at most `wanted` bytes and no more than the carrier brings at once.
    fn read_binary(&mut self, at: usize, length: usize, wanted: usize) -> Result<Vec<u8>, Error> {
        let most = self.carrier.limits().response_data.min(65_536);
        let length = ReadBinary {
            file: None,
            offset: offset(at, length)?,
            length: u32::try_from(wanted.min(most)).unwrap_or(65_536),
        };
        let command = LdsCommand::ReadBinary(length).to_apdu();
        let (instruction, Response { data, sw }) = answer(&mut self.carrier, &command)?;
        match sw {
            // Fewer bytes than were asked for: the file's end.
            StatusWord::SUCCESS | StatusWord::END_OF_FILE => Ok(data),
            sw => Err(Error::Refused { instruction, sw }),
        }
    }

    /// VERIFY with the card's PIN, with this application selected.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn verify_pin(&mut self, pin: Pin) -> Result<Verification, Error> {
        let command = LdsCommand::Verify(PinVerify::Pin(pin)).to_apdu();
        let (instruction, response) = answer(&mut self.carrier, &command)?;
        Verification::of(instruction, &response)
    }
}

/// An offset as READ and UPDATE BINARY name it, 15 bits.
fn offset(at: usize, length: usize) -> Result<u16, Error> {
    u16::try_from(at)
        .ok()
        .filter(|offset| *offset <= LdsCommand::MAX_OFFSET)
        .ok_or(Error::FileTooLong { length })
}

/// How long the data object is with which these bytes begin, tag and length included.
fn object_length(head: &[u8]) -> Result<usize, Error> {
    match tlv::read_header(head) {
        Ok((_, length, rest)) => Ok(head.len() - rest.len() + length),
        Err(TlvError::Truncated) => Err(malformed("the file is shorter than a data object")),
        Err(_) => Err(malformed("the file does not begin with a data object")),
    }
}

fn malformed(reason: &'static str) -> Error {
    Error::Data(Malformed::Malformed {
        object: "elementary file",
        reason,
    })
}

carried!(TravelDocument);

#[cfg(test)]
mod tests {
    use negin_apdu::{Limits, TransmitError};

    use super::*;
    use crate::script::Script;

    const SHORT: Limits = Limits {
        command_data: 4,
        response_data: 5,
    };

    fn document<const N: usize>(lines: [(&str, &str); N]) -> TravelDocument<Script> {
        TravelDocument::selected(Script::new(lines).within(SHORT))
    }

    #[test]
    fn read_wholly_in_pieces() {
        let mut document = document([
            ("00A4020C02011E", "9000"),
            ("00B0000005", "60095F0104 9000"),
            ("00B0000505", "3031303 85C 9000"),
            ("00B0000A01", "00 9000"),
        ]);
        let read = document.read(FileId::Com).unwrap().unwrap();
        assert_eq!(read, hex::decode("60095F0104303130385C00").unwrap());
    }

    #[test]
    fn what_lies_behind_the_object_is_left() {
        let mut document = document([
            ("00A4020C02011E", "9000"),
            ("00B0000005", "6001AA0000 6282"),
        ]);
        assert_eq!(document.read(FileId::Com), Ok(Some(vec![0x60, 1, 0xAA])));
    }

    #[test]
    fn files_that_are_none() {
        let read = |first: &str, then: Option<&str>| {
            let lines = [("00A4020C02011E", "9000"), ("00B0000005", first)];
            match then {
                Some(then) => {
                    document([lines[0], lines[1], ("00B0000505", then)]).read(FileId::Com)
                }
                None => document(lines).read(FileId::Com),
            }
        };
        for (first, then) in [
            ("9000", None),
            ("0000000000 9000", None),
            ("60205F0104 9000", Some("9000")),
        ] {
            assert_eq!(read(first, then).unwrap_err().key(), "card.data");
        }
        let sw = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
        let refused = Error::Refused {
            instruction: "READ BINARY",
            sw,
        };
        assert_eq!(read("6982", None), Err(refused));
        // An object that claims to be longer than offsets reach.
        assert_eq!(
            document([("00A4020C02011E", "6A82")]).read(FileId::Com),
            Ok(None)
        );
    }

    #[test]
    fn written_in_pieces_and_again() {
        let limits = Limits {
            command_data: 10,
            response_data: 256,
        };
        let data: Vec<u8> = (1..=12).collect();
        let script = Script::new([
            ("00A4020C02011E", "6A82"),
            ("00E000000A 62088302011E8002000C", "9000"),
            ("00D600000A 0102030405060708090A", "9000"),
            ("00D6000A02 0B0C", "9000"),
            ("00A4020C02011E", "9000"),
            ("00D600000A 0102030405060708090A", "9000"),
            ("00D6000A02 0B0C", "6B00"),
        ]);
        let mut document = TravelDocument::selected(script.within(limits));
        document.write(FileId::Com, &data).unwrap();
        let sw = StatusWord::WRONG_P1P2;
        let instruction = "UPDATE BINARY";
        assert_eq!(
            document.write(FileId::Com, &data),
            Err(Error::Refused { instruction, sw })
        );
    }

    #[test]
    fn beyond_what_offsets_reach() {
        let length = 65_536;
        let mut document = document([]);
        let long = document.write(FileId::Com, &vec![0; length]);
        assert_eq!(long, Err(Error::FileTooLong { length }));
        assert_eq!(offset(0x7FFF, 0x9000), Ok(0x7FFF));
        let length = 0x9000;
        assert_eq!(offset(0x8000, length), Err(Error::FileTooLong { length }));
    }

    #[test]
    fn the_pin_opens() {
        let verify = "0020008008 313233343536FFFF";
        let mut document = TravelDocument::selected(
            Script::new([(verify, "9000"), (verify, "63C1")]).then_removed(verify),
        );
        let pin = || Pin::new("123456").unwrap();
        assert_eq!(document.verify_pin(pin()), Ok(Verification::Passed));
        assert_eq!(
            document.verify_pin(pin()),
            Ok(Verification::Failed { retries: 1 })
        );
        let removed = Error::Transmit(TransmitError::CardRemoved);
        assert_eq!(document.verify_pin(pin()), Err(removed));
    }
}
