//! Containers, and the two objects the card makes itself: Discovery where none was written, and the BIT group.

use negin_apdu::{Response, StatusWord};
use negin_eid::piv::{
    BiometricInformation, Container, Discovery, EnrolReference, FingerReference, PinPolicy,
    PutData, RenewalPolicy,
};

use super::done;
use crate::card::fault::Fault;
use crate::card::memory::{Guarded, id};
use crate::card::store::{Bytes, Transaction};
use crate::card::system::Card;
use negin_recognition::on_card;

impl Card {
    /// GET DATA.
    pub(super) fn get_data(&mut self, container: Container) -> Result<Response, Fault> {
        let data = match container {
            Container::BiometricInformation => self.biometric_information()?.encode(),
            Container::Discovery => self.discovery()?.encode(),
            _ => {
                let stored = self.memory.container(container)?;
                stored.ok_or(StatusWord::FILE_NOT_FOUND)?.to_vec()
            }
        };
        Ok(Response::new(data, StatusWord::SUCCESS))
    }

    /// The Discovery Object: as written, or as the card is.
    pub(super) fn discovery(&mut self) -> Result<Discovery, Fault> {
        if let Some(stored) = self.memory.container(Container::Discovery)? {
            return Ok(Discovery::decode(&stored).map_err(|_| StatusWord::MEMORY_FAILURE)?);
        }
        let enrolled = self.enrolled(FingerReference::Primary)?.is_some()
            || self.enrolled(FingerReference::Secondary)?.is_some();
        Ok(Discovery::of_card(enrolled))
    }

    fn biometric_information(&mut self) -> Result<BiometricInformation, Fault> {
        let mut templates = Vec::new();
        for finger in FingerReference::ALL {
            if let Some(enrolment) = self.enrolled(finger)? {
                templates.push(enrolment.template);
            }
        }
        Ok(BiometricInformation { templates })
    }

    /// The reference of a finger. It is compared with, and never leaves the card.
    pub(super) fn enrolled(
        &mut self,
        finger: FingerReference,
    ) -> Result<Option<EnrolReference>, Fault> {
        let Some(bytes) = self.memory.get(id::finger(finger))? else {
            return Ok(None);
        };
        Ok(Some(
            EnrolReference::decode(&bytes).map_err(|_| StatusWord::MEMORY_FAILURE)?,
        ))
    }

    /// What may be renewed; nothing where no policy was written.
    pub(in crate::card) fn renewal_policy(&mut self) -> Result<RenewalPolicy, Fault> {
        let stored = self.memory.container(Container::RenewalPolicy)?;
        Ok(stored
            .and_then(|bytes| RenewalPolicy::decode(&bytes).ok())
            .unwrap_or_default())
    }

    /// How many digits a PIN has; what the standard says where nothing was written.
    pub(in crate::card) fn pin_policy(&mut self) -> Result<PinPolicy, Fault> {
        let stored = self.memory.container(Container::PinPolicy)?;
        Ok(stored
            .and_then(|bytes| PinPolicy::decode(&bytes).ok())
            .unwrap_or_default())
    }

    /// PUT DATA.
    pub(super) fn put_data(&mut self, put: PutData) -> Result<Response, Fault> {
        let mut transaction = Transaction::new();
        match put {
            PutData::Object { container, object } => {
                let readable = match container {
                    Container::Discovery => Discovery::decode(&object).is_ok(),
                    Container::PinPolicy => {
                        object == [0x53, 0x00] || PinPolicy::decode(&object).is_ok()
                    }
                    Container::RenewalPolicy => RenewalPolicy::decode(&object).is_ok(),
                    Container::MessagingCertificate => {
                        object == [0x53, 0x00] || self.certifies_messaging_key(&object)?
                    }
                    _ => true,
                };
                if !readable {
                    return Err(StatusWord::WRONG_DATA.into());
                }
                if container.is_wrapped() && object == [0x53, 0x00] {
                    transaction.remove(id::container(container));
                } else {
                    transaction.put(id::container(container), object);
                }
            }
            PutData::Administration(Some(administration)) => {
                transaction.put(id::ADMINISTRATION, administration.encode().expose());
            }
            PutData::Administration(None) => {
                transaction.remove(id::ADMINISTRATION);
            }
            PutData::Enrol(enrolment) => {
                // Whoever passes the filter for probes must pass it as a reference too.
                let minutiae = on_card::check(enrolment.minutiae.expose())
                    .map_err(|_| StatusWord::WRONG_DATA)?;
                let limits = enrolment.template;
                if !(usize::from(limits.min)..=usize::from(limits.max)).contains(&minutiae) {
                    return Err(StatusWord::WRONG_DATA.into());
                }
                let bytes = Bytes::new(enrolment.encode().expose().to_vec());
                transaction.put(id::finger(enrolment.reference), bytes.to_vec());
                self.memory
                    .restore_tries(&mut transaction, &[Guarded::Finger(enrolment.reference)])?;
            }
        }
        self.memory.commit(transaction)?;
        Ok(done())
    }
}
