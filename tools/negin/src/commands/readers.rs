//! `negin readers`: the card readers of this machine, what lies in them, and what happens at them.
//!
//! A card is looked at as anybody may: nothing is verified, no counter moves. One that another program holds is left to
//! it.

use std::path::Path;
use std::time::Duration;

use negin_apdu::Chaining;
use negin_card::recognise;
use negin_device::{Address, Error as DeviceError};
use negin_reader::pcsc::{self, Event, Monitor, ReaderNow};
use negin_reader::{Error as ReaderError, Readers};
use serde_json::{Value, json};

use super::App;
use super::card::presence;
use crate::cli::ReadersArgs;
use crate::output::{Align, Cell, Exit, Paint, Style, Table, print_json, print_text};
use crate::problem::Problem;
use crate::{devices, interrupt};

/// How long a look at the keyboard's wish takes at most.
const SLICE: Duration = Duration::from_millis(300);

/// Runs the command.
pub fn run(args: &ReadersArgs, app: &App) -> Result<Exit, Problem> {
    if args.watch {
        return watch(app);
    }
    let readers = devices::readers();
    let at_hand = pcsc::readers().map_err(|fault| DeviceError::Unavailable {
        address: Address::new("pcsc", "*"),
        reason: fault.to_string(),
    })?;
    let seen: Vec<Seen> = at_hand
        .iter()
        .map(|reader| Seen::look(&readers, &reader.name, &reader.now))
        .collect();
    if app.json {
        let all: Vec<Value> = seen.iter().map(Seen::json).collect();
        print_json(&json!({ "readers": all })).map_err(unprinted)?;
        return Ok(Exit::Done);
    }
    if seen.is_empty() {
        eprintln!("no reader is plugged in");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("reader", Align::Left),
        ("state", Align::Left),
        ("card", Align::Left),
        ("chip", Align::Left),
    ]);
    for reader in &seen {
        table.row([
            Cell::new(format!("pcsc:{}", reader.name)),
            reader.state_cell(),
            Cell::new(reader.card.as_deref().unwrap_or_default()),
            Cell::new(reader.chip.as_deref().unwrap_or_default()).painted(Paint::Muted),
        ]);
    }
    print_text(&table.render(Style::stdout())).map_err(unprinted)?;
    Ok(Exit::Done)
}

