//! Entries as rows.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::entry::joined;
use crate::{
    CardRef, ChipId, CitizenHash, Digest, Entry, Error, Record, Salt, SealBytes, Timestamp,
};

/// The columns that [`entry`] reads, in order.
pub(super) const ENTRY: &str = "seat, number, time, event, record, card_number, chip, citizen_salt, citizen_hash, after, \
                                detail, previous, hash, signature";

/// The columns that [`record`] reads, in order.
pub(super) const RECORD: &str = "record, state, resume, card_number, chip, conflict";

/// A row of [`ENTRY`] as an entry; [`Error::Damaged`] where a value is not of its kind.
pub(super) fn entry(row: &Row<'_>) -> Result<Entry, Error> {
    let after: Vec<u8> = row.get(9)?;
    let salt: Option<Vec<u8>> = row.get(7)?;
    let citizen_hash: Option<Vec<u8>> = row.get(8)?;
    let citizen = match (salt, citizen_hash) {
        (None, None) => None,
        (Some(salt), Some(hash)) => Some(CitizenHash {
            salt: Salt::from_slice(&salt).ok_or(Error::Damaged)?,
            hash: digest(&hash)?,
        }),
        _ => return Err(Error::Damaged),
    };
    let chip: Option<Vec<u8>> = row.get(6)?;
    Ok(Entry {
        seat: named(row.get::<_, String>(0)?)?,
        number: u64::try_from(row.get::<_, i64>(1)?).map_err(|_| Error::Damaged)?,
        time: Timestamp::from_unix_millis(row.get(2)?),
        event: row
            .get::<_, String>(3)?
            .parse()
            .map_err(|_| Error::Damaged)?,
        record: row.get::<_, Option<String>>(4)?.map(named).transpose()?,
        card_number: row.get::<_, Option<String>>(5)?.map(named).transpose()?,
        chip: chip
            .map(|chip| ChipId::new(&chip).map_err(|_| Error::Damaged))
            .transpose()?,
        citizen,
        after: digests(&after)?,
        detail: row.get(10)?,
        previous: digest(&row.get::<_, Vec<u8>>(11)?)?,
        hash: digest(&row.get::<_, Vec<u8>>(12)?)?,
        signature: SealBytes::from_slice(&row.get::<_, Vec<u8>>(13)?).ok_or(Error::Damaged)?,
    })
}

/// A row of [`RECORD`] as a record.
pub(super) fn record(row: &Row<'_>) -> Result<Record, Error> {
    let word = |text: String| text.parse().map_err(|_| Error::Damaged);
    let number: Option<String> = row.get(3)?;
    let chip: Option<Vec<u8>> = row.get(4)?;
    let card = match (number, chip) {
        (Some(number), Some(chip)) => Some(card(number, &chip)?),
        (None, None) => None,
        _ => return Err(Error::Damaged),
    };
    Ok(Record {
        id: named(row.get::<_, String>(0)?)?,
        state: word(row.get(1)?)?,
        resume: row.get::<_, Option<String>>(2)?.map(word).transpose()?,
        card,
        conflict: row.get(5)?,
    })
}

/// A card from its columns.
pub(super) fn card(number: String, chip: &[u8]) -> Result<CardRef, Error> {
    Ok(CardRef {
        number: named(number)?,
        chip: ChipId::new(chip).map_err(|_| Error::Damaged)?,
    })
}

/// A name from a column.
pub(super) fn named<T: TryFrom<String>>(text: String) -> Result<T, Error> {
    T::try_from(text).map_err(|_| Error::Damaged)
}

/// A hash from a column.
pub(super) fn digest(bytes: &[u8]) -> Result<Digest, Error> {
    Digest::from_slice(bytes).ok_or(Error::Damaged)
}

fn digests(bytes: &[u8]) -> Result<Vec<Digest>, Error> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(chunks.iter().map(|chunk| Digest::from(*chunk)).collect())
    } else {
        Err(Error::Damaged)
    }
}

/// Reads all rows of a query.
pub(super) fn all<T>(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Reads the first row of a query, if there is one.
pub(super) fn first<T>(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let mut statement = db.prepare_cached(sql)?;
    statement
        .query_row(values, |row| Ok(read(row)))
        .optional()?
        .transpose()
}

/// Stores an entry as it is.
pub(super) fn insert(db: &Connection, entry: &Entry) -> Result<(), Error> {
    db.prepare_cached(&format!(
        "INSERT INTO entries ({ENTRY}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
    ))?
    .execute(params![
        entry.seat.as_str(),
        i64::try_from(entry.number).map_err(|_| Error::Damaged)?,
        entry.time.unix_millis(),
        entry.event.as_str(),
        entry.record.as_ref().map(|record| record.as_str()),
        entry.card_number.as_ref().map(|number| number.as_str()),
        entry.chip.as_ref().map(ChipId::as_bytes),
        entry.citizen.as_ref().map(|citizen| citizen.salt.as_bytes().as_slice()),
        entry.citizen.as_ref().map(|citizen| citizen.hash.as_bytes().as_slice()),
        joined(&entry.after),
        entry.detail,
        entry.previous.as_bytes().as_slice(),
        entry.hash.as_bytes().as_slice(),
        entry.signature.as_bytes().as_slice(),
    ])?;
    Ok(())
}
