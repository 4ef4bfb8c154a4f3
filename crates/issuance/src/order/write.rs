//! Writing an order folder.

use std::io;
use std::path::Path;

use serde::Serialize;

use super::{FILE, RECORD_FILE, VERSION};
use crate::record::Record;

#[derive(Serialize)]
struct Document<'a> {
    version: u64,
    order: &'a str,
    centre: &'a str,
    records: Vec<String>,
}

/// Writes `order.json` and each citizen's `record.json`, in a folder named after the national
/// number. Photo and fingers are the caller's to put beside them.
///
/// `order.json` comes last: a folder without it is not yet an order.
///
/// # Errors
/// What the file system says.
pub fn write<'a>(
    folder: &Path,
    id: &str,
    centre: &str,
    records: impl IntoIterator<Item = &'a Record>,
) -> io::Result<()> {
    let mut listed = Vec::new();
    for record in records {
        let name = record.national_number.as_str();
        let citizen = folder.join(name);
        std::fs::create_dir_all(&citizen)?;
        std::fs::write(citizen.join(RECORD_FILE), record.to_json()?)?;
        listed.push(format!("{name}/{RECORD_FILE}"));
    }
    let document = Document {
        version: VERSION,
        order: id,
        centre,
        records: listed,
    };
    std::fs::create_dir_all(folder)?;
    let json = serde_json::to_string_pretty(&document)?;
    std::fs::write(folder.join(FILE), json + "\n")
}
