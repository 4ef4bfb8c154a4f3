//! Biometric Information Templates Group Template (7F61): which fingers a card compares, and what it wants of a probe
//! (NIST SP 800-73-4 Part 1 §3.3.6, SP 800-76-2 §5.5; ISO/IEC 7816-11, ISO/IEC 19785-3).
//!
//! The rule: we write PIV's profile, at most 28 bytes a template with the key reference (83) in 7F60; we read also
//! what other cards in the field write, with 83 inside B1 or nowhere and with other owners.

use super::{FingerPosition, FingerReference};
use crate::{Error, field};

const OBJECT: &str = "Biometric Information Template";
/// CBEFF biometric type: fingerprint.
const FINGERPRINT: u8 = 0x08;

/// The group template: one template for each enrolled finger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BiometricInformation {
    /// The templates, in the card's order.
    pub templates: Vec<BiometricInformationTemplate>,
}

/// What the card says of one enrolled finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BiometricInformationTemplate {
    /// The key reference for VERIFY (83): 96 or 97 on a PIV card, the card's own number on another.
    pub reference: Option<u8>,
    /// The CBEFF subtype of the finger (82), see [`FingerPosition::from_subtype`]; 0 where the card names none.
    pub subtype: u8,
    /// Format owner (87): 0101 for ISO/IEC JTC 1 SC 37.
    pub format_owner: u16,
    /// Format type (88): 0005 for the compact card format of ISO/IEC 19794-2.
    pub format_type: u16,
    /// Fewest minutiae of a probe.
    pub min: u8,
    /// Most minutiae of a probe.
    pub max: u8,
    /// The order in which the card wants them.
    pub order: MinutiaeOrder,
}

/// The order of a probe's minutiae as one byte (ISO/IEC 19794-2:2005, tag 82 of B1): bits 2-1 the direction, bits 5-3 the
/// criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MinutiaeOrder(pub u8);

impl MinutiaeOrder {
    /// In any order.
    pub const NONE: Self = Self(0x00);
    /// By x, then y, ascending.
    pub const CARTESIAN_X_Y: Self = Self(0x05);
    /// By y, then x, ascending.
    pub const CARTESIAN_Y_X: Self = Self(0x09);
    /// By angle, ascending.
    pub const ANGLE: Self = Self(0x0D);
    /// By distance from the centre of mass, ascending.
    pub const POLAR: Self = Self(0x11);

    /// Whether descending (bit 2 rather than bit 1).
    #[must_use]
    pub const fn is_descending(self) -> bool {
        self.0 & 0x03 == 0x02
    }

    /// The criterion without the direction: bits 5 to 3.
    #[must_use]
    pub const fn criterion(self) -> u8 {
        self.0 & 0x1C
    }
}

impl BiometricInformationTemplate {
    /// A PIV card's template.
    #[must_use]
    pub const fn new(
        reference: FingerReference,
        finger: FingerPosition,
        min: u8,
        max: u8,
        order: MinutiaeOrder,
    ) -> Self {
        Self {
            reference: Some(reference.code()),
            subtype: finger.subtype(),
            format_owner: 0x0101,
            format_type: 0x0005,
            min,
            max,
            order,
        }
    }

    /// The PIV key reference, where it is one.
    #[must_use]
    pub fn finger_reference(&self) -> Option<FingerReference> {
        self.reference.and_then(FingerReference::from_code)
    }

    /// The finger, where the card names one.
    #[must_use]
    pub fn finger(&self) -> Option<FingerPosition> {
        FingerPosition::from_subtype(self.subtype)
    }

    /// The biometric header template A1, tag and all.
    #[must_use]
    pub(super) fn encode_header(&self) -> Vec<u8> {
        let mut parameters = field::field(0x81, &[self.min, self.max]);
        field::put(&mut parameters, 0x82, &[self.order.0]);
        let mut header = field::field(0x81, &[FINGERPRINT]);
        field::put(&mut header, 0x82, &[self.subtype]);
        field::put(&mut header, 0x87, &self.format_owner.to_be_bytes());
        field::put(&mut header, 0x88, &self.format_type.to_be_bytes());
        field::put(&mut header, 0xB1, &parameters);
        field::field(0xA1, &header)
    }

    fn encode(&self) -> Vec<u8> {
        let mut value = Vec::new();
        if let Some(reference) = self.reference {
            field::put(&mut value, 0x83, &[reference]);
        }
        value.extend_from_slice(&self.encode_header());
        field::field(0x7F60, &value)
    }

