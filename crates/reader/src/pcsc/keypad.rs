//! The keys of a reader that takes PINs by itself (PC/SC part 10).

use negin_apdu::pin_pad::{PinModify, PinPad, PinPadError, PinVerify, outcome};
use negin_apdu::{StatusWord, TransmitError};

use super::connection::{SharedCard, lock};
use super::fault::Fault;

/// A pad, reached by the control codes of its features.
pub(super) struct Keypad {
    card: SharedCard,
    verify: Option<u32>,
    modify: Option<u32>,
}

impl Keypad {
    /// The pad of a reader that has one of the two features.
    pub fn new(card: SharedCard, verify: Option<u32>, modify: Option<u32>) -> Option<Self> {
        (verify.is_some() || modify.is_some()).then_some(Self {
            card,
            verify,
            modify,
        })
    }

    fn control(&self, code: Option<u32>, structure: &[u8]) -> Result<StatusWord, PinPadError> {
        let code = code.ok_or(PinPadError::Unsupported)?;
        let mut answer = [0; 264];
        let answer = lock(&self.card)
            .control(code.into(), structure, &mut answer)
            .map_err(|code| {
                let fault = Fault(code);
                fault
                    .of_exchange()
                    .unwrap_or(TransmitError::Other(fault.code() as i32))
            })?;
        outcome(answer)
    }
}

impl PinPad for Keypad {
    fn verify(&mut self, ask: &PinVerify) -> Result<StatusWord, PinPadError> {
        let structure = ask.encode().map_err(|_| TransmitError::TooLong)?;
        self.control(self.verify, &structure)
    }

    fn modify(&mut self, ask: &PinModify) -> Result<StatusWord, PinPadError> {
        let structure = ask.encode().map_err(|_| TransmitError::TooLong)?;
        self.control(self.modify, &structure)
    }
}
