//! What all applications have in common: being selected, and opening a secure channel.

use negin_apdu::{Exchange, StatusWord, Transmit, ins};
use negin_eid::aid::Application;
use negin_eid::select::SelectApplication;
use negin_secure_channel::scp03::SecurityLevel;
use negin_secure_channel::scp03::host::{self, Channel, Handshake, InitializeUpdateResponse};
use negin_secure_channel::scp03::kdf::SessionKeys;

use crate::Error;
use crate::ask::answer;

/// An application that is selected, over whatever carries it.
///
/// A channel belongs to the selected application: it is opened here ([`CardApplication::initialize_update`], then
/// [`CardApplication::authenticate`]) and ends when anything is selected again. After a channel is given up
/// ([`CardApplication::into_carrier`]), the application is to be selected again.
pub trait CardApplication: Sized {
    /// What carries it.
    type Carrier: Transmit;
    /// The same application over another carrier.
    type Over<C: Transmit>: CardApplication<Carrier = C>;

    /// The application over this carrier, taken to be selected already.
    fn over<C: Transmit>(carrier: C) -> Self::Over<C>;

    /// The carrier, to work with. What is sent past this application is the caller's business.
    fn carrier(&mut self) -> &mut Self::Carrier;

    /// The carrier back.
    fn into_carrier(self) -> Self::Carrier;

    /// Begins to open a channel with the key set of this version (a
    /// [`Role`](negin_eid::roles::Role)'s, on our card; 00 lets the card choose) and a random challenge, 8 bytes for a
    /// card of mode S8, 16 for S16. From what comes back, a key store derives the session keys.
    ///
    /// # Errors
    /// [`Error::NoSuchKey`], [`Error::KeysBlocked`], [`Error::Channel`] for a card of another protocol or one that
    /// answers with another key version than asked for; [`Error::Refused`], [`Error::Transmit`].
    fn initialize_update(&mut self, version: u8, challenge: &[u8]) -> Result<Handshake, Error> {
        let command = host::initialize_update(version, challenge);
        let (instruction, response) = answer(self.carrier(), &command)?;
        let data = response.ok().map_err(|sw| match sw {
            StatusWord::REFERENCE_DATA_NOT_FOUND => Error::NoSuchKey { version },
            StatusWord::AUTHENTICATION_METHOD_BLOCKED => Error::KeysBlocked,
            sw => Error::Refused { instruction, sw },
        })?;
        let answer = InitializeUpdateResponse::parse(&data)?;
        if version != 0 && answer.kvn != version {
            return Err(Error::NoSuchKey { version });
        }
        Ok(Handshake::new(challenge, answer)?)
    }

    /// Checks the card by its cryptogram and only then authenticates to it; gives the application over the channel.
    ///
    /// # Errors
    /// [`Error::WrongKey`] where the card holds other keys: nothing has been sent. [`Error::AuthenticationRefused`],
    /// [`Error::KeysBlocked`], [`Error::Channel`] for a level the card does not offer, [`Error::Transmit`].
    fn authenticate(
        mut self,
        handshake: Handshake,
        keys: SessionKeys,
        level: SecurityLevel,
    ) -> Result<Self::Over<Channel<Self::Carrier>>, Error> {
        let (command, opening) = handshake.verify_card(keys)?.external_authenticate(level)?;
        match self.carrier().exchange(&command)?.sw {
            StatusWord::SUCCESS => Ok(Self::over(opening.channel(self.into_carrier()))),
            StatusWord::AUTHENTICATION_METHOD_BLOCKED => Err(Error::KeysBlocked),
            sw => Err(Error::AuthenticationRefused { sw }),
        }
    }
}

/// Makes a struct with a `carrier` and a constructor `selected` an application.
macro_rules! carried {
    ($Application:ident) => {
        impl<T: negin_apdu::Transmit> crate::CardApplication for $Application<T> {
            type Carrier = T;
            type Over<C: negin_apdu::Transmit> = $Application<C>;

            fn over<C: negin_apdu::Transmit>(carrier: C) -> $Application<C> {
                $Application::selected(carrier)
            }

            fn carrier(&mut self) -> &mut T {
                &mut self.carrier
            }

            fn into_carrier(self) -> T {
                self.carrier
            }
        }
    };
}
pub(crate) use carried;

