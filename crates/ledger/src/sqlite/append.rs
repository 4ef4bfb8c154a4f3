//! Adding to the seat's own chain.

use rusqlite::{Connection, params};

use super::{query, rows, work};
use crate::entry::genesis;
use crate::history::HistoryFault;
use crate::{
    Batch, CardRef, Change, Checkpoint, ChipId, CitizenHash, CitizenTag, Digest, Draft, Entry,
    Error, Event, History, RecordId, SealBytes, Seat, Status, Timestamp, checkpoint, ledger,
};

/// Makes all changes of `batch`; the caller's transaction makes them one.
pub(super) fn batch(db: &Connection, seat: &mut Seat, batch: Batch) -> Result<Vec<Entry>, Error> {
    let mut appended = Vec::new();
    for change in batch.changes {
        match change {
            Change::Append(draft) => appended.push(append(db, seat, draft)?),
            Change::StartWork { record, card, time } => {
                work::start(db, seat, &record, &card, time)?
            }
            Change::StepDone {
                record,
                step,
                data,
                time,
            } => work::step_done(db, seat, &record, &step, &data, time)?,
            Change::DropWork { record } => work::drop(db, seat, &record)?,
        }
    }
    Ok(appended)
}

pub(super) fn checkpoint(
    db: &Connection,
    seat: &Seat,
    time: Timestamp,
) -> Result<Checkpoint, Error> {
    let heads = query::heads(db)?;
    let mut entry = blank(Event::Checkpoint, time, seat);
    entry.detail = checkpoint::detail(&heads);
    seal_and_insert(db, seat, &mut entry)?;
    Checkpoint::from_entry(entry)
}

fn append(db: &Connection, seat: &mut Seat, draft: Draft) -> Result<Entry, Error> {
    let detail = draft.detail_text()?;
    let mut entry = blank(draft.event, draft.time, seat);
    entry.detail = detail;
    if let Some(record) = &draft.record {
        about_record(db, seat, &mut entry, record, &draft)?;
    } else if draft.event != Event::Noted || draft.card.is_some() || draft.citizen.is_some() {
        return Err(Error::Draft { event: draft.event });
    }
    seal_and_insert(db, seat, &mut entry)?;
    if let Some(record) = &entry.record {
        let history = query::history(db, record)?;
        keep_record(db, record, &history)?;
        if ledger::ends_work(entry.event) {
            work::drop(db, seat, record)?;
        }
    }
    Ok(entry)
}

/// Fills in what an entry about a record says, where the rules allow it.
fn about_record(
    db: &Connection,
    seat: &mut Seat,
    entry: &mut Entry,
    record: &RecordId,
    draft: &Draft,
) -> Result<(), Error> {
    let event = draft.event;
    if event == Event::Checkpoint {
        return Err(Error::Draft { event });
    }
    let history = query::history(db, record)?;
    let card = match (event, &draft.card, work::of_record(db, record)?) {
        (Event::Written, Some(card), Some(work)) if work.card != *card => {
            return Err(Error::CardMismatch {
                record: record.clone(),
            });
        }
        (Event::Written | Event::Spoiled, None, Some(work)) => Some(work.card),
        (_, card, _) => card.clone(),
    };
    let next = history
        .try_next(event, card.as_ref())
        .map_err(|fault| refused(fault, record, event))?;
    let tag = citizen(db, record, draft)?;
    // A duplicate can still come in by a join; it goes no further, but may be looked at, noted, blocked and ended.
    let aside = matches!(event, Event::Checked | Event::Noted | Event::Blocked);
    if let (Some(tag), true, false) = (&tag, next.state.is_live(), aside) {
        let others = query::records_of_citizen(db, tag)?;
        if let Some(live) = others
            .into_iter()
            .find(|other| other.id != *record && other.state.is_live())
        {
            return Err(Error::DuplicateCitizen {
                record: record.clone(),
                live: live.id,
            });
        }
    }
    if let (Event::Written, Some(card)) = (event, &card) {
        unused(db, record, card)?;
    }
    entry.record = Some(record.clone());
    entry.citizen = tag.map(|tag| CitizenHash::new(&tag, seat.salt()));
    entry.after = history.ends().to_vec();
    if let Some(card) = card {
        entry.card_number = Some(card.number);
        entry.chip = Some(card.chip);
    }
    Ok(())
}

