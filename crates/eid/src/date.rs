//! A day of the Gregorian calendar, as the card's objects write it.
//!
//! Calendars for people are the issuer's matter; on the card every date is Gregorian.

use core::fmt;

use crate::Error;

/// A day, year 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

impl Date {
    /// A day by its numbers.
    ///
    /// # Errors
    /// [`Error::Date`] where there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        let wrong = Error::Date { field: "date" };
        if !(1..=9999).contains(&year) || day == 0 || day > days_in(year, month).ok_or(wrong)? {
            return Err(wrong);
        }
        Ok(Self { year, month, day })
    }

    /// The year, 1 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// `YYYYMMDD`, as the CHUID and DG11 write it.
    #[must_use]
    pub fn digits(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// Reads `YYYYMMDD`.
    ///
    /// # Errors
    /// [`Error::Date`] for anything else.
    pub fn from_digits(text: &[u8]) -> Result<Self, Error> {
        let wrong = Error::Date { field: "date" };
        if text.len() != 8 {
            return Err(wrong);
        }
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0u16, |n, d| {
                d.is_ascii_digit().then(|| n * 10 + u16::from(d - b'0'))
            })
        };
        let (year, month, day) = (number(&text[..4]), number(&text[4..6]), number(&text[6..]));
        match (year, month, day) {
            (Some(year), Some(month), Some(day)) => Self::new(year, month as u8, day as u8),
            _ => Err(wrong),
        }
    }

    /// `YYYYMMMDD` with the month's English abbreviation, as PIV's Printed Information writes it (`2035MAR20`).
    #[must_use]
    pub fn printed(self) -> String {
        format!(
            "{:04}{}{:02}",
            self.year,
            MONTHS[usize::from(self.month - 1)],
            self.day
        )
    }

    /// Reads `YYYYMMMDD`.
    ///
    /// # Errors
    /// [`Error::Date`] for anything else.
    pub fn from_printed(text: &str) -> Result<Self, Error> {
        let wrong = Error::Date { field: "date" };
        let (year, rest) = text.split_at_checked(4).ok_or(wrong)?;
        let (month, day) = rest.split_at_checked(3).ok_or(wrong)?;
        let month = MONTHS.iter().position(|m| *m == month).ok_or(wrong)? + 1;
        Self::from_digits(format!("{year}{month:02}{day}").as_bytes())
    }

    /// The date as binary coded decimal, one byte a two-digit group, as DG2's header writes it.
    #[must_use]
    pub fn bcd(self) -> [u8; 4] {
        let bcd = |n: u16| (((n / 10) << 4) | (n % 10)) as u8;
        [
            bcd(self.year / 100),
            bcd(self.year % 100),
            bcd(self.month.into()),
            bcd(self.day.into()),
        ]
    }

    /// Reads binary coded decimal.
    ///
    /// # Errors
    /// [`Error::Date`] for anything else.
    pub fn from_bcd(bytes: [u8; 4]) -> Result<Self, Error> {
        let mut text = [0; 8];
        for (i, byte) in bytes.iter().enumerate() {
            text[2 * i] = b'0' + (byte >> 4);
            text[2 * i + 1] = b'0' + (byte & 0x0F);
        }
        Self::from_digits(&text)
    }
}

impl fmt::Display for Date {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_in(year: u16, month: u8) -> Option<u8> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            Some(29)
        }
        2 => Some(28),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_writing_reads_back(year in 1u16..=9999, month in 1u8..=12, day in 1u8..=28) {
            let date = Date::new(year, month, day).unwrap();
            prop_assert_eq!(Date::from_digits(date.digits().as_bytes()).unwrap(), date);
            prop_assert_eq!(Date::from_printed(&date.printed()).unwrap(), date);
            prop_assert_eq!(Date::from_bcd(date.bcd()).unwrap(), date);
        }
    }

    #[test]
    fn days_that_are_not() {
        for (year, month, day) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2024, 13, 1),
            (2024, 0, 1),
            (2024, 4, 31),
            (0, 1, 1),
        ] {
            assert!(Date::new(year, month, day).is_err(), "{year}-{month}-{day}");
        }
        assert!(Date::new(2000, 2, 29).is_ok());
        assert!(Date::from_printed("2035MXR20").is_err());
        assert!(Date::from_printed("203é5MAR2").is_err());
        assert!(Date::from_bcd([0x20, 0x2A, 0x01, 0x01]).is_err());
    }

    #[test]
    fn writings() {
        let date = Date::new(2035, 3, 20).unwrap();
        assert_eq!(date.digits(), "20350320");
        assert_eq!(date.printed(), "2035MAR20");
        assert_eq!(date.to_string(), "2035-03-20");
        assert_eq!(date.bcd(), [0x20, 0x35, 0x03, 0x20]);
    }
}
