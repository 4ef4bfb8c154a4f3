//! The security domain's commands: bytes → typed → bytes (GlobalPlatform Card Specification 2.3 §11, Amendment D §7).
//!
//! Commands are read as they are after secure messaging has been taken off, class 80 (or 00 where the specification
//! allows it). Only EXTERNAL AUTHENTICATE keeps its class 84: its MAC is part of what it says.

use negin_apdu::{Aid, Command, StatusWord};

use super::{ApplicationState, CardState};
use crate::{Secret, field};

/// A command of the security domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GpCommand {
    /// INITIALIZE UPDATE: opens the opening of a channel.
    InitializeUpdate(InitializeUpdate),
    /// EXTERNAL AUTHENTICATE: opens the channel.
    ExternalAuthenticate(ExternalAuthenticate),
    /// PUT KEY: adds or replaces a key set.
    PutKey(PutKey),
    /// GET DATA: an open data object.
    GetData(DataObject),
    /// GET STATUS: what is on the card.
    GetStatus(StatusSubset),
    /// SET STATUS: a state change.
    SetStatus(SetStatus),
    /// STORE DATA: personalisation data.
    StoreData(StoreData),
}

/// INITIALIZE UPDATE `80 50 <key version> 00 <host challenge>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitializeUpdate {
    /// The key version number; 0 asks for the first available key set.
    pub key_version: u8,
    /// The host's challenge, 8 bytes (S8) or 16 (S16).
    pub host_challenge: Vec<u8>,
}

/// EXTERNAL AUTHENTICATE `84 82 <security level> 00 <host cryptogram> <MAC>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalAuthenticate {
    /// The security level asked for, as coded in P1.
    pub security_level: u8,
    /// Host cryptogram and MAC: 16 bytes (S8) or 32 (S16).
    pub authentication: Vec<u8>,
}

/// PUT KEY `80 D8 <version replaced> <key identifier> <new version> <key data fields>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutKey {
    /// The version being replaced; 0 adds a key set.
    pub replaces: u8,
    /// The identifier of the first key, 1 to 127.
    pub key_id: u8,
    /// Whether the command carries more than one key (bit 8 of P2).
    pub multiple: bool,
    /// The data field whole: the new version number and the key data fields, keys encrypted under the DEK.
    pub data: Secret,
}

impl PutKey {
    /// The version number the keys will have.
    #[must_use]
    pub fn new_version(&self) -> u8 {
        self.data.expose().first().copied().unwrap_or_default()
    }
}

/// What GET DATA `80 CA <tag>` asks of the security domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataObject {
    /// Issuer Identification Number (0042).
    IssuerIdentification,
    /// Card Image Number (0045).
    CardImage,
    /// Card Data with Card Recognition Data (0066).
    CardData,
    /// Key Information Template (00E0).
    KeyInformation,
    /// Sequence Counter of the default key version (00C1).
    SequenceCounter,
    /// Key diversification data (00CF): the ten bytes that INITIALIZE UPDATE returns.
    KeyDiversification,
    /// Card Production Life Cycle data (9F7F).
    Cplc,
}

impl DataObject {
    /// Every object.
    pub const ALL: [Self; 7] = [
        Self::IssuerIdentification,
        Self::CardImage,
        Self::CardData,
        Self::KeyInformation,
        Self::SequenceCounter,
        Self::KeyDiversification,
        Self::Cplc,
    ];

    /// The tag, as in P1 P2.
    #[must_use]
    pub const fn tag(self) -> u16 {
        match self {
            Self::IssuerIdentification => 0x0042,
            Self::CardImage => 0x0045,
            Self::CardData => 0x0066,
            Self::KeyInformation => 0x00E0,
            Self::SequenceCounter => 0x00C1,
            Self::KeyDiversification => 0x00CF,
            Self::Cplc => 0x9F7F,
        }
    }

    /// The object of a tag; `None` is 6A88 to GET DATA.
    #[must_use]
    pub fn from_tag(tag: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|object| object.tag() == tag)
    }
}

/// What GET STATUS `80 F2 <subset> 02 4F 00` lists. Our card holds no load files, so their subsets are empty (6A88).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusSubset {
    /// The issuer security domain (80).
    SecurityDomain,
    /// Applications and supplementary security domains (40).
    Applications,
    /// Executable load files (20).
    LoadFiles,
    /// Executable load files and their modules (10).
    LoadFilesAndModules,
}

impl StatusSubset {
    /// Every subset.
    pub const ALL: [Self; 4] = [
        Self::SecurityDomain,
        Self::Applications,
        Self::LoadFiles,
        Self::LoadFilesAndModules,
    ];

