//! The issuer security domain: keys, states, and what the card says of itself.

use negin_apdu::{Aid, Response, StatusWord, Transmit};
use negin_eid::aid::Application;
use negin_eid::gp::{
    ApplicationState, CardRecognition, CardState, Cplc, DataObject, GpCommand, KeyInformation,
    SetStatus, StatusEntry, StatusSubset, StoreData,
};
use negin_eid::{Error as Malformed, field};
use negin_secure_channel::put_key::PutKey;

use crate::Error;
use crate::application::{carried, select};
use crate::ask::{answer, ask};

/// The security domain, selected.
#[derive(Debug)]
pub struct SecurityDomain<T> {
    carrier: T,
    invalidated: bool,
}

/// Where a card stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The card as a whole.
    pub card: CardState,
    /// PIV, which owns delivery.
    pub piv: ApplicationState,
    /// The travel document.
    pub travel_document: ApplicationState,
}

impl<T: Transmit> SecurityDomain<T> {
    /// Takes it to be selected already: over a carrier on which it was.
    pub const fn selected(carrier: T) -> Self {
        Self {
            carrier,
            invalidated: false,
        }
    }

    /// Selects it.
    ///
    /// # Errors
    /// [`Error::NoApplication`] on a card without GlobalPlatform; [`Error::Refused`], [`Error::Transmit`].
    pub fn select(mut carrier: T) -> Result<Self, Error> {
        let selected = select(&mut carrier, Application::SecurityDomain)?;
        Ok(Self {
            carrier,
            invalidated: selected.invalidated,
        })
    }

    /// Whether the card said, when selected, that it is blocked or terminated.
    #[must_use]
    pub const fn is_invalidated(&self) -> bool {
        self.invalidated
    }

