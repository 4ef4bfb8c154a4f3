//! Delivery: a locked card and its citizen's finger become a live card.
//!
//! The rules are the card's own (see the page on the card in the documentation); here they are followed:
//! - Everything happens over one delivery channel, opened with PIV selected: the clerk sees whose card it is, the card
//!   compares the finger, the citizen's PIN is set, and ACTIVATE comes last.
//! - The live card proves itself with a signature before the ledger says 'delivered'.
//! - A delivery that was interrupted is taken up by the same call: a card that is alive, and whose record is not yet
//!   delivered, is asked for its activation record and its proof.
//! - Where no finger can match, two persons override under the central key set; card and ledger say so.

mod comparison;
mod counter;
mod foreign;
mod holder;
mod pin;
mod proof;

pub use comparison::{Attempt, Look, compare_once};
pub use counter::{Delivered, Delivery, Way, deliver};
pub use foreign::{
    DeliveredForeign, Enrolled, ForeignDelivery, MOST_REFUSALS, deliver_foreign, record_of_foreign,
};
pub use holder::Holder;
pub use pin::PinSource;
pub use proof::{Proof, prove};
