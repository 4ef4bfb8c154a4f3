//! Questions to the ledger.

use rusqlite::{Connection, params};

use super::rows::{self, ENTRY, RECORD};
use crate::{
    CardNumber, ChipId, CitizenTag, Duplicate, Entry, Error, Head, History, Record, RecordId,
    SeatExport, SeatName, State,
};

pub(super) fn heads(db: &Connection) -> Result<Vec<Head>, Error> {
    // With max(), SQLite takes the other columns from the row that has the maximum.
    rows::all(
        db,
        "SELECT seat, max(number), hash FROM entries GROUP BY seat ORDER BY seat",
        [],
        |row| {
            Ok(Head {
                seat: rows::named(row.get::<_, String>(0)?)?,
                number: u64::try_from(row.get::<_, i64>(1)?).map_err(|_| Error::Damaged)?,
                hash: rows::digest(&row.get::<_, Vec<u8>>(2)?)?,
            })
        },
    )
}

/// The last entry of one seat.
pub(super) fn head(db: &Connection, seat: &SeatName) -> Result<Option<Head>, Error> {
    let sql = "SELECT number, hash FROM entries WHERE seat = ?1 ORDER BY number DESC LIMIT 1";
    rows::first(db, sql, [seat.as_str()], |row| {
        Ok(Head {
            seat: seat.clone(),
            number: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| Error::Damaged)?,
            hash: rows::digest(&row.get::<_, Vec<u8>>(1)?)?,
        })
    })
}

pub(super) fn entry(db: &Connection, seat: &SeatName, number: u64) -> Result<Option<Entry>, Error> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let sql = format!("SELECT {ENTRY} FROM entries WHERE seat = ?1 AND number = ?2");
    rows::first(db, &sql, params![seat.as_str(), number], rows::entry)
}

pub(super) fn entries_of(db: &Connection, record: &RecordId) -> Result<Vec<Entry>, Error> {
    let sql = format!("SELECT {ENTRY} FROM entries WHERE record = ?1 ORDER BY sequence");
    rows::all(db, &sql, [record.as_str()], rows::entry)
}

/// A record's history, as its entries here give it.
pub(super) fn history(db: &Connection, record: &RecordId) -> Result<History, Error> {
    let mut history = History::default();
    for entry in entries_of(db, record)? {
        // They were checked on their way in; if they no longer fit, the file was changed by another hand.
        history.add(&entry).map_err(|_| Error::Damaged)?;
    }
    Ok(history)
}

pub(super) fn record(db: &Connection, record: &RecordId) -> Result<Option<Record>, Error> {
    rows::first(
        db,
        &format!("SELECT {RECORD} FROM records WHERE record = ?1"),
        [record.as_str()],
        rows::record,
    )
}

pub(super) fn records(db: &Connection, state: Option<State>) -> Result<Vec<Record>, Error> {
    let sql =
        format!("SELECT {RECORD} FROM records WHERE ?1 IS NULL OR state = ?1 ORDER BY record");
    rows::all(db, &sql, [state.map(State::as_str)], rows::record)
}

pub(super) fn tag(db: &Connection, record: &RecordId) -> Result<Option<CitizenTag>, Error> {
    rows::first(
        db,
        "SELECT tag FROM citizens WHERE record = ?1",
        [record.as_str()],
        |row| {
            let tag: Vec<u8> = row.get(0)?;
            Ok(CitizenTag::from(*rows::digest(&tag)?.as_bytes()))
        },
    )
}

pub(super) fn records_of_citizen(
    db: &Connection,
    citizen: &CitizenTag,
) -> Result<Vec<Record>, Error> {
    let sql = format!(
        "SELECT {RECORD} FROM records WHERE record IN (SELECT record FROM citizens WHERE tag = ?1) ORDER BY record"
    );
    rows::all(db, &sql, [citizen.as_bytes().as_slice()], rows::record)
}

pub(super) fn live_record_of_card(
    db: &Connection,
    number: &CardNumber,
) -> Result<Option<Record>, Error> {
    let sql = format!("SELECT {RECORD} FROM records WHERE card_number = ?1 ORDER BY record");
    Ok(live(rows::all(db, &sql, [number.as_str()], rows::record)?))
}

pub(super) fn live_record_of_chip(db: &Connection, chip: &ChipId) -> Result<Option<Record>, Error> {
    let sql = format!("SELECT {RECORD} FROM records WHERE chip = ?1 ORDER BY record");
    Ok(live(rows::all(db, &sql, [chip.as_bytes()], rows::record)?))
}

pub(super) fn highest_card_number(
    db: &Connection,
    prefix: &str,
) -> Result<Option<CardNumber>, Error> {
    // All that begins with the prefix lies between it and the prefix with a character behind every name's.
    let sql = "WITH used (number) AS (
            SELECT card_number FROM entries WHERE card_number >= ?1 AND card_number < ?1 || '~'
            UNION ALL SELECT card_number FROM work WHERE card_number >= ?1 AND card_number < ?1 || '~'
        ), digits (number, suffix) AS (SELECT number, substr(number, 1 + length(?1)) FROM used)
        SELECT number FROM digits WHERE suffix GLOB '[0-9]*' AND suffix NOT GLOB '*[^0-9]*'
        ORDER BY length(ltrim(suffix, '0')) DESC, ltrim(suffix, '0') DESC LIMIT 1";
    rows::first(db, sql, [prefix], |row| {
        rows::named(row.get::<_, String>(0)?)
    })
}

fn live(records: Vec<Record>) -> Option<Record> {
    records.into_iter().find(|record| record.state.is_live())
}

pub(super) fn conflicts(db: &Connection) -> Result<Vec<RecordId>, Error> {
    rows::all(
        db,
        "SELECT record FROM records WHERE conflict ORDER BY record",
        [],
        |row| rows::named(row.get::<_, String>(0)?),
    )
}

pub(super) fn duplicates(db: &Connection) -> Result<Vec<Duplicate>, Error> {
    let sql = "SELECT tag FROM citizens GROUP BY tag HAVING count(*) > 1 ORDER BY tag";
    let tags = rows::all(db, sql, [], |row| {
        let tag: Vec<u8> = row.get(0)?;
        Ok(CitizenTag::from(*rows::digest(&tag)?.as_bytes()))
    })?;
    let mut found = Vec::new();
    for citizen in tags {
        let live = records_of_citizen(db, &citizen)?
            .into_iter()
            .filter(|record| record.state.is_live());
        let records: Vec<_> = live.map(|record| record.id).collect();
        if records.len() > 1 {
            found.push(Duplicate { citizen, records });
        }
    }
    Ok(found)
}

pub(super) fn export(db: &Connection, seat: &SeatName, first: u64) -> Result<SeatExport, Error> {
    let first = i64::try_from(first).unwrap_or(i64::MAX);
    let sql =
        format!("SELECT {ENTRY} FROM entries WHERE seat = ?1 AND number >= ?2 ORDER BY number");
    let entries = rows::all(db, &sql, params![seat.as_str(), first], rows::entry)?;
    let sql = "SELECT record, tag FROM citizens WHERE record IN
        (SELECT record FROM entries WHERE seat = ?1 AND number >= ?2) ORDER BY record";
    let citizens = rows::all(db, sql, params![seat.as_str(), first], |row| {
        let tag: Vec<u8> = row.get(1)?;
        Ok((
            rows::named(row.get::<_, String>(0)?)?,
            CitizenTag::from(*rows::digest(&tag)?.as_bytes()),
        ))
    })?;
    Ok(SeatExport {
        format: SeatExport::FORMAT,
        seat: seat.clone(),
        entries,
        citizens,
    })
}
