//! Yubico's administration extensions to PIV, as its public documentation and its tools give them: what
//! `yubico-piv-tool` needs beside the standard. A card answers them only where its administration switch says so
//! ([`Extensions::Yubico`](super::Extensions)); where not, these instructions do not exist.
//!
//! The rules: instruction bytes F7 to FF, class 00. Policies of PIN and touch that a command may carry for a key (AA,
//! AB) are those of its reference, and nothing else: on a card of this standard the reference says who may use a key,
//! not who made it.

use core::fmt;

use negin_apdu::{Command, StatusWord, ins};

use super::{
    Algorithm, AuthenticateAdministrator, KeyAccess, KeyReference, ManagementAlgorithm,
    ManagementKey,
};
use crate::{Secret, field};

const METADATA: u8 = 0xF7;
const SERIAL: u8 = 0xF8;
const ATTEST: u8 = 0xF9;
const SET_RETRIES: u8 = 0xFA;
const RESET: u8 = 0xFB;
const VERSION: u8 = 0xFD;
const IMPORT: u8 = 0xFE;
const SET_MANAGEMENT_KEY: u8 = 0xFF;
const OBJECT: &str = "extension command";
/// The tag list that GET DATA carries for the attestation key's certificate.
const ATTESTATION_CERTIFICATE: [u8; 5] = [0x5C, 0x03, 0x5F, 0xFF, 0x01];

/// Most tries that a PIN or PUK may have (SP 800-73-4 Part 1 §3.1 leaves it to the issuer; FIPS 201-2 §4.2.2.1 bounds it).
const MOST_TRIES: u8 = 10;

/// A command of the extensions. Keys in it are masked in Debug and wiped when dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum YubicoCommand {
    /// `FD 00 00`: the version, three bytes.
    Version,
    /// `F8 00 00`: the serial number, four bytes.
    Serial,
    /// `F7 00 <reference>`: what is known of a key, PIN or PUK.
    Metadata(MetadataReference),
    /// `CB 3F FF 5C 03 5F FF 01`, GET DATA of a container of the extensions: the certificate of the key (F9) with which
    /// the card attests.
    AttestationCertificate,
    /// `F9 <key> 00`: a certificate by the card that this key was made in it.
    Attest(KeyReference),
    /// `FE <algorithm> <key>`: a key pair made elsewhere.
    Import(ImportKey),
    /// `FF FF FF <algorithm> 9B <length> <key>`: another card management key.
    SetManagementKey(ManagementKey),
    /// `FA <PIN tries> <PUK tries>`: how many tries there are.
    SetRetries(SetRetries),
    /// `FB 00 00`: makes an end of the holder's card.
    Reset,
}

/// What metadata is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetadataReference {
    /// The PIN (80).
    Pin,
    /// The PUK (81).
    Puk,
    /// The card management key (9B).
    ManagementKey,
    /// A key pair.
    Key(KeyReference),
}

/// How many tries PIN and PUK have, 1 to 10 each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SetRetries {
    /// The PIN's.
    pub pin: u8,
    /// The PUK's.
    pub puk: u8,
}

/// A key pair from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportKey {
    /// Its place.
    pub key: KeyReference,
    /// Its algorithm: P-256, P-384 or RSA-2048.
    pub algorithm: Algorithm,
    /// The private key.
    pub material: KeyMaterial,
}

/// A private key as IMPORT carries it, each number big-endian and of full length. Masked in Debug.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyMaterial {
    /// The scalar of a curve's key.
    Scalar(Secret),
    /// RSA with the Chinese remainder theorem: p, q, d mod p-1, d mod q-1, 1/q mod p.
    Rsa(Box<[Secret; 5]>),
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar(_) => "Scalar(masked)",
            Self::Rsa(_) => "Rsa(masked)",
        })
    }
}

