//! The control socket: a line in, some lines out, for whoever puts cards in and takes them out.
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
//! The answer is any number of lines, then a last one: `ok`, or `error` with what is wrong. READER counts from 0. A line
//! of `list` is `READER INTERFACE CARD POWER commands=N waiting=N writes=N [FILE]`, where INTERFACE is `contact` or
//! `contactless`, CARD is `card` or `empty`, and POWER is `on` or `off`.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use negin_apdu::Interface;

use super::bay::{Bay, BayError};
use super::pin_pad::Keys;
use super::serve::Rack;
use crate::fault::{Cut, Way};

/// The longest line that is read: a path and a little more.
const LONGEST: u64 = 8192;

/// Answers whoever connects, for as long as the process lives.
pub fn serve<F>(listener: &UnixListener, answer: F)
where
    F: Fn(&str) -> String + Send + Sync + 'static,
{
    let answer = Arc::new(answer);
    for stream in listener.incoming() {
        match stream {
            Ok(stream) => {
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || converse(&stream, &*answer));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn converse(stream: &UnixStream, answer: &dyn Fn(&str) -> String) -> io::Result<()> {
    let mut lines = BufReader::new(io::Read::take(stream, LONGEST));
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let mut said = answer(line.trim());
        said.push('\n');
        (&*stream).write_all(said.as_bytes())?;
        line.clear();
        lines.get_mut().set_limit(LONGEST);
    }
    Ok(())
}

/// Sends one line to the control socket at `path`. What it answers: all but the last line; `Err(Ok(_))` with what is
/// wrong where the last one says so.
///
/// # Errors
/// The system's error where there is no answer, the simulator's words where it refuses.
pub fn ask(path: &Path, line: &str) -> Result<Vec<String>, Refused> {
    let stream = UnixStream::connect(path)?;
    (&stream).write_all(format!("{}\n", line.trim()).as_bytes())?;
    let mut said = Vec::new();
    for line in BufReader::new(&stream).lines() {
        let line = line?;
        match line.split_once(' ') {
            _ if line == "ok" => return Ok(said),
            Some(("error", what)) => return Err(Refused::Said(what.to_owned())),
            _ => said.push(line),
        }
    }
    Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
}

/// Why a line did nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The simulator says why.
    #[error("{0}")]
    Said(String),
    /// It cannot be reached.
    #[error("the simulator cannot be reached: {0}")]
    Unreachable(#[from] io::Error),
}

/// Carries a line out on these readers; its answer, without the last line's end.
#[must_use]
pub fn answer(rack: &Rack, line: &str) -> String {
    match carry_out(rack, line) {
        Ok(mut lines) => {
            lines.push("ok".to_owned());
            lines.join("\n")
        }
        Err(what) => format!("error {}", what.replace('\n', " ")),
    }
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
