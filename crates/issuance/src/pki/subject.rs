//! Names in certificates: X.501, in the attributes all clients show.

use der::{
    Decode, Encode, Tag,
    asn1::{Any, ObjectIdentifier},
};
use x509_cert::{
    attr::AttributeTypeAndValue,
    name::{Name, RdnSequence, RelativeDistinguishedName},
};

use super::{Error, oid};

/// Whose authority it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Two letters of ISO 3166-1, upper case.
    pub country: String,
    /// The organisation's name, at most 64 characters.
    pub name: String,
}

/// A certificate's subject within an organisation.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// Common name: a person's Latin name or a signer's role, at most 64 characters; none where the certificate must not
    /// tell whose it is.
    pub common_name: Option<String>,
    /// Serial number attribute: the card's number, at most 64 characters of PrintableString.
    pub serial_number: Option<String>,
}

impl core::fmt::Debug for Subject {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Subject(masked)")
    }
}

impl Organisation {
    pub(super) fn name_of(&self, subject: &Subject) -> Result<Name, Error> {
        if self.country.len() != 2 || !self.country.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Error::Field { field: "country" });
        }
        let mut names = RdnSequence::default();
        names.push(part(
            "country",
            oid::COUNTRY,
            Tag::PrintableString,
            &self.country,
        )?);
        names.push(part(
            "organisation",
            oid::ORGANISATION,
            Tag::Utf8String,
            &self.name,
        )?);
        if let Some(name) = &subject.common_name {
            names.push(part(
                "common name",
                oid::COMMON_NAME,
                Tag::Utf8String,
                name,
            )?);
        }
        if let Some(number) = &subject.serial_number {
            if !number.bytes().all(is_printable_string) {
                return Err(Error::Field {
                    field: "serial number attribute",
                });
            }
            names.push(part(
                "serial number attribute",
                oid::SERIAL_NUMBER,
                Tag::PrintableString,
                number,
            )?);
        }
        let der = names.to_der().map_err(|_| Error::Field { field: "name" })?;
        Name::from_der(&der).map_err(|_| Error::Field { field: "name" })
    }
}

fn part(
    field: &'static str,
    oid: ObjectIdentifier,
    tag: Tag,
    text: &str,
) -> Result<RelativeDistinguishedName, Error> {
    let wrong = Error::Field { field };
    // X.520 gives each of these an upper bound of 64 characters.
    if text.is_empty() || text.chars().count() > 64 || text.chars().any(char::is_control) {
        return Err(wrong);
    }
    let Ok(value) = Any::new(tag, text.as_bytes()) else {
        return Err(wrong);
    };
    RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid, value }])
        .map_err(|_| wrong)
}

const fn is_printable_string(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b' ' | b'\'' | b'(' | b')' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b'=' | b'?'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_need_quoting_stay_one_value() {
        let organisation = Organisation {
            country: "UT".into(),
            name: "Office, Central + East".into(),
        };
        let subject = Subject {
            common_name: Some("ANNA, MARIA #1".into()),
            serial_number: Some("D23145890".into()),
        };
        let name = organisation.name_of(&subject).unwrap();
        assert_eq!(name.len(), 4);
        assert_eq!(
            name.common_name().unwrap().unwrap().value(),
            "ANNA, MARIA #1"
        );
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let organisation = Organisation {
            country: "UTO".into(),
            name: "Office".into(),
        };
        let nobody = Subject {
            common_name: None,
            serial_number: None,
        };
        assert!(matches!(
            organisation.name_of(&nobody),
            Err(Error::Field { field: "country" })
        ));
        let organisation = Organisation {
            country: "UT".into(),
            ..organisation
        };
        let long = Subject {
            common_name: Some("A".repeat(65)),
            serial_number: None,
        };
        assert!(matches!(
            organisation.name_of(&long),
            Err(Error::Field {
                field: "common name"
            })
        ));
        let number = Subject {
            common_name: None,
            serial_number: Some("N_1".into()),
        };
        assert!(organisation.name_of(&number).is_err());
    }
}