/// What SELECT found.
pub(crate) struct Selected {
    /// The answer's data.
    pub data: Vec<u8>,
    /// Whether the card said that it, or the application, is blocked (6283).
    pub invalidated: bool,
}

/// Selects an application by its full name.
///
/// # Errors
/// [`Error::NoApplication`] where the card does not hold it, [`Error::Blocked`] where it cannot be selected because it
/// is blocked.
pub(crate) fn select<T: Transmit>(
    carrier: &mut T,
    application: Application,
) -> Result<Selected, Error> {
    let command = SelectApplication::new(application.aid()).to_apdu();
    let response = carrier.exchange(&command)?;
    match response.sw {
        StatusWord::SUCCESS => Ok(Selected {
            data: response.data,
            invalidated: false,
        }),
        StatusWord::SELECTED_FILE_INVALIDATED => Ok(Selected {
            data: response.data,
            invalidated: true,
        }),
        StatusWord::FILE_NOT_FOUND => Err(Error::NoApplication(application)),
        StatusWord::FUNCTION_NOT_SUPPORTED => Err(Error::Blocked(application)),
        // Cards without this class or instruction are none of ours either.
        StatusWord::INS_NOT_SUPPORTED | StatusWord::CLA_NOT_SUPPORTED => {
            Err(Error::NoApplication(application))
        }
        sw => Err(Error::Refused {
            instruction: ins::name(command.cla, command.ins),
            sw,
        }),
    }
}

#[cfg(test)]
mod tests {
    use negin_apdu::{Command, Interface, Limits, Response, TransmitError};
    use negin_secure_channel::key::{Key, KeySet};
    use negin_secure_channel::scp03::Options;
    use negin_secure_channel::scp03::card::{self, CardChallenge, Parameters};

    use super::*;
    use crate::script::Script;
    use crate::{Piv, SecurityDomain};

    /// A card that can only be opened, and remembers which instructions came.
    struct Openable {
        keys: KeySet,
        handshake: Option<card::Handshake>,
        session: Option<card::Session>,
        instructions: Vec<u8>,
        refuses: Option<StatusWord>,
    }

    impl Openable {
        fn new(key: u8) -> Self {
            Self {
                keys: KeySet::of_one(&Key::new(&[key; 16]).unwrap()),
                handshake: None,
                session: None,
                instructions: Vec::new(),
                refuses: None,
            }
        }

        fn execute(&mut self, command: &Command) -> Response {
            if let Some(mut session) = self.session.take() {
                let plain = session.unwrap(command).unwrap();
                let answer = session.wrap(Response::new(plain.header(), StatusWord::SUCCESS));
                self.session = Some(session);
                return answer;
            }
            match command.ins {
                ins::SELECT => StatusWord::SUCCESS.into(),
                ins::INITIALIZE_UPDATE => {
                    let options = Options::new(0x60).unwrap();
                    let parameters = Parameters {
                        kdd: [1; 10],
                        kvn: 0x31,
                        options,
                    };
                    let challenge = CardChallenge::Random([9; 16]);
                    let handshake =
                        card::Handshake::open(&self.keys, parameters, command.data(), challenge)
                            .unwrap();
                    Response::new(
                        self.handshake.insert(handshake).response(),
                        StatusWord::SUCCESS,
                    )
                }
                _ => match (
                    self.refuses,
                    self.handshake.take().unwrap().authenticate(command),
                ) {
                    (Some(sw), _) => sw.into(),
                    (None, Ok(session)) => {
                        self.session = Some(session);
                        StatusWord::SUCCESS.into()
                    }
                    (None, Err(error)) => error.status().into(),
                },
            }
        }
    }