/// The tag of the record's citizen: given at registration, known afterwards.
fn citizen(db: &Connection, record: &RecordId, draft: &Draft) -> Result<Option<CitizenTag>, Error> {
    let known = query::tag(db, record)?;
    match (known, draft.citizen) {
        (Some(known), Some(given)) if known != given => Err(Error::Citizen {
            record: record.clone(),
        }),
        (None, None) if draft.event == Event::Registered => Err(Error::Citizen {
            record: record.clone(),
        }),
        (None, Some(given)) => {
            keep_citizen(db, record, &given)?;
            Ok(Some(given))
        }
        (known, _) => Ok(known),
    }
}

/// Refuses a card that belongs to another record: live with it, or being written to it.
pub(super) fn unused(db: &Connection, record: &RecordId, card: &CardRef) -> Result<(), Error> {
    let by_number = query::live_record_of_card(db, &card.number)?;
    let by_chip = query::live_record_of_chip(db, &card.chip)?;
    let written = [by_number, by_chip]
        .into_iter()
        .flatten()
        .map(|holder| holder.id);
    let in_work = work::holders(db, card)?;
    match written.chain(in_work).find(|holder| holder != record) {
        Some(holder) => Err(Error::CardInUse { holder }),
        None => Ok(()),
    }
}

fn refused(fault: HistoryFault, record: &RecordId, event: Event) -> Error {
    match fault {
        HistoryFault::Transition { from: None } if event != Event::Registered => {
            Error::UnknownRecord {
                record: record.clone(),
            }
        }
        HistoryFault::Transition { from } => Error::IllegalTransition {
            record: record.clone(),
            from,
            event,
        },
        HistoryFault::Card => Error::CardMismatch {
            record: record.clone(),
        },
        HistoryFault::Unseen => Error::Damaged,
    }
}

fn blank(event: Event, time: Timestamp, seat: &Seat) -> Entry {
    Entry {
        seat: seat.name().clone(),
        number: 0,
        time,
        event,
        record: None,
        card_number: None,
        chip: None,
        citizen: None,
        after: Vec::new(),
        detail: String::new(),
        previous: Digest::from([0; 32]),
        hash: Digest::from([0; 32]),
        signature: SealBytes::from([0; 64]),
    }
}

fn seal_and_insert(db: &Connection, seat: &Seat, entry: &mut Entry) -> Result<(), Error> {
    let head = query::head(db, seat.name())?;
    entry.number = head.as_ref().map_or(0, |head| head.number) + 1;
    entry.previous = head.map_or_else(|| genesis(seat.name(), seat.public_key()), |head| head.hash);
    entry.seal(seat)?;
    rows::insert(db, entry)
}

/// Writes down where a record stands.
pub(super) fn keep_record(
    db: &Connection,
    record: &RecordId,
    history: &History,
) -> Result<(), Error> {
    let Some(Status {
        state,
        resume,
        card,
    }) = history.status()
    else {
        return Ok(());
    };
    db.prepare_cached(
        "INSERT OR REPLACE INTO records (record, state, resume, card_number, chip, conflict)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        record.as_str(),
        state.as_str(),
        resume.map(|state| state.as_str()),
        card.as_ref().map(|card| card.number.as_str()),
        card.as_ref().map(|card| ChipId::as_bytes(&card.chip)),
        history.ends().len() > 1,
    ])?;
    Ok(())
}

/// Writes down whose record it is.
pub(super) fn keep_citizen(
    db: &Connection,
    record: &RecordId,
    tag: &CitizenTag,
) -> Result<(), Error> {
    db.prepare_cached("INSERT INTO citizens (record, tag) VALUES (?1, ?2)")?
        .execute(params![record.as_str(), tag.as_bytes().as_slice()])?;
    Ok(())
}
