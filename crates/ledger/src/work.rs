//! Work in progress: a personalisation that is not finished.
//!
//! It lies beside the chains and may change. It says which chip and number the record was given and which steps are done,
//! with what a step produced that a later one needs (a certificate, say). No secrets: keys and PINs never lie here.

use crate::{CardRef, RecordId, SeatName, Timestamp};

/// A step that is done.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, unique within the work.
    pub name: String,
    /// What it produced.
    pub data: Vec<u8>,
    /// When it was done (last).
    pub time: Timestamp,
}

impl core::fmt::Debug for Step {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Step({}, {} bytes, {})",
            self.name,
            self.data.len(),
            self.time
        )
    }
}

/// The personalisation of one record, as far as it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The record.
    pub record: RecordId,
    /// The seat that does it.
    pub seat: SeatName,
    /// The card it is done on.
    pub card: CardRef,
    /// When it was started.
    pub started: Timestamp,
    /// The steps done, in the order they were first done.
    pub steps: Vec<Step>,
}

impl Work {
    /// What the step of that name produced, where it is done.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&[u8]> {
        self.steps
            .iter()
            .find(|step| step.name == name)
            .map(|step| step.data.as_slice())
    }
}
