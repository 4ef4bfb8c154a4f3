//! Character files, templates and the module's library of them.

use std::time::Duration;

use zeroize::ZeroizeOnDrop;

use super::command::{Buffer, Command};
use super::confirmation::Confirmation;
use super::error::Error;
use super::line::Line;
use super::link::{PATIENCE, TRIES, confirmed};
use super::module::{Module, word};

/// A template or a character file as the module's maker defines it. Wiped when dropped; `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct CharacterFile(Vec<u8>);

impl CharacterFile {
    /// The bytes that [`Module::template`] once gave.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes. They are a finger.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for CharacterFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CharacterFile({} bytes)", self.0.len())
    }
}

/// A finger of the library that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Its page.
    pub page: u16,
    /// How well it matches, by the module's own measure.
    pub score: u16,
}

impl<L: Line> Module<L> {
    /// Makes a character file of the image, in a buffer.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`Confirmation::Disorderly`] and [`Confirmation::TooFewFeatures`] where the image is no
    /// good.
    pub fn extract(&mut self, into: Buffer) -> Result<(), Error> {
        self.link().done(&Command::Img2Tz(into)).map(drop)
    }

    /// Makes a template of both buffers, in both.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`Confirmation::NotOneFinger`] where they are of two fingers.
    pub fn combine(&mut self) -> Result<(), Error> {
        self.link().done(&Command::RegModel).map(drop)
    }

    /// Keeps a buffer at a page of the library.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn store(&mut self, buffer: Buffer, page: u16) -> Result<(), Error> {
        self.link().done(&Command::Store { buffer, page }).map(drop)
    }

    /// Fetches a page of the library into a buffer.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`Confirmation::NoTemplate`] where the page is empty.
    pub fn load(&mut self, buffer: Buffer, page: u16) -> Result<(), Error> {
        self.link().done(&Command::Load { buffer, page }).map(drop)
    }

    /// Deletes pages of the library.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn delete(&mut self, page: u16, count: u16) -> Result<(), Error> {
        self.link().done(&Command::Delete { page, count }).map(drop)
    }

    /// Deletes all of the library.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn empty(&mut self) -> Result<(), Error> {
        self.link().done(&Command::Empty).map(drop)
    }

    /// What a buffer holds. Asked for twice: data has no numbers, and a template no length by which a missing packet
    /// would be known.
    ///
    /// # Errors
    /// [`Error::Damaged`] where no two readings agree.
    pub fn template(&mut self, buffer: Buffer) -> Result<CharacterFile, Error> {
        let any = |_: usize| Ok(());
        let mut last = self.link().fetch(&Command::UpChar(buffer), &any)?;
        for _ in 0..TRIES {
            let next = self.link().fetch(&Command::UpChar(buffer), &any)?;
            if next == last {
                return Ok(CharacterFile(std::mem::take(&mut *last)));
            }
            last = next;
        }
        Err(Error::Damaged)
    }

    /// Puts a character file or template of a module of this make into a buffer, and reads it back.
    ///
    /// # Errors
    /// [`Error::NotKept`] where it reads otherwise.
    pub fn put_template(&mut self, buffer: Buffer, file: &CharacterFile) -> Result<(), Error> {
        for _ in 0..TRIES {
            self.give(&Command::DownChar(buffer), file.expose())?;
            let read = self.template(buffer)?;
            // A module may fill up what is shorter than its buffer.
            let (kept, rest) = read.expose().split_at(file.0.len().min(read.0.len()));
            if kept == file.expose() && rest.iter().all(|&byte| byte == 0 || byte == 0xFF) {
                return Ok(());
            }
        }
        Err(Error::NotKept)
    }

    /// Compares both buffers: the module's score, where they match.
    ///
    /// # Errors
    /// [`Error`].
    pub fn compare(&mut self) -> Result<Option<u16>, Error> {
        let command = Command::Match;
        let answer = self.link().ask(&command)?;
        if answer.confirmation == Confirmation::NoMatch {
            return Ok(None);
        }
        word(&confirmed(&command, answer)?, 0).map(Some)
    }

    /// Searches the whole library for the finger of a buffer.
    ///
    /// # Errors
    /// [`Error`].
    pub fn search(&mut self, buffer: Buffer) -> Result<Option<Hit>, Error> {
        let count = self.parameters().library;
        self.search_in(buffer, 0, count, false)
    }

    /// Searches some pages, by Search or, `fast`, by FastSearch.
    ///
    /// # Errors
    /// [`Error`].
    pub fn search_in(
        &mut self,
        buffer: Buffer,
        start: u16,
        count: u16,
        fast: bool,
    ) -> Result<Option<Hit>, Error> {
        let command = if fast {
            Command::FastSearch {
                buffer,
                start,
                count,
            }
        } else {
            Command::Search {
                buffer,
                start,
                count,
            }
        };
        // A module may look at a thousand fingers.
        let answer = self
            .link()
            .ask_times(&command, TRIES, PATIENCE + Duration::from_secs(2))?;
        if answer.confirmation == Confirmation::NotFound {
            return Ok(None);
        }
        let rest = confirmed(&command, answer)?;
        Ok(Some(Hit {
            page: word(&rest, 0)?,
            score: word(&rest, 2)?,
        }))
    }

    /// How many templates the library holds.
    ///
    /// # Errors
    /// [`Error`].
    pub fn count(&mut self) -> Result<u16, Error> {
        let rest = self.link().done(&Command::TemplateNum)?;
        word(&rest, 0)
    }

    /// The pages of the library that hold a template.
    ///
    /// # Errors
    /// [`Error`].
    pub fn used_pages(&mut self) -> Result<Vec<u16>, Error> {
        let mut used = Vec::new();
        for table in 0..self.parameters().library.div_ceil(256) {
            let page = u8::try_from(table).map_err(|_| Error::Protocol)?;
            let bits = self.link().done(&Command::ReadConList { page })?;
            let bits = bits.get(..32).ok_or(Error::Protocol)?;
            for number in 0..256u16 {
                let byte = bits[usize::from(number / 8)];
                if byte >> (number % 8) & 1 == 1 {
                    used.push(table * 256 + number);
                }
            }
        }
        Ok(used)
    }
}