    impl Transmit for Openable {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
            let command = Command::parse(command).unwrap();
            self.instructions.push(command.ins);
            Ok(self.execute(&command).to_bytes())
        }
        fn limits(&self) -> Limits {
            Limits::EXTENDED
        }
        fn interface(&self) -> Interface {
            Interface::Contact
        }
    }

    fn open(card: &mut Openable, key: u8) -> Result<Piv<Channel<&mut Openable>>, Error> {
        let mut piv = Piv::select(card)?;
        let handshake = piv.initialize_update(0x31, b"8 bytes.")?;
        let keys = SessionKeys::derive(
            &KeySet::of_one(&Key::new(&[key; 16]).unwrap()),
            handshake.host_challenge(),
            handshake.response().card_challenge.as_bytes(),
        );
        piv.authenticate(handshake, keys, SecurityLevel::Full)
    }

    #[test]
    fn a_channel_carries_the_application() {
        let mut card = Openable::new(7);
        let mut piv = open(&mut card, 7).unwrap();
        let answer = piv
            .carrier()
            .exchange(&Command::new(0, 0xCB, 0x3F, 0xFF).with_le(256))
            .unwrap();
        assert_eq!(answer.data, [0, 0xCB, 0x3F, 0xFF]);
    }

    #[test]
    fn a_wrong_key_is_found_before_the_card_can_count_it() {
        let mut card = Openable::new(7);
        assert_eq!(open(&mut card, 8).err(), Some(Error::WrongKey));
        assert_eq!(card.instructions, [ins::SELECT, ins::INITIALIZE_UPDATE]);
    }

    #[test]
    fn a_refused_authentication_is_told_with_the_status_word() {
        for (sw, error) in [
            (
                0x6300,
                Error::AuthenticationRefused {
                    sw: StatusWord(0x6300),
                },
            ),
            (0x6983, Error::KeysBlocked),
        ] {
            let mut card = Openable::new(7);
            card.refuses = Some(StatusWord(sw));
            assert_eq!(open(&mut card, 7).err(), Some(error));
        }
    }

    #[test]
    fn what_initialize_update_can_come_to() {
        let command = "80503100 08 3820627974657 32E 00".replace(' ', "");
        let asked = |answer| {
            let mut domain = SecurityDomain::selected(Script::new([(command.as_str(), answer)]));
            domain.initialize_update(0x31, b"8 bytes.").err().unwrap()
        };
        assert_eq!(asked("6A88"), Error::NoSuchKey { version: 0x31 });
        assert_eq!(asked("6983"), Error::KeysBlocked);
        let sw = StatusWord(0x6D00);
        assert_eq!(
            asked("6D00"),
            Error::Refused {
                instruction: "INITIALIZE UPDATE",
                sw
            }
        );
        // SCP02, and an answer cut short.
        let scp02 = "00000000000000000000310200016B4524ABEE7CF32EA3838BC148F39000";
        assert_eq!(
            asked(scp02),
            Error::Channel(negin_secure_channel::Error::Protocol(2))
        );
        let malformed = Error::Channel(negin_secure_channel::Error::InitializeUpdate);
        assert_eq!(asked("0000000000000000000031039000"), malformed);
        // Another key set than the one asked for.
        let other = format!("{}300360{}9000", "00".repeat(10), "11".repeat(16));
        assert_eq!(asked(&other), Error::NoSuchKey { version: 0x31 });
    }

    #[test]
    fn what_select_can_come_to() {
        let command = "00A4040C".replace("0C", "00") + "0B A000000308000010000100 00";
        let command = command.replace(' ', "");
        let asked = |answer| Piv::select(Script::new([(command.as_str(), answer)])).err();
        assert_eq!(asked("9000"), None);
        assert_eq!(asked("6283"), None);
        assert_eq!(asked("6A82"), Some(Error::NoApplication(Application::Piv)));
        assert_eq!(asked("6E00"), Some(Error::NoApplication(Application::Piv)));
        assert_eq!(asked("6A81"), Some(Error::Blocked(Application::Piv)));
        let sw = StatusWord(0x6F00);
        assert_eq!(
            asked("6F00"),
            Some(Error::Refused {
                instruction: "SELECT",
                sw
            })
        );
        let removed = Piv::select(Script::new([]).then_removed(&command)).err();
        assert_eq!(removed, Some(Error::Transmit(TransmitError::CardRemoved)));
        assert!(removed.is_some_and(|error| error.is_interruption()));
    }
}