impl MetadataReference {
    fn code(self) -> u8 {
        match self {
            Self::Pin => 0x80,
            Self::Puk => 0x81,
            Self::ManagementKey => AuthenticateAdministrator::REFERENCE,
            Self::Key(key) => key.code(),
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            0x80 => Some(Self::Pin),
            0x81 => Some(Self::Puk),
            AuthenticateAdministrator::REFERENCE => Some(Self::ManagementKey),
            _ => KeyReference::from_code(code).map(Self::Key),
        }
    }
}

impl YubicoCommand {
    /// Whether a command is one of these, well-formed or not.
    #[must_use]
    pub fn is(command: &Command) -> bool {
        command.cla == 0x00
            && (asks_for_attestation_certificate(command)
                || matches!(
                    command.ins,
                    METADATA..=RESET | VERSION..=SET_MANAGEMENT_KEY
                ))
    }

    /// Reads a command.
    ///
    /// # Errors
    /// 6D00 for another instruction, 6A86 for parameters, 6A88 for a reference that metadata is not known of, 6A80 for
    /// data.
    pub fn parse(command: &Command) -> Result<Self, StatusWord> {
        if !Self::is(command) {
            return Err(StatusWord::INS_NOT_SUPPORTED);
        }
        if asks_for_attestation_certificate(command) {
            return Ok(Self::AttestationCertificate);
        }
        let header = (command.ins, command.p1, command.p2);
        let asks = match header {
            (VERSION, 0x00, 0x00) => Self::Version,
            (SERIAL, 0x00, 0x00) => Self::Serial,
            (RESET, 0x00, 0x00) => Self::Reset,
            (METADATA, 0x00, reference) => MetadataReference::from_code(reference)
                .map(Self::Metadata)
                .ok_or(StatusWord::REFERENCE_DATA_NOT_FOUND)?,
            (ATTEST, key, 0x00) => KeyReference::from_code(key)
                .map(Self::Attest)
                .ok_or(StatusWord::INCORRECT_P1P2)?,
            (SET_RETRIES, pin @ 1..=MOST_TRIES, puk @ 1..=MOST_TRIES) => {
                Self::SetRetries(SetRetries { pin, puk })
            }
            (IMPORT, ..) => return import(command).map(Self::Import),
            // P2 = FE asks for a touch at each use: there is nothing here to touch.
            (SET_MANAGEMENT_KEY, 0xFF, 0xFF) => {
                return management_key(command.data()).map(Self::SetManagementKey);
            }
            _ => return Err(StatusWord::INCORRECT_P1P2),
        };
        if command.data().is_empty() {
            Ok(asks)
        } else {
            Err(StatusWord::WRONG_DATA)
        }
    }

    /// The command.
    #[must_use]
    pub fn to_apdu(&self) -> Command {
        let asks = |ins, p1, p2| Command::new(0x00, ins, p1, p2).with_le(256);
        match self {
            Self::Version => asks(VERSION, 0, 0),
            Self::Serial => asks(SERIAL, 0, 0),
            Self::Metadata(reference) => asks(METADATA, 0, reference.code()),
            Self::AttestationCertificate => Command::new(0x00, ins::GET_DATA_TLV, 0x3F, 0xFF)
                .with_data(ATTESTATION_CERTIFICATE)
                .with_le(256),
            Self::Attest(key) => asks(ATTEST, key.code(), 0),
            Self::SetRetries(tries) => Command::new(0x00, SET_RETRIES, tries.pin, tries.puk),
            Self::Reset => Command::new(0x00, RESET, 0, 0),
            Self::Import(import) => import.to_apdu(),
            Self::SetManagementKey(key) => {
                let mut data = Vec::with_capacity(40);
                data.extend([
                    key.algorithm().code(),
                    AuthenticateAdministrator::REFERENCE,
                    key.expose().len() as u8,
                ]);
                data.extend_from_slice(key.expose());
                Command::new(0x00, SET_MANAGEMENT_KEY, 0xFF, 0xFF).with_data(data)
            }
        }
    }
}

fn asks_for_attestation_certificate(command: &Command) -> bool {
    command.header() == [0x00, ins::GET_DATA_TLV, 0x3F, 0xFF]
        && command.data() == ATTESTATION_CERTIFICATE
}