    /// P1.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::SecurityDomain => 0x80,
            Self::Applications => 0x40,
            Self::LoadFiles => 0x20,
            Self::LoadFilesAndModules => 0x10,
        }
    }
}

/// SET STATUS `80 F0 <type> <state> [AID]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetStatus {
    /// The card's state, through its issuer security domain (P1 = 80).
    Card(CardState),
    /// An application's state (P1 = 40). On our card `0F` with PIV's AID closes personalisation; the lock bit blocks
    /// and unblocks, the other bits being those of the present state.
    Application(Aid, ApplicationState),
}

/// STORE DATA `80 E2 <control> <block> <data>`.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreData {
    /// Whether this is the last block (bit 8 of P1).
    pub last: bool,
    /// The block's number, from 0.
    pub block: u8,
    /// BER-TLV data objects (P1 bits 5-4 = 10); the only structure our card takes.
    pub data: Vec<u8>,
}

impl core::fmt::Debug for StoreData {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "StoreData {{ last: {}, block: {}, data: {} bytes }}",
            self.last,
            self.block,
            self.data.len()
        )
    }
}

const INITIALIZE_UPDATE: u8 = 0x50;
const EXTERNAL_AUTHENTICATE: u8 = 0x82;
const GET_DATA: u8 = 0xCA;
const PUT_KEY: u8 = 0xD8;
const STORE_DATA: u8 = 0xE2;
const SET_STATUS: u8 = 0xF0;
const GET_STATUS: u8 = 0xF2;

impl GpCommand {
    /// Whether a command's class and instruction are the security domain's, well-formed or not. PIV and the travel
    /// document hand such commands to it.
    #[must_use]
    pub fn is(command: &Command) -> bool {
        matches!(command.cla, 0x80 | 0x84)
            && matches!(
                command.ins,
                INITIALIZE_UPDATE
                    | EXTERNAL_AUTHENTICATE
                    | GET_DATA
                    | PUT_KEY
                    | STORE_DATA
                    | SET_STATUS
                    | GET_STATUS
            )
    }

    /// Reads a command.
    ///
    /// # Errors
    /// The status word of the specification: 6E00 and 6D00 for another class or instruction, 6A86 for parameters,
    /// 6700 for a length, 6A80 for data, 6A88 for a data object our card does not know.
    pub fn parse(command: &Command) -> Result<Self, StatusWord> {
        match (command.cla, command.ins) {
            (0x80, INITIALIZE_UPDATE) => initialize_update(command),
            (0x84, EXTERNAL_AUTHENTICATE) => external_authenticate(command),
            (0x80 | 0x00, GET_DATA) => get_data(command),
            (0x80, PUT_KEY) => put_key(command),
            (0x80, STORE_DATA) => store_data(command),
            (0x80, SET_STATUS) => set_status(command),
            (0x80, GET_STATUS) => get_status(command),
            (
                0x80 | 0x84 | 0x00,
                INITIALIZE_UPDATE
                | EXTERNAL_AUTHENTICATE
                | PUT_KEY
                | STORE_DATA
                | SET_STATUS
                | GET_STATUS,
            ) => Err(StatusWord::CLA_NOT_SUPPORTED),
            (0x80 | 0x84 | 0x00, _) => Err(StatusWord::INS_NOT_SUPPORTED),
            _ => Err(StatusWord::CLA_NOT_SUPPORTED),
        }
    }

    /// The command, without secure messaging.
    #[must_use]
    pub fn to_apdu(&self) -> Command {
        match self {
            Self::InitializeUpdate(c) => Command::new(0x80, INITIALIZE_UPDATE, c.key_version, 0x00)
                .with_data(c.host_challenge.clone())
                .with_le(256),
            Self::ExternalAuthenticate(c) => {
                Command::new(0x84, EXTERNAL_AUTHENTICATE, c.security_level, 0x00)
                    .with_data(c.authentication.clone())
            }
            Self::PutKey(c) => {
                let p2 = c.key_id | if c.multiple { 0x80 } else { 0 };
                Command::new(0x80, PUT_KEY, c.replaces, p2)
                    .with_data(c.data.expose())
                    .with_le(256)
            }
            Self::GetData(object) => {
                let [p1, p2] = object.tag().to_be_bytes();
                Command::new(0x80, GET_DATA, p1, p2).with_le(256)
            }
            Self::GetStatus(subset) => Command::new(0x80, GET_STATUS, subset.code(), 0x02)
                .with_data([0x4F, 0x00])
                .with_le(256),
            Self::SetStatus(SetStatus::Card(state)) => {
                Command::new(0x80, SET_STATUS, 0x80, state.code())
            }
            Self::SetStatus(SetStatus::Application(aid, state)) => {
                Command::new(0x80, SET_STATUS, 0x40, state.code()).with_data(aid.as_bytes())
            }
            Self::StoreData(c) => {
                let p1 = 0x10 | if c.last { 0x80 } else { 0 };
                Command::new(0x80, STORE_DATA, p1, c.block).with_data(c.data.clone())
            }
        }
    }
}

