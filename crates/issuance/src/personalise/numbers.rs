//! Card numbers: the profile's prefix and a running number that the ledger has not seen.

use negin_ledger::{CardNumber, Ledger};

use crate::Error;
use crate::profile::Document;

/// The next number: one above the highest that a written card or work in progress has.
///
/// # Errors
/// [`Error::NumbersUsedUp`] past the profile's digits; [`Error::Ledger`].
pub(super) fn next(ledger: &dyn Ledger, document: &Document) -> Result<CardNumber, Error> {
    let written = ledger
        .records(None)?
        .into_iter()
        .filter_map(|record| record.card);
    let in_work = ledger.works()?.into_iter().map(|work| work.card);
    let highest = written
        .chain(in_work)
        .filter_map(|card| {
            let digits = card.number.as_str().strip_prefix(&document.number_prefix)?;
            digits.parse::<u64>().ok()
        })
        .max()
        .unwrap_or(0);
    let number = document
        .number(highest + 1)
        .ok_or_else(|| Error::NumbersUsedUp {
            prefix: document.number_prefix.clone(),
            digits: document.number_digits,
        })?;
    Ok(number.parse()?)
}
