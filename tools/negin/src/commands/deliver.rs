//! `negin deliver`: the counter.

use std::io::{IsTerminal, Write};
use std::path::Path;

use negin_apdu::Transmit;
use negin_apdu::pin_pad::Prompts;
use negin_card::{Presence, recognise};
use negin_eid::piv::{FingerReference, Pin};
use negin_issuance::deliver::{
    Attempt, Delivered, DeliveredForeign, Delivery, Enrolled, ForeignDelivery, Holder, Look,
    PinSource, Way, deliver, deliver_foreign, record_of_foreign,
};
use negin_issuance::order::Order;
use serde_json::json;
use zeroize::Zeroizing;

use super::App;
use super::foreign::find;
use super::seat::OpenSeat;
use crate::cli::{DeliverArgs, FingerChoice, Language};
use crate::messages;
use crate::output::{Exit, Style, Table, harmless, print_json};
use crate::problem::Problem;
use crate::{devices, files};

/// Runs the command.
pub fn run(args: &DeliverArgs, app: &App) -> Result<Exit, Problem> {
    let mut seat = OpenSeat::open(&args.seat)?;
    seat.unlock_override(&args.override_share)?;
    // A PIN for this machine is asked for before the card is touched.
    let told = match args.pin_file.is_some() || args.no_pin_pad {
        true => Some(pin(args)?),
        false => None,
    };
    let mut reader = devices::readers().open(&args.reader)?;
    let mut card = reader.connect()?;
    if recognise(&mut &mut *card)?.presence == Presence::ForeignPiv {
        let pin = match told {
            Some(pin) => pin,
            None => pin(args)?,
        };
        return foreign(args, app, seat, pin, &mut *card);
    }
    // An override's first PIN comes over the channel: the card takes a plain one only after a match.
    let mut pad = match (&told, args.override_share.is_empty()) {
        (None, true) => card.pin_pad(),
        _ => None,
    };
    let pin = match (told, &mut pad) {
        (None, Some(pad)) => PinSource::Pad {
            pad: &mut **pad,
            prompts: prompts(app),
        },
        (Some(pin), _) => pin.into(),
        (None, None) => pin(args)?.into(),
    };
    let mut scanner = match &args.scanner {
        Some(address) => Some(super::scanner::open(address)?),
        None => None,
    };
    let officers = seat
        .keys
        .override_officers()
        .map(|names| names.map(str::to_owned));
    let way = match (&officers, &mut scanner) {
        (Some([one, two]), _) => Way::Override {
            officers: [one, two],
        },
        (None, Some(scanner)) => Way::Match {
            office: args.office.parse()?,
            finger: args.finger.into(),
            tries: args.tries,
            scanner,
        },
        (None, None) => {
            return Err(Problem::new("keystore.override-locked", Vec::new()).ending(Exit::Usage));
        }
    };
    let mut shown = Ok(());
    let delivered = seat.work(|seat, credentials| {
        let delivery = Delivery {
            way,
            pin,
            root: credentials.root(),
        };
        deliver(seat, delivery, &mut *card, &mut |look| match look {
            Look::Holder(holder) => shown = greet(holder, args),
            look => show(&look, app),
        })
    })?;
    shown?;
    report(&delivered, app)?;
    Ok(Exit::Done)
}

/// Delivers a card that is not ours: this program compares the finger, and the ledger says so.
fn foreign(
    args: &DeliverArgs,
    app: &App,
    mut seat: OpenSeat,
    pin: Pin,
    card: &mut dyn Transmit,
) -> Result<Exit, Problem> {
    let address = args.scanner.as_ref();
    let address = address.ok_or_else(|| Problem::new("negin.foreign-override", Vec::new()))?;
    let mut scanner = super::scanner::open(address)?;
    let office = args.office.parse()?;
    let order = args.order.as_deref().map(Order::read);
    let record = seat.work(|seat, _| record_of_foreign(seat, &mut *card))?;
    let enrolled = match (&order, &record) {
        (Some(order), Some(record)) => find(order, &record.id),
        _ => None,
    };
    let mut shown = Ok(());
    let delivered = seat.work(|seat, credentials| {
        let delivery = ForeignDelivery {
            office,
            finger: args.finger.into(),
            tries: args.tries,
            scanner: &mut scanner,
            pin,
            enrolled: enrolled.map(|(entry, record)| Enrolled { entry, record }),
            root: credentials.root(),
        };
        deliver_foreign(seat, delivery, card, &mut |look| match look {
            Look::Holder(holder) => shown = greet(holder, args),
            look => show(&look, app),
        })
    })?;
    shown?;
    report_foreign(&delivered, app)?;
    Ok(Exit::Done)
}

