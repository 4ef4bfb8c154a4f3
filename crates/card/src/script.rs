//! A card that follows a script: the commands it expects, in order, and what it answers.

use std::collections::VecDeque;

use negin_apdu::{Interface, Limits, Transmit, TransmitError};

/// Commands and answers in hexadecimal. A command that is not the next in the script fails the test; so does a script
/// that is not played to its end.
pub(crate) struct Script {
    lines: VecDeque<(String, Result<String, TransmitError>)>,
    limits: Limits,
}

impl Script {
    pub(crate) fn new<const N: usize>(lines: [(&str, &str); N]) -> Self {
        let lines =
            lines.map(|(command, answer)| (command.replace(' ', ""), Ok(answer.replace(' ', ""))));
        Self {
            lines: lines.into(),
            limits: Limits::EXTENDED,
        }
    }

    /// After its lines the card is pulled out.
    pub(crate) fn then_removed(mut self, command: &str) -> Self {
        self.lines
            .push_back((command.replace(' ', ""), Err(TransmitError::CardRemoved)));
        self
    }

    pub(crate) fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl Transmit for Script {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        let command = hex::encode_upper(command);
        let (expected, answer) = self
            .lines
            .pop_front()
            .unwrap_or_else(|| panic!("after the script: {command}"));
        assert_eq!(command, expected);
        answer.map(|answer| hex::decode(answer).unwrap())
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn interface(&self) -> Interface {
        Interface::Contact
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.lines.is_empty(), "not played: {:?}", self.lines);
        }
    }
}
