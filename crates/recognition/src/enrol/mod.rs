//! Enrolment: which fingers, and what of several impressions of a finger becomes its reference.

mod choice;
mod consolidation;

pub use choice::{PREFERENCE, choose};
pub use consolidation::{Reference, consolidate};