    /// GET DATA: an object of the card, tag and all; `None` where the card does not have it.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn data(&mut self, object: DataObject) -> Result<Option<Vec<u8>>, Error> {
        let (instruction, response) =
            answer(&mut self.carrier, &GpCommand::GetData(object).to_apdu())?;
        match response.sw {
            StatusWord::SUCCESS => Ok(Some(response.data)),
            StatusWord::REFERENCE_DATA_NOT_FOUND | StatusWord::FILE_NOT_FOUND => Ok(None),
            sw => Err(Error::Refused { instruction, sw }),
        }
    }

    fn object<R>(
        &mut self,
        object: DataObject,
        decode: impl FnOnce(&[u8]) -> Result<R, Malformed>,
    ) -> Result<Option<R>, Error> {
        let data = self.data(object)?;
        Ok(data.as_deref().map(decode).transpose()?)
    }

    /// Card Data: the secure channel protocol the card speaks.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn recognition(&mut self) -> Result<Option<CardRecognition>, Error> {
        self.object(DataObject::CardData, CardRecognition::decode)
    }

    /// Key Information Template: which keys the card holds. Empty where the card does not say.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn key_information(&mut self) -> Result<Vec<KeyInformation>, Error> {
        let keys = self.object(DataObject::KeyInformation, KeyInformation::decode_template)?;
        Ok(keys.unwrap_or_default())
    }

    /// Production data of the chip.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn cplc(&mut self) -> Result<Option<Cplc>, Error> {
        self.object(DataObject::Cplc, Cplc::decode)
    }

    /// Key diversification data: the ten bytes that tell this chip from every other and diversify its keys.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn key_diversification(&mut self) -> Result<Option<[u8; 10]>, Error> {
        const OBJECT: &str = "key diversification data (CF)";
        self.object(DataObject::KeyDiversification, |bytes| {
            let value = field::only(OBJECT, bytes, 0xCF)?;
            value.try_into().map_err(|_| Malformed::Malformed {
                object: OBJECT,
                reason: "it has not ten bytes",
            })
        })
    }

    /// PUT KEY: puts a key set in, replacing that of version `replaces`, or adding one with 0; then checks that the
    /// card confirmed exactly these keys. After replacing the keys that opened the channel, a new one is to be opened.
    ///
    /// # Errors
    /// [`Error::KeysNotConfirmed`], [`Error::Refused`], [`Error::Transmit`].
    pub fn put_key(&mut self, replaces: u8, keys: &PutKey) -> Result<(), Error> {
        let command = GpCommand::PutKey(negin_eid::gp::PutKey {
            replaces,
            key_id: 0x01,
            multiple: true,
            data: keys.data().into(),
        });
        let confirmation = ask(&mut self.carrier, &command.to_apdu())?;
        Ok(keys.check(&confirmation)?)
    }

    /// GET STATUS: the registry's entries of this kind, all of them, also where the card gives them in parts.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn status(&mut self, subset: StatusSubset) -> Result<Vec<StatusEntry>, Error> {
        let mut command = GpCommand::GetStatus(subset).to_apdu();
        let mut all = Vec::new();
        loop {
            let (instruction, Response { data, sw }) = answer(&mut self.carrier, &command)?;
            match sw {
                StatusWord::SUCCESS | StatusWord::MORE_DATA => all.extend_from_slice(&data),
                StatusWord::REFERENCE_DATA_NOT_FOUND => break,
                sw => return Err(Error::Refused { instruction, sw }),
            }
            // A card that promises more and gives nothing would keep us here.
            if sw == StatusWord::SUCCESS || data.is_empty() || all.len() > 65_535 {
                break;
            }
            // Bit 1 of P2: the next part (GlobalPlatform 2.3 §11.4.2.2).
            command.p2 |= 0x01;
        }
        Ok(StatusEntry::decode_all(&all)?)
    }

    /// Where the card stands: GET STATUS of the security domain and of the applications, over a channel of the issuer
    /// or with the transport keys.
    ///
    /// # Errors
    /// [`Error::NoApplication`] where an application of ours is missing, [`Error::Data`] for a state that is none of
    /// ours; [`Error::Refused`], [`Error::Transmit`].
    pub fn life(&mut self) -> Result<Life, Error> {
        const OBJECT: &str = "GlobalPlatform Registry data";
        let unknown = |reason| Malformed::Malformed {
            object: OBJECT,
            reason,
        };
        let domain = self.status(StatusSubset::SecurityDomain)?;
        let [domain, ..] = domain.as_slice() else {
            return Err(Error::NoApplication(Application::SecurityDomain));
        };
        let card = CardState::from_code(domain.state).ok_or(unknown("no state of a card"))?;
        let applications = self.status(StatusSubset::Applications)?;
        let state = |application: Application| -> Result<ApplicationState, Error> {
            let entry = applications
                .iter()
                .find(|entry| entry.aid == application.aid())
                .ok_or(Error::NoApplication(application))?;
            Ok(ApplicationState::from_code(entry.state)
                .ok_or(unknown("no state of an application of ours"))?)
        };
        Ok(Life {
            card,
            piv: state(Application::Piv)?,
            travel_document: state(Application::TravelDocument)?,
        })
    }

    /// SET STATUS of the card: OP_READY → INITIALIZED → SECURED ⇄ CARD_LOCKED, and TERMINATED.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn set_card_state(&mut self, state: CardState) -> Result<(), Error> {
        self.set_status(SetStatus::Card(state))
    }

    /// SET STATUS of an application.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn set_application_state(
        &mut self,
        application: Aid,
        state: ApplicationState,
    ) -> Result<(), Error> {
        self.set_status(SetStatus::Application(application, state))
    }

    fn set_status(&mut self, change: SetStatus) -> Result<(), Error> {
        ask(&mut self.carrier, &GpCommand::SetStatus(change).to_apdu())?;
        Ok(())
    }

    /// STORE DATA: data objects (issuer identification number, card image number) in one block.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn store_data(&mut self, objects: &[u8]) -> Result<(), Error> {
        let command = GpCommand::StoreData(StoreData {
            last: true,
            block: 0,
            data: objects.to_vec(),
        });
        ask(&mut self.carrier, &command.to_apdu())?;
        Ok(())
    }
}

carried!(SecurityDomain);

#[cfg(test)]
mod tests {
    use negin_eid::aid;
    use negin_eid::gp::{ApplicationStage, KeyType};
    use negin_secure_channel::key::{Key, KeySet};
    use negin_secure_channel::put_key::confirmation;

    use super::*;
    use crate::script::Script;

    fn domain<const N: usize>(lines: [(&str, &str); N]) -> SecurityDomain<Script> {
        SecurityDomain::selected(Script::new(lines))
    }

