//! A finger on its way to a card that compares it, a PIV card or another: encoded as the card's own template asks, and
//! framed as the card reads it. Here the fingerprint room's words for fingers and orders meet the card's.

use negin_apdu::tlv::{self, Tag};
use negin_apdu::{Command, Transmit, ins};
use negin_eid::Secret;
use negin_eid::piv::{BiometricInformationTemplate, FingerReference, MinutiaeOrder};
use negin_fingerprint::compact::{self, Limits, Order};
use negin_fingerprint::{FingerPosition, Template};
use zeroize::Zeroizing;

use crate::ask::answer;
use crate::{Error, Verification};

/// The compact card format of ISO/IEC 19794-2, owner ISO/IEC JTC 1 SC 37 (SP 800-76-2 table 17).
const COMPACT: (u16, u16) = (0x0101, 0x0005);

/// How a card wants the minutiae in VERIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Bare, instruction 20: PIV (SP 800-73-4 Part 2 §3.2.1).
    Bare,
    /// In a biometric data template `7F2E {81 …}`, instruction 21: ISO/IEC 7816-11 cards in the field.
    DataTemplate,
}

/// What a card is to say of a finger enrolled under this reference, and to ask of its probes.
///
/// # Errors
/// [`Error::Data`] for a finger that is not known.
pub fn enrolment(
    reference: FingerReference,
    finger: FingerPosition,
    limits: &Limits,
) -> Result<BiometricInformationTemplate, Error> {
    let unknown = negin_eid::Error::Malformed {
        object: "finger",
        reason: "no finger of the hand",
    };
    let finger = negin_eid::piv::FingerPosition::from_iso_code(finger.code()).ok_or(unknown)?;
    let order = MinutiaeOrder(limits.order.0);
    let (min, max) = (limits.min, limits.max);
    Ok(BiometricInformationTemplate::new(
        reference, finger, min, max, order,
    ))
}

/// The minutiae of a template as this card wants them: as many, and in the order, that its biometric information says.
///
/// # Errors
/// [`Error::FingerFormat`] for a card of another format, [`Error::TooFewMinutiae`].
pub fn probe(template: &Template, wanted: &BiometricInformationTemplate) -> Result<Secret, Error> {
    let (owner, format) = (wanted.format_owner, wanted.format_type);
    if (owner, format) != COMPACT {
        return Err(Error::FingerFormat { owner, format });
    }
    let limits = Limits {
        min: wanted.min,
        max: wanted.max,
        order: Order(wanted.order.0),
    };
    let few = |needed| Error::TooFewMinutiae {
        found: template.minutiae.len(),
        needed,
    };
    let minutiae = compact::encode(template, &limits).map_err(|error| match error {
        negin_fingerprint::Error::TooFewMinutiae { found, needed } => {
            Error::TooFewMinutiae { found, needed }
        }
        _ => few(usize::from(limits.min)),
    })?;
    // A VERIFY without data would ask for the tries instead.
    if minutiae.is_empty() {
        return Err(few(1));
    }
    Ok(Secret::from(&minutiae[..]))
}

/// VERIFY of a finger against a key reference of any card, PIV or not. On a PIV card
/// [`Piv::verify_finger`](crate::Piv::verify_finger) is the same with its references typed.
///
/// # Errors
/// [`Error::Refused`], [`Error::Transmit`].
pub fn compare_on_card<T: Transmit>(
    carrier: &mut T,
    reference: u8,
    minutiae: &Secret,
    framing: Framing,
) -> Result<Verification, Error> {
    const DATA_TEMPLATE: Tag = Tag::new(0x7F2E);
    const MINUTIAE: Tag = Tag::new(0x81);
    let bare = Command::new(0x00, ins::VERIFY, 0x00, reference);
    let command = match framing {
        Framing::Bare => bare.with_data(minutiae.expose()),
        Framing::DataTemplate => {
            let inner = Zeroizing::new(tlv::encode(MINUTIAE, minutiae.expose()));
            Command::new(0x00, ins::VERIFY_TLV, 0x00, reference)
                .with_data(tlv::encode(DATA_TEMPLATE, &inner))
        }
    };
    let (instruction, response) = answer(carrier, &command)?;
    Verification::of(instruction, &response)
}

#[cfg(test)]
mod tests {
    use negin_fingerprint::{Minutia, MinutiaKind};

    use super::*;
    use crate::script::Script;

    fn template(minutiae: usize) -> Template {
        let minutia = |n: usize| Minutia {
            x: 20.0 * (minutiae - n) as f32,
            y: 30.0,
            angle: 0.0,
            kind: MinutiaKind::Ending,
            quality: 50,
        };
        Template::new(400, 400, 50, (0..minutiae).map(minutia).collect())
    }

    fn wanted(min: u8, max: u8) -> BiometricInformationTemplate {
        let order = Order::ASCENDING_X_Y;
        let limits = Limits { min, max, order };
        enrolment(
            FingerReference::Primary,
            FingerPosition::RightIndex,
            &limits,
        )
        .unwrap()
    }

    #[test]
    fn a_finger_goes_by_the_same_name_in_both_rooms() {
        for (finger, subtype) in FingerPosition::ALL
            .into_iter()
            .zip([0x05, 0x09, 0x0D, 0x11, 0x15, 0x06, 0x0A, 0x0E, 0x12, 0x16])
        {
            let template = enrolment(FingerReference::Secondary, finger, &Limits::default());
            assert_eq!(template.unwrap().subtype, subtype, "{finger:?}");
        }
        assert_eq!(wanted(4, 6).order, MinutiaeOrder::CARTESIAN_X_Y);
        let unknown = FingerPosition::Unknown;
        let none = enrolment(FingerReference::Primary, unknown, &Limits::default());
        assert_eq!(none.unwrap_err().key(), "card.data");
    }

    #[test]
    fn as_the_card_wants_it() {
        let bytes = probe(&template(8), &wanted(4, 6)).unwrap();
        assert_eq!(bytes.len(), 18);
        let xs: Vec<u8> = bytes.expose().iter().step_by(3).copied().collect();
        assert!(xs.is_sorted());
        let few = Error::TooFewMinutiae {
            found: 3,
            needed: 4,
        };
        assert_eq!(probe(&template(3), &wanted(4, 6)), Err(few));
        let none = Error::TooFewMinutiae {
            found: 0,
            needed: 1,
        };
        assert_eq!(probe(&template(0), &wanted(0, 6)), Err(none));
        let other = BiometricInformationTemplate {
            format_type: 6,
            ..wanted(4, 6)
        };
        let unknown = Error::FingerFormat {
            owner: 0x0101,
            format: 6,
        };
        assert_eq!(probe(&template(8), &other), Err(unknown));
    }

    #[test]
    fn both_framings() {
        let minutiae = Secret::new([1, 2, 3]);
        let mut card = Script::new([
            ("0020009603 010203", "9000"),
            ("0021000108 7F2E05 8103010203", "63C1"),
            ("0021000108 7F2E05 8103010203", "6D00"),
        ]);
        let compare = |card: &mut Script, reference, framing| {
            compare_on_card(card, reference, &minutiae, framing)
        };
        let passed = compare(&mut card, 0x96, Framing::Bare);
        assert_eq!(passed, Ok(Verification::Passed));
        let failed = compare(&mut card, 0x01, Framing::DataTemplate);
        assert_eq!(failed, Ok(Verification::Failed { retries: 1 }));
        let refused = compare(&mut card, 0x01, Framing::DataTemplate);
        assert_eq!(refused.unwrap_err().key(), "card.refused");
    }
}
