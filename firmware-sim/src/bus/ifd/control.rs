//! The lines for whoever puts cards in and takes them out, at the control socket ([`crate::bus::control`]).
//!
//! | Line | What it does |
//! |---|---|
//! | `list` | a line a reader: see [`Look`](super::Look) and below |
//! | `insert READER [FILE]` | puts a card in: the file's, or the one that was in last |
//! | `remove READER` | takes the card out |
//! | `reset READER` | cuts the card's power for a moment; it answers nothing until the reader powers it on |
//! | `tear READER N WAY` | the card's power goes at its N-th write from here, 0 being the next; WAY is `not-begun`, `half-programmed` or `complete-unanswered` |
//! | `hold READER` | commands wait before the card gets them |
//! | `release READER` | they go on |
//! | `keys READER KEYS…` | what the holder does each time the reader asks at its own keys: digits, `cancel` or `nothing` |
//!
//! READER counts from 0. A line of `list` is `READER INTERFACE CARD POWER commands=N waiting=N writes=N [FILE]`, where INTERFACE is `contact` or
//! `contactless`, CARD is `card` or `empty`, and POWER is `on` or `off`.

use std::path::Path;

use negin_apdu::Interface;

use super::bay::{Bay, BayError};
use super::pin_pad::Keys;
use super::serve::Rack;
use crate::bus::control;
use crate::fault::{Cut, Way};

/// Carries a line out on these readers; its answer, without the last line's end.
#[must_use]
pub fn answer(rack: &Rack, line: &str) -> String {
    control::reply(carry_out(rack, line))
}

fn carry_out(rack: &Rack, line: &str) -> Result<Vec<String>, String> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    if word == "list" {
        nothing_more(rest)?;
        return Ok(rack
            .bays()
            .iter()
            .enumerate()
            .map(|(at, bay)| row(at, bay))
            .collect());
    }
    if ![
        "insert", "remove", "reset", "tear", "hold", "release", "keys",
    ]
    .contains(&word)
    {
        return Err(format!(
            "'{word}' is no command; there are: list, insert, remove, reset, tear, hold, release, keys"
        ));
    }
    let (reader, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let rest = rest.trim();
    let number: usize = reader
        .parse()
        .map_err(|_| format!("'{reader}' is no reader's number"))?;
    let bay = rack.bay(number).ok_or_else(|| {
        format!(
            "there is no reader {number}; there are {} of them, from 0",
            rack.bays().len()
        )
    })?;
    let done = match word {
        "insert" => rack.insert(bay, (!rest.is_empty()).then(|| Path::new(rest))),
        "tear" => bay.tear(cut(rest)?),
        "keys" => match bay.pin_pad() {
            Some(pad) => {
                pad.press(keys(rest)?);
                Ok(())
            }
            None => Err(BayError::NoPinPad),
        },
        other => {
            nothing_more(rest)?;
            match other {
                "remove" => bay.remove(),
                "reset" => bay.cut_power(),
                "hold" => {
                    bay.hold();
                    Ok(())
                }
                _ => {
                    bay.release();
                    Ok(())
                }
            }
        }
    };
    done.map(|()| Vec::new()).map_err(|error| error.to_string())
}

fn nothing_more(rest: &str) -> Result<(), String> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(format!("'{rest}' is too much"))
    }
}

fn cut(words: &str) -> Result<Cut, String> {
    let (number, way) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let at_write = number
        .parse()
        .map_err(|_| format!("'{number}' is no number of a write"))?;
    let way = match way.trim() {
        "not-begun" => Way::NotBegun,
        "half-programmed" => Way::HalfProgrammed,
        "complete-unanswered" => Way::CompleteUnanswered,
        other => {
            return Err(format!(
                "'{other}' is no way to tear; there are: not-begun, half-programmed, complete-unanswered"
            ));
        }
    };
    Ok(Cut { at_write, way })
}

fn keys(words: &str) -> Result<Vec<Keys>, String> {
    // What is no word may be a PIN with a slip in it: it is not said again.
    words
        .split_whitespace()
        .map(|word| Keys::parse(word).ok_or("keys are digits, 'cancel' or 'nothing'".to_owned()))
        .collect()
}

fn row(at: usize, bay: &Bay) -> String {
    let look = bay.look();
    let interface = match look.interface {
        Interface::Contact => "contact",
        Interface::Contactless => "contactless",
    };
    let card = if look.card.is_some() { "card" } else { "empty" };
    let power = if look.powered { "on" } else { "off" };
    let mut row = format!(
        "{at} {interface} {card} {power} commands={} waiting={} writes={}",
        look.commands, look.waiting, look.writes
    );
    if let Some(file) = look.card {
        row.push(' ');
        row.push_str(&file.to_string_lossy());
    }
    row
}