    #[test]
    fn data_of_the_card() {
        let keys = KeyInformation::encode_template(&KeyInformation::key_set(0xFF, 16));
        let keys = hex::encode(keys) + "9000";
        let recognition = CardRecognition {
            protocol: 3,
            options: 0x70,
        };
        let card_data = hex::encode(recognition.encode()) + "9000";
        let mut domain = domain([
            ("80CA00E000", &keys),
            ("80CA006600", &card_data),
            ("80CA00CF00", "CF0A010203040506070809109000"),
            ("80CA00CF00", "6A88"),
            ("80CA00CF00", "CF0101 9000"),
            ("80CA9F7F00", "6985"),
        ]);
        let found = domain.key_information().unwrap();
        assert_eq!(
            (found.len(), found[0].version, found[0].key_type),
            (3, 0xFF, KeyType::Aes)
        );
        assert_eq!(domain.recognition().unwrap(), Some(recognition));
        assert_eq!(
            domain.key_diversification().unwrap(),
            Some([1, 2, 3, 4, 5, 6, 7, 8, 9, 0x10])
        );
        assert_eq!(domain.key_diversification().unwrap(), None);
        assert_eq!(domain.key_diversification().unwrap_err().key(), "card.data");
        let sw = StatusWord::CONDITIONS_NOT_SATISFIED;
        let refused = Error::Refused {
            instruction: "GET DATA",
            sw,
        };
        assert_eq!(domain.cplc(), Err(refused));
    }

    #[test]
    fn states_in_parts() {
        let mut domain = domain([
            (
                "80F28002024F0000",
                "E311 4F08A000000151000000 9F70010F C5019E 9000",
            ),
            (
                "80F24002024F0000",
                "E311 4F0BA000000308000010000100 9F70010F 6310",
            ),
            ("80F24003024F0000", "E30D 4F07A0000002471001 9F700107 9000"),
        ]);
        let life = domain.life().unwrap();
        assert_eq!(life.card, CardState::Secured);
        assert_eq!(life.piv.stage, ApplicationStage::Personalised);
        assert_eq!(life.travel_document, ApplicationState::SELECTABLE);
    }

    #[test]
    fn an_application_that_is_missing() {
        let mut domain = domain([
            (
                "80F28002024F0000",
                "E311 4F08A000000151000000 9F70010F C5019E 9000",
            ),
            ("80F24002024F0000", "6A88"),
        ]);
        assert_eq!(domain.life(), Err(Error::NoApplication(Application::Piv)));
    }

    #[test]
    fn a_card_that_promises_more_and_gives_nothing() {
        let mut domain = domain([("80F24002024F0000", "6310")]);
        assert_eq!(domain.status(StatusSubset::Applications), Ok(vec![]));
    }

    #[test]
    fn keys_are_confirmed() {
        let keys = KeySet::of_one(&Key::new(&[1; 16]).unwrap());
        let put = PutKey::encode(0x30, &keys, &Key::new(&[2; 16]).unwrap());
        let command = format!("80D8FF8146{}00", hex::encode_upper(put.data()));
        let confirmed = hex::encode(confirmation(0x30, &keys)) + "9000";
        let other = hex::encode(confirmation(0x31, &keys)) + "9000";
        let mut domain = domain([
            (&command, &confirmed),
            (&command, &other),
            (&command, "9484"),
        ]);
        assert_eq!(domain.put_key(0xFF, &put), Ok(()));
        assert_eq!(domain.put_key(0xFF, &put), Err(Error::KeysNotConfirmed));
        let sw = StatusWord::ALGORITHM_NOT_SUPPORTED;
        assert_eq!(
            domain.put_key(0xFF, &put),
            Err(Error::Refused {
                instruction: "PUT KEY",
                sw
            })
        );
    }

    #[test]
    fn states_set_and_data_stored() {
        let mut domain = domain([
            ("80F08007", "9000"),
            ("80F0807F", "6985"),
            ("80F0408F 07A0000002471001", "9000"),
            ("80E2900003420112", "9000"),
        ]);
        domain.set_card_state(CardState::Initialized).unwrap();
        assert!(domain.set_card_state(CardState::Locked).is_err());
        let locked = ApplicationState {
            stage: ApplicationStage::Personalised,
            locked: true,
        };
        domain
            .set_application_state(aid::TRAVEL_DOCUMENT, locked)
            .unwrap();
        domain.store_data(&[0x42, 1, 0x12]).unwrap();
    }
}
