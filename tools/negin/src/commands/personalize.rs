//! `negin personalize`: cards for the queued records of an order, one after the other in a tray of readers.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use negin_card::{Presence, recognise};
use negin_device::Address;
use negin_issuance::entering::record_id;
use negin_issuance::order::{Entry, Order};
use negin_issuance::personalise::{
    Personalised, Progress as Happening, Task, personalise, personalise_foreign, work_on,
    work_on_foreign,
};
use negin_issuance::profile::Profile;
use negin_issuance::record::Record;
use negin_keystore::{ForeignBatch, KeyStore, OfficeCode};
use negin_ledger::{Ledger, RecordId, State};
use negin_reader::Readers;
use serde_json::json;

use super::App;
use super::seat::{OpenSeat, profile};
use crate::cli::PersonalizeArgs;
use crate::output::{Align, Exit, Progress, Style, Table, print_json};
use crate::problem::Problem;
use crate::{devices, interrupt};

/// Runs the command.
pub fn run(args: &PersonalizeArgs, app: &App) -> Result<Exit, Problem> {
    let profile = profile(args.profile.as_deref())?;
    let office: OfficeCode = args.office.parse()?;
    let order = Order::read(&args.order);
    let mut seat = OpenSeat::open(&args.seat)?;
    seat.unlock_override(&args.override_share)?;
    let batch = args.batch.as_deref().map(|name| seat.keys.foreign(name));
    let making = Making {
        profile: &profile,
        office,
        batch: batch.transpose()?,
    };
    let mut wanted = wanted(&order, &seat, &args.record)?;
    interrupt::watch();
    let readers = devices::readers();
    let mut done = Vec::new();
    let mut outcome = Ok(());
    for address in &args.reader {
        let laid = if interrupt::asked() {
            Err(Problem::interrupted())
        } else {
            take(address, &readers, &mut seat, &mut wanted, &making)
        };
        match laid {
            Ok(Laid::Written(written)) => done.push(*written),
            Ok(Laid::LeftAlone) => {}
            Ok(Laid::NotNeeded) => break,
            Err(problem) => {
                outcome = Err(problem);
                break;
            }
        }
    }
    // What was done is said even where the next card failed.
    if outcome.is_ok() || !done.is_empty() {
        report(&done, wanted.len(), app)?;
    }
    outcome.map(|()| Exit::Done)
}

/// What cards are made.
struct Making<'a> {
    profile: &'a Profile,
    office: OfficeCode,
    /// The batch of another maker's cards.
    batch: Option<ForeignBatch>,
}

/// What became of the card in a reader.
enum Laid {
    Written(Box<Personalised>),
    /// It was written before, and no record's work is on it.
    LeftAlone,
    /// No record waits for it.
    NotNeeded,
}

/// Writes the card in this reader: the record whose work is on it, or the next one that waits.
fn take(
    address: &Address,
    readers: &Readers,
    seat: &mut OpenSeat,
    wanted: &mut BTreeMap<RecordId, (&Entry, &Record)>,
    making: &Making<'_>,
) -> Result<Laid, Problem> {
    let mut reader = readers.open(address)?;
    let mut card = reader.connect()?;
    let presence = recognise(&mut &mut *card)?.presence;
    let foreign = match (presence, &making.batch) {
        (Presence::ForeignPiv, Some(batch)) => Some(batch),
        (Presence::ForeignPiv, None) => {
            return Err(Problem::new("negin.foreign-batch-missing", Vec::new()));
        }
        _ => None,
    };
    let begun = seat.work(|seat, _| match foreign {
        Some(_) => work_on_foreign(seat, &mut *card),
        None => work_on(seat, &mut *card),
    });
    let id = match begun? {
        Some(id) => id,
        None => {
            let Some(id) = next(wanted, seat)? else {
                return Ok(Laid::NotNeeded);
            };
            if presence != Presence::Blank && presence.is_negin() {
                log::warn!("{address}: this card is written already; it is left alone");
                return Ok(Laid::LeftAlone);
            }
            id
        }
    };
    let (entry, record) = wanted.remove(&id).ok_or_else(|| no_card(&id.to_string()))?;
    let written = write(seat, making, foreign, &id, entry, record, &mut *card)?;
    Ok(Laid::Written(Box::new(written)))
}

/// The queued records of the order, or those of them that were named.
fn wanted<'a>(
    order: &'a Order,
    seat: &OpenSeat,
    named: &[String],
) -> Result<BTreeMap<RecordId, (&'a Entry, &'a Record)>, Problem> {
    let mut wanted = BTreeMap::new();
    for (index, entry) in order.entries.iter().enumerate() {
        let id = record_id(&order.id, index)?;
        let state = seat.ledger.record(&id)?.map(|record| record.state);
        let chosen = named.is_empty() || named.iter().any(|name| name == id.as_str());
        if let Some(record) = &entry.record
            && chosen
            && state == Some(State::Queued)
        {
            wanted.insert(id, (entry, record));
        }
    }
    Ok(wanted)
}

/// The first record that no card was begun for.
fn next(
    wanted: &BTreeMap<RecordId, (&Entry, &Record)>,
    seat: &OpenSeat,
) -> Result<Option<RecordId>, Problem> {
    for id in wanted.keys() {
        if seat.ledger.work(id)?.is_none() {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

fn no_card(record: &str) -> Problem {
    Problem::new(
        "negin.no-card-for-record",
        vec![("record", record.to_owned())],
    )
}

fn write(
    seat: &mut OpenSeat,
    making: &Making<'_>,
    foreign: Option<&ForeignBatch>,
    id: &RecordId,
    entry: &Entry,
    record: &Record,
    card: &mut dyn negin_apdu::Transmit,
) -> Result<Personalised, Problem> {
    let mut bar = None;
    let written = seat.work(|seat, credentials| {
        let task = Task {
            id,
            record,
            entry,
            profile: making.profile,
            office: making.office,
            credentials,
        };
        let mut watch = |happening| {
            match happening {
                Happening::Started { steps, .. } => bar = Some(Progress::new(steps as u64)),
                Happening::Begun(step) => {
                    if let Some(bar) = &bar {
                        bar.say(&format!("{id}: {step}"));
                    }
                }
                Happening::Done(_) => {
                    if let Some(bar) = &bar {
                        bar.step();
                    }
                }
            }
            match interrupt::asked() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        match foreign {
            Some(batch) => personalise_foreign(seat, task, batch, card, &mut watch),
            None => personalise(seat, task, card, &mut watch),
        }
    });
    Ok(written?)
}

fn report(done: &[Personalised], waiting: usize, app: &App) -> Result<(), Problem> {
    if app.json {
        let cards: Vec<_> = done
            .iter()
            .map(|written| {
                json!({
                    "record": written.record.as_str(),
                    "card": written.card.number.as_str(),
                    "chip": written.card.chip.to_string(),
                    "resumed": written.resumed,
                })
            })
            .collect();
        return print_json(&json!({ "personalized": cards, "waiting": waiting }))
            .map_err(|error| Problem::file(Path::new("-"), &error));
    }
    let mut table = Table::new(&[
        ("record", Align::Left),
        ("card", Align::Left),
        ("chip", Align::Left),
        ("", Align::Left),
    ]);
    for written in done {
        let resumed = if written.resumed {
            "taken up again"
        } else {
            ""
        };
        table.row([
            written.record.to_string(),
            written.card.number.to_string(),
            written.card.chip.to_string(),
            resumed.to_owned(),
        ]);
    }
    print!("{}", table.render(Style::stdout()));
    if waiting > 0 {
        println!("{waiting} more wait for a card");
    }
    Ok(())
}
