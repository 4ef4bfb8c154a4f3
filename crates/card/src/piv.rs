//! PIV: its holder's keys, certificates and data; on our card also enrolment and delivery.

mod administrator;
mod keys;
mod messaging;

pub use administrator::management_algorithm;

use negin_apdu::{StatusWord, Transmit};
use negin_eid::Secret;
use negin_eid::aid::{self, Application};
use negin_eid::gp::{ApplicationStage, ApplicationState, GpCommand, SetStatus};
use negin_eid::piv::{
    ActivationRecord, BiometricInformation, ChangeReferenceData, Container, Discovery,
    EnrolReference, FingerReference, OperatorNote, Pin, PinPolicy, PivCommand, PropertyTemplate,
    Puk, PutData, Verify, VerifyAction, VerifyReference,
};

use crate::application::{carried, select};
use crate::ask::{answer, ask};
use crate::{Error, Verification};

/// PIV, selected.
///
/// Over a plain carrier it is the holder's; over a channel of the issuer, of delivery or of the override it does what
/// that role may (see [`negin_eid::roles`] and [`negin_eid::piv`]).
#[derive(Debug)]
pub struct Piv<T> {
    carrier: T,
    template: Option<PropertyTemplate>,
}

impl<T: Transmit> Piv<T> {
    /// Takes it to be selected already: over a carrier on which it was.
    pub const fn selected(carrier: T) -> Self {
        Self {
            carrier,
            template: None,
        }
    }

    /// Selects it.
    ///
    /// # Errors
    /// [`Error::NoApplication`] on a card without PIV, [`Error::Blocked`], [`Error::Refused`], [`Error::Transmit`].
    pub fn select(mut carrier: T) -> Result<Self, Error> {
        let selected = select(&mut carrier, Application::Piv)?;
        Ok(Self {
            carrier,
            // Some cards answer file control information instead: PIV they are all the same.
            template: PropertyTemplate::decode(&selected.data).ok(),
        })
    }

    /// What SELECT answered; `None` where it could not be read, and over a channel.
    #[must_use]
    pub const fn property_template(&self) -> Option<&PropertyTemplate> {
        self.template.as_ref()
    }

    fn ask(&mut self, command: &PivCommand) -> Result<Vec<u8>, Error> {
        ask(&mut self.carrier, &command.to_apdu())
    }

    fn verification(&mut self, command: &PivCommand) -> Result<Verification, Error> {
        let (instruction, response) = answer(&mut self.carrier, &command.to_apdu())?;
        Verification::of(instruction, &response)
    }

    /// GET DATA: a container's content as the card gives it (`53 {…}`, `7E {…}`, `7F61 {…}`); `None` where the card has
    /// none.
    ///
    /// # Errors
    /// [`Error::Refused`] where the security status does not allow it, [`Error::Transmit`].
    pub fn get(&mut self, container: Container) -> Result<Option<Vec<u8>>, Error> {
        let command = PivCommand::GetData(container).to_apdu();
        let (instruction, response) = answer(&mut self.carrier, &command)?;
        match response.sw {
            StatusWord::SUCCESS => Ok(Some(response.data)),
            StatusWord::FILE_NOT_FOUND => Ok(None),
            sw => Err(Error::Refused { instruction, sw }),
        }
    }

