//! TD1: the machine readable zone of an identity card (ICAO Doc 9303-5 §4.2).
//!
//! ```text
//! 1  code 2 · issuer 3 · document number 9 · check · optional data 15
//! 2  birth 6 · check · sex · expiry 6 · check · nationality 3 · optional data 11 · composite check
//! 3  name 30
//! ```

use super::{MrzDate, MrzName, check_digit};
use crate::Error;

/// Sex as the zone writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// F.
    Female,
    /// M.
    Male,
    /// `<`.
    Unspecified,
}

impl Sex {
    /// The character in the zone.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Female => b'F',
            Self::Male => b'M',
            Self::Unspecified => b'<',
        }
    }
}

/// What a TD1 zone says. Texts are in the zone's characters (A-Z, 0-9), without fillers at the end.
#[derive(Clone, PartialEq, Eq)]
pub struct Td1 {
    /// Document code: one or two characters, the first A, C or I.
    pub document_code: String,
    /// Issuing State or organisation: one to three letters.
    pub issuer: String,
    /// Document number. More than nine characters run on into the first optional data field (§4.2.2 note j).
    pub document_number: String,
    /// Optional data of the first line: at most 15 characters, less where the document number needs them.
    pub optional_1: String,
    /// Date of birth.
    pub birth: MrzDate,
    /// Sex.
    pub sex: Sex,
    /// Date of expiry.
    pub expiry: MrzDate,
    /// Nationality: one to three letters.
    pub nationality: String,
    /// Optional data of the second line: at most 11 characters.
    pub optional_2: String,
    /// The holder's name, truncated where it had to be.
    pub name: MrzName,
}

/// Characters a line.
const WIDTH: usize = 30;

impl Td1 {
    /// The zone: ninety characters, line after line, as DG1 holds them.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Character`] or [`Error::Missing`] naming the field that cannot be written.
    pub fn encode(&self) -> Result<String, Error> {
        let code = text("document code", &self.document_code, 2)?;
        if !matches!(code.as_bytes().first(), Some(b'A' | b'C' | b'I')) {
            return Err(Error::Character {
                field: "document code",
                position: 1,
            });
        }
        let issuer = state("issuing State", &self.issuer)?;
        let nationality = state("nationality", &self.nationality)?;
        if self.document_number.is_empty() {
            return Err(Error::missing("TD1", "document number"));
        }
        let number_check = digit("document number", &self.document_number)?;
        let number_and_optional = match self.document_number.split_at_checked(9) {
            Some((principal, rest)) if !rest.is_empty() => {
                // The number, a filler for its check digit, the rest, the check digit and a filler.
                let remaining = text("document number", rest, 13)?;
                let optional = text("optional data 1", &self.optional_1, 13 - rest.len())?;
                let _ = text("document number", principal, 9)?;
                format!(
                    "{principal}<{}{number_check}<{optional}",
                    remaining.trim_end_matches('<')
                )
            }
            _ => {
                let number = text("document number", &self.document_number, 9)?;
                let optional = text("optional data 1", &self.optional_1, 15)?;
                format!("{number}{number_check}{optional}")
            }
        };
        let birth = self.birth.write();
        let expiry = self.expiry.write();
        let birth_check = digit("date of birth", &birth)?;
        let expiry_check = digit("date of expiry", &expiry)?;
        let optional_2 = text("optional data 2", &self.optional_2, 11)?;
        let composite = digit(
            "composite",
            &[
                &number_and_optional[..],
                &birth,
                &birth_check.to_string(),
                &expiry,
                &expiry_check.to_string(),
                &optional_2,
            ]
            .concat(),
        )?;
        let sex = char::from(self.sex.code());
        Ok(format!(
            "{code}{issuer}{number_and_optional}\
             {birth}{birth_check}{sex}{expiry}{expiry_check}{nationality}{optional_2}{composite}\
             {}",
            self.name.field(WIDTH)
        ))
    }

    /// The zone as three lines of thirty characters.
    ///
    /// # Errors
    /// As [`Td1::encode`].
    pub fn lines(&self) -> Result<[String; 3], Error> {
        let zone = self.encode()?;
        let line = |n: usize| {
            zone.get(n * WIDTH..(n + 1) * WIDTH)
                .unwrap_or_default()
                .to_owned()
        };
        Ok([line(0), line(1), line(2)])
    }

