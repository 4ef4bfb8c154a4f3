//! PIV as NIST publishes it (SP 800-73-4, 800-76-2, 800-78-4), and what our card adds to it.
//!
//! **Our card's own.** PIV leaves personalisation and delivery to the issuer. Our card does them with interindustry
//! commands, over a GlobalPlatform channel opened with PIV selected; [`roles`](crate::roles) says who may open one.
//!
//! | Command | Data | Channel | Does |
//! |---|---|---|---|
//! | PUT DATA `DB 3F FF` | `7F60 {83 01 <96 or 97>, A1 {…as in the BIT…}, 7F2E {81 <3N minutiae>}}` | issuer | enrols a finger ([`EnrolReference`]); enrolling again overwrites |
//! | PUT DATA `DB 3F FF` | `5C <tag> 53 {…}`, `7E {…}` | issuer | writes a container |
//! | GENERATE ASYMMETRIC KEY PAIR `47 00 <key>` | as published | issuer | makes a key pair |
//! | CHANGE REFERENCE DATA `24 01 80` | the first PIN, 8 bytes padded with FF | delivery after a match, override | sets the first PIN |
//! | CHANGE REFERENCE DATA `24 01 81` | the PUK, 8 bytes | issuer | sets the PUK |
//! | ACTIVATE FILE `44 00 00` | operator note, up to 32 bytes | delivery after match and PIN, override after PIN | activates; answers the [`ActivationRecord`] |
//!
//! Containers that are our card's own are named by private tags: [`ActivationRecord`] (DFC101), [`RenewalPolicy`]
//! (DFC102), [`HolderDisplay`] (DFC103), [`MessagingCertificate`] (DFC105), [`PinPolicy`] (DFC106); and, written but
//! never read, [`Administration`] (DFC104).

mod activation;
mod administration;
mod administrator;
mod algorithm;
mod biometric;
mod bit;
mod card_capability;
mod certificate;
mod chuid;
mod command;
mod container;
mod discovery;
mod enrol;
mod fascn;
mod finger;
mod general_authenticate;
mod holder_display;
mod key_history;
mod key_pair;
mod management_key;
mod pairing_code;
mod pin;
mod pin_policy;
mod printed_information;
mod property_template;
mod public_key;
mod reference;
mod renewal;
mod retired;
mod secure_messaging;
mod security_object;
mod yubico;

pub use activation::{ActivationMethod, ActivationRecord, OperatorNote};
pub use administration::{Administration, Extensions};
pub use administrator::{AdministratorStep, AuthenticateAdministrator};
pub use algorithm::Algorithm;
pub use biometric::{Biometric, BiometricObject, CbeffHeader, Creator};
pub use bit::{BiometricInformation, BiometricInformationTemplate, MinutiaeOrder};
pub use card_capability::CardCapability;
pub use certificate::CertificateObject;
pub use chuid::Chuid;
pub use command::{ChangeReferenceData, PivCommand, PutData, Verify, VerifyAction};
pub use container::{Container, ReadAccess};
pub use discovery::{Discovery, PinUsage};
pub use enrol::EnrolReference;
pub use fascn::FascN;
pub use finger::FingerPosition;
pub use general_authenticate::GeneralAuthenticate;
pub use holder_display::HolderDisplay;
pub use key_history::KeyHistory;
pub use key_pair::GenerateKeyPair;
pub use management_key::{ManagementAlgorithm, ManagementKey};
pub use pairing_code::PairingCode;
pub use pin::{Pin, Puk};
pub use pin_policy::PinPolicy;
pub use printed_information::PrintedInformation;
pub use property_template::PropertyTemplate;
pub use public_key::{CurvePoint, Point, PublicKey, PublicPoint, PublicPoint384, RsaPublicKey};
pub use reference::{ChangeReference, FingerReference, KeyAccess, KeyReference, VerifyReference};
pub use renewal::RenewalPolicy;
pub use retired::RetiredKey;
pub use secure_messaging::{
    CIPHER_SUITE_2, EstablishMessaging, GenerateMessagingKey, MESSAGING_KEY, MessagingCertificate,
    SecureMessagingSigner,
};
pub use security_object::SecurityObject;
pub use yubico::{ImportKey, KeyMaterial, MetadataReference, SetRetries, YubicoCommand};
