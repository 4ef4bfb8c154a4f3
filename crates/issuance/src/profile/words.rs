//! The words a profile uses for what cards and records hold.

use negin_eid::piv::{Container, Extensions, KeyReference};
use negin_fingerprint::compact::Order;

use super::{Algorithm, ManagementKey};
use crate::record::calendar::Calendar;

/// A file of the travel document (ICAO 9303-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LdsFile {
    /// EF.COM: which data groups there are.
    Com,
    /// DG1: the machine-readable zone.
    Dg1,
    /// DG2: the face.
    Dg2,
    /// DG11: further details of the holder.
    Dg11,
    /// EF.SOD: the signed hashes of the data groups.
    Sod,
}

/// A portrait's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhotoFormat {
    /// JPEG, as DG2 and PIV hold it.
    Jpeg,
}

impl PhotoFormat {
    /// The word for it in a profile.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
        }
    }
}

/// Whether a card serves over the antenna what it serves on its contacts (SP 800-73-4 Part 1 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VirtualContact {
    /// It does not: no secure messaging.
    None,
    /// Under secure messaging, to a reader that knows the card's pairing code.
    PairingCode,
    /// Under secure messaging, to any reader.
    Open,
}

pub(super) const VIRTUAL_CONTACT: &[(&str, VirtualContact)] = &[
    ("none", VirtualContact::None),
    ("pairing-code", VirtualContact::PairingCode),
    ("open", VirtualContact::Open),
];

pub(super) const CALENDARS: &[(&str, Calendar)] = &[
    ("persian", Calendar::Persian),
    ("gregorian", Calendar::Gregorian),
    ("hijri", Calendar::Hijri),
];

pub(super) const PHOTO_FORMATS: &[(&str, PhotoFormat)] =
    &[(PhotoFormat::Jpeg.name(), PhotoFormat::Jpeg)];

pub(super) const ORDERS: &[(&str, Order)] = &[
    ("none", Order::NONE),
    ("x-y", Order::ASCENDING_X_Y),
    ("y-x", Order::ASCENDING_Y_X),
    ("angle", Order::ASCENDING_ANGLE),
    ("polar", Order::ASCENDING_POLAR),
];

pub(super) const KEYS: &[(&str, KeyReference)] = &[
    ("9A", KeyReference::Authentication),
    ("9C", KeyReference::Signature),
    ("9D", KeyReference::KeyManagement),
    ("9E", KeyReference::CardAuthentication),
];

pub(super) const ALGORITHMS: &[(&str, Algorithm)] = &[("P-256", Algorithm::P256)];

/// What an administrator may do once the card lives.
pub(super) const EXTENSIONS: &[(&str, Option<Extensions>)] = &[
    ("none", None),
    ("standard", Some(Extensions::Standard)),
    ("yubico", Some(Extensions::Yubico)),
];

pub(super) const MANAGEMENT_KEYS: &[(&str, ManagementKey)] = &[
    ("factory", ManagementKey::Factory),
    ("diversified", ManagementKey::Diversified),
];

/// The containers a profile may have written. The card makes the biometric information and the
/// activation record itself; the renewal policy is written from the profile's own section.
pub(super) const CONTAINERS: &[(&str, Container)] = &[
    ("card-capability", Container::CardCapability),
    ("chuid", Container::Chuid),
    ("discovery", Container::Discovery),
    ("facial-image", Container::FacialImage),
    ("fingerprints", Container::Fingerprints),
    ("holder-display", Container::HolderDisplay),
    ("key-history", Container::KeyHistory),
    ("printed-information", Container::PrintedInformation),
    ("security-object", Container::SecurityObject),
];

/// The containers that may be renewed.
pub(super) const RENEWABLE: &[(&str, Container)] = &[
    ("certificate-9A", Container::AuthenticationCertificate),
    ("certificate-9C", Container::SignatureCertificate),
    ("certificate-9D", Container::KeyManagementCertificate),
    ("certificate-9E", Container::CardAuthenticationCertificate),
    ("chuid", Container::Chuid),
    ("facial-image", Container::FacialImage),
    ("fingerprints", Container::Fingerprints),
    ("holder-display", Container::HolderDisplay),
    ("key-history", Container::KeyHistory),
    ("printed-information", Container::PrintedInformation),
    ("security-object", Container::SecurityObject),
];

pub(super) const FILES: &[(&str, LdsFile)] = &[
    ("com", LdsFile::Com),
    ("dg1", LdsFile::Dg1),
    ("dg2", LdsFile::Dg2),
    ("dg11", LdsFile::Dg11),
    ("sod", LdsFile::Sod),
];
