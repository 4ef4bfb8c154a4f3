//! The travel document's files (ICAO Doc 9303-10): transparent files, each an object of its own in the store.
//!
//! A file is created with its size and reads as zeros until it is written; what was written is kept as far as the last
//! byte, so that a new file costs no more memory than it holds. Object: size (2 bytes), then the bytes written.

use negin_apdu::{Response, StatusWord};
use negin_eid::lds::{CreateFile, FileId, LdsCommand, ReadBinary};

use super::fault::Fault;
use super::memory::id;
use super::session::Session;
use super::store::{Bytes, Transaction};
use super::system::Card;

const HEADER: usize = 2;

struct File {
    size: usize,
    written: Bytes,
}

impl Card {
    /// A command of the travel document.
    pub(super) fn travel(
        &mut self,
        session: &mut Session,
        command: LdsCommand,
    ) -> Result<Response, Fault> {
        match command {
            LdsCommand::Verify(action) => self.verify_pin(session, action),
            LdsCommand::SelectFile(file) => {
                if !self.memory.contains(id::file(file))? {
                    return Err(StatusWord::FILE_NOT_FOUND.into());
                }
                session.file = Some(file);
                Ok(Response::status(StatusWord::SUCCESS))
            }
            LdsCommand::CreateFile(CreateFile { file, size }) => {
                if self.memory.contains(id::file(file))? {
                    return Err(StatusWord::FILE_ALREADY_EXISTS.into());
                }
                self.put_file(
                    session,
                    file,
                    &File {
                        size: size.into(),
                        written: Bytes::default(),
                    },
                )
            }
            LdsCommand::ReadBinary(read) => self.read_binary(session, read),
            LdsCommand::UpdateBinary(update) => {
                let (name, mut file) = self.file(session, None)?;
                let offset = usize::from(update.offset);
                let end = offset + update.data.len();
                if end > file.size {
                    return Err(StatusWord::WRONG_P1P2.into());
                }
                if file.written.len() < end {
                    file.written.resize(end, 0);
                }
                file.written[offset..end].copy_from_slice(&update.data);
                self.put_file(session, name, &file)
            }
        }
    }

    fn read_binary(&mut self, session: &mut Session, read: ReadBinary) -> Result<Response, Fault> {
        let (name, file) = self.file(session, read.file)?;
        let (offset, most) = (usize::from(read.offset), read.length as usize);
        if offset > file.size {
            return Err(StatusWord::WRONG_P1P2.into());
        }
        session.file = Some(name);
        let length = most.min(file.size - offset);
        let mut data: Vec<u8> = file
            .written
            .iter()
            .skip(offset)
            .take(length)
            .copied()
            .collect();
        data.resize(length, 0);
        // Lengths of 256 and 65536 are what 'all there is' looks like.
        let asked_for_more = length < most && !matches!(most, 256 | 65_536);
        let sw = if asked_for_more {
            StatusWord::END_OF_FILE
        } else {
            StatusWord::SUCCESS
        };
        Ok(Response::new(data, sw))
    }

    fn file(&mut self, session: &Session, named: Option<FileId>) -> Result<(FileId, File), Fault> {
        let name = named.or(session.file).ok_or(StatusWord::NO_CURRENT_FILE)?;
        let mut bytes = self
            .memory
            .get(id::file(name))?
            .ok_or(StatusWord::FILE_NOT_FOUND)?;
        let &[high, low, ..] = bytes.as_slice() else {
            return Err(StatusWord::MEMORY_FAILURE.into());
        };
        let written = Bytes::new(bytes.split_off(HEADER));
        Ok((
            name,
            File {
                size: usize::from(u16::from_be_bytes([high, low])),
                written,
            },
        ))
    }

    /// Writes a file and makes it the current one.
    fn put_file(
        &mut self,
        session: &mut Session,
        name: FileId,
        file: &File,
    ) -> Result<Response, Fault> {
        let mut bytes = Bytes::new((file.size as u16).to_be_bytes().to_vec());
        bytes.extend_from_slice(&file.written);
        let mut transaction = Transaction::new();
        transaction.put(id::file(name), std::mem::take(&mut *bytes));
        self.memory.commit(transaction)?;
        session.file = Some(name);
        Ok(Response::status(StatusWord::SUCCESS))
    }
}
