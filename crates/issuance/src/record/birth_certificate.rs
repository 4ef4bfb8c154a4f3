//! The birth certificate (shenasnameh): number, series and serial.
//!
//! The rule: the number has one to ten digits (`0` for those whose certificate has none of its
//! own); the series is a letter, a slash and one or two digits; the serial has six digits.

use serde::Serialize;

use super::digits;
use super::persian::PersianText;
use crate::fault::Fault;

/// What identifies a birth certificate. Digits are ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct BirthCertificate {
    /// One to ten digits.
    number: String,
    /// A letter (`الف` for the first), a slash, one or two digits.
    series: String,
    /// Six digits.
    serial: String,
}

impl BirthCertificate {
    /// From the three parts as written.
    ///
    /// # Errors
    /// Those of [`number`], [`series`] and [`serial`].
    pub fn parse(number_text: &str, series_text: &str, serial_text: &str) -> Result<Self, Fault> {
        Ok(Self {
            number: number(number_text)?,
            series: series(series_text)?,
            serial: serial(serial_text)?,
        })
    }

    pub(super) fn from_parts(number: String, series: String, serial: String) -> Self {
        Self {
            number,
            series,
            serial,
        }
    }

    /// One to ten ASCII digits.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// A letter, a slash, one or two ASCII digits.
    #[must_use]
    pub fn series(&self) -> &str {
        &self.series
    }

    /// Six ASCII digits.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }
}

/// A certificate's number in ASCII digits.
///
/// # Errors
/// [`Fault::DigitExpected`], [`Fault::BirthCertificateNumber`].
pub fn number(text: &str) -> Result<String, Fault> {
    let digits = digits::to_ascii(text)?;
    if digits.len() > 10 {
        return Err(Fault::BirthCertificateNumber {
            found: digits.len(),
        });
    }
    Ok(digits)
}

/// A certificate's series, its letter normalised, its digits in ASCII.
///
/// # Errors
/// [`Fault::PersianCharacter`], [`Fault::BirthCertificateSeries`].
pub fn series(text: &str) -> Result<String, Fault> {
    let (letter, number) = text
        .split_once('/')
        .ok_or(Fault::BirthCertificateSeries {})?;
    let letter = PersianText::name(letter)?;
    let number = digits::to_ascii(number)?;
    let one_letter = letter.as_str() == "الف" || letter.as_str().chars().count() == 1;
    if !one_letter || number.len() > 2 {
        return Err(Fault::BirthCertificateSeries {});
    }
    Ok(format!("{letter}/{number}"))
}

/// A certificate's serial in ASCII digits.
///
/// # Errors
/// [`Fault::DigitExpected`], [`Fault::BirthCertificateSerial`].
pub fn serial(text: &str) -> Result<String, Fault> {
    let digits = digits::to_ascii(text)?;
    if digits.len() != 6 {
        return Err(Fault::BirthCertificateSerial {
            found: digits.len(),
        });
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_canonical() {
        let certificate = BirthCertificate::parse("۱۲۳۴", "الف/۱۲", "٣٤٥٦٧٨").unwrap();
        assert_eq!(certificate.number(), "1234");
        assert_eq!(certificate.series(), "الف/12");
        assert_eq!(certificate.serial(), "345678");
        assert_eq!(series("ي/7").unwrap(), "ی/7");
    }

    #[test]
    fn each_part_has_its_fault() {
        assert_eq!(
            number("12345678901"),
            Err(Fault::BirthCertificateNumber { found: 11 })
        );
        for wrong in ["الف12", "ابج/12", "ب/123"] {
            assert_eq!(
                series(wrong),
                Err(Fault::BirthCertificateSeries {}),
                "{wrong}"
            );
        }
        assert_eq!(
            serial("12345"),
            Err(Fault::BirthCertificateSerial { found: 5 })
        );
    }
}
