//! The exit codes of every command.

use std::process::ExitCode;

/// How a command ended, as its exit code says.
///
/// | code | meaning |
/// |---|---|
/// | 0 | done |
/// | 1 | refused or failed |
/// | 2 | wrong usage |
/// | 3 | input refused by checks |
/// | 130 | interrupted |
/// | 143 | asked to end |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: everything asked for was done.
    Done,
    /// 1: the operation was refused (by a card, a ledger) or failed.
    Refused,
    /// 2: the command line makes no sense; clap ends with the same code.
    Usage,
    /// 3: the input did not pass the checks; nothing was done with it.
    InputRefused,
    /// 130: interrupted by the person at the keyboard (128 + SIGINT, as shells have it).
    Interrupted,
    /// 143: asked to end by the system or another program (128 + SIGTERM).
    Terminated,
}

impl Exit {
    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::InputRefused => 3,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_the_help_promises() {
        let codes = [
            Exit::Done,
            Exit::Refused,
            Exit::Usage,
            Exit::InputRefused,
            Exit::Interrupted,
            Exit::Terminated,
        ]
        .map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 130, 143]);
    }
}
