//! The HTML report that `negin demo` leaves behind: one file, everything inside it, nothing loaded from anywhere.
//!
//! The rule of this room: [`DemoReport`] is plain data that the demo fills in, and [`render`] turns it into a page
//! without looking at a clock, a file or a random number, so the same data always gives the same bytes. Every text
//! goes through maud's escaping; the only raw markup is this room's own style sheet.

mod bars;
mod citizen;
mod evidence;
mod fingers;
mod identity_card;
mod impostors;
mod markup;
mod model;
mod page;
mod summary;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use model::{
    Activation, Attempt, Bilingual, Card, Certificate, Chain, Citizen, DateRow, DemoReport, Field,
    Finger, Kind, Lane, Mark, Name, Outcome, Picture, Print, Proof, StateReached, StepTime, Totals,
};

/// The report as one self-contained HTML document: style inline, pictures as data URIs, no script.
#[must_use]
pub fn render(report: &DemoReport) -> String {
    page::page(report).into_string()
}
