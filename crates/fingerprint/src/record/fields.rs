//! Fields one after the other: how they are read, and how they are written.

use zeroize::Zeroizing;

use super::{Deviation, View};
use crate::Error;

/// The bytes not read yet, and what was let pass in those that were.
pub(crate) struct Fields<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) deviations: Vec<Deviation>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            deviations: Vec::new(),
        }
    }

    /// Notes what is not as the standard has it, each kind once.
    pub(crate) fn note(&mut self, deviation: Deviation) {
        if !self.deviations.contains(&deviation) {
            self.deviations.push(deviation);
        }
    }

    /// Notes it where `holds` does not.
    pub(crate) fn expect(&mut self, holds: bool, deviation: Deviation) {
        if !holds {
            self.note(deviation);
        }
    }

    pub(crate) fn take(&mut self, count: usize, name: &'static str) -> Result<&'a [u8], Error> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or(Error::RecordTruncated(name))?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(crate) fn u8(&mut self, name: &'static str) -> Result<u8, Error> {
        Ok(self.take(1, name)?[0])
    }

    pub(crate) fn u16(&mut self, name: &'static str) -> Result<u16, Error> {
        let bytes = self.take(2, name)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub(crate) fn u32(&mut self, name: &'static str) -> Result<u32, Error> {
        let bytes = self.take(4, name)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// The format identifier and the version; of the versions given the first is the standard's, the others are found
    /// besides.
    pub(crate) fn version(&mut self, versions: &[&[u8; 4]]) -> Result<(), Error> {
        let header = self.take(8, "header").map_err(|_| Error::RecordFormat)?;
        let (magic, version) = header.split_at(super::MAGIC.len());
        let found = versions.iter().position(|known| version == *known);
        match found {
            Some(place) if magic == super::MAGIC => {
                self.expect(place == 0, Deviation::Version);
                Ok(())
            }
            _ => Err(Error::RecordFormat),
        }
    }

    /// What is said of the length of a record of `whole` bytes that ends here.
    pub(crate) fn end(&mut self, length: u64, whole: usize) {
        let read = whole - self.bytes.len();
        self.expect(length == read as u64, Deviation::Length);
        self.expect(self.bytes.is_empty(), Deviation::Trailing);
    }
}

/// A record being written; wiped with what it holds.
pub(crate) struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// With room for the views, so that nothing of them is left behind where it grows.
    pub(crate) fn with_room_for<'a>(views: impl Iterator<Item = &'a View>) -> Self {
        let room = |view: &View| 96 + 6 * view.template.minutiae.len() + view.extended.room();
        Self(Zeroizing::new(Vec::with_capacity(
            64 + views.map(room).sum::<usize>(),
        )))
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes into room that was left at `at` how many bytes follow from `from` on.
    pub(crate) fn u32_length(&mut self, at: usize, from: usize) -> Result<(), Error> {
        let length =
            u32::try_from(self.len() - from).map_err(|_| Error::RecordOverflow("length"))?;
        self.put(at, &length.to_be_bytes());
        Ok(())
    }

    /// As [`Self::u32_length`], in two bytes.
    pub(crate) fn u16_length(&mut self, at: usize, from: usize) -> Result<(), Error> {
        let length =
            u16::try_from(self.len() - from).map_err(|_| Error::RecordOverflow("length"))?;
        self.put(at, &length.to_be_bytes());
        Ok(())
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(room) = self.0.get_mut(at..at + bytes.len()) {
            room.copy_from_slice(bytes);
        }
    }

    pub(crate) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}
