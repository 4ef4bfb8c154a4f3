//! Says many commands to a card in one standing and looks for secrets in every answer.
//!
//! The rule: each command meets the standing it is counted for. Commands go in rows; after a row the card is asked
//! questions whose answers tell the standing, and its memory is asked for writes. Where anything differs, the row is
//! gone through once more, the standing taken up anew before each command.

use negin_apdu::{Command, Response, StatusWord};

use crate::secrets::Secrets;
use crate::standing::{Bench, Standing};

/// What a search did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Searched {
    /// Commands that met the standing.
    pub commands: u64,
    /// Of these, how many were answered with data.
    pub answered: u64,
    /// Bytes of data looked through.
    pub bytes: u64,
    /// Commands said once more because one before them changed the standing.
    pub again: u64,
}

impl std::ops::Add for Searched {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            commands: self.commands + other.commands,
            answered: self.answered + other.answered,
            bytes: self.bytes + other.bytes,
            again: self.again + other.again,
        }
    }
}

impl std::iter::Sum for Searched {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| sum + one)
    }
}

/// Questions whose answers tell one standing from another, and that change none.
fn questions() -> Vec<Command> {
    let list = |tag: &[u8]| {
        let data = [&[0x5C, tag.len() as u8], tag].concat();
        Command::new(0x00, 0xCB, 0x3F, 0xFF)
            .with_data(data)
            .with_le(256)
    };
    let short = |cla, ins, p1, p2| Command::new(cla, ins, p1, p2).with_le(256);
    vec![
        list(&[0x7E]),
        list(&[0x5F, 0xC1, 0x09]),
        Command::new(0x00, 0x20, 0x00, 0x80),
        Command::new(0x00, 0x20, 0x00, 0x96),
        short(0x00, 0xB0, 0x81, 0x00),
        short(0x80, 0xCA, 0x00, 0xCF),
        Command::new(0x80, 0xF2, 0x80, 0x02)
            .with_data([0x4F, 0x00])
            .with_le(256),
    ]
}

/// A search in one standing.
pub struct Search<'s> {
    standing: &'s Standing,
    secrets: &'s Secrets,
    questions: Vec<Command>,
    told: Vec<Response>,
    bench: Bench,
    /// What was done.
    pub searched: Searched,
}

impl<'s> Search<'s> {
    /// A search in this standing.
    #[must_use]
    pub fn new(standing: &'s Standing, secrets: &'s Secrets) -> Self {
        let mut questions = questions();
        if standing.is_under_messaging() {
            // It ends at what it does not carry.
            questions.retain(|asked| matches!(asked.ins, 0xCB | 0x20));
        }
        let mut bench = standing.take_up();
        let told = questions.iter().map(|asked| bench.say(asked)).collect();
        Self {
            standing,
            secrets,
            questions,
            told,
            bench: standing.take_up(),
            searched: Searched::default(),
        }
    }

    /// Says these commands; gives each one's status word to `look`.
    ///
    /// # Panics
    /// Where a secret is in an answer.
    pub fn row(
        &mut self,
        commands: impl Iterator<Item = Command> + Clone,
        mut look: impl FnMut(StatusWord),
    ) {
        let before = self.searched;
        for command in commands.clone() {
            self.say(&command, &mut look);
        }
        if self.holds() {
            return;
        }
        let said = self.searched.commands - before.commands;
        self.searched = Searched {
            again: before.again + said,
            ..before
        };
        for command in commands {
            self.bench = self.standing.take_up();
            self.say(&command, &mut look);
        }
        self.bench = self.standing.take_up();
    }

    /// Whether the card still stands as it did.
    fn holds(&mut self) -> bool {
        let untouched = self.bench.memory.writes() == self.standing_writes();
        untouched
            && self
                .questions
                .iter()
                .zip(&self.told)
                .all(|(asked, told)| self.bench.say(asked) == *told)
    }

    fn standing_writes(&self) -> u64 {
        self.bench.writes_when_taken_up
    }

    fn say(&mut self, command: &Command, look: &mut impl FnMut(StatusWord)) {
        self.searched.commands += 1;
        let [cla, ins, p1, p2] = command.header();
        let first = if self.bench.is_secured() || !command.data().is_empty() {
            None
        } else {
            // The many that are answered with a status word alone.
            let answer = self.bench.raw(&[cla, ins, p1, p2, 0x00]);
            match answer[..] {
                [0x61, _] => Some(answer),
                [sw1, sw2] => {
                    look(StatusWord(u16::from_be_bytes([sw1, sw2])));
                    return;
                }
                _ => Some(answer),
            }
        };
        let answer = match first {
            Some(first) => self.bench.rest_of(&first),
            None => self.bench.say(command),
        };
        if !answer.data.is_empty() {
            self.searched.answered += 1;
            self.searched.bytes += answer.data.len() as u64;
            if let Some(secret) = self.secrets.in_bytes(&answer.data) {
                panic!(
                    "{}: the answer to {command:?} holds {secret}",
                    self.standing.name
                );
            }
        }
        look(answer.sw);
    }
}
