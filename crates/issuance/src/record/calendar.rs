//! One day in three calendars.
//!
//! The rule: a date is one day, kept as a Gregorian date (that is what a card and a certificate
//! hold); it is read from and printed in the Persian, the Gregorian and the lunar Hijri calendar.
//! - Persian: the solar Hijri calendar of Iran and Afghanistan, by astronomical leap years.
//! - Hijri: the lunar calendar by the **Umm al-Qura** tables. The calendar printed in Iran follows
//!   sightings and may differ by a day, so a lunar date is for reading, not for proof.
//!
//! The span is the one in which all three are tabulated: 1883 to 2173.

use std::fmt;

use icu_calendar::cal::{Hijri, Persian};
use icu_calendar::types::Weekday;
use icu_calendar::{AsCalendar, Date as IcuDate, Gregorian};
use serde::{Serialize, Serializer};

use super::digits;
use crate::fault::Fault;

/// First year of the span.
pub const FIRST_YEAR: u16 = 1883;
/// Last year of the span.
pub const LAST_YEAR: u16 = 2173;

/// The names under which [`Calendar::from_name`] knows the calendars.
pub const CALENDARS: &str = "gregorian, persian, hijri";

/// Below this year a date without a calendar is not taken for Gregorian.
const LEAST_BARE_YEAR: i32 = 1800;

/// A calendar in which dates are read and printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Calendar {
    /// Gregorian.
    Gregorian,
    /// Persian: solar Hijri.
    Persian,
    /// Lunar Hijri, Umm al-Qura.
    Hijri,
}

impl Calendar {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Persian, Self::Gregorian, Self::Hijri];

    /// The name used in records and profiles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gregorian => "gregorian",
            Self::Persian => "persian",
            Self::Hijri => "hijri",
        }
    }

    /// The calendar of a name; also the identifiers of Unicode CLDR (`gregory`,
    /// `islamic-umalqura`) and `jalali`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "gregorian" | "gregory" => Some(Self::Gregorian),
            "persian" | "jalali" => Some(Self::Persian),
            "hijri" | "islamic-umalqura" => Some(Self::Hijri),
            _ => None,
        }
    }

    const fn months(self) -> [&'static str; 12] {
        match self {
            Self::Gregorian => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Self::Persian => [
                "فروردین",
                "اردیبهشت",
                "خرداد",
                "تیر",
                "مرداد",
                "شهریور",
                "مهر",
                "آبان",
                "آذر",
                "دی",
                "بهمن",
                "اسفند",
            ],
            Self::Hijri => [
                "محرم",
                "صفر",
                "ربیع‌الاول",
                "ربیع‌الثانی",
                "جمادی‌الاول",
                "جمادی‌الثانی",
                "رجب",
                "شعبان",
                "رمضان",
                "شوال",
                "ذی‌القعده",
                "ذی‌الحجه",
            ],
        }
    }
}

/// A day, 1883 to 2173. Serialises as its Gregorian `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(IcuDate<Gregorian>);

impl Date {
    /// The day with these numbers in that calendar.
    ///
    /// # Errors
    /// [`Fault::DateNonexistent`], [`Fault::DateOutOfRange`].
    pub fn new(calendar: Calendar, year: i32, month: u8, day: u8) -> Result<Self, Fault> {
        let found = || format!("{year:04}-{month:02}-{day:02}");
        let gregorian = match calendar {
            Calendar::Gregorian => IcuDate::try_new_gregorian(year, month, day).ok(),
            Calendar::Persian => IcuDate::try_new_persian(year, month, day)
                .ok()
                .map(|date| date.to_calendar(Gregorian)),
            Calendar::Hijri => {
                IcuDate::try_new_hijri_with_calendar(year, month, day, Hijri::new_umm_al_qura())
                    .ok()
                    .map(|date| date.to_calendar(Gregorian))
            }
        };
        let gregorian = gregorian.ok_or_else(|| Fault::DateNonexistent {
            found: found(),
            calendar: calendar.name(),
        })?;
        Self::from_icu(gregorian).ok_or_else(|| Fault::DateOutOfRange {
            found: found(),
            first: format!("{FIRST_YEAR}-01-01"),
            last: format!("{LAST_YEAR}-12-31"),
        })
    }

    /// Reads `year-month-day` or `year/month/day` in ASCII, Arabic or Persian digits, in that
    /// calendar.
    ///
    /// # Errors
    /// [`Fault::DateNotation`], [`Fault::DateNonexistent`], [`Fault::DateOutOfRange`].
    pub fn parse_in(calendar: Calendar, text: &str) -> Result<Self, Fault> {
        let (year, month, day) = numbers(text)?;
        Self::new(calendar, year, month, day)
    }

