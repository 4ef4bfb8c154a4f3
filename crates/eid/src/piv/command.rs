//! PIV's commands: bytes → typed → bytes (NIST SP 800-73-4 Part 2 §3).
//!
//! The rule: what a standard forbids whatever the card's state is refused here, with the status word it asks for; what
//! depends on the card (states, access, counters, the limits of a BIT) is refused by the card. A key reference has a
//! type of its own for each command. Commands are read as they are after secure messaging has been taken off.

use negin_apdu::{Command, StatusWord};

use super::{
    Administration, AuthenticateAdministrator, ChangeReference, Container, EnrolReference,
    EstablishMessaging, GeneralAuthenticate, GenerateKeyPair, GenerateMessagingKey, OperatorNote,
    PairingCode, Pin, Puk, VerifyReference,
};
use crate::{Secret, field};

/// A command of the PIV Card Application. Secrets in it are masked in Debug and wiped when dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PivCommand {
    /// GET DATA `00 CB 3F FF 5C <tag>`.
    GetData(Container),
    /// PUT DATA `00 DB 3F FF`.
    PutData(PutData),
    /// VERIFY `00 20`.
    Verify(Verify),
    /// CHANGE REFERENCE DATA `00 24`.
    ChangeReferenceData(ChangeReferenceData),
    /// RESET RETRY COUNTER `00 2C 00 80 <PUK> <new PIN>`.
    ResetRetryCounter {
        /// The PUK.
        puk: Puk,
        /// The PIN from now on.
        pin: Pin,
    },
    /// GENERAL AUTHENTICATE `00 87`.
    GeneralAuthenticate(GeneralAuthenticate),
    /// GENERAL AUTHENTICATE with the card management key, `00 87 <algorithm> 9B`.
    AuthenticateAdministrator(AuthenticateAdministrator),
    /// GENERAL AUTHENTICATE with the secure messaging key, `00 87 27 04`.
    EstablishMessaging(EstablishMessaging),
    /// GENERATE ASYMMETRIC KEY PAIR `00 47`.
    GenerateKeyPair(GenerateKeyPair),
    /// GENERATE ASYMMETRIC KEY PAIR of the secure messaging key, `00 47 00 04`.
    GenerateMessagingKey(GenerateMessagingKey),
    /// Our card's own: ACTIVATE FILE `00 44 00 00` (ISO/IEC 7816-9 §7).
    Activate(OperatorNote),
}

/// What PUT DATA writes.
#[derive(Clone, PartialEq, Eq)]
pub enum PutData {
    /// A container.
    Object {
        /// Which.
        container: Container,
        /// What GET DATA will return: `53 {…}`, or `7E {…}` for the Discovery Object. `53 00` empties the container.
        object: Vec<u8>,
    },
    /// Our card's own: a finger to enrol.
    Enrol(EnrolReference),
    /// Our card's own: the administration switch, on; or off, where there is none.
    Administration(Option<Administration>),
}

impl core::fmt::Debug for PutData {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Object { container, object } => {
                write!(f, "Object({container:?}, {} bytes)", object.len())
            }
            Self::Enrol(enrolment) => write!(f, "Enrol({enrolment:?})"),
            Self::Administration(switch) => write!(f, "Administration({switch:?})"),
        }
    }
}

/// VERIFY: against which reference, and what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    /// The PIN or a finger.
    pub reference: VerifyReference,
    /// What to do.
    pub action: VerifyAction,
}

/// What VERIFY does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyAction {
    /// No data: tell whether it is verified (9000), or the tries left (63CX).
    Status,
    /// P1 = FF: forget that it was verified.
    Reset,
    /// Compare the PIN.
    Pin(Pin),
    /// Compare the pairing code.
    PairingCode(PairingCode),
    /// Compare these minutiae: bare 3N bytes, N from 1.
    Minutiae(Secret),
}

