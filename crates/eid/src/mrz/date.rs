//! Dates in a machine readable zone: YYMMDD, of which parts may be unknown (ICAO Doc 9303-3 §4.8).

use crate::{Date, Error};

/// A date of two-digit year. What is unknown is `None` and written `<<`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MrzDate {
    /// The year's last two digits.
    pub year: Option<u8>,
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The day, 1 to 31.
    pub day: Option<u8>,
}

impl MrzDate {
    pub(super) fn write(self) -> String {
        let part = |part: Option<u8>| part.map_or_else(|| "<<".to_owned(), |n| format!("{n:02}"));
        [part(self.year), part(self.month), part(self.day)].concat()
    }

    pub(super) fn read(text: &[u8], field: &'static str) -> Result<Self, Error> {
        let part = |at: usize, range: core::ops::RangeInclusive<u8>| match text.get(at..at + 2) {
            Some(b"<<") => Ok(None),
            Some([tens @ b'0'..=b'9', ones @ b'0'..=b'9']) => {
                let number = (tens - b'0') * 10 + (ones - b'0');
                if range.contains(&number) {
                    Ok(Some(number))
                } else {
                    Err(Error::Date { field })
                }
            }
            _ => Err(Error::Date { field }),
        };
        Ok(Self {
            year: part(0, 0..=99)?,
            month: part(2, 1..=12)?,
            day: part(4, 1..=31)?,
        })
    }

    /// Whether this may be that day, what is unknown fitting everything.
    #[must_use]
    pub fn matches(self, date: Date) -> bool {
        let fits = |part: Option<u8>, number: u8| part.is_none_or(|part| part == number);
        fits(self.year, (date.year() % 100) as u8)
            && fits(self.month, date.month())
            && fits(self.day, date.day())
    }
}

impl From<Date> for MrzDate {
    fn from(date: Date) -> Self {
        Self {
            year: Some((date.year() % 100) as u8),
            month: Some(date.month()),
            day: Some(date.day()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parts() {
        let date = MrzDate {
            year: Some(74),
            month: None,
            day: None,
        };
        assert_eq!(date.write(), "74<<<<");
        assert_eq!(MrzDate::read(b"74<<<<", "date").unwrap(), date);
        assert!(date.matches(Date::new(1974, 8, 12).unwrap()));
        assert!(!date.matches(Date::new(1975, 8, 12).unwrap()));
    }

    #[test]
    fn what_is_no_date() {
        for wrong in [&b"741312"[..], b"740832", b"7408", b"74081<", b"74O812"] {
            assert!(MrzDate::read(wrong, "date").is_err(), "{wrong:?}");
        }
    }
}
