//! Carries a scenario out.

use std::fmt::Write as _;

use negin_apdu::{Chaining, Command, Exchange, Interface, Response};
use negin_eid::roles::Role;
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::{
    Handshake, InitializeUpdateResponse, Session, initialize_update,
};
use negin_secure_channel::scp03::kdf::SessionKeys;

use super::bytes::{self, Part, Values};
use super::pattern;
use super::script::{Act, Answer, How, Scenario, Step};
use super::table::{CardState, Laid, Reader, Table};

/// What a scenario took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Cards laid.
    pub cards: u32,
    /// Answers held against what was expected.
    pub answers: u32,
}

impl std::ops::Add for Told {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cards: self.cards + other.cards,
            answers: self.answers + other.answers,
        }
    }
}

/// Carries `scenario` out on the cards of `table`.
///
/// # Errors
/// The file's name, the line, and what was answered instead of what.
pub fn run(scenario: &Scenario, table: &mut dyn Table) -> Result<Told, String> {
    let mut runner = Runner {
        name: &scenario.name,
        table,
        interface: Interface::Contact,
        laid: None,
        values: Values::new(),
        channel: None,
        told: Told::default(),
    };
    runner.steps(&scenario.steps)?;
    Ok(runner.told)
}

struct Runner<'r> {
    name: &'r str,
    table: &'r mut dyn Table,
    interface: Interface,
    laid: Option<Laid>,
    values: Values,
    channel: Option<Session>,
    told: Told,
}