/// CHANGE REFERENCE DATA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeReferenceData {
    /// `24 00 80`: the PIN, knowing the old one.
    Pin {
        /// As it was. Not checked for form: a PIN that is not one is a wrong one.
        old: Secret,
        /// As it will be.
        new: Pin,
    },
    /// `24 00 81`: the PUK, knowing the old one.
    Puk {
        /// As it was.
        old: Puk,
        /// As it will be.
        new: Puk,
    },
    /// Our card's own, `24 01 80`: the first PIN.
    FirstPin(Pin),
    /// Our card's own, `24 01 81`: the PUK, at personalisation.
    FirstPuk(Puk),
}

impl ChangeReferenceData {
    /// What is changed.
    #[must_use]
    pub const fn reference(&self) -> ChangeReference {
        match self {
            Self::Pin { .. } | Self::FirstPin(_) => ChangeReference::Pin,
            Self::Puk { .. } | Self::FirstPuk(_) => ChangeReference::Puk,
        }
    }
}

const GET_DATA: u8 = 0xCB;
const PUT_DATA: u8 = 0xDB;
const VERIFY: u8 = 0x20;
const CHANGE_REFERENCE_DATA: u8 = 0x24;
const RESET_RETRY_COUNTER: u8 = 0x2C;
const ACTIVATE: u8 = 0x44;
const OBJECT: &str = "PIV command";

impl PivCommand {
    /// Reads a command.
    ///
    /// # Errors
    /// The status word SP 800-73-4 Part 2 §3 asks for: 6E00 and 6D00 for another class or instruction, 6A86 for
    /// parameters (a key that GENERAL AUTHENTICATE or GENERATE does not know among them), 6A88 for a reference that
    /// VERIFY, CHANGE or RESET does not know, 6A80 for data, 6A82 for a container our card does not hold.
    pub fn parse(command: &Command) -> Result<Self, StatusWord> {
        if command.cla != 0x00 {
            return Err(StatusWord::CLA_NOT_SUPPORTED);
        }
        match command.ins {
            GET_DATA => get_data(command),
            PUT_DATA => put_data(command).map(Self::PutData),
            VERIFY => verify(command).map(Self::Verify),
            CHANGE_REFERENCE_DATA => change_reference_data(command).map(Self::ChangeReferenceData),
            RESET_RETRY_COUNTER => reset_retry_counter(command),
            _ if AuthenticateAdministrator::is(command) => {
                AuthenticateAdministrator::parse(command).map(Self::AuthenticateAdministrator)
            }
            _ if EstablishMessaging::is(command) => {
                EstablishMessaging::parse(command).map(Self::EstablishMessaging)
            }
            _ if GenerateMessagingKey::is(command) => {
                GenerateMessagingKey::parse(command).map(Self::GenerateMessagingKey)
            }
            GeneralAuthenticate::INS => {
                GeneralAuthenticate::parse(command).map(Self::GeneralAuthenticate)
            }
            GenerateKeyPair::INS => GenerateKeyPair::parse(command).map(Self::GenerateKeyPair),
            ACTIVATE => activate(command),
            _ => Err(StatusWord::INS_NOT_SUPPORTED),
        }
    }

    /// The command, without secure messaging or chaining.
    #[must_use]
    pub fn to_apdu(&self) -> Command {
        match self {
            Self::GetData(container) => {
                let mut tag = Vec::new();
                field::put_tag(&mut tag, container.tag());
                Command::new(0x00, GET_DATA, 0x3F, 0xFF)
                    .with_data(field::field(0x5C, &tag))
                    .with_le(256)
            }
            Self::PutData(put) => {
                Command::new(0x00, PUT_DATA, 0x3F, 0xFF).with_data(put.encode().expose())
            }
            Self::Verify(verify) => verify.to_apdu(),
            Self::ChangeReferenceData(change) => change.to_apdu(),
            Self::ResetRetryCounter { puk, pin } => {
                Command::new(0x00, RESET_RETRY_COUNTER, 0x00, 0x80)
                    .with_data([*puk.bytes(), *pin.padded()].concat())
            }
            Self::GeneralAuthenticate(c) => c.to_apdu(),
            Self::AuthenticateAdministrator(c) => c.to_apdu(),
            Self::EstablishMessaging(c) => c.to_apdu(),
            Self::GenerateKeyPair(c) => c.to_apdu(),
            Self::GenerateMessagingKey(c) => c.to_apdu(),
            Self::Activate(note) => Command::new(0x00, ACTIVATE, 0x00, 0x00)
                .with_data(note.as_bytes())
                .with_le(256),
        }
    }
}

