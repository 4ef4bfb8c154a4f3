//! Key references (NIST SP 800-73-4 Part 1 table 4): one type for each use, so that a wrong one fails at parsing.

use super::{Algorithm, Container, RetiredKey};

/// What VERIFY compares against (table 4a).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerifyReference {
    /// The PIV Card Application PIN (80). On our card it is the cardholder's one PIN, shared with the travel document.
    Pin,
    /// The primary finger, on-card comparison (96).
    PrimaryFinger,
    /// The secondary finger, on-card comparison (97).
    SecondaryFinger,
    /// The pairing code (98): opens the virtual contact interface, under secure messaging.
    PairingCode,
}

impl VerifyReference {
    /// Every reference.
    pub const ALL: [Self; 4] = [
        Self::Pin,
        Self::PrimaryFinger,
        Self::SecondaryFinger,
        Self::PairingCode,
    ];

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Pin => 0x80,
            Self::PrimaryFinger => 0x96,
            Self::SecondaryFinger => 0x97,
            Self::PairingCode => 0x98,
        }
    }

    /// The reference of a code; `None` is REFERENCE DATA NOT FOUND to VERIFY.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }

    /// The finger, where this is one.
    #[must_use]
    pub const fn finger(self) -> Option<FingerReference> {
        match self {
            Self::Pin | Self::PairingCode => None,
            Self::PrimaryFinger => Some(FingerReference::Primary),
            Self::SecondaryFinger => Some(FingerReference::Secondary),
        }
    }
}

/// An enrolled finger's key reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FingerReference {
    /// 96.
    Primary,
    /// 97.
    Secondary,
}

impl FingerReference {
    /// Both references.
    pub const ALL: [Self; 2] = [Self::Primary, Self::Secondary];

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Primary => 0x96,
            Self::Secondary => 0x97,
        }
    }

    /// The reference of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }

    /// The same reference for VERIFY.
    #[must_use]
    pub const fn verify(self) -> VerifyReference {
        match self {
            Self::Primary => VerifyReference::PrimaryFinger,
            Self::Secondary => VerifyReference::SecondaryFinger,
        }
    }
}

impl From<FingerReference> for VerifyReference {
    fn from(finger: FingerReference) -> Self {
        finger.verify()
    }
}

/// What CHANGE REFERENCE DATA changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeReference {
    /// The cardholder's PIN (80).
    Pin,
    /// The PIN unblocking key (81).
    Puk,
}

impl ChangeReference {
    /// Both references.
    pub const ALL: [Self; 2] = [Self::Pin, Self::Puk];

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Pin => 0x80,
            Self::Puk => 0x81,
        }
    }

    /// The reference of a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }
}

/// An asymmetric key pair of the card (table 4b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyReference {
    /// PIV Authentication Key (9A): opens after PIN or on-card comparison.
    Authentication,
    /// Digital Signature Key (9C): PIN or on-card comparison just before each use.
    Signature,
    /// Key Management Key (9D): key agreement; opens after PIN or on-card comparison.
    KeyManagement,
    /// Asymmetric Card Authentication Key (9E): free.
    CardAuthentication,
    /// Retired Key Management Key 1 to 20 (82 to 95): what 9D once was; opens as it does.
    Retired(RetiredKey),
}

/// What must have been verified before a private key is used (table 4b, 'Security Condition for Use').
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAccess {
    /// Nothing.
    Always,
    /// PIN or on-card comparison since the application was selected.
    PinOrOcc,
    /// PIN or on-card comparison as the command just before.
    PinOrOccAlways,
}

impl KeyReference {
    /// The four key pairs in use: what personalisation makes.
    pub const CURRENT: [Self; 4] = [
        Self::Authentication,
        Self::Signature,
        Self::KeyManagement,
        Self::CardAuthentication,
    ];