    /// PUT DATA: writes a container, given as GET DATA will give it.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn put(&mut self, container: Container, object: impl Into<Vec<u8>>) -> Result<(), Error> {
        let object = object.into();
        self.ask(&PivCommand::PutData(PutData::Object { container, object }))?;
        Ok(())
    }

    /// The Discovery Object: how the holder is verified; `None` on a card without it.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn discovery(&mut self) -> Result<Option<Discovery>, Error> {
        let object = self.get(Container::Discovery)?;
        Ok(object.as_deref().map(Discovery::decode).transpose()?)
    }

    /// Which fingers are enrolled and what the card wants of a probe. Empty on a card that compares none.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn biometric_information(&mut self) -> Result<BiometricInformation, Error> {
        let object = self.get(Container::BiometricInformation)?;
        let group = object.as_deref().map(BiometricInformation::decode);
        Ok(group.transpose()?.unwrap_or_default())
    }

    /// Our card: how many digits a PIN has on it; what the standard takes on a card that does not say.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn pin_policy(&mut self) -> Result<PinPolicy, Error> {
        let object = self.get(Container::PinPolicy)?;
        let policy = object.as_deref().map(PinPolicy::decode).transpose()?;
        Ok(policy.unwrap_or_default())
    }

    fn verify(
        &mut self,
        reference: VerifyReference,
        action: VerifyAction,
    ) -> Result<Verification, Error> {
        self.verification(&PivCommand::Verify(Verify { reference, action }))
    }

    /// VERIFY with the PIN.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn verify_pin(&mut self, pin: Pin) -> Result<Verification, Error> {
        self.verify(VerifyReference::Pin, VerifyAction::Pin(pin))
    }

    /// VERIFY with a finger: its minutiae in the compact card format, three bytes each, as many and in the order that
    /// the card's [`BiometricInformation`] asks for. The card compares.
    ///
    /// # Errors
    /// [`Error::Refused`] with 6A80 where there are too few or too many (no try is spent), [`Error::Transmit`].
    pub fn verify_finger(
        &mut self,
        finger: FingerReference,
        minutiae: impl Into<Secret>,
    ) -> Result<Verification, Error> {
        self.verify(finger.verify(), VerifyAction::Minutiae(minutiae.into()))
    }

    /// How PIN or finger stand: [`Verification::Passed`] where verified, otherwise the tries left. Spends none.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn tries(&mut self, reference: VerifyReference) -> Result<Verification, Error> {
        self.verify(reference, VerifyAction::Status)
    }

    /// Makes the card forget that this was verified.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn log_out(&mut self, reference: VerifyReference) -> Result<(), Error> {
        let action = VerifyAction::Reset;
        self.ask(&PivCommand::Verify(Verify { reference, action }))?;
        Ok(())
    }

    /// Changes the PIN. A wrong old one spends a try.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn change_pin(&mut self, old: &Pin, new: Pin) -> Result<Verification, Error> {
        let old = Secret::new(*old.padded());
        self.verification(&PivCommand::ChangeReferenceData(ChangeReferenceData::Pin {
            old,
            new,
        }))
    }

    /// Changes the PUK. A wrong old one spends a try.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn change_puk(&mut self, old: Puk, new: Puk) -> Result<Verification, Error> {
        self.verification(&PivCommand::ChangeReferenceData(ChangeReferenceData::Puk {
            old,
            new,
        }))
    }

    /// Sets a new PIN with the PUK, and its tries back. A wrong PUK spends a try of the PUK.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn unblock_pin(&mut self, puk: Puk, pin: Pin) -> Result<Verification, Error> {
        self.verification(&PivCommand::ResetRetryCounter { puk, pin })
    }

    /// Our card: the PUK, over the issuer's channel while personalising.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn set_puk(&mut self, puk: Puk) -> Result<(), Error> {
        self.ask(&PivCommand::ChangeReferenceData(
            ChangeReferenceData::FirstPuk(puk),
        ))?;
        Ok(())
    }

    /// Our card: the holder's first PIN, over the delivery channel after a match, or over the override's. May be set
    /// again until the card is activated.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn set_first_pin(&mut self, pin: Pin) -> Result<(), Error> {
        self.ask(&PivCommand::ChangeReferenceData(
            ChangeReferenceData::FirstPin(pin),
        ))?;
        Ok(())
    }

    /// Our card: enrols a finger, over the issuer's channel while personalising. Enrolling it again overwrites.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn enrol(&mut self, enrolment: EnrolReference) -> Result<(), Error> {
        self.ask(&PivCommand::PutData(PutData::Enrol(enrolment)))?;
        Ok(())
    }

    /// Our card: closes personalisation (SET STATUS of PIV to PERSONALISED), over the issuer's channel. There is no way
    /// back.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn close_personalisation(&mut self) -> Result<(), Error> {
        let state = ApplicationState {
            stage: ApplicationStage::Personalised,
            locked: false,
        };
        let command = GpCommand::SetStatus(SetStatus::Application(aid::PIV, state));
        ask(&mut self.carrier, &command.to_apdu())?;
        Ok(())
    }

    /// Our card: ACTIVATE, over the delivery channel after match and PIN, or over the override's after the PIN. The card
    /// lives from then on. Repeating it gives the record of the first time.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn activate(&mut self, note: OperatorNote) -> Result<ActivationRecord, Error> {
        let answer = self.ask(&PivCommand::Activate(note))?;
        Ok(ActivationRecord::decode(&answer)?)
    }

    /// Our card: how it was activated; `None` where it was not.
    ///
    /// # Errors
    /// [`Error::Data`]; [`Error::Refused`] where the card does not say (before activation, outside a delivery session);
    /// [`Error::Transmit`].
    pub fn activation_record(&mut self) -> Result<Option<ActivationRecord>, Error> {
        let object = self.get(Container::ActivationRecord)?;
        Ok(object
            .as_deref()
            .map(ActivationRecord::decode)
            .transpose()?)
    }
}

carried!(Piv);

#[cfg(test)]
mod tests {
    use negin_apdu::{Limits, TransmitError};
    use negin_eid::piv::{ActivationMethod, CertificateObject};

    use super::*;
    use crate::script::Script;

    fn piv<const N: usize>(lines: [(&str, &str); N]) -> Piv<Script> {
        Piv::selected(Script::new(lines))
    }

    fn pin(digits: &str) -> Pin {
        Pin::new(digits).unwrap()
    }

    #[test]
    fn select_reads_the_template() {
        let select = "00A404000BA00000030800001000010000";
        let template = PropertyTemplate {
            label: "Negin".into(),
            algorithms: vec![0x11],
        };
        let answer = hex::encode(template.encode()) + "9000";
        let piv = Piv::select(Script::new([(select, &answer)])).unwrap();
        assert_eq!(piv.property_template(), Some(&template));
        // A card that answers file control information is PIV all the same.
        let other = Piv::select(Script::new([(select, "6F02 8400 9000")])).unwrap();
        assert_eq!(other.property_template(), None);
    }

