//! What a card's objects take from a record.
//!
//! The rule: every object that shows the holder is filled here, so that the zone, the printed
//! information and the counter's screen cannot say different things.

use negin_eid::mrz::{MrzDate, MrzName, Sex as ZoneSex, Td1};
use negin_eid::piv::{HolderDisplay, PrintedInformation};
use negin_eid::{Date as CardDate, Error};

use super::calendar::{Calendar, Date};
use super::transliteration::transliterate;
use super::{GivenFamily, Record, Sex};
use crate::fault::Fault;
use crate::profile::{Document, Validity};

/// Characters that PIV's Printed Information has for a name (SP 800-73-4 Part 1, table 13).
const PRINTED_NAME_MAX: usize = 125;

impl Record {
    /// The name in Latin letters, as the record gives it; or where it gives none, the Persian one
    /// transliterated letter by letter (ICAO 9303-3, section 6.C), its words apart by spaces.
    #[must_use]
    pub fn latin_name(&self) -> GivenFamily<String> {
        match &self.name.latin {
            Some(latin) => GivenFamily {
                given: latin.given.to_string(),
                family: latin.family.to_string(),
            },
            None => GivenFamily {
                given: transliterate(self.name.persian.given.as_str()).replace('<', " "),
                family: transliterate(self.name.persian.family.as_str()).replace('<', " "),
            },
        }
    }

    /// The name as the machine-readable zone has it.
    ///
    /// # Errors
    /// None for a name that was read as a record's.
    pub fn zone_name(&self) -> Result<MrzName, Error> {
        let name = self.latin_name();
        MrzName::new(&name.family, &name.given)
    }

    /// The date of expiry: the record's own, or the profile's validity after the issue.
    ///
    /// # Errors
    /// [`Fault::DateOutOfRange`].
    pub fn expiry(&self, validity: &Validity) -> Result<Date, Fault> {
        match self.expiry_date {
            Some(date) => Ok(date),
            None => self
                .issue_date
                .plus_years(validity.calendar, validity.years),
        }
    }

    /// The machine-readable zone: the national number stands in the first line's optional data.
    ///
    /// # Errors
    /// As [`Record::zone_name`].
    pub fn td1(&self, document: &Document, number: &str, expiry: Date) -> Result<Td1, Error> {
        Ok(Td1 {
            document_code: document.code.clone(),
            issuer: document.issuing_state.clone(),
            document_number: number.to_owned(),
            optional_1: self.national_number.to_string(),
            birth: MrzDate::from(self.birth.date.card()?),
            sex: match self.sex {
                Sex::Female => ZoneSex::Female,
                Sex::Male => ZoneSex::Male,
                Sex::Unspecified => ZoneSex::Unspecified,
            },
            expiry: MrzDate::from(expiry.card()?),
            nationality: document.nationality.clone(),
            optional_2: String::new(),
            name: self.zone_name()?,
        })
    }

    /// PIV's Printed Information: family name, then given name, in Latin letters; cut where it is
    /// longer than the standard's 125 characters, as a transliterated name can be.
    ///
    /// # Errors
    /// None for a record that was read.
    pub fn printed_information(
        &self,
        document: &Document,
        number: &str,
        expiry: Date,
    ) -> Result<PrintedInformation, Error> {
        let name = self.latin_name();
        let mut name = format!("{} {}", name.family, name.given);
        name.truncate(PRINTED_NAME_MAX);
        Ok(PrintedInformation {
            name,
            affiliation: document.kind.clone(),
            expiration: expiry.card()?,
            card_serial: number.to_owned(),
            issuer: document.issuing_state.clone(),
        })
    }

    /// What a counter's screen shows: the name in Persian, given name first, and the card's number.
    #[must_use]
    pub fn holder_display(&self, number: &str) -> HolderDisplay {
        HolderDisplay {
            name: self.persian_name(),
            card_number: number.to_owned(),
        }
    }

    /// The name in Persian, given name first.
    #[must_use]
    pub fn persian_name(&self) -> String {
        let name = &self.name.persian;
        format!("{} {}", name.given, name.family)
    }
}