impl ImportKey {
    fn to_apdu(&self) -> Command {
        // Room for all of it: a vector that grows would leave copies of the key behind.
        let mut data = Vec::with_capacity(1024);
        match &self.material {
            KeyMaterial::Scalar(scalar) => field::put(&mut data, 0x06, scalar.expose()),
            KeyMaterial::Rsa(numbers) => {
                for (tag, number) in (0x01..).zip(numbers.iter()) {
                    field::put(&mut data, tag, number.expose());
                }
            }
        }
        Command::new(0x00, IMPORT, self.algorithm.code(), self.key.code()).with_data(data)
    }
}

fn import(command: &Command) -> Result<ImportKey, StatusWord> {
    let algorithm = Algorithm::from_code(command.p1).ok_or(StatusWord::INCORRECT_P1P2)?;
    let key = KeyReference::from_code(command.p2).ok_or(StatusWord::INCORRECT_P1P2)?;
    let (first, count, length) = match algorithm {
        Algorithm::EccP256 => (0x06, 1, 32),
        Algorithm::EccP384 => (0x06, 1, 48),
        Algorithm::Rsa2048 => (0x01, 5, 128),
        _ => return Err(StatusWord::INCORRECT_P1P2),
    };
    let mut numbers: Vec<Secret> = Vec::with_capacity(count);
    for entry in field::fields(OBJECT, command.data()) {
        match entry.map_err(|_| StatusWord::WRONG_DATA)? {
            (tag, value)
                if numbers.len() < count
                    && tag == first + numbers.len() as u32
                    && value.len() == length =>
            {
                numbers.push(value.into());
            }
            (0xAA, [policy]) if numbers.len() == count => pin_policy(key, *policy)?,
            (0xAB, [policy]) if numbers.len() == count => touch_policy(*policy)?,
            _ => return Err(StatusWord::WRONG_DATA),
        }
    }
    let material = match <[Secret; 5]>::try_from(numbers) {
        Ok(numbers) => KeyMaterial::Rsa(Box::new(numbers)),
        Err(mut numbers) => match (numbers.pop(), numbers.is_empty()) {
            (Some(scalar), true) if count == 1 => KeyMaterial::Scalar(scalar),
            _ => return Err(StatusWord::WRONG_DATA),
        },
    };
    Ok(ImportKey {
        key,
        algorithm,
        material,
    })
}

/// The policies that a key's reference has (SP 800-73-4 Part 1 table 4b), in the extension's numbers: 0 default,
/// 1 never, 2 once, 3 always.
pub(super) fn pin_policy(key: KeyReference, policy: u8) -> Result<(), StatusWord> {
    if policy == 0 || policy == YubicoCommand::pin_policy(key) {
        Ok(())
    } else {
        Err(StatusWord::WRONG_DATA)
    }
}

/// Nothing here is touched: 0 default, 1 never.
pub(super) fn touch_policy(policy: u8) -> Result<(), StatusWord> {
    if policy <= 1 {
        Ok(())
    } else {
        Err(StatusWord::WRONG_DATA)
    }
}

impl YubicoCommand {
    /// The extension's number for how often a PIN opens this key: 1 never, 2 once, 3 always.
    #[must_use]
    pub const fn pin_policy(key: KeyReference) -> u8 {
        match key.access() {
            KeyAccess::Always => 1,
            KeyAccess::PinOrOcc => 2,
            KeyAccess::PinOrOccAlways => 3,
        }
    }
}

fn management_key(data: &[u8]) -> Result<ManagementKey, StatusWord> {
    match data {
        [
            algorithm,
            AuthenticateAdministrator::REFERENCE,
            length,
            key @ ..,
        ] if usize::from(*length) == key.len() => {
            let algorithm =
                ManagementAlgorithm::from_code(*algorithm).ok_or(StatusWord::WRONG_DATA)?;
            ManagementKey::new(algorithm, key).map_err(|_| StatusWord::WRONG_DATA)
        }
        _ => Err(StatusWord::WRONG_DATA),
    }
}