    /// Reads a zone: ninety characters, line ends between the lines allowed.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another length, [`Error::Character`], [`Error::Date`], and [`Error::CheckDigit`]
    /// naming the field whose check digit is wrong.
    pub fn parse(zone: &str) -> Result<Self, Error> {
        let zone: String = zone.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        if let Some(at) = zone
            .chars()
            .position(|c| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '<'))
        {
            return Err(Error::Character {
                field: "machine readable zone",
                position: at + 1,
            });
        }
        if zone.len() != 3 * WIDTH {
            return Err(Error::malformed(
                "TD1",
                "not three lines of thirty characters",
            ));
        }
        let at = |from: usize, to: usize| zone.get(from..to).unwrap_or_default();
        let (number, optional_1) = document_number(at(5, 14), at(14, 15), at(15, 30))?;
        verify("date of birth", at(30, 36), at(36, 37))?;
        verify("date of expiry", at(38, 44), at(44, 45))?;
        verify(
            "composite",
            &[at(5, 30), at(30, 37), at(38, 45), at(48, 59)].concat(),
            at(59, 60),
        )?;
        let plain = |text: &str| text.trim_end_matches('<').to_owned();
        let letters = |field, text: &str, offset: usize| match text
            .bytes()
            .position(|b| b.is_ascii_digit())
        {
            Some(position) => Err(Error::Character {
                field,
                position: offset + position + 1,
            }),
            None => Ok(plain(text)),
        };
        if !matches!(at(0, 1), "A" | "C" | "I") {
            return Err(Error::Character {
                field: "document code",
                position: 1,
            });
        }
        Ok(Self {
            document_code: plain(at(0, 2)),
            issuer: letters("issuing State", at(2, 5), 2)?,
            document_number: number,
            optional_1,
            birth: MrzDate::read(at(30, 36).as_bytes(), "date of birth")?,
            sex: match at(37, 38) {
                "F" => Sex::Female,
                "M" => Sex::Male,
                "<" => Sex::Unspecified,
                _ => {
                    return Err(Error::Character {
                        field: "sex",
                        position: 8,
                    });
                }
            },
            expiry: MrzDate::read(at(38, 44).as_bytes(), "date of expiry")?,
            nationality: letters("nationality", at(45, 48), 15)?,
            optional_2: plain(at(48, 59)),
            name: MrzName::read(at(60, 90))?,
        })
    }
}

impl core::fmt::Debug for Td1 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Td1({} {}, the rest masked)",
            self.document_code, self.issuer
        )
    }
}

/// The document number and the first optional data field, from the three fields they stand in.
fn document_number(
    principal: &str,
    check: &str,
    optional: &str,
) -> Result<(String, String), Error> {
    let plain = |text: &str| text.trim_end_matches('<').to_owned();
    if check != "<" || optional.starts_with('<') {
        verify("document number", principal, check)?;
        return Ok((plain(principal), plain(optional)));
    }
    let (rest, after) = optional.split_once('<').unwrap_or((optional, ""));
    let (rest, check) = rest.split_at(rest.len() - 1);
    let number = format!("{principal}{rest}");
    verify("document number", &number, check)?;
    Ok((number, plain(after)))
}

fn verify(field: &'static str, characters: &str, check: &str) -> Result<(), Error> {
    match (check_digit(characters.as_bytes()), check.as_bytes()) {
        (Some(right), [found]) if right == *found => Ok(()),
        _ => Err(Error::CheckDigit { field }),
    }
}

fn digit(field: &'static str, characters: &str) -> Result<char, Error> {
    check_digit(characters.as_bytes())
        .map(char::from)
        .ok_or(Error::Character { field, position: 1 })
}

/// A field of `width` characters of the zone's repertoire, filled up; spaces and hyphens become fillers.
fn text(field: &'static str, text: &str, width: usize) -> Result<String, Error> {
    if text.chars().count() > width {
        return Err(Error::TooLong { field, max: width });
    }
    let mut out = String::with_capacity(width);
    for (at, character) in text.chars().enumerate() {
        match character {
            'A'..='Z' | '0'..='9' | '<' => out.push(character),
            ' ' | '-' => out.push('<'),
            _ => {
                return Err(Error::Character {
                    field,
                    position: at + 1,
                });
            }
        }
    }
    Ok(format!("{out:<<width$}"))
}