impl PutData {
    fn encode(&self) -> Secret {
        match self {
            Self::Object { container, object } if container.is_wrapped() => {
                let mut tag = Vec::new();
                field::put_tag(&mut tag, container.tag());
                let mut data = field::field(0x5C, &tag);
                data.extend_from_slice(object);
                Secret::new(data)
            }
            Self::Object { object, .. } => Secret::new(object.clone()),
            Self::Enrol(enrolment) => enrolment.encode(),
            Self::Administration(switch) => {
                let mut data = Vec::with_capacity(64);
                let mut tag = Vec::new();
                field::put_tag(&mut tag, Administration::TAG);
                field::put(&mut data, 0x5C, &tag);
                match switch {
                    Some(administration) => {
                        data.extend_from_slice(administration.encode().expose());
                    }
                    None => data.extend([0x53, 0x00]),
                }
                Secret::new(data)
            }
        }
    }
}

impl Verify {
    fn to_apdu(&self) -> Command {
        let command = |p1| Command::new(0x00, VERIFY, p1, self.reference.code());
        match &self.action {
            VerifyAction::Status => command(0x00),
            VerifyAction::Reset => command(0xFF),
            VerifyAction::Pin(pin) => command(0x00).with_data(*pin.padded()),
            VerifyAction::PairingCode(code) => command(0x00).with_data(*code.digits()),
            VerifyAction::Minutiae(minutiae) => command(0x00).with_data(minutiae.expose()),
        }
    }
}

impl ChangeReferenceData {
    fn to_apdu(&self) -> Command {
        let command = |p1| Command::new(0x00, CHANGE_REFERENCE_DATA, p1, self.reference().code());
        match self {
            Self::Pin { old, new } => {
                command(0x00).with_data([old.expose(), new.padded()].concat())
            }
            Self::Puk { old, new } => {
                command(0x00).with_data([*old.bytes(), *new.bytes()].concat())
            }
            Self::FirstPin(pin) => command(0x01).with_data(*pin.padded()),
            Self::FirstPuk(puk) => command(0x01).with_data(*puk.bytes()),
        }
    }
}