impl Date {
    /// The day as a card's objects hold it.
    ///
    /// # Errors
    /// None for a day of the span.
    pub fn card(self) -> Result<CardDate, Error> {
        let (year, month, day) = self.parts(Calendar::Gregorian);
        let year = u16::try_from(year).map_err(|_| Error::Date { field: "year" })?;
        CardDate::new(year, month, day)
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::Profile;
    use crate::record::Record;

    const RECORD: &str = r#"{
        "version": 1,
        "national_number": "0499370899",
        "name": {"persian": {"given": "علی‌رضا", "family": "کاظمی"}, "latin": {"given": "Ali-Reza", "family": "Kazemi"}},
        "father_name": {"persian": "محمد"},
        "birth": {"date": "persian:1363-04-11", "place": {"persian": "تهران"}},
        "birth_certificate": {"number": "0", "series": "ب/7", "serial": "123456"},
        "sex": "male",
        "postal_code": "1969833315",
        "issue_date": "persian:1403-01-01",
        "photo": "photo.jpg",
        "fingers": []
    }"#;

    fn record(json: &str) -> Record {
        let reading = Record::from_json(json.as_bytes(), "record.json");
        reading
            .record
            .unwrap_or_else(|| panic!("{:?}", reading.findings))
    }

    #[test]
    fn objects_of_one_card_agree() {
        let profile = Profile::national_id().unwrap();
        let record = record(RECORD);
        let expiry = record.expiry(&profile.validity).unwrap();
        let zone = record
            .td1(&profile.document, "N00000042", expiry)
            .unwrap()
            .encode()
            .unwrap();
        let lines: Vec<&str> = [0, 30, 60].map(|at| &zone[at..at + 30]).into();
        assert!(lines[0].starts_with("I<IRNN00000042"), "{zone}");
        assert!(lines[0][15..].starts_with("0499370899"), "{zone}");
        assert!(lines[1].starts_with("840702"), "{zone}");
        // 1410-01-01 is 21 March 2031.
        assert_eq!(&lines[1][7..14], "M310321", "{zone}");
        assert_eq!(lines[2], "KAZEMI<<ALI<REZA<<<<<<<<<<<<<<");
        let printed = record
            .printed_information(&profile.document, "N00000042", expiry)
            .unwrap();
        assert_eq!(printed.name, "KAZEMI ALI-REZA");
        assert_eq!(printed.expiration.printed(), "2031MAR21");
        assert!(printed.encode().is_ok());
        let display = record.holder_display("N00000042");
        assert_eq!(display.name, "علی\u{200C}رضا کاظمی");
        assert!(display.encode().is_ok());
    }

    #[test]
    fn a_missing_latin_name_is_transliterated() {
        let without = RECORD.replace(
            r#", "latin": {"given": "Ali-Reza", "family": "Kazemi"}"#,
            "",
        );
        let record = record(&without.replace("علی\u{200C}رضا", "سید علی"));
        assert_eq!(
            record.zone_name().unwrap().field(30),
            "XKKAXZZMXYA<<SXYAD<ELXYA<<<<<<"
        );
        assert_eq!(record.latin_name().given, "SXYAD ELXYA");
    }

    #[test]
    fn the_longest_names_fit_every_object() {
        use crate::record::persian::NAME_MAX;
        let profile = Profile::national_id().unwrap();
        // Half letters, half non-joiners: the most bytes a name can have.
        let long: String = "ش\u{200C}".repeat(NAME_MAX / 2 - 1) + "شش";
        let json = RECORD
            .replace("علی\u{200C}رضا", &long)
            .replace("کاظمی", &long);
        let record = record(
            &json
                .replace("Ali-Reza", &"A".repeat(NAME_MAX))
                .replace("Kazemi", &"B".repeat(NAME_MAX)),
        );
        let expiry = record.expiry(&profile.validity).unwrap();
        assert!(record.holder_display("N00000042").encode().is_ok());
        let printed = record.printed_information(&profile.document, "N00000042", expiry);
        assert!(printed.unwrap().encode().is_ok());
        assert!(
            record
                .td1(&profile.document, "N00000042", expiry)
                .unwrap()
                .encode()
                .is_ok()
        );
        let transliterated = self::record(&json.replace(
            r#", "latin": {"given": "Ali-Reza", "family": "Kazemi"}"#,
            "",
        ));
        assert!(transliterated.zone_name().is_ok());
        let printed = transliterated.printed_information(&profile.document, "N00000042", expiry);
        assert!(printed.unwrap().encode().is_ok());
    }
}