fn state(field: &'static str, code: &str) -> Result<String, Error> {
    match code.bytes().position(|b| !b.is_ascii_uppercase()) {
        Some(at) => Err(Error::Character {
            field,
            position: at + 1,
        }),
        None if code.is_empty() => Err(Error::missing("TD1", field)),
        None => text(field, code, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Date;
    use proptest::prelude::*;

    /// 9303-5 appendix B: the specimen of Utopia.
    const SPECIMEN: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";

    fn specimen() -> Td1 {
        Td1 {
            document_code: "I".into(),
            issuer: "UTO".into(),
            document_number: "D23145890".into(),
            optional_1: String::new(),
            birth: Date::new(1974, 8, 12).unwrap().into(),
            sex: Sex::Female,
            expiry: Date::new(2012, 4, 15).unwrap().into(),
            nationality: "UTO".into(),
            optional_2: String::new(),
            name: MrzName::new("Eriksson", "Anna Maria").unwrap(),
        }
    }

    #[test]
    fn the_published_specimen() {
        assert_eq!(specimen().lines().unwrap().join("\n"), SPECIMEN);
        assert_eq!(Td1::parse(SPECIMEN).unwrap(), specimen());
    }

    /// 9303-11 appendix D.2: a document number of more than nine characters.
    #[test]
    fn a_long_document_number() {
        let zone = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<";
        let td1 = Td1::parse(zone).unwrap();
        assert_eq!(td1.document_number, "D23145890734");
        assert_eq!(td1.encode().unwrap(), zone);
    }

    #[test]
    fn a_wrong_check_digit_is_named() {
        for (at, field) in [
            (14, "document number"),
            (36, "date of birth"),
            (44, "date of expiry"),
            (59, "composite"),
        ] {
            let mut zone = SPECIMEN.to_owned();
            let at = at + usize::from(at > 30);
            let other = if &zone[at..=at] == "1" { "2" } else { "1" };
            zone.replace_range(at..=at, other);
            let composite = Td1::parse(&zone).unwrap_err();
            assert_eq!(composite, Error::CheckDigit { field }, "{zone}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let with = |change: &dyn Fn(&mut Td1)| {
            let mut td1 = specimen();
            change(&mut td1);
            td1.encode().unwrap_err()
        };
        assert_eq!(
            with(&|t| t.document_code = "P".into()),
            Error::Character {
                field: "document code",
                position: 1
            }
        );
        assert_eq!(
            with(&|t| t.issuer = "UTOP".into()),
            Error::TooLong {
                field: "issuing State",
                max: 3
            }
        );
        assert_eq!(
            with(&|t| t.optional_2 = "1".repeat(12)),
            Error::TooLong {
                field: "optional data 2",
                max: 11
            }
        );
        assert_eq!(
            with(&|t| t.document_number = String::new()),
            Error::missing("TD1", "document number")
        );
        assert_eq!(
            with(&|t| t.nationality = "iri".into()),
            Error::Character {
                field: "nationality",
                position: 1
            }
        );
        assert_eq!(
            with(&|t| t.optional_1 = "۱".into()),
            Error::Character {
                field: "optional data 1",
                position: 1
            }
        );
    }

    proptest! {
        #[test]
        fn round_trip(number in "[A-Z0-9]{1,22}", optional_1 in "([A-Z0-9]{1,15})?", optional_2 in "([A-Z0-9]{1,11})?",
                      year in 1900u16..2100, month in 1u8..=12, day in 1u8..=28,
                      primary in "[A-Z]{1,10}", secondary in "([A-Z]{1,10})?") {
            let room = if number.len() > 9 { 22 - number.len() } else { 15 };
            let optional_1 = optional_1.chars().take(room).collect();
            let date = MrzDate::from(Date::new(year, month, day).unwrap());
            let td1 = Td1 {
                document_number: number, optional_1, optional_2, birth: date, expiry: date,
                name: MrzName::new(&primary, &secondary).unwrap(), ..specimen()
            };
            let zone = td1.encode().unwrap();
            prop_assert_eq!(zone.len(), 90);
            prop_assert_eq!(Td1::parse(&zone).unwrap(), td1);
        }

        #[test]
        fn no_text_panics(zone in "[A-Z0-9<]{80,90}", odd in any::<String>()) {
            let _ = Td1::parse(&zone);
            let _ = Td1::parse(&odd);
        }
    }
}