    /// Every key pair: those in use, then the retired ones.
    pub const ALL: [Self; 24] = {
        let mut all = [Self::Authentication; 24];
        let mut at = 0;
        while at < all.len() {
            all[at] = if at < Self::CURRENT.len() {
                Self::CURRENT[at]
            } else {
                Self::Retired(RetiredKey::ALL[at - Self::CURRENT.len()])
            };
            at += 1;
        }
        all
    };

    /// The key reference.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Authentication => 0x9A,
            Self::Signature => 0x9C,
            Self::KeyManagement => 0x9D,
            Self::CardAuthentication => 0x9E,
            Self::Retired(place) => place.code(),
        }
    }

    /// The key pair of a code; `None` for references our card does not hold.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|reference| reference.code() == code)
    }

    /// The container of the key's certificate.
    #[must_use]
    pub const fn certificate(self) -> Container {
        match self {
            Self::Authentication => Container::AuthenticationCertificate,
            Self::Signature => Container::SignatureCertificate,
            Self::KeyManagement => Container::KeyManagementCertificate,
            Self::CardAuthentication => Container::CardAuthenticationCertificate,
            Self::Retired(place) => Container::RetiredCertificate(place),
        }
    }

    /// The condition for using the private key.
    #[must_use]
    pub const fn access(self) -> KeyAccess {
        match self {
            Self::Authentication | Self::KeyManagement | Self::Retired(_) => KeyAccess::PinOrOcc,
            Self::Signature => KeyAccess::PinOrOccAlways,
            Self::CardAuthentication => KeyAccess::Always,
        }
    }

    /// Whether the key establishes keys (9D and the retired ones) instead of signing.
    #[must_use]
    pub const fn agrees(self) -> bool {
        matches!(self, Self::KeyManagement | Self::Retired(_))
    }

    /// Whether a key of this reference may be of an algorithm (SP 800-78-4 table 3-1): RSA 2048 and P-256 all, P-384
    /// those that sign documents or establish keys.
    #[must_use]
    pub const fn takes(self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::Rsa2048 | Algorithm::EccP256 => true,
            Algorithm::EccP384 => {
                matches!(
                    self,
                    Self::Signature | Self::KeyManagement | Self::Retired(_)
                )
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_knows_its_references_only() {
        let known =
            |read: &dyn Fn(u8) -> bool| (0..=255u8).filter(|c| read(*c)).collect::<Vec<_>>();
        assert_eq!(
            known(&|c| VerifyReference::from_code(c).is_some()),
            [0x80, 0x96, 0x97, 0x98]
        );
        assert_eq!(
            known(&|c| FingerReference::from_code(c).is_some()),
            [0x96, 0x97]
        );
        assert_eq!(
            known(&|c| ChangeReference::from_code(c).is_some()),
            [0x80, 0x81]
        );
        let retired = 0x82..=0x95;
        let keys: Vec<u8> = retired.chain([0x9A, 0x9C, 0x9D, 0x9E]).collect();
        assert_eq!(known(&|c| KeyReference::from_code(c).is_some()), keys);
    }

    #[test]
    fn each_key_has_its_certificate_and_its_algorithms() {
        let mut containers: Vec<_> = KeyReference::ALL.map(KeyReference::certificate).to_vec();
        containers.sort_unstable();
        containers.dedup();
        assert_eq!(containers.len(), 24);
        for key in KeyReference::ALL {
            assert!(key.takes(Algorithm::Rsa2048) && key.takes(Algorithm::EccP256));
            assert!(!key.takes(Algorithm::Rsa1024) && !key.takes(Algorithm::Aes128));
            let authenticates = matches!(
                key,
                KeyReference::Authentication | KeyReference::CardAuthentication
            );
            assert_eq!(key.takes(Algorithm::EccP384), !authenticates);
        }
    }

    #[test]
    fn a_finger_reference_is_a_verify_reference() {
        for finger in FingerReference::ALL {
            assert_eq!(finger.verify().finger(), Some(finger));
            assert_eq!(finger.verify().code(), finger.code());
        }
        assert_eq!(VerifyReference::Pin.finger(), None);
    }
}
