//! Personalisation: a blank card and a record become a locked card of that record.
//!
//! The rules:
//! - A card's way is a [`Plan`] of idempotent steps. The journal in the ledger says which are done; the card says it
//!   too; taking up again is comparing the two. The same call on the same card goes on where it stopped.
//! - A record is bound to a card only when the card's keys are about to be replaced: one that holds other keys, or a
//!   record that gives no content, leaves both free.
//! - A certificate is noted in the journal only after its key pair was made and answered for, and the note is wiped
//!   before the card is asked for another: a certificate in the journal always fits the key on the card.
//! - Everything is read back before the card is closed, and the ledger says 'written' only after the card is SECURED.

mod content;
mod fingers;
mod foreign;
mod job;
mod messaging;
mod numbers;
mod plan;
mod run;

pub(crate) use foreign::{ForeignChip, changed, pin_of, tries};
pub use foreign::{personalise_foreign, work_on_foreign};
pub use job::{Personalised, Progress, Task};
pub use plan::{Plan, Step};
pub use run::{personalise, work_on};

pub use fingers::{REFERENCES, enrolled};
pub(crate) use fingers::{reference, template};
