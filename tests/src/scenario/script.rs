//! A scenario as read from its file: steps with their line numbers.

use negin_apdu::Interface;
use negin_eid::roles::Role;
use negin_secure_channel::scp03::SecurityLevel;

use super::bytes::{self, Part};
use super::table::CardState;

/// A scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// The file's name, for messages.
    pub name: String,
    pub(super) steps: Vec<Step>,
}

/// A step and the line it begins on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub line: usize,
    pub act: Act,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Card(CardState),
    Interface(Interface),
    Reset {
        answer: Option<Answer>,
    },
    Let(String, Vec<Part>),
    Send {
        how: How,
        command: Vec<Part>,
        answer: Answer,
    },
    Channel(Role, SecurityLevel),
    Close,
    Expect {
        left: Vec<Part>,
        equal: bool,
        right: Vec<Part>,
    },
    Repeat(u32, Vec<Step>),
}

/// How a command is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Raw,
    Chained,
    Secured,
}

/// What must be answered: one of these patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub line: usize,
    pub text: String,
    pub patterns: Vec<Vec<Part>>,
}

/// A line that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The scenario.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.problem)
    }
}

impl std::error::Error for ParseError {}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// [`ParseError`] for the first line that cannot be read.
    pub fn parse(name: &str, text: &str) -> Result<Self, ParseError> {
        let error = |line, problem| ParseError {
            file: name.to_owned(),
            line,
            problem,
        };
        let lines = joined(text);
        let mut lines = lines.iter().map(|(line, text)| (*line, text.as_str()));
        let steps = steps(&mut lines, None).map_err(|(line, problem)| error(line, problem))?;
        let begun = steps.iter().find(|step| !matches!(step.act, Act::Let(..)));
        match begun {
            Some(Step {
                act: Act::Card(_) | Act::Interface(_),
                ..
            }) => Ok(Self {
                name: name.to_owned(),
                steps,
            }),
            Some(step) => Err(error(step.line, "no card is on the table".to_owned())),
            None => Err(error(1, "nothing happens".to_owned())),
        }
    }

    /// The cards it lays on the table, in order, and how each is spoken to.
    #[must_use]
    pub fn cards(&self) -> Vec<(CardState, Interface)> {
        fn collect(
            steps: &[Step],
            interface: &mut Interface,
            cards: &mut Vec<(CardState, Interface)>,
        ) {
            for step in steps {
                match &step.act {
                    Act::Interface(next) => *interface = *next,
                    Act::Card(state) => cards.push((*state, *interface)),
                    Act::Repeat(times, steps) => {
                        (0..*times).for_each(|_| collect(steps, interface, cards));
                    }
                    _ => {}
                }
            }
        }
        let mut cards = Vec::new();
        collect(&self.steps, &mut Interface::Contact, &mut cards);
        cards
    }
}

/// Lines without comments, those that go on joined to the one they go on with.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let kept = line.split('#').next().unwrap_or_default().trim_end();
        match lines.last_mut() {
            _ if kept.is_empty() => {}
            Some((_, before)) if kept.starts_with([' ', '\t']) => {
                before.push(' ');
                before.push_str(kept.trim_start());
            }
            _ => lines.push((at + 1, kept.to_owned())),
        }
    }
    lines
}

type Failed = (usize, String);

fn steps<'t>(
    lines: &mut (impl Iterator<Item = (usize, &'t str)> + Clone),
    repeated_from: Option<usize>,
) -> Result<Vec<Step>, Failed> {
    let mut found = Vec::new();
    while let Some((line, text)) = lines.next() {
        let failed = |problem: String| (line, problem);
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim();
        let act = match word {
            "card" => CardState::from_word(rest)
                .map(Act::Card)
                .ok_or_else(|| failed(format!("`{rest}` is no state of a card")))?,
            "interface" => Act::Interface(match rest {
                "contact" => Interface::Contact,
                "contactless" => Interface::Contactless,
                _ => return Err(failed(format!("`{rest}` is no interface"))),
            }),
            "reset" => Act::Reset {
                answer: answer(lines)?,
            },
            "let" => {
                let (name, bytes) = rest
                    .split_once('=')
                    .ok_or_else(|| failed("`let NAME = BYTES`".to_owned()))?;
                let name = name.trim();
                if !bytes::is_name(name) {
                    return Err(failed(format!("`{name}` is no name")));
                }
                Act::Let(name.to_owned(), bytes::parse(bytes).map_err(failed)?)
            }
            ">" | ">>" | "~>" => Act::Send {
                how: match word {
                    ">" => How::Raw,
                    ">>" => How::Chained,
                    _ => How::Secured,
                },
                command: bytes::parse(rest).map_err(failed)?,
                answer: answer(lines)?
                    .ok_or_else(|| failed("the answer `<` is missing".to_owned()))?,
            },
            "channel" => channel(rest).map_err(failed)?,
            "close" => Act::Close,
            "expect" => expect(rest).map_err(failed)?,
            "repeat" => {
                let times = rest.parse().ok().filter(|times| (1..=1000).contains(times));
                let times = times.ok_or_else(|| failed(format!("`{rest}` is no number")))?;
                Act::Repeat(times, steps(lines, Some(line))?)
            }
            "end" if repeated_from.is_some() => return Ok(found),
            "<" => return Err(failed("an answer, and nothing was sent".to_owned())),
            _ => return Err(failed(format!("`{word}` is no step"))),
        };
        found.push(Step { line, act });
    }
    match repeated_from {
        None => Ok(found),
        Some(line) => Err((line, "the `end` of this is missing".to_owned())),
    }
}

/// The answer on the next line, if it is one.
fn answer<'t>(
    lines: &mut (impl Iterator<Item = (usize, &'t str)> + Clone),
) -> Result<Option<Answer>, Failed> {
    let mut ahead = lines.clone();
    let Some((line, text)) = ahead.next() else {
        return Ok(None);
    };
    let Some(text) = text.strip_prefix('<') else {
        return Ok(None);
    };
    *lines = ahead;
    let patterns: Result<Vec<_>, _> = text.split('|').map(bytes::parse).collect();
    Ok(Some(Answer {
        line,
        text: text.trim().to_owned(),
        patterns: patterns.map_err(|problem| (line, problem))?,
    }))
}

fn channel(text: &str) -> Result<Act, String> {
    let (role, level) = text.split_once(' ').unwrap_or((text, "33"));
    let role = match role {
        "transport" => Role::Transport,
        "issuer" => Role::Issuer,
        "delivery" => Role::Delivery,
        "override" => Role::Override,
        _ => return Err(format!("`{role}` is no role")),
    };
    let level = u8::from_str_radix(level.trim(), 16)
        .ok()
        .and_then(SecurityLevel::from_byte)
        .ok_or_else(|| format!("`{level}` is no level"))?;
    Ok(Act::Channel(role, level))
}

fn expect(text: &str) -> Result<Act, String> {
    let (left, equal, right) = match text.split_once("!=") {
        Some((left, right)) => (left, false, right),
        None => {
            let (left, right) = text
                .split_once('=')
                .ok_or("`expect BYTES = BYTES` or `expect BYTES != BYTES`")?;
            (left, true, right)
        }
    };
    Ok(Act::Expect {
        left: bytes::parse(left)?,
        equal,
        right: bytes::parse(right)?,
    })
}
