//! The journal of work in progress.

use rusqlite::{Connection, Row, params};

use super::{append, query, rows};
use crate::{
    CardRef, ChipId, Error, Event, RecordId, Seat, SeatName, State, Step, Timestamp, Work,
};

const WORK: &str = "record, seat, card_number, chip, started";

pub(super) fn start(
    db: &Connection,
    seat: &Seat,
    record: &RecordId,
    card: &CardRef,
    time: Timestamp,
) -> Result<(), Error> {
    if let Some(work) = of_record(db, record)? {
        return if work.seat == *seat.name() && work.card == *card {
            Ok(())
        } else {
            Err(in_progress(work))
        };
    }
    match query::record(db, record)?.map(|record| record.state) {
        Some(State::Queued) => {}
        None => {
            return Err(Error::UnknownRecord {
                record: record.clone(),
            });
        }
        from => {
            return Err(Error::IllegalTransition {
                record: record.clone(),
                from,
                event: Event::Written,
            });
        }
    }
    append::unused(db, record, card)?;
    db.prepare_cached(&format!(
        "INSERT INTO work ({WORK}) VALUES (?1, ?2, ?3, ?4, ?5)"
    ))?
    .execute(params![
        record.as_str(),
        seat.name().as_str(),
        card.number.as_str(),
        card.chip.as_bytes(),
        time.unix_millis(),
    ])?;
    Ok(())
}

pub(super) fn step_done(
    db: &Connection,
    seat: &Seat,
    record: &RecordId,
    step: &str,
    data: &[u8],
    time: Timestamp,
) -> Result<(), Error> {
    own(db, seat, record)?.ok_or_else(|| Error::NoWork {
        record: record.clone(),
    })?;
    db.prepare_cached(
        "INSERT INTO work_steps (record, step, data, time) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (record, step) DO UPDATE SET data = excluded.data, time = excluded.time",
    )?
    .execute(params![record.as_str(), step, data, time.unix_millis()])?;
    Ok(())
}

/// Wipes the work on a record, its steps with it.
pub(super) fn drop(db: &Connection, seat: &Seat, record: &RecordId) -> Result<(), Error> {
    if own(db, seat, record)?.is_some() {
        db.execute("DELETE FROM work WHERE record = ?1", [record.as_str()])?;
    }
    Ok(())
}

/// The work on a record, if there is any, which must be this seat's.
fn own(db: &Connection, seat: &Seat, record: &RecordId) -> Result<Option<Work>, Error> {
    match of_record(db, record)? {
        Some(work) if work.seat != *seat.name() => Err(in_progress(work)),
        work => Ok(work),
    }
}

fn in_progress(work: Work) -> Error {
    Error::WorkInProgress {
        record: work.record,
        seat: work.seat,
    }
}

/// The records that are being written to a card of this number or chip.
pub(super) fn holders(db: &Connection, card: &CardRef) -> Result<Vec<RecordId>, Error> {
    let sql = "SELECT record FROM work WHERE card_number = ?1 OR chip = ?2";
    rows::all(
        db,
        sql,
        params![card.number.as_str(), card.chip.as_bytes()],
        |row| rows::named(row.get::<_, String>(0)?),
    )
}

pub(super) fn of_record(db: &Connection, record: &RecordId) -> Result<Option<Work>, Error> {
    let sql = format!("SELECT {WORK} FROM work WHERE record = ?1");
    rows::first(db, &sql, [record.as_str()], work)?
        .map(|work| with_steps(db, work))
        .transpose()
}

pub(super) fn on_chip(db: &Connection, chip: &ChipId) -> Result<Option<Work>, Error> {
    let sql = format!("SELECT {WORK} FROM work WHERE chip = ?1");
    rows::first(db, &sql, [chip.as_bytes()], work)?
        .map(|work| with_steps(db, work))
        .transpose()
}

pub(super) fn all(db: &Connection) -> Result<Vec<Work>, Error> {
    let works = rows::all(
        db,
        &format!("SELECT {WORK} FROM work ORDER BY record"),
        [],
        work,
    )?;
    works.into_iter().map(|work| with_steps(db, work)).collect()
}

fn work(row: &Row<'_>) -> Result<Work, Error> {
    Ok(Work {
        record: rows::named(row.get::<_, String>(0)?)?,
        seat: rows::named::<SeatName>(row.get::<_, String>(1)?)?,
        card: rows::card(row.get(2)?, &row.get::<_, Vec<u8>>(3)?)?,
        started: Timestamp::from_unix_millis(row.get(4)?),
        steps: Vec::new(),
    })
}

fn with_steps(db: &Connection, mut work: Work) -> Result<Work, Error> {
    let sql = "SELECT step, data, time FROM work_steps WHERE record = ?1 ORDER BY position";
    work.steps = rows::all(db, sql, [work.record.as_str()], |row| {
        Ok(Step {
            name: row.get(0)?,
            data: row.get(1)?,
            time: Timestamp::from_unix_millis(row.get(2)?),
        })
    })?;
    Ok(work)
}