fn initialize_update(command: &Command) -> Result<GpCommand, StatusWord> {
    // Amendment D §7.1.1.2: P2 is 00; some hosts send a key identifier of 01, which means the same keys.
    if command.p2 > 0x01 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    match command.data().len() {
        8 | 16 => Ok(GpCommand::InitializeUpdate(InitializeUpdate {
            key_version: command.p1,
            host_challenge: command.data().to_vec(),
        })),
        _ => Err(StatusWord::WRONG_LENGTH),
    }
}

fn external_authenticate(command: &Command) -> Result<GpCommand, StatusWord> {
    if command.p2 != 0x00 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    match command.data().len() {
        16 | 32 => Ok(GpCommand::ExternalAuthenticate(ExternalAuthenticate {
            security_level: command.p1,
            authentication: command.data().to_vec(),
        })),
        _ => Err(StatusWord::WRONG_LENGTH),
    }
}

fn get_data(command: &Command) -> Result<GpCommand, StatusWord> {
    let tag = u16::from_be_bytes([command.p1, command.p2]);
    DataObject::from_tag(tag)
        .map(GpCommand::GetData)
        .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)
}

fn put_key(command: &Command) -> Result<GpCommand, StatusWord> {
    let key_id = command.p2 & 0x7F;
    // §11.8.2.1: P1 bit 8 says that another PUT KEY follows, which only keys of many commands need.
    // FF, the transport version, is our card's exception to the rule that versions go up to 7F.
    if command.p1 & 0x80 != 0 && command.p1 != 0xFF || key_id == 0 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    match command.data() {
        [] => Err(StatusWord::WRONG_LENGTH),
        [1..=0x7F, _, ..] => Ok(GpCommand::PutKey(PutKey {
            replaces: command.p1,
            key_id,
            multiple: command.p2 & 0x80 != 0,
            data: command.data().into(),
        })),
        _ => Err(StatusWord::WRONG_DATA),
    }
}

fn store_data(command: &Command) -> Result<GpCommand, StatusWord> {
    if command.p1 & 0x7F != 0x10 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    if field::fields("STORE DATA", command.data()).any(|f| f.is_err()) {
        return Err(StatusWord::WRONG_DATA);
    }
    Ok(GpCommand::StoreData(StoreData {
        last: command.p1 & 0x80 != 0,
        block: command.p2,
        data: command.data().to_vec(),
    }))
}

fn set_status(command: &Command) -> Result<GpCommand, StatusWord> {
    match command.p1 {
        // §11.10.2.3: with P1 = 80 the data field is ignored.
        0x80 => {
            let state = CardState::from_code(command.p2).ok_or(StatusWord::INCORRECT_P1P2)?;
            Ok(GpCommand::SetStatus(SetStatus::Card(state)))
        }
        0x40 => {
            let state =
                ApplicationState::from_code(command.p2).ok_or(StatusWord::INCORRECT_P1P2)?;
            let aid = Aid::new(command.data()).map_err(|_| StatusWord::WRONG_DATA)?;
            Ok(GpCommand::SetStatus(SetStatus::Application(aid, state)))
        }
        _ => Err(StatusWord::INCORRECT_P1P2),
    }
}