    /// Reads what is inside a 7F60.
    pub(super) fn decode(value: &[u8]) -> Result<Self, Error> {
        let header = field::find(OBJECT, value, 0xA1)?.ok_or(Error::missing(OBJECT, "A1"))?;
        let parameters = field::find(OBJECT, header, 0xB1)?.ok_or(Error::missing(OBJECT, "B1"))?;
        let byte = |bytes: &[u8], tag, name| match field::find(OBJECT, bytes, tag)? {
            None => Ok(None),
            Some([byte]) => Ok(Some(*byte)),
            Some(_) => Err(Error::malformed(OBJECT, name)),
        };
        let word = |tag, name| match field::find(OBJECT, header, tag)? {
            Some([high, low]) => Ok(u16::from_be_bytes([*high, *low])),
            _ => Err(Error::malformed(OBJECT, name)),
        };
        let reference = match byte(value, 0x83, "83 has not one byte")? {
            Some(reference) => Some(reference),
            None => byte(parameters, 0x83, "83 has not one byte")?,
        };
        let (min, max) = match field::find(OBJECT, parameters, 0x81)? {
            Some([min, max]) => (*min, *max),
            // ISO/IEC 19794-2 lets a card leave its limits out: then anything a byte can count.
            None => (0, 255),
            Some(_) => return Err(Error::malformed(OBJECT, "81 of B1 has not two bytes")),
        };
        Ok(Self {
            reference,
            subtype: byte(header, 0x82, "82 has not one byte")?.unwrap_or(0),
            format_owner: word(0x87, "87 has not two bytes")?,
            format_type: word(0x88, "88 has not two bytes")?,
            min,
            max,
            order: MinutiaeOrder(byte(parameters, 0x82, "82 of B1 has not one byte")?.unwrap_or(0)),
        })
    }
}

impl BiometricInformation {
    /// The group template, tag 7F61 and all, as GET DATA returns it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = field::field(0x02, &[self.templates.len() as u8]);
        for template in &self.templates {
            value.extend_from_slice(&template.encode());
        }
        field::field(0x7F61, &value)
    }

    /// Reads a group template, a PIV card's or another's.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Missing`] where it is none, or its number of templates is not the one it says.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(OBJECT, bytes, 0x7F61)?;
        let mut templates = Vec::new();
        let mut number = None;
        for entry in field::fields(OBJECT, value) {
            match entry? {
                (0x02, [count]) => number = Some(usize::from(*count)),
                (0x7F60, template) => {
                    templates.push(BiometricInformationTemplate::decode(template)?)
                }
                _ => {}
            }
        }
        match number {
            None => Err(Error::missing(OBJECT, "the number of templates (02)")),
            Some(number) if number != templates.len() => {
                Err(Error::malformed(OBJECT, "not as many templates as it says"))
            }
            Some(_) => Ok(Self { templates }),
        }
    }

    /// The template of a PIV key reference.
    #[must_use]
    pub fn of(&self, reference: FingerReference) -> Option<&BiometricInformationTemplate> {
        self.templates
            .iter()
            .find(|template| template.finger_reference() == Some(reference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn two() -> BiometricInformation {
        let template = |reference, finger| {
            BiometricInformationTemplate::new(
                reference,
                finger,
                12,
                60,
                MinutiaeOrder::CARTESIAN_Y_X,
            )
        };
        BiometricInformation {
            templates: vec![
                template(FingerReference::Primary, FingerPosition::RightIndex),
                template(FingerReference::Secondary, FingerPosition::LeftIndex),
            ],
        }
    }

    #[test]
    fn a_template_is_28_bytes_of_this_form() {
        let bytes = two().encode();
        let one = [
            0x7F, 0x60, 0x1C, 0x83, 0x01, 0x96, 0xA1, 0x17, 0x81, 0x01, 0x08, 0x82, 0x01, 0x09,
            0x87, 0x02, 0x01, 0x01, 0x88, 0x02, 0x00, 0x05, 0xB1, 0x07, 0x81, 0x02, 12, 60, 0x82,
            0x01, 0x09,
        ];
        assert_eq!(bytes[..6], [0x7F, 0x61, 0x41, 0x02, 0x01, 0x02]);
        assert_eq!(bytes[6..6 + one.len()], one);
        assert_eq!(BiometricInformation::decode(&bytes).unwrap(), two());
        assert_eq!(
            two().of(FingerReference::Secondary).unwrap().finger(),
            Some(FingerPosition::LeftIndex)
        );
    }

    #[test]
    fn none_enrolled_is_a_group_of_none() {
        let none = BiometricInformation::default();
        assert_eq!(none.encode(), [0x7F, 0x61, 0x03, 0x02, 0x01, 0x00]);
        assert_eq!(BiometricInformation::decode(&none.encode()).unwrap(), none);
    }

    #[test]
    fn a_number_that_is_not_true_is_refused() {
        let mut bytes = two().encode();
        bytes[5] = 3;
        assert!(BiometricInformation::decode(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(reference in proptest::option::of(any::<u8>()), subtype: u8, format_owner: u16,
                      format_type: u16, min: u8, max: u8, order: u8) {
            let template = BiometricInformationTemplate {
                reference, subtype, format_owner, format_type, min, max, order: MinutiaeOrder(order),
            };
            let group = BiometricInformation { templates: vec![template; 3] };
            prop_assert_eq!(BiometricInformation::decode(&group.encode()).unwrap(), group);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), at in 0usize..60, byte: u8) {
            let _ = BiometricInformation::decode(&bytes);
            let mut mutated = two().encode();
            mutated[at] = byte;
            let _ = BiometricInformation::decode(&mutated);
        }
    }
}