fn report_foreign(delivered: &DeliveredForeign, app: &App) -> Result<(), Problem> {
    let card = delivered.record.card.as_ref();
    let number = card.map_or_else(String::new, |card| card.number.to_string());
    if app.json {
        return print_json(&json!({
            "record": delivered.record.id.as_str(),
            "card": number,
            "state": delivered.record.state.as_str(),
            "way": "host match",
            "resumed": delivered.resumed,
        }))
        .map_err(|error| Problem::file(Path::new("-"), &error));
    }
    let holder = delivered.holder.as_ref();
    let holder = holder.map_or("", |holder| &holder.display.name);
    let facts = [
        ("record", delivered.record.id.to_string()),
        ("card", number),
        ("holder", holder.to_owned()),
        ("state", delivered.record.state.to_string()),
        ("way", "match by this program".to_owned()),
    ];
    print!("{}", Table::facts(facts).render(Style::stdout()));
    Ok(())
}

/// What the reader's keys show.
fn prompts(app: &App) -> Prompts {
    match app.language {
        Language::En => Prompts::ENGLISH,
        Language::Fa => Prompts::PERSIAN,
    }
}

/// The PIN: from a file for scripts, otherwise twice from the terminal, unseen.
fn pin(args: &DeliverArgs) -> Result<Pin, Problem> {
    let digits = match &args.pin_file {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map(Zeroizing::new)
                .map_err(|error| Problem::file(file, &error))?;
            Zeroizing::new(text.lines().next().unwrap_or_default().trim().to_owned())
        }
        None if std::io::stdin().is_terminal() => {
            let ask = |prompt: &str| {
                rpassword::prompt_password(prompt)
                    .map(Zeroizing::new)
                    .map_err(|error| Problem::file(Path::new("-"), &error))
            };
            let first = ask("PIN: ")?;
            let second = ask("PIN (again): ")?;
            if *first != *second {
                return Err(Problem::new("negin.pin", Vec::new()).ending(Exit::Usage));
            }
            first
        }
        None => return Err(Problem::new("negin.pin-missing", Vec::new()).ending(Exit::Usage)),
    };
    Pin::new(&digits).map_err(|_| Problem::new("negin.pin", Vec::new()).ending(Exit::Usage))
}

/// Shows the clerk whose card it is, before any finger is asked for.
fn greet(holder: &Holder, args: &DeliverArgs) -> Result<(), Problem> {
    let display = &holder.display;
    let _ = writeln!(
        std::io::stderr(),
        "{}  {}",
        harmless(&display.card_number),
        harmless(&display.name)
    );
    match (&args.portrait, &holder.photograph) {
        (Some(file), Some(photograph)) => files::replace(file, photograph, files::Access::Owner)
            .map_err(|error| Problem::file(file, &error)),
        _ => Ok(()),
    }
}

/// Tells the clerk, on standard error, how the finger fared.
fn show(look: &Look<'_>, app: &App) {
    let attempt = match look {
        Look::Attempt(attempt) => attempt,
        Look::Scanner(event) => return super::scanner::tell(*event, app.language),
        Look::PinPad { again } => {
            if let Some(error) = again {
                let texts = messages::texts(app.language, error.key(), &[]);
                let _ = writeln!(std::io::stderr(), "{}", texts.what);
            }
            let texts = messages::texts(app.language, "counter.pin-pad", &[]);
            let _ = writeln!(std::io::stderr(), "{} {}", texts.what, texts.next);
            return;
        }
        _ => return,
    };
    let key = match attempt {
        Attempt::Matched => "counter.matched",
        Attempt::Refused { .. } => "delivery.not-matched",
        Attempt::Unusable { key } => key,
        Attempt::NoImage { reason } => reason.key(),
    };
    let params = match attempt {
        Attempt::Refused { tries_left } => vec![("tries", tries_left.to_string())],
        _ => Vec::new(),
    };
    let texts = messages::texts(app.language, key, &params);
    let _ = writeln!(std::io::stderr(), "{} {}", texts.what, texts.next);
}

fn report(delivered: &Delivered, app: &App) -> Result<(), Problem> {
    let card = delivered.record.card.as_ref();
    let number = card.map_or_else(String::new, |card| card.number.to_string());
    if app.json {
        return print_json(&json!({
            "record": delivered.record.id.as_str(),
            "card": number,
            "state": delivered.record.state.as_str(),
            "activation": super::card::activation_json(&delivered.activation),
            "resumed": delivered.resumed,
        }))
        .map_err(|error| Problem::file(Path::new("-"), &error));
    }
    let holder = delivered.holder.as_ref();
    let holder = holder.map_or("", |holder| &holder.display.name);
    let facts = [
        ("record", delivered.record.id.to_string()),
        ("card", number),
        ("holder", holder.to_owned()),
        ("state", delivered.record.state.to_string()),
        ("way", super::card::way(&delivered.activation)),
    ];
    print!("{}", Table::facts(facts).render(Style::stdout()));
    Ok(())
}

impl From<FingerChoice> for FingerReference {
    fn from(choice: FingerChoice) -> Self {
        match choice {
            FingerChoice::Primary => Self::Primary,
            FingerChoice::Secondary => Self::Secondary,
        }
    }
}
