//! Times of certificates: whole seconds, from outside.

use core::time::Duration;

use der::DateTime;
use negin_eid::Date;
use negin_ledger::Timestamp;
use x509_cert::time::Time;

use super::Error;

/// From when until when a certificate is valid, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: Timestamp,
    /// The last second.
    pub not_after: Timestamp,
}

impl Validity {
    /// From the beginning of `first` to the end of `last`, in UTC.
    ///
    /// # Errors
    /// [`Error::Field`] for days before 1970, which certificates of this crate do not have.
    pub fn days(first: Date, last: Date) -> Result<Self, Error> {
        Ok(Self {
            not_before: moment(first, 0, 0, 0)?,
            not_after: moment(last, 23, 59, 59)?,
        })
    }

    /// Whether a moment is within.
    #[must_use]
    pub fn contains(&self, moment: Timestamp) -> bool {
        // A certificate counts whole seconds: the last one lasts until the next begins.
        let seconds = |t: Timestamp| t.unix_millis().div_euclid(1000);
        (seconds(self.not_before)..=seconds(self.not_after)).contains(&seconds(moment))
    }

    pub(super) fn encode(self) -> Result<x509_cert::time::Validity, Error> {
        Ok(x509_cert::time::Validity::new(
            time(self.not_before)?,
            time(self.not_after)?,
        ))
    }

    pub(super) fn decode(validity: &x509_cert::time::Validity) -> Self {
        let stamp = |time: Time| {
            let seconds =
                i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX / 1000);
            Timestamp::from_unix_millis(seconds.saturating_mul(1000))
        };
        Self {
            not_before: stamp(validity.not_before),
            not_after: stamp(validity.not_after),
        }
    }
}

const FIELD: Error = Error::Field { field: "time" };

fn moment(day: Date, hour: u8, minute: u8, second: u8) -> Result<Timestamp, Error> {
    let moment = DateTime::new(day.year(), day.month(), day.day(), hour, minute, second)
        .map_err(|_| FIELD)?;
    let seconds = i64::try_from(moment.unix_duration().as_secs()).map_err(|_| FIELD)?;
    Ok(Timestamp::from_unix_millis(seconds * 1000))
}

/// A moment as certificates and signed attributes write it: UTCTime through 2049, GeneralizedTime afterwards.
pub(super) fn time(moment: Timestamp) -> Result<Time, Error> {
    let seconds = u64::try_from(moment.unix_millis().div_euclid(1000)).map_err(|_| FIELD)?;
    DateTime::from_unix_duration(Duration::from_secs(seconds))
        .map(Time::from)
        .map_err(|_| FIELD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole() {
        let day = |year, month, day| Date::new(year, month, day).unwrap();
        let validity = Validity::days(day(2024, 3, 20), day(2031, 3, 19)).unwrap();
        assert_eq!(validity.not_before.to_string(), "2024-03-20T00:00:00.000Z");
        assert_eq!(validity.not_after.to_string(), "2031-03-19T23:59:59.000Z");
        let last = validity.not_after.unix_millis();
        assert!(validity.contains(Timestamp::from_unix_millis(last + 999)));
        assert!(!validity.contains(Timestamp::from_unix_millis(last + 1000)));
        assert!(!validity.contains(Timestamp::from_unix_millis(
            validity.not_before.unix_millis() - 1
        )));
        assert_eq!(Validity::decode(&validity.encode().unwrap()), validity);
        assert!(Validity::days(day(1969, 12, 31), day(1970, 1, 1)).is_err());
    }
}