fn get_status(command: &Command) -> Result<GpCommand, StatusWord> {
    // §11.4.2.2: bit 1 of P2 asks for the next part, bit 2 for the TLV form; our answers fit in one part.
    if command.p2 != 0x02 {
        return Err(StatusWord::INCORRECT_P1P2);
    }
    let subset = StatusSubset::ALL
        .into_iter()
        .find(|s| s.code() == command.p1)
        .ok_or(StatusWord::INCORRECT_P1P2)?;
    match field::find("GET STATUS", command.data(), 0x4F) {
        Ok(Some(_)) => Ok(GpCommand::GetStatus(subset)),
        _ => Err(StatusWord::WRONG_DATA),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aid, gp::ApplicationStage};
    use proptest::prelude::*;

    fn any_command() -> impl Strategy<Value = GpCommand> {
        let bytes = |n: usize| proptest::collection::vec(any::<u8>(), n);
        prop_oneof![
            (any::<u8>(), prop_oneof![bytes(8), bytes(16)]).prop_map(
                |(key_version, host_challenge)| {
                    GpCommand::InitializeUpdate(InitializeUpdate {
                        key_version,
                        host_challenge,
                    })
                }
            ),
            (any::<u8>(), prop_oneof![bytes(16), bytes(32)]).prop_map(
                |(security_level, authentication)| {
                    GpCommand::ExternalAuthenticate(ExternalAuthenticate {
                        security_level,
                        authentication,
                    })
                }
            ),
            (
                prop_oneof![0u8..=0x7F, Just(0xFF)],
                1u8..=0x7F,
                any::<bool>(),
                1u8..=0x7F,
                bytes(69)
            )
                .prop_map(|(replaces, key_id, multiple, version, mut data)| {
                    data[0] = version;
                    GpCommand::PutKey(PutKey {
                        replaces,
                        key_id,
                        multiple,
                        data: data.into(),
                    })
                }),
            proptest::sample::select(&DataObject::ALL[..]).prop_map(GpCommand::GetData),
            proptest::sample::select(&StatusSubset::ALL[..]).prop_map(GpCommand::GetStatus),
            proptest::sample::select(&CardState::ALL[..])
                .prop_map(|s| GpCommand::SetStatus(SetStatus::Card(s))),
            (
                proptest::sample::select(&ApplicationStage::ALL[..]),
                any::<bool>()
            )
                .prop_map(|(stage, locked)| {
                    GpCommand::SetStatus(SetStatus::Application(
                        aid::PIV,
                        ApplicationState { stage, locked },
                    ))
                }),
            (any::<bool>(), any::<u8>(), bytes(20)).prop_map(|(last, block, value)| {
                GpCommand::StoreData(StoreData {
                    last,
                    block,
                    data: field::field(0x42, &value),
                })
            }),
        ]
    }

    proptest! {
        #[test]
        fn round_trip(command in any_command()) {
            prop_assert!(GpCommand::is(&command.to_apdu()));
            prop_assert_eq!(GpCommand::parse(&command.to_apdu()), Ok(command));
        }

        #[test]
        fn no_command_panics(header in any::<[u8; 4]>(), data in proptest::collection::vec(any::<u8>(), 0..80)) {
            let [cla, ins, p1, p2] = header;
            let _ = GpCommand::parse(&Command::new(cla, ins, p1, p2).with_data(data));
        }
    }

    fn refused(header: [u8; 4], data: &[u8]) -> StatusWord {
        let [cla, ins, p1, p2] = header;
        GpCommand::parse(&Command::new(cla, ins, p1, p2).with_data(data)).unwrap_err()
    }

    #[test]
    fn violations_have_their_status_words() {
        assert_eq!(
            refused([0x80, 0x50, 0, 2], &[0; 8]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x80, 0x50, 0, 0], &[0; 9]),
            StatusWord::WRONG_LENGTH
        );
        assert_eq!(
            refused([0x80, 0x82, 0x33, 0], &[0; 16]),
            StatusWord::CLA_NOT_SUPPORTED
        );
        assert_eq!(
            refused([0x84, 0x82, 0x33, 1], &[0; 16]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x84, 0x82, 0x33, 0], &[0; 17]),
            StatusWord::WRONG_LENGTH
        );
        assert_eq!(
            refused([0x80, 0xCA, 0x00, 0x99], &[]),
            StatusWord::REFERENCE_DATA_NOT_FOUND
        );
        assert_eq!(
            refused([0x80, 0xD8, 0x00, 0x80], &[0x30, 0x88]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x80, 0xD8, 0x81, 0x81], &[0x30, 0x88]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x80, 0xD8, 0x00, 0x81], &[]),
            StatusWord::WRONG_LENGTH
        );
        assert_eq!(
            refused([0x80, 0xD8, 0x00, 0x81], &[0xFF, 0x88]),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused([0x80, 0xE2, 0x00, 0x00], &[]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x80, 0xE2, 0x90, 0x00], &[0x42, 0x05]),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused([0x80, 0xF0, 0x20, 0x0F], &[]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x80, 0xF0, 0x80, 0x03], &[]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x80, 0xF0, 0x40, 0x0F], &[]),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused([0x80, 0xF2, 0x80, 0x00], &[0x4F, 0x00]),
            StatusWord::INCORRECT_P1P2
        );
        assert_eq!(
            refused([0x80, 0xF2, 0x80, 0x02], &[]),
            StatusWord::WRONG_DATA
        );
        assert_eq!(
            refused([0x80, 0xB0, 0, 0], &[]),
            StatusWord::INS_NOT_SUPPORTED
        );
        assert_eq!(
            refused([0xC0, 0x50, 0, 0], &[]),
            StatusWord::CLA_NOT_SUPPORTED
        );
    }

    #[test]
    fn keys_do_not_show() {
        let command = GpCommand::PutKey(PutKey {
            replaces: 0xFF,
            key_id: 1,
            multiple: true,
            data: vec![0x30; 69].into(),
        });
        assert!(format!("{command:?}").contains("Secret(69 bytes)"));
    }
}