fn get_data(command: &Command) -> Result<PivCommand, StatusWord> {
    if (command.p1, command.p2) != (0x3F, 0xFF) {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    let list = field::only(OBJECT, command.data(), 0x5C).map_err(|_| StatusWord::WRONG_DATA)?;
    match field::tags(OBJECT, list)
        .map_err(|_| StatusWord::WRONG_DATA)?
        .as_slice()
    {
        [tag] => Container::from_tag(*tag)
            .map(PivCommand::GetData)
            .ok_or(StatusWord::FILE_NOT_FOUND),
        _ => Err(StatusWord::WRONG_DATA),
    }
}

fn put_data(command: &Command) -> Result<PutData, StatusWord> {
    if (command.p1, command.p2) != (0x3F, 0xFF) {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    let data = command.data();
    let wrong = |_| StatusWord::WRONG_DATA;
    let (first, value, object) = field::split(data).ok_or(StatusWord::WRONG_DATA)?;
    match first {
        0x7E => {
            field::only(OBJECT, data, 0x7E).map_err(wrong)?;
            Ok(PutData::Object {
                container: Container::Discovery,
                object: data.to_vec(),
            })
        }
        0x7F60 => EnrolReference::decode(data)
            .map(PutData::Enrol)
            .map_err(wrong),
        // The card makes the group of what is enrolled.
        0x7F61 => Err(StatusWord::FUNCTION_NOT_SUPPORTED),
        0x5C => {
            let [tag] = field::tags(OBJECT, value).map_err(wrong)?[..] else {
                return Err(StatusWord::WRONG_DATA);
            };
            if tag == Administration::TAG {
                return match object {
                    [0x53, 0x00] => Ok(PutData::Administration(None)),
                    _ => Administration::decode(object)
                        .map(|administration| PutData::Administration(Some(administration)))
                        .map_err(wrong),
                };
            }
            let container = Container::from_tag(tag).ok_or(StatusWord::FILE_NOT_FOUND)?;
            if !container.is_writable() || !container.is_wrapped() {
                return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
            }
            field::only(OBJECT, object, 0x53).map_err(wrong)?;
            Ok(PutData::Object {
                container,
                object: object.to_vec(),
            })
        }
        _ => Err(StatusWord::WRONG_DATA),
    }
}

fn verify(command: &Command) -> Result<Verify, StatusWord> {
    let reference = VerifyReference::from_code(command.p2);
    let action = match (command.p1, command.data()) {
        (0x00, []) => VerifyAction::Status,
        (0xFF, []) => VerifyAction::Reset,
        (0xFF, _) => return Err(StatusWord::WRONG_DATA),
        (0x00, data) => match reference {
            Some(VerifyReference::Pin) => VerifyAction::Pin(pin(data)?),
            Some(VerifyReference::PairingCode) => VerifyAction::PairingCode(
                PairingCode::new(data).map_err(|_| StatusWord::WRONG_DATA)?,
            ),
            Some(_) if data.len() % 3 == 0 => VerifyAction::Minutiae(data.into()),
            Some(_) => return Err(StatusWord::WRONG_DATA),
            None => return Err(StatusWord::REFERENCE_DATA_NOT_FOUND),
        },
        _ => return Err(StatusWord::INCORRECT_P1P2),
    };
    Ok(Verify {
        reference: reference.ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?,
        action,
    })
}

fn change_reference_data(command: &Command) -> Result<ChangeReferenceData, StatusWord> {
    if command.p1 > 0x01 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    let reference =
        ChangeReference::from_code(command.p2).ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?;
    match (command.p1, reference) {
        (0x00, ChangeReference::Pin) => {
            let (old, new) = halves(command)?;
            Ok(ChangeReferenceData::Pin {
                old: old[..].into(),
                new: pin(new)?,
            })
        }
        (0x00, ChangeReference::Puk) => {
            let (old, new) = halves(command)?;
            Ok(ChangeReferenceData::Puk {
                old: Puk::new(*old),
                new: Puk::new(*new),
            })
        }
        (_, ChangeReference::Pin) => Ok(ChangeReferenceData::FirstPin(pin(command.data())?)),
        (_, ChangeReference::Puk) => {
            let puk = command
                .data()
                .try_into()
                .map_err(|_| StatusWord::WRONG_DATA)?;
            Ok(ChangeReferenceData::FirstPuk(Puk::new(puk)))
        }
    }
}

fn reset_retry_counter(command: &Command) -> Result<PivCommand, StatusWord> {
    if command.p1 != 0x00 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    if command.p2 != 0x80 {
        return Err(StatusWord::REFERENCE_DATA_NOT_FOUND);
    }
    let (puk, new) = halves(command)?;
    Ok(PivCommand::ResetRetryCounter {
        puk: Puk::new(*puk),
        pin: pin(new)?,
    })
}

fn activate(command: &Command) -> Result<PivCommand, StatusWord> {
    if (command.p1, command.p2) != (0x00, 0x00) {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    OperatorNote::new(command.data())
        .map(PivCommand::Activate)
        .map_err(|_| StatusWord::WRONG_LENGTH)
}

/// PIN data of another form is refused without touching the counter (§3.2.1 leaves the choice to the card).
fn pin(data: &[u8]) -> Result<Pin, StatusWord> {
    Pin::from_padded(data).map_err(|_| StatusWord::WRONG_DATA)
}

fn halves(command: &Command) -> Result<(&[u8; 8], &[u8; 8]), StatusWord> {
    match command.data().as_chunks() {
        ([first, second], []) => Ok((first, second)),
        _ => Err(StatusWord::WRONG_DATA),
    }
}