impl Runner<'_> {
    fn steps(&mut self, steps: &[Step]) -> Result<(), String> {
        for step in steps {
            if let Act::Repeat(times, steps) = &step.act {
                // What fails in it names its own line.
                (0..*times).try_for_each(|_| self.steps(steps))?;
                continue;
            }
            let name = self.name;
            self.step(&step.act).map_err(|failure| match failure {
                Failure::Here(problem) => format!("{name}:{}: {problem}", step.line),
                Failure::At(line, problem) => format!("{name}:{line}: {problem}"),
            })?;
        }
        Ok(())
    }

    fn step(&mut self, act: &Act) -> Result<(), Failure> {
        match act {
            Act::Card(state) => {
                self.channel = None;
                self.lay(*state)?;
            }
            Act::Interface(interface) => {
                self.channel = None;
                self.laid = None;
                self.interface = *interface;
            }
            Act::Reset { answer } => {
                self.channel = None;
                let atr = self.reader()?.reset()?;
                if let Some(answer) = answer {
                    self.hold("the answer to reset", &atr, answer)?;
                }
            }
            Act::Let(name, parts) => {
                let value = bytes::value(parts, &self.values)?;
                self.values.insert(name.clone(), value);
            }
            Act::Send {
                how,
                command,
                answer,
            } => {
                let command = bytes::value(command, &self.values)?;
                let answered = self.send(*how, &command)?;
                self.hold(&header(&command), &answered, answer)?;
            }
            Act::Channel(role, level) => self.open(*role, *level)?,
            Act::Close => self.channel = None,
            Act::Expect { left, equal, right } => self.expect(left, *equal, right)?,
            Act::Repeat(..) => {}
        }
        Ok(())
    }

    fn lay(&mut self, state: CardState) -> Result<(), String> {
        // The one before it leaves its reader first.
        self.laid = None;
        let laid = self.table.lay(state, self.interface)?;
        self.values.extend(laid.values.clone());
        self.values.insert("atr".to_owned(), laid.atr.clone());
        self.laid = Some(laid);
        self.told.cards += 1;
        Ok(())
    }

    fn reader(&mut self) -> Result<&mut dyn Reader, String> {
        let laid = self.laid.as_mut().ok_or("no card is on the table")?;
        Ok(&mut *laid.reader)
    }

    fn send(&mut self, how: How, command: &[u8]) -> Result<Vec<u8>, String> {
        let no_answer = |error| format!("no answer: {error}");
        if how == How::Raw {
            return self.reader()?.transmit(command).map_err(no_answer);
        }
        let command = Command::parse(command).map_err(|error| error.to_string())?;
        let response = match how {
            How::Secured => self.secured(&command)?,
            _ => self.chained(&command)?,
        };
        Ok(response.to_bytes())
    }

    fn chained(&mut self, command: &Command) -> Result<Response, String> {
        let answered = Chaining::new(self.reader()?).exchange(command);
        answered.map_err(|error| format!("no answer: {error}"))
    }

    fn secured(&mut self, command: &Command) -> Result<Response, String> {
        let mut channel = self.channel.take().ok_or("no channel is open")?;
        let wrapped = channel.wrap(command).map_err(|error| error.to_string())?;
        let answer = self.chained(&wrapped)?;
        // A status word outside the channel is told as it came; the channel is over then.
        Ok(match channel.unwrap(answer.clone()) {
            Ok(plain) => {
                self.channel = Some(channel);
                plain
            }
            Err(_) => answer,
        })
    }

    fn open(&mut self, role: Role, level: SecurityLevel) -> Result<(), String> {
        self.channel = None;
        let laid = self.laid.as_ref().ok_or("no card is on the table")?;
        let keys = laid.keys.iter().find(|(held, _)| *held == role);
        let (_, keys) = keys.ok_or("the keys of this role are not known")?.clone();
        let challenge = *b"negin-01";
        let answer = self.chained(&initialize_update(role.key_version(), &challenge))?;
        let answer = answer
            .ok()
            .map_err(|sw| format!("INITIALIZE UPDATE: {sw}"))?;
        let response =
            InitializeUpdateResponse::parse(&answer).map_err(|error| error.to_string())?;
        let session = SessionKeys::derive(&keys, &challenge, response.card_challenge.as_bytes());
        let (command, opening) = Handshake::new(&challenge, response)
            .and_then(|handshake| handshake.verify_card(session))
            .and_then(|card| card.external_authenticate(level))
            .map_err(|error| error.to_string())?;
        let answer = self.chained(&command)?;
        answer
            .ok()
            .map_err(|sw| format!("EXTERNAL AUTHENTICATE: {sw}"))?;
        self.channel = Some(opening.session());
        Ok(())
    }

    /// Holds what was answered against what was to be answered.
    fn hold(&mut self, what: &str, answered: &[u8], answer: &Answer) -> Result<(), Failure> {
        let fits = pattern::fits(&answer.patterns, answered, &mut self.values);
        self.told.answers += 1;
        fits.map_err(|problem| {
            let answered = spaced(answered);
            let message = format!(
                "{what}: answered `{answered}`, expected `{}`: {problem}",
                answer.text
            );
            Failure::At(answer.line, message)
        })
    }

    fn expect(&mut self, left: &[Part], equal: bool, right: &[Part]) -> Result<(), String> {
        let [left, right] = [left, right].map(|parts| bytes::value(parts, &self.values));
        let (left, right) = (left?, right?);
        if (left == right) == equal {
            return Ok(());
        }
        let [left, right] = [left, right].map(|bytes| spaced(&bytes));
        Err(match equal {
            true => format!("`{left}` is not `{right}`"),
            false => format!("both are `{left}`"),
        })
    }
}

/// Why a step failed: on its own line, or on that of its answer.
enum Failure {
    Here(String),
    At(usize, String),
}

impl From<String> for Failure {
    fn from(problem: String) -> Self {
        Self::Here(problem)
    }
}

/// The header of a command: its data may be a PIN.
fn header(command: &[u8]) -> String {
    format!("to {}", spaced(&command[..command.len().min(4)]))
}

/// Bytes with spaces between them, the middle of many left out.
fn spaced(bytes: &[u8]) -> String {
    const MANY: usize = 80;
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if bytes.len() > MANY && at == MANY / 2 {
            let _ = write!(text, "… {} bytes … ", bytes.len() - MANY);
        }
        if bytes.len() > MANY && (MANY / 2..bytes.len() - MANY / 2).contains(&at) {
            continue;
        }
        let _ = write!(text, "{byte:02X} ");
    }
    text.truncate(text.trim_end().len());
    text
}