    #[test]
    fn containers() {
        let certificate = CertificateObject::new([0x30, 0x03, 1, 2, 3]).encode();
        let text = hex::encode_upper(&certificate);
        let put = format!("00DB3FFF{:02X}5C035FC105{text}", certificate.len() + 5);
        let mut piv = piv([
            (&put, "9000"),
            ("00CB3FFF055C035FC10500", &(text + "9000")),
            ("00CB3FFF055C035FC10A00", "6A82"),
            ("00CB3FFF055C035FC10300", "6982"),
            ("00CB3FFF045C027F6100", "6A82"),
            (
                "00CB3FFF035C017E00",
                "7E124F0BA0000003080000100001005F2F0250009000",
            ),
            ("00CB3FFF035C017E00", "7E009000"),
        ]);
        piv.put(Container::AuthenticationCertificate, certificate.clone())
            .unwrap();
        assert_eq!(
            piv.get(Container::AuthenticationCertificate),
            Ok(Some(certificate))
        );
        assert_eq!(piv.get(Container::SignatureCertificate), Ok(None));
        let sw = StatusWord::SECURITY_STATUS_NOT_SATISFIED;
        let refused = Error::Refused {
            instruction: "GET DATA",
            sw,
        };
        assert_eq!(piv.get(Container::Fingerprints), Err(refused));
        assert_eq!(
            piv.biometric_information(),
            Ok(BiometricInformation::default())
        );
        assert!(
            piv.discovery()
                .unwrap()
                .is_some_and(|told| told.on_card_comparison)
        );
        assert_eq!(piv.discovery().unwrap_err().key(), "card.data");
    }

    #[test]
    fn verifications_are_answers() {
        let mut piv = piv([
            ("0020008008 313233343536FFFF", "9000"),
            ("0020008008 363534333231FFFF", "63C2"),
            ("0020008008 363534333231FFFF", "6983"),
            ("0020009606 010203040506", "63C4"),
            ("0020009706 010203040506", "6A80"),
            ("00200096", "63C4"),
            ("0020FF80", "9000"),
            ("0024008010 313233343536FFFF 363534333231FFFF", "9000"),
            ("002C008010 5055 4B5055 4B5055 31323334353637FF", "63C1"),
        ]);
        assert_eq!(piv.verify_pin(pin("123456")), Ok(Verification::Passed));
        assert_eq!(
            piv.verify_pin(pin("654321")),
            Ok(Verification::Failed { retries: 2 })
        );
        assert_eq!(piv.verify_pin(pin("654321")), Ok(Verification::Blocked));
        let failed = piv.verify_finger(FingerReference::Primary, vec![1, 2, 3, 4, 5, 6]);
        assert_eq!(failed, Ok(Verification::Failed { retries: 4 }));
        let refused = piv.verify_finger(FingerReference::Secondary, vec![1, 2, 3, 4, 5, 6]);
        let sw = StatusWord::WRONG_DATA;
        assert_eq!(
            refused,
            Err(Error::Refused {
                instruction: "VERIFY",
                sw
            })
        );
        assert_eq!(
            piv.tries(VerifyReference::PrimaryFinger),
            Ok(Verification::Failed { retries: 4 })
        );
        piv.log_out(VerifyReference::Pin).unwrap();
        assert_eq!(
            piv.change_pin(&pin("123456"), pin("654321")),
            Ok(Verification::Passed)
        );
        let puk = Puk::new(*b"PUKPUKPU");
        assert_eq!(
            piv.unblock_pin(puk, pin("1234567")),
            Ok(Verification::Failed { retries: 1 })
        );
    }

    #[test]
    fn delivery_in_its_order() {
        let record = ActivationRecord {
            method: ActivationMethod::Match(FingerReference::Primary),
            note: OperatorNote::new(*b"counter 4").unwrap(),
            receipt: 77,
        };
        let answer = hex::encode(record.encode()) + "9000";
        let mut piv = piv([
            ("0024018008 313233343536FFFF", "9000"),
            ("00440000 09 636F756E7465722034 00", &answer),
            ("00CB3FFF055C03DFC10100", &answer),
            ("00CB3FFF055C03DFC10100", "6985"),
            ("80F0400F 0B A000000308000010000100", "9000"),
        ]);
        piv.set_first_pin(pin("123456")).unwrap();
        assert_eq!(piv.activate(record.note.clone()), Ok(record.clone()));
        assert_eq!(piv.activation_record(), Ok(Some(record)));
        assert_eq!(piv.activation_record().unwrap_err().key(), "card.refused");
        piv.close_personalisation().unwrap();
    }

    #[test]
    fn a_channel_that_is_too_short_is_told() {
        let mut piv = Piv::selected(Script::new([]).within(Limits::SHORT));
        let long = piv.put(
            Container::FacialImage,
            negin_eid::field::field(0x53, &[0; 300]),
        );
        assert_eq!(long, Err(Error::Transmit(TransmitError::TooLong)));
    }
}
