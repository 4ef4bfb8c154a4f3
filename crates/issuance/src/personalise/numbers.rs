//! Card numbers: the profile's prefix and a running number that the ledger has not seen.

use negin_ledger::{CardNumber, Ledger};

use crate::Error;
use crate::profile::Document;

/// The next number: one above the highest of that prefix that any card has had, spoiled ones and work in progress
/// included.
///
/// # Errors
/// [`Error::NumbersUsedUp`] past the profile's digits; [`Error::Ledger`].
pub(super) fn next(ledger: &dyn Ledger, document: &Document) -> Result<CardNumber, Error> {
    let highest = ledger.highest_card_number(&document.number_prefix)?;
    let running: u64 = highest
        .as_ref()
        .and_then(|number| number.as_str().strip_prefix(&document.number_prefix))
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let number =
        document
            .number(running.saturating_add(1))
            .ok_or_else(|| Error::NumbersUsedUp {
                prefix: document.number_prefix.clone(),
                digits: document.number_digits,
            })?;
    Ok(number.parse()?)
}
