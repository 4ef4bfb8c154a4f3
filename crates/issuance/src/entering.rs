//! Entering a checked order into the ledger.
//!
//! The rule: every record of the order gets a name, the order's id and its place in it. What passed quality control is
//! registered, checked and queued in one transaction; what did not is registered and rejected, with the keys of what was
//! found. Entering the same order again changes nothing, but for records that were rejected and now pass, and for queued
//! ones whose files changed and pass again before a card was begun: the ledger then notes what is to be written. A record
//! stays its citizen's.

use negin_ledger::{Batch, CitizenTag, Draft, Event, RecordId, State};
use serde_json::json;

use crate::check::{RecordReport, Report};
use crate::checked;
use crate::finding::Severity;
use crate::{Error, Seat};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It waits for a card.
    Queued,
    /// It was there already and stands here.
    Known(State),
    /// Quality control refused it, and the ledger says so.
    Rejected,
    /// Quality control refused it, and it names no citizen under whom to say so.
    Unnamed,
}

/// The name of the record at `index` (from 0) of an order.
///
/// # Errors
/// [`Error::Ledger`] where the order's id cannot be part of a name.
pub fn record_id(order: &str, index: usize) -> Result<RecordId, Error> {
    Ok(format!("{order}/{:04}", index + 1).parse()?)
}

/// Enters the records of a checked order; gives for each its name and what became of it.
///
/// # Errors
/// [`Error::Ledger`], among them a citizen who has a live record; [`Error::KeyStore`]. Records before the one that failed
/// are entered.
pub fn enter(seat: &mut Seat<'_>, report: &Report) -> Result<Vec<(RecordId, Entered)>, Error> {
    let mut entered = Vec::new();
    for (index, record) in report.records.iter().enumerate() {
        let id = record_id(&report.order, index)?;
        let outcome = enter_one(seat, &id, record)?;
        entered.push((id, outcome));
    }
    Ok(entered)
}

fn enter_one(seat: &mut Seat<'_>, id: &RecordId, record: &RecordReport) -> Result<Entered, Error> {
    let state = seat.ledger.record(id)?.map(|known| known.state);
    let Some(national_number) = &record.national_number else {
        return Ok(state.map_or(Entered::Unnamed, Entered::Known));
    };
    let tag = CitizenTag::from(seat.keys.citizen_tag(national_number.as_str())?);
    match state {
        None => {}
        Some(State::Rejected) if record.accepted => {}
        Some(state) => {
            checked::is_of(seat.ledger, id, &tag)?;
            if state == State::Queued && record.accepted {
                renew(seat, id, record)?;
            }
            return Ok(Entered::Known(state));
        }
    }
    let now = (seat.now)();
    let draft = |event| Draft::new(event, now).record(id);
    let batch = Batch::new().append(draft(Event::Registered).citizen(tag));
    if record.accepted {
        let qualities: Vec<u8> = record.fingers.iter().map(|finger| finger.quality).collect();
        let mut detail = json!({ "finger-qualities": qualities });
        if let Some(content) = &record.content {
            detail = checked::with(detail, content);
        }
        let checked = draft(Event::Checked).detail(detail);
        seat.ledger
            .commit(batch.append(checked).append(draft(Event::Queued)))?;
        return Ok(Entered::Queued);
    }
    let keys: Vec<&str> = record
        .findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Error)
        .map(|finding| finding.key())
        .collect();
    let rejected = draft(Event::Rejected).detail(json!({ "findings": keys }));
    seat.ledger.commit(batch.append(rejected))?;
    Ok(Entered::Rejected)
}

/// Notes that a queued record's files changed and passed again. Once a card was begun they must be as they were.
fn renew(seat: &mut Seat<'_>, id: &RecordId, record: &RecordReport) -> Result<(), Error> {
    let Some(content) = &record.content else {
        return Ok(());
    };
    if checked::kept(seat.ledger, id)?.as_ref() == Some(content) || seat.ledger.work(id)?.is_some()
    {
        return Ok(());
    }
    let noted = Draft::new(Event::Noted, (seat.now)())
        .record(id)
        .detail(checked::with(json!({}), content));
    seat.ledger.append(noted)?;
    Ok(())
}