/// Says what happens until Ctrl-C; a line, or with `--json` an object, for each event.
fn watch(app: &App) -> Result<Exit, Problem> {
    interrupt::watch();
    let readers = devices::readers();
    let mut monitor = Monitor::new();
    while !interrupt::asked() {
        for event in monitor.next(SLICE) {
            let Some(told) = Told::of(event, &readers) else {
                continue;
            };
            if app.json {
                print_json(&told.json()).map_err(unprinted)?;
            } else {
                print_text(&told.line(Style::stdout())).map_err(unprinted)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn unprinted(error: std::io::Error) -> Problem {
    Problem::file(Path::new("-"), &error)
}

/// A reader and what was seen in it.
struct Seen {
    name: String,
    state: &'static str,
    atr: Option<String>,
    /// What card it is, or why that is not known.
    card: Option<String>,
    chip: Option<String>,
}

impl Seen {
    fn look(readers: &Readers, name: &str, now: &ReaderNow) -> Self {
        let mut seen = Self {
            name: name.to_owned(),
            state: match now {
                ReaderNow::Empty => "empty",
                ReaderNow::Card { held: true, .. } => "in use",
                ReaderNow::Card { .. } => "card",
                ReaderNow::Mute => "mute",
                ReaderNow::Unavailable => "unavailable",
            },
            atr: None,
            card: None,
            chip: None,
        };
        if let ReaderNow::Card { atr, held } = now {
            seen.atr = (!atr.is_empty()).then(|| hex::encode_upper(atr));
            if !held {
                seen.recognise(readers);
            }
        }
        seen
    }

    fn recognise(&mut self, readers: &Readers) {
        let found = readers
            .open(&Address::new("pcsc", &self.name))
            .map_err(|error| error.key())
            .and_then(|mut reader| {
                let mut card = reader.connect().map_err(|error| {
                    if matches!(error, ReaderError::Busy { .. }) {
                        self.state = "in use";
                    }
                    error.key()
                })?;
                self.atr = Some(hex::encode_upper(card.atr().as_bytes()));
                recognise(&mut Chaining::new(&mut *card)).map_err(|error| error.key())
            });
        match found {
            Ok(found) => {
                self.card = Some(presence(found.presence).to_owned());
                self.chip = found.identity.map(|identity| hex::encode(identity.kdd));
            }
            Err("reader.busy") => {}
            Err(key) => self.card = Some(format!("[{key}]")),
        }
    }

    fn state_cell(&self) -> Cell {
        Cell::new(self.state).painted(match self.state {
            "card" => Paint::Good,
            "empty" => Paint::Muted,
            "in use" => Paint::Warn,
            _ => Paint::Bad,
        })
    }

    fn json(&self) -> Value {
        json!({
            "address": format!("pcsc:{}", self.name),
            "name": self.name,
            "state": self.state,
            "atr": self.atr,
            "card": self.card,
            "chip": self.chip,
        })
    }
}

/// An event as it is told.
enum Told {
    Service(&'static str, String),
    Reader(&'static str, Seen),
    Removed(String),
}

impl Told {
    fn of(event: Event, readers: &Readers) -> Option<Self> {
        Some(match event {
            Event::ServiceLost(fault) => Self::Service("service-lost", fault.to_string()),
            Event::ServiceFound => Self::Service("service-found", String::new()),
            Event::ReaderAdded { reader, now } => {
                Self::Reader("reader-added", Seen::look(readers, &reader, &now))
            }
            Event::ReaderRemoved { reader } => Self::Removed(reader),
            // Programs take cards and give them free all the time, this one too.
            Event::Changed { moved: false, .. } => return None,
            Event::Changed { reader, now, .. } => {
                let what = match now {
                    ReaderNow::Card { .. } | ReaderNow::Mute => "card-inserted",
                    ReaderNow::Empty => "card-removed",
                    ReaderNow::Unavailable => "reader-unavailable",
                };
                Self::Reader(what, Seen::look(readers, &reader, &now))
            }
        })
    }

    fn json(&self) -> Value {
        let mut object = match self {
            Self::Service(what, detail) => json!({ "event": what, "detail": detail }),
            Self::Reader(what, seen) => {
                let mut object = seen.json();
                object["event"] = json!(what);
                object
            }
            Self::Removed(name) => json!({
                "event": "reader-removed",
                "address": format!("pcsc:{name}"),
                "name": name,
            }),
        };
        object["time"] = json!(super::now().to_string());
        object
    }

    fn line(&self, style: Style) -> String {
        let (what, paint, name, more) = match self {
            Self::Service(what, detail) => (*what, Paint::Warn, String::new(), detail.clone()),
            Self::Removed(name) => ("reader-removed", Paint::Warn, name.clone(), String::new()),
            Self::Reader(what, seen) => {
                let paint = match seen.state {
                    "card" => Paint::Good,
                    "empty" => Paint::Muted,
                    _ => Paint::Warn,
                };
                let more = seen.card.clone().unwrap_or_else(|| seen.state.to_owned());
                let chip = seen.chip.as_deref().unwrap_or_default();
                (*what, paint, seen.name.clone(), format!("{more} {chip}"))
            }
        };
        let time = super::now().to_string();
        let words = what.replace('-', " ");
        let mut table = Table::new(&[("", Align::Left); 4]);
        table.row([
            Cell::new(time).painted(Paint::Muted),
            Cell::new(words).painted(paint),
            Cell::new(name),
            Cell::new(more.trim()),
        ]);
        table.render(style)
    }
}
