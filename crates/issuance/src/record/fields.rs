//! What a card's objects take from a record.

use super::calendar::{Calendar, Date};
use super::transliteration::transliterate;
use super::{GivenFamily, Record};
use crate::fault::Fault;

impl Record {
    /// The name as it stands in a machine-readable zone: the Latin one, or where the record has
    /// none, the Persian one transliterated letter by letter (ICAO 9303-3, section 6.C). Letters
    /// A to Z and `<` between words.
    #[must_use]
    pub fn zone_name(&self) -> GivenFamily<String> {
        match &self.name.latin {
            Some(latin) => GivenFamily {
                given: latin.given.mrz(),
                family: latin.family.mrz(),
            },
            None => GivenFamily {
                given: transliterate(self.name.persian.given.as_str()),
                family: transliterate(self.name.persian.family.as_str()),
            },
        }
    }

    /// The date of expiry: the record's own, or `years` of `calendar` after the issue.
    ///
    /// # Errors
    /// [`Fault::DateOutOfRange`].
    pub fn expiry(&self, calendar: Calendar, years: u16) -> Result<Date, Fault> {
        match self.expiry_date {
            Some(date) => Ok(date),
            None => self.issue_date.plus_years(calendar, years),
        }
    }
}
