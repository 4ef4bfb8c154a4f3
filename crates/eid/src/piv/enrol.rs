//! Our card's own: enrolling a finger reference with PUT DATA.
//!
//! `7F60 {83 01 <96 or 97>, A1 {…as in the BIT…}, 7F2E {81 <3N minutiae>}}`: the BIT's template with the reference data
//! beside it, framed as ISO/IEC 7816-11 frames biometric data.

use super::{BiometricInformationTemplate, FingerReference};
use crate::{Error, Secret, field};

const OBJECT: &str = "enrolment";

/// A finger to enrol: what its BIT will say, and the reference minutiae.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolReference {
    /// The key reference.
    pub reference: FingerReference,
    /// What GET DATA 7F61 will say of it. Its `reference` is the one above.
    pub template: BiometricInformationTemplate,
    /// The reference minutiae, three bytes each, between 1 and 255 of them.
    pub minutiae: Secret,
}

impl EnrolReference {
    /// An enrolment.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the template has no PIV key reference or its `min` is above its `max`, or `minutiae`
    /// are not 1 to 255 times three bytes.
    pub fn new(
        template: BiometricInformationTemplate,
        minutiae: impl Into<Secret>,
    ) -> Result<Self, Error> {
        let minutiae = minutiae.into();
        let reference = template.finger_reference().ok_or(Error::malformed(
            OBJECT,
            "the key reference is neither 96 nor 97",
        ))?;
        if minutiae.is_empty() || minutiae.len() % 3 != 0 || minutiae.len() > 3 * 255 {
            return Err(Error::malformed(
                OBJECT,
                "minutiae of three bytes each, 1 to 255 of them",
            ));
        }
        if template.min > template.max {
            return Err(Error::malformed(
                OBJECT,
                "the least number of minutiae is above the greatest",
            ));
        }
        Ok(Self {
            reference,
            template,
            minutiae,
        })
    }

    /// The data field of PUT DATA.
    #[must_use]
    pub fn encode(&self) -> Secret {
        // Room for all of it: a vector that grows would leave copies behind.
        let mut value = Vec::with_capacity(self.minutiae.len() + 64);
        field::put(&mut value, 0x83, &[self.reference.code()]);
        value.extend_from_slice(&self.template.encode_header());
        let minutiae = Secret::new(field::field(0x81, self.minutiae.expose()));
        field::put(&mut value, 0x7F2E, minutiae.expose());
        let value = Secret::new(value);
        Secret::new(field::field(0x7F60, value.expose()))
    }

    /// Reads the data field of PUT DATA.
    ///
    /// # Errors
    /// As [`EnrolReference::new`], and [`Error::Missing`] where a part is missing.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x7F60)?;
        let template = BiometricInformationTemplate::decode(value)?;
        let data = field::find(OBJECT, value, 0x7F2E)?.ok_or(Error::missing(OBJECT, "7F2E"))?;
        let minutiae = field::find(OBJECT, data, 0x81)?.ok_or(Error::missing(OBJECT, "81"))?;
        Self::new(template, minutiae)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piv::{FingerPosition, MinutiaeOrder};
    use proptest::prelude::*;

    fn template(reference: FingerReference) -> BiometricInformationTemplate {
        BiometricInformationTemplate::new(
            reference,
            FingerPosition::LeftThumb,
            10,
            60,
            MinutiaeOrder::NONE,
        )
    }

    proptest! {
        #[test]
        fn round_trip(n in 1usize..=255, byte: u8, secondary: bool) {
            let reference = if secondary { FingerReference::Secondary } else { FingerReference::Primary };
            let enrolment = EnrolReference::new(template(reference), vec![byte; 3 * n]).unwrap();
            prop_assert_eq!(EnrolReference::decode(enrolment.encode().expose()).unwrap(), enrolment);
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        let good = template(FingerReference::Primary);
        assert!(EnrolReference::new(good, vec![0; 0]).is_err());
        assert!(EnrolReference::new(good, vec![0; 31]).is_err());
        assert!(EnrolReference::new(good, vec![0; 3 * 256]).is_err());
        let pin = BiometricInformationTemplate {
            reference: Some(0x80),
            ..good
        };
        assert!(EnrolReference::new(pin, vec![0; 30]).is_err());
        let upside_down = BiometricInformationTemplate { min: 61, ..good };
        assert!(EnrolReference::new(upside_down, vec![0; 30]).is_err());
    }

    #[test]
    fn minutiae_do_not_show() {
        let enrolment =
            EnrolReference::new(template(FingerReference::Primary), vec![0x77; 30]).unwrap();
        let shown = format!("{enrolment:?}");
        assert!(shown.contains("Secret(30 bytes)") && !shown.contains("119, 119"));
    }
}