    /// Reads `<calendar>:<year>-<month>-<day>`, or a Gregorian date without the calendar's name.
    ///
    /// # Errors
    /// [`Fault::DateCalendar`]; [`Fault::DateAmbiguous`] for a date without a calendar whose year
    /// lies before 1800 and so is most likely Persian or Hijri; and as [`Date::parse_in`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if let Some((name, rest)) = text.split_once(':') {
            let calendar = Calendar::from_name(name).ok_or_else(|| Fault::DateCalendar {
                found: name.to_owned(),
                known: CALENDARS,
            })?;
            return Self::parse_in(calendar, rest);
        }
        let (year, month, day) = numbers(text)?;
        if year < LEAST_BARE_YEAR {
            return Err(Fault::DateAmbiguous {
                found: text.to_owned(),
            });
        }
        Self::new(Calendar::Gregorian, year, month, day)
    }

    /// Year, month and day in that calendar.
    #[must_use]
    pub fn parts(self, calendar: Calendar) -> (i32, u8, u8) {
        match calendar {
            Calendar::Gregorian => parts(&self.0),
            Calendar::Persian => parts(&self.0.to_calendar(Persian::new())),
            Calendar::Hijri => parts(&self.0.to_calendar(Hijri::new_umm_al_qura())),
        }
    }

    /// `YYYY-MM-DD` in that calendar, in ASCII digits.
    #[must_use]
    pub fn numeric(self, calendar: Calendar) -> String {
        let (year, month, day) = self.parts(calendar);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Day, month's name and year as they are printed: in Persian for the Persian and the Hijri
    /// calendar (`۱ فروردین ۱۴۰۳`), in English for the Gregorian (`20 March 2024`).
    #[must_use]
    pub fn long(self, calendar: Calendar) -> String {
        let (year, month, day) = self.parts(calendar);
        let months = calendar.months();
        let name = months
            .get(usize::from(month).wrapping_sub(1))
            .copied()
            .unwrap_or_default();
        let text = format!("{day} {name} {year}");
        match calendar {
            Calendar::Gregorian => text,
            Calendar::Persian | Calendar::Hijri => digits::to_persian(&text),
        }
    }

    /// The same day of the year `years` later in that calendar; the last day of the month where the
    /// month is shorter.
    ///
    /// # Errors
    /// [`Fault::DateOutOfRange`].
    pub fn plus_years(self, calendar: Calendar, years: u16) -> Result<Self, Fault> {
        let (year, month, day) = self.parts(calendar);
        let year = year + i32::from(years);
        let mut last = Self::new(calendar, year, month, day);
        for shorter in (day.saturating_sub(2)..day).rev() {
            if matches!(last, Err(Fault::DateNonexistent { .. })) {
                last = Self::new(calendar, year, month, shorter);
            }
        }
        last
    }

    /// Full years from this day to `day`, in that calendar; negative before this day.
    #[must_use]
    pub fn years_until(self, day: Self, calendar: Calendar) -> i32 {
        let (year, month, of_month) = self.parts(calendar);
        let (other_year, other_month, other_of_month) = day.parts(calendar);
        let before = (other_month, other_of_month) < (month, of_month);
        other_year - year - i32::from(before)
    }

    /// Days from this day to `day`; negative before this day.
    #[must_use]
    pub fn days_until(self, day: Self) -> i64 {
        day.0.to_rata_die() - self.0.to_rata_die()
    }

    /// The day `days` later, or earlier where negative.
    ///
    /// # Errors
    /// [`Fault::DateOutOfRange`].
    pub fn plus_days(self, days: i64) -> Result<Self, Fault> {
        let rata_die = self.0.to_rata_die() + days.clamp(-1_000_000, 1_000_000);
        Self::from_icu(IcuDate::from_rata_die(rata_die, Gregorian)).ok_or_else(|| {
            Fault::DateOutOfRange {
                found: format!("{self} {days:+} d"),
                first: format!("{FIRST_YEAR}-01-01"),
                last: format!("{LAST_YEAR}-12-31"),
            }
        })
    }

    /// The day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        self.0.weekday()
    }

    /// The day that is `seconds` after 1970-01-01T00:00:00 UTC, in the time zone `offset` seconds
    /// east of UTC.
    ///
    /// # Errors
    /// [`Fault::DateOutOfRange`].
    pub fn from_unix(seconds: i64, offset: i32) -> Result<Self, Fault> {
        let days = seconds
            .saturating_add(i64::from(offset))
            .div_euclid(24 * 60 * 60);
        Self::new(Calendar::Gregorian, 1970, 1, 1)?.plus_days(days)
    }

    fn from_icu(date: IcuDate<Gregorian>) -> Option<Self> {
        let year = date.year().extended_year();
        (i32::from(FIRST_YEAR)..=i32::from(LAST_YEAR))
            .contains(&year)
            .then_some(Self(date))
    }
}

fn parts<C: AsCalendar>(date: &IcuDate<C>) -> (i32, u8, u8) {
    (
        date.year().extended_year(),
        date.month().ordinal,
        date.day_of_month().0,
    )
}

impl fmt::Display for Date {
    /// Gregorian `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.numeric(Calendar::Gregorian))
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Date({self})")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn numbers(text: &str) -> Result<(i32, u8, u8), Fault> {
    let wrong = || Fault::DateNotation {
        found: text.to_owned(),
    };
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let mut next = |lengths: std::ops::RangeInclusive<usize>| {
        let digits = digits::to_ascii(parts.next().unwrap_or_default()).ok();
        digits
            .filter(|digits| lengths.contains(&digits.len()))
            .and_then(|digits| digits.parse::<i32>().ok())
            .ok_or_else(wrong)
    };
    let (year, month, day) = (next(4..=4)?, next(1..=2)?, next(1..=2)?);
    if parts.next().is_some() {
        return Err(wrong());
    }
    let byte = |number: i32| u8::try_from(number).map_err(|_| wrong());
    Ok((year, byte(month)?, byte(day)?))
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
