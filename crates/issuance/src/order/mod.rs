//! An order folder: `order.json` and a folder for each citizen.
//!
//! The rule: reading keeps everything. A record that cannot be read stays an [`Entry`] with its
//! findings, a record file that the list forgets is a finding, and nothing that the folder holds
//! is skipped in silence.
//!
//! ```text
//! order.json            {"version": 1, "order": "…", "centre": "…", "records": ["0499370899/record.json", …]}
//! 0499370899/
//!   record.json         the record; the files it names lie beside it
//!   photo.jpg
//!   fingers/2-1.png     finger 2, impression 1
//! ```

mod read;
mod write;

use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::finding::Finding;
use crate::record::Record;
use crate::record::file_name::FileName;

pub use write::write;

/// The version of the order format that is read and written.
pub const VERSION: u64 = 1;

/// The name of the order's own file in its folder.
pub const FILE: &str = "order.json";

/// The name of a record's file in its folder.
pub const RECORD_FILE: &str = "record.json";

/// Most characters of an order's or a centre's id.
pub const IDENTIFIER_MAX: usize = 64;

/// An order as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The order's folder.
    pub folder: PathBuf,
    /// The order's id; empty where it could not be read.
    pub id: String,
    /// The delivery centre's id; empty where it could not be read.
    pub centre: String,
    /// Its records, in the order of the list.
    pub entries: Vec<Entry>,
    /// What is wrong with the order itself; each entry has its own.
    pub findings: Vec<Finding>,
}

/// One record of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What findings call it: the record's file, or `order.json#3` for the third of the list where
    /// it stands in place.
    pub name: String,
    /// The folder in which the files it names lie.
    pub folder: PathBuf,
    /// The record, where every field could be read.
    pub record: Option<Record>,
    /// What is wrong with its text.
    pub findings: Vec<Finding>,
}

impl Entry {
    /// One of the record's files.
    #[must_use]
    pub fn path(&self, file: &FileName) -> PathBuf {
        file.within(&self.folder)
    }

    /// The bytes of one of the record's files, wiped when dropped.
    ///
    /// # Errors
    /// As [`FileName::read`].
    pub fn read(&self, file: &FileName) -> io::Result<Zeroizing<Vec<u8>>> {
        file.read(&self.folder)
    }

    /// What findings call one of the record's files: its name from the order folder.
    #[must_use]
    pub fn file_name(&self, file: &FileName) -> String {
        match self.name.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{file}"),
            None => file.to_string(),
        }
    }
}

impl Order {
    /// Reads an order folder.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        read::read(folder)
    }

    /// The records that could be read, each with its entry.
    pub fn records(&self) -> impl Iterator<Item = (&Entry, &Record)> {
        self.entries
            .iter()
            .filter_map(|entry| entry.record.as_ref().map(|record| (entry, record)))
    }
}
